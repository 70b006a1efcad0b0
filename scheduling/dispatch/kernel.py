"""Times one route and prices one insertion, compiled: the evaluator every move rests on.

Same rules as ``schedule`` and same costs as ``objective``, in one integer over both tiers. Two
bounds per stop make most insertions cost one comparison: ``HARD``, the latest arrival that breaks
no rule further on, and ``CALM``, the latest that makes nothing further on dearer. A crew with a
pause still to take has no such bounds, because a delay can be swallowed by the pause; its route
is walked to the end.
"""

from scheduling.dispatch.arrays import FORBIDDEN, Ints
from scheduling.dispatch.jit import compiled
from scheduling.dispatch.special import retime
from scheduling.dispatch.timing import (
    end_cost,
    latest_start,
    reach,
    reach_home,
    start_from,
    steps_calm,
    stop_cost,
)
from scheduling.dispatch.world import (
    BIG,
    BREAKS,
    CALM,
    CAPACITY,
    CARRIED,
    CLOSED,
    COST,
    COUNT,
    DUE,
    FIXED,
    FREE,
    HARD,
    HARD_END,
    IS_OUT,
    LASTS,
    LEG,
    LOAD,
    NODE,
    PRICED_FROM,
    RATE,
    READY,
    SPECIAL,
    START,
    STEPS,
    TAKEN,
    World,
)


@compiled
def old_end_cost(crew: Ints, stops: Ints) -> int:
    """Overtime of a route as it stands."""
    count = stops[0, COUNT]
    if count == 0 and crew[IS_OUT] == 0:
        return 0
    return end_cost(crew, stops[count + 1, START])


@compiled
def recompute(world: World, route: Ints, k: int) -> bool:
    """Time and price the whole route of crew ``k``; False if it breaks a rule."""
    stops, crew, jobs, travel = route[k], world.crews[k], world.jobs, world.travel
    if crew[SPECIAL] > 0:
        return retime(world, stops, k)
    count = stops[0, COUNT]
    free, taken, cost, carried, driven = crew[READY], 0, 0, 0, 0
    stops[0, FREE], stops[0, TAKEN] = free, 0
    is_lawful = True
    for p in range(1, count + 1):
        job = stops[p, NODE]
        leg = int(travel[stops[p - 1, NODE], job])
        at = free + leg
        if taken < crew[BREAKS]:
            at, taken = reach(jobs, crew, free, taken, (job, leg))
        start = start_from(jobs, job, at)
        is_lawful = is_lawful and start != CLOSED and world.price[job, k] < FORBIDDEN
        free = start + jobs[job, crew[LASTS]]
        cost += stop_cost(jobs, job, start) + world.price[job, k]
        carried += jobs[job, LOAD]
        driven += leg
        stops[p, LEG], stops[p, FREE], stops[p, START], stops[p, TAKEN] = leg, free, start, taken
    leg, overtime = 0, 0
    if count > 0 or crew[IS_OUT] > 0:
        leg = int(travel[stops[count, NODE], stops[count + 1, NODE]])
        free = reach_home(crew, free, taken, leg) if count > 0 else free + leg
        overtime = end_cost(crew, free)
    stops[count + 1, LEG], stops[count + 1, START] = leg, free
    cost += (driven + leg) * crew[RATE] + (crew[FIXED] if count > 0 else 0)
    stops[0, COST], stops[0, CARRIED] = cost + overtime, carried
    bound(jobs, crew, stops)
    return bool(is_lawful and overtime < BIG and carried <= crew[CAPACITY])


@compiled
def bound(jobs: Ints, crew: Ints, stops: Ints) -> None:
    """Latest lawful and latest free arrival of every stop, from the end backwards."""
    last = stops[0, COUNT] + 1
    hard, calm = crew[HARD_END], crew[PRICED_FROM]
    stops[last, HARD], stops[last, CALM] = hard, calm
    for p in range(last - 1, 0, -1):
        job = stops[p, NODE]
        spent = stops[p + 1, LEG] + jobs[job, crew[LASTS]]
        hard = latest_start(jobs, job, hard - spent)
        calm = min(calm - spent, jobs[job, DUE])
        if jobs[job, STEPS] > 0:
            calm = min(calm, steps_calm(jobs, job))
        calm = latest_start(jobs, job, calm)
        stops[p, HARD], stops[p, CALM] = hard, calm


@compiled
def follow(
    jobs: Ints, crew: Ints, stops: Ints, pushed: tuple[int, int], cost: int, best: int
) -> int:
    """Cost once the delay has run through the stops behind, or been absorbed by a wait.

    Args:
        jobs: all visits.
        crew: row of the crew.
        stops: its route.
        pushed: position, and the later arrival there.
        cost: so far.
        best: give up at this cost.
    """
    p, at = pushed
    count = stops[0, COUNT]
    while p <= count and cost < best:
        job, old = stops[p, NODE], stops[p, START]
        start = start_from(jobs, job, at)
        if start <= old:
            return cost
        cost += stop_cost(jobs, job, start) - stop_cost(jobs, job, old)
        at = start + jobs[job, crew[LASTS]] + stops[p + 1, LEG]
        p += 1
    if cost >= best:
        return BIG
    return cost + end_cost(crew, at) - old_end_cost(crew, stops)


@compiled
def walk(world: World, route: Ints, spot: tuple[int, int, int], cost: int, best: int) -> int:
    """Cost of a job at a spot of a crew with pauses to take, the rest of its day walked.

    Args:
        world: the problem.
        route: the plan.
        spot: crew, position of the stop it comes after, job.
        cost: what is known already: assignment and travel.
        best: give up at this cost.
    """
    k, p, job = spot
    stops, crew, jobs = route[k], world.crews[k], world.jobs
    count, free, taken = stops[0, COUNT], stops[p, FREE], stops[p, TAKEN]
    node, step = stops[p, NODE], 0
    while step <= count - p and cost < best:
        if step > 0:
            job = stops[p + step, NODE]
            cost -= stop_cost(jobs, job, stops[p + step, START])
        leg = int(world.travel[node, job])
        at, taken = reach(jobs, crew, free, taken, (job, leg))
        start = start_from(jobs, job, at)
        if start == CLOSED:
            cost = BIG
            break
        cost += stop_cost(jobs, job, start)
        free, node = start + jobs[job, crew[LASTS]], job
        step += 1
    if cost >= best:
        return BIG
    leg = int(world.travel[node, stops[count + 1, NODE]])
    return cost + end_cost(crew, reach_home(crew, free, taken, leg)) - old_end_cost(crew, stops)
