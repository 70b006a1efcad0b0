"""Times one route and prices one insertion, compiled: the evaluator every move rests on.

Same rules as ``schedule`` and same costs as ``objective``, in one integer over both tiers. Two
bounds per stop make most insertions cost one comparison: ``HARD``, the latest arrival that breaks
no rule further on, and ``CALM``, the latest that makes nothing further on dearer. A crew with a
pause still to take has no such bounds, because a delay can be swallowed by the pause; its route
is walked to the end.
"""

from scheduling.dispatch.arrays import FORBIDDEN, Ints
from scheduling.dispatch.jit import compiled
from scheduling.dispatch.world import (
    BIG,
    BREACH,
    BREAKS,
    CALM,
    CAPACITY,
    CARRIED,
    CLOSED,
    COST,
    COUNT,
    DUE,
    DURATION,
    FIRST_BREAK,
    FIRST_WINDOW,
    FIXED,
    FREE,
    HARD,
    HARD_END,
    IS_OUT,
    LAST,
    LATE,
    LEG,
    LOAD,
    NODE,
    OPENS,
    OVERTIME,
    PROMISE_HIGH,
    PROMISE_LOW,
    PROMISE_PRICE,
    RATE,
    READY,
    SHIFT_END,
    START,
    STEPS,
    TAKEN,
    WINDOWS,
    World,
)


@compiled
def start_from(jobs: Ints, job: int, at: int) -> int:
    """Earliest start ≥ ``at``, or ``CLOSED``."""
    if at > jobs[job, LAST]:
        return CLOSED
    # One way out of the loop: with a return inside it this took 150 ns instead of 4.
    opens, column, last = jobs[job, OPENS], FIRST_WINDOW, FIRST_WINDOW + 2 * jobs[job, WINDOWS]
    while column + 2 < last and at > jobs[job, column + 1]:
        column += 2
        opens = jobs[job, column]
    return int(max(at, opens))


@compiled
def latest_start(jobs: Ints, job: int, bound: int) -> int:
    """Latest start ≤ ``bound`` inside a window, or ``CLOSED``."""
    column = FIRST_WINDOW + 2 * jobs[job, WINDOWS] - 2
    while column > FIRST_WINDOW and jobs[job, column] > bound:
        column -= 2
    return int(min(bound, jobs[job, column + 1])) if jobs[job, column] <= bound else CLOSED


@compiled
def stop_cost(jobs: Ints, job: int, start: int) -> int:
    """Lateness, breach and moved promise of a start."""
    cost = 0
    if start > jobs[job, DUE]:
        cost = jobs[job, LATE] * (start - jobs[job, DUE]) + jobs[job, BREACH]
    is_moved = start < jobs[job, PROMISE_LOW] or start > jobs[job, PROMISE_HIGH]
    if jobs[job, STEPS] > 0 and is_moved:
        cost += jobs[job, PROMISE_PRICE]
    return int(cost)


@compiled
def reach(jobs: Ints, crew: Ints, free: int, taken: int, trip: tuple[int, int]) -> tuple[int, int]:
    """Clock at the door of a visit, pauses included, and the pauses taken by then.

    Args:
        jobs: all visits.
        crew: row of the crew.
        free: second at which it may leave.
        taken: pauses already taken.
        trip: visit and seconds of driving to it.
    """
    job, leg = trip
    while taken < crew[BREAKS]:
        rule = FIRST_BREAK + 3 * taken
        opens, latest, length = crew[rule], crew[rule + 1], crew[rule + 2]
        start = start_from(jobs, job, free + leg)
        if start == CLOSED:
            start = free + leg
        if max(free + leg, opens) + length <= start:
            break
        if free < opens and start + jobs[job, DURATION] <= latest:
            break
        free = max(free, opens) + length if max(free, opens) <= latest else BIG
        taken += 1
    at = free + leg
    while taken < crew[BREAKS]:
        rule = FIRST_BREAK + 3 * taken
        opens, latest, length = crew[rule], crew[rule + 1], crew[rule + 2]
        if max(at, opens) + length > start_from(jobs, job, at):
            break
        at = max(at, opens) + length if max(at, opens) <= latest else BIG
        taken += 1
    return at, taken


@compiled
def reach_home(crew: Ints, free: int, taken: int, leg: int) -> int:
    """Arrival at the end place, pauses included; ``BIG`` if one comes too late."""
    while taken < crew[BREAKS] and free + leg > crew[FIRST_BREAK + 3 * taken + 1]:
        rule = FIRST_BREAK + 3 * taken
        pause_at = max(free, crew[rule])
        free = pause_at + crew[rule + 2] if pause_at <= crew[rule + 1] else BIG
        taken += 1
    return int(min(free + leg, BIG))


@compiled
def end_cost(crew: Ints, end: int) -> int:
    """Overtime of an arrival at the end place; ``BIG`` if unlawful."""
    if end > crew[HARD_END]:
        return BIG
    return int(max(0, end - crew[SHIFT_END]) * crew[OVERTIME])


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
        free = start + jobs[job, DURATION]
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
    hard, calm = crew[HARD_END], crew[SHIFT_END]
    stops[last, HARD], stops[last, CALM] = hard, calm
    for p in range(last - 1, 0, -1):
        job = stops[p, NODE]
        spent = stops[p + 1, LEG] + jobs[job, DURATION]
        hard = latest_start(jobs, job, hard - spent)
        calm = min(calm - spent, jobs[job, DUE])
        if jobs[job, STEPS] > 0:
            calm = min(calm, jobs[job, PROMISE_HIGH])
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
        at = start + jobs[job, DURATION] + stops[p + 1, LEG]
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
        free, node = start + jobs[job, DURATION], job
        step += 1
    if cost >= best:
        return BIG
    leg = int(world.travel[node, stops[count + 1, NODE]])
    return cost + end_cost(crew, reach_home(crew, free, taken, leg)) - old_end_cost(crew, stops)
