"""Times and prices whole routes of crews with rules on their sums, compiled.

Limits on driving, distance, loads and kinds, duty hours of crews on call, prices of waiting,
order and evenness have no bound that makes an insertion one comparison, so the route is walked
from its start for every place tried. Only crews marked ``SPECIAL`` come here; the others pay one
comparison for it.
"""

from scheduling.dispatch.arrays import FORBIDDEN, Ints
from scheduling.dispatch.jit import compiled
from scheduling.dispatch.timing import end_cost, reach, reach_home, start_from, stop_cost
from scheduling.dispatch.world import (
    BIG,
    BREAKS,
    CAPACITY,
    CARRIED,
    CLASH,
    CLOSED,
    COST,
    COUNT,
    DISTANCE_RATE,
    DUTY_LAST,
    DUTY_OPENS,
    ESCALATED,
    FIRST_BREAK,
    FIRST_SUM,
    FIRST_TAKEN,
    FIXED,
    FREE,
    IS_OUT,
    KIND,
    LASTS,
    LEG,
    LOAD,
    MAX_DISTANCE,
    MAX_TRAVEL,
    NODE,
    OVERTIME_SQUARE,
    PLANNER,
    PRICED_FROM,
    RANK,
    RATE,
    READY,
    RESEQUENCE,
    SPECIAL,
    START,
    SUMS,
    TAKEN,
    TIME_RATE,
    TRAITS,
    UNEVEN_HOURS,
    UNEVEN_VISITS,
    WAITING,
    World,
)

HOUR_SQUARED = 12_960_000


@compiled
def retime(world: World, stops: Ints, k: int) -> bool:
    """Time and price a route of special crew ``k``; False if it breaks a rule."""
    crew, jobs, travel = world.crews[k], world.jobs, world.travel
    count, size = stops[0, COUNT], world.travel.shape[1]
    free, taken, cost, carried, driven = crew[READY], 0, 0, 0, 0
    metres, service, delays = 0, 0, 0
    stops[0, FREE], stops[0, TAKEN] = free, 0
    is_lawful, has_metres = True, travel.shape[0] > size
    for p in range(1, count + 1):
        before, job = stops[p - 1, NODE], stops[p, NODE]
        leg = int(travel[before, job])
        if has_metres:
            metres += int(travel[size + before, job])
        if travel.shape[0] > 2 * size:
            delays += int(travel[2 * size + before, job])
        at, taken = reach_duty(jobs, crew, (free, taken), (job, leg))
        start = start_on_duty(jobs, crew, job, at)
        is_lawful = is_lawful and start != CLOSED and world.price[job, k] < FORBIDDEN
        free = start + jobs[job, crew[LASTS]]
        cost += stop_cost(jobs, job, start) + world.price[job, k]
        carried += jobs[job, LOAD]
        driven += leg
        service += jobs[job, crew[LASTS]]
        stops[p, LEG], stops[p, FREE], stops[p, START], stops[p, TAKEN] = leg, free, start, taken
    stops[0, COST], stops[0, CARRIED] = cost, carried
    return bool(close(world, stops, k, (driven, metres, service, delays)) and is_lawful)


@compiled
def close(world: World, stops: Ints, k: int, driven: tuple[int, int, int, int]) -> bool:
    """Bring a crew home and add what its route costs as a whole; False if a sum is too large.

    Args:
        world: the problem.
        stops: the route, its stops timed, its cost and load so far in row 0.
        k: the crew.
        driven: seconds and metres to the last stop, seconds of service, and seconds of delay
            that do not count against the longest driving.
    """
    travelled, metres, service, delays = driven
    crew, travel, count = world.crews[k], world.travel, stops[0, COUNT]
    more, cost, leg, is_lawful = crew[SPECIAL], stops[0, COST], 0, True
    free, taken = stops[count, FREE], stops[count, TAKEN]
    if count > 0 or crew[IS_OUT] > 0:
        before, home = stops[count, NODE], stops[count + 1, NODE]
        leg = int(travel[before, home])
        if travel.shape[0] > travel.shape[1]:
            metres += int(travel[travel.shape[1] + before, home])
        free, taken = go_home(crew, (free, taken), leg, count > 0)
        over, overtime = max(0, free - crew[PRICED_FROM]), end_cost(crew, free)
        is_lawful = overtime < BIG
        cost += overtime + over * over * crew[more + OVERTIME_SQUARE] // 3600
        cost += metres * crew[more + DISTANCE_RATE] // 1000
    travelled += leg
    stops[count + 1, LEG], stops[count + 1, START] = leg, free
    if count > 0:
        work, spent = travelled + service, free - crew[READY]
        waited = spent - work - paused(crew, taken)
        cost += crew[FIXED] + spent * crew[more + TIME_RATE] + waited * crew[more + WAITING]
        cost += work * work * crew[more + UNEVEN_HOURS] // HOUR_SQUARED
        cost += count * count * crew[more + UNEVEN_VISITS]
    traits = crew[more + TRAITS]
    held = held_cost(world.jobs, crew, stops, traits)
    cost += order_cost(world.jobs, stops, k, (traits, crew[more + RESEQUENCE])) + min(held, BIG)
    stops[0, COST] = cost + travelled * crew[RATE]
    is_within = (
        metres <= crew[more + MAX_DISTANCE] and travelled - delays <= crew[more + MAX_TRAVEL]
    )
    return bool(is_lawful and is_within and held < BIG and stops[0, CARRIED] <= crew[CAPACITY])


@compiled
def start_on_duty(jobs: Ints, crew: Ints, job: int, at: int) -> int:
    """Earliest start ≥ ``at`` in a window and in the duty of a crew on call, or ``CLOSED``."""
    more = crew[SPECIAL]
    if jobs[job, crew[more + TRAITS] + ESCALATED] > 0:
        return start_from(jobs, job, at)
    start = start_from(jobs, job, max(at, crew[more + DUTY_OPENS]))
    return CLOSED if start > crew[more + DUTY_LAST] else start


@compiled
def reach_duty(
    jobs: Ints, crew: Ints, state: tuple[int, int], trip: tuple[int, int]
) -> tuple[int, int]:
    """As ``timing.reach``, with the start that duty allows deciding which pause fits in a wait."""
    free, taken = state
    job, leg = trip
    more = crew[SPECIAL]
    is_bound = jobs[job, crew[more + TRAITS] + ESCALATED] == 0
    if taken >= crew[BREAKS]:
        return free + leg, taken
    if not is_bound or crew[more + DUTY_OPENS] <= free:
        return reach(jobs, crew, free, taken, trip)
    while taken < crew[BREAKS]:
        rule = FIRST_BREAK + 3 * taken
        opens, latest, length = crew[rule], crew[rule + 1], crew[rule + 2]
        start = start_on_duty(jobs, crew, job, free + leg)
        start = free + leg if start == CLOSED else start
        if max(free + leg, opens) + length <= start:
            break
        if free < opens and start + jobs[job, crew[LASTS]] <= latest:
            break
        free = max(free, opens) + length if max(free, opens) <= latest else BIG
        taken += 1
    at = free + leg
    while taken < crew[BREAKS]:
        rule = FIRST_BREAK + 3 * taken
        opens, latest, length = crew[rule], crew[rule + 1], crew[rule + 2]
        if max(at, opens) + length > start_on_duty(jobs, crew, job, at):
            break
        at = max(at, opens) + length if max(at, opens) <= latest else BIG
        taken += 1
    return at, taken


@compiled
def go_home(crew: Ints, state: tuple[int, int], leg: int, has_worked: bool) -> tuple[int, int]:
    """Arrival at the end place and the pauses taken by then."""
    free, taken = state
    if not has_worked:
        return free + leg, taken
    end = reach_home(crew, free, taken, leg)
    while taken < crew[BREAKS] and free + leg > crew[FIRST_BREAK + 3 * taken + 1]:
        free = max(free, crew[FIRST_BREAK + 3 * taken]) + crew[FIRST_BREAK + 3 * taken + 2]
        taken += 1
    return end, taken


@compiled
def paused(crew: Ints, taken: int) -> int:
    """Length of the first pauses."""
    total = 0
    for index in range(taken):
        total += crew[FIRST_BREAK + 3 * index + 2]
    return total


@compiled
def held_cost(jobs: Ints, crew: Ints, stops: Ints, traits: int) -> int:
    """Cost of loads above their soft limits; ``BIG`` if the route may not hold all this."""
    more, count, seen, cost = crew[SPECIAL], stops[0, COUNT], 0, 0
    for p in range(1, count + 1):
        job = stops[p, NODE]
        if seen & jobs[job, traits + CLASH] != 0:
            return BIG
        seen |= jobs[job, traits + KIND]
    for index in range(crew[more + SUMS]):
        units, column = 0, more + FIRST_SUM + 3 * index
        for p in range(1, count + 1):
            units += jobs[stops[p, NODE], traits + FIRST_TAKEN + index]
        if units > crew[column]:
            return BIG
        cost += max(0, units - crew[column + 1]) * crew[column + 2]
    return int(cost)


@compiled
def order_cost(jobs: Ints, stops: Ints, k: int, price: tuple[int, int]) -> int:
    """Price of planned visits that come right after one they preceded."""
    traits, each = price
    cost, last = 0, -1
    if each == 0:
        return 0
    for p in range(1, stops[0, COUNT] + 1):
        job = stops[p, NODE]
        rank = jobs[job, traits + RANK] if jobs[job, traits + PLANNER] == k else -1
        if rank >= 0 and rank < last:
            cost += each
        last = rank
    return int(cost)


@compiled
def try_place(world: World, stops: Ints, trial: Ints, spot: tuple[int, int, int]) -> int:
    """Added cost of a job at a spot of a special crew, or ``BIG``.

    Args:
        world: the problem.
        stops: the crew's route.
        trial: room for a route, overwritten.
        spot: crew, position of the stop it comes after, job.
    """
    k, position, job = spot
    count = stops[0, COUNT]
    for p in range(count + 2):
        to = p + 1 if p > position else p
        trial[to, NODE] = stops[p, NODE]
    trial[position + 1, NODE] = job
    trial[0, COUNT] = count + 1
    if not retime(world, trial, k):
        return BIG
    return int(trial[0, COST] - stops[0, COST])
