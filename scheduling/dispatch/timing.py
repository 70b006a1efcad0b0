"""When one visit can start after another, with its pauses, and what the start costs, compiled.

The smallest steps of every walk along a route. Same rules as ``schedule``, same costs as
``objective``, in one integer over both tiers.
"""

from scheduling.dispatch.arrays import Ints
from scheduling.dispatch.jit import compiled
from scheduling.dispatch.world import (
    BIG,
    BREACH,
    BREAKS,
    CLOSED,
    DUE,
    FIRST_BREAK,
    FIRST_WINDOW,
    HARD_END,
    LAST,
    LASTS,
    LATE,
    OPENS,
    OVERTIME,
    PRICED_FROM,
    PROMISE_HIGH,
    PROMISE_LOW,
    PROMISE_PRICE,
    STEPS,
    WINDOWS,
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
    if jobs[job, STEPS] > 0:
        cost += steps_cost(jobs, job, start)
    return int(cost)


@compiled
def steps_cost(jobs: Ints, job: int, start: int) -> int:
    """Cost of a moved promise, and of a start outside the seconds that the visit's pieces name."""
    column, cost = jobs[job, STEPS], 0
    if start < jobs[job, PROMISE_LOW] or start > jobs[job, PROMISE_HIGH]:
        cost = jobs[job, PROMISE_PRICE]
    if column == 1:
        return int(cost)
    for index in range(jobs[job, column]):
        piece = column + 1 + 4 * index
        off = jobs[job, piece] * (start - jobs[job, piece + 1])
        if off > 0:
            cost += jobs[job, piece + 2] + off * jobs[job, piece + 3]
    return int(cost)


@compiled
def steps_calm(jobs: Ints, job: int) -> int:
    """Last start after which a promise or a piece makes the visit dearer."""
    column, calm = jobs[job, STEPS], jobs[job, PROMISE_HIGH]
    if column == 1:
        return int(calm)
    for index in range(jobs[job, column]):
        piece = column + 1 + 4 * index
        if jobs[job, piece] > 0:
            calm = min(calm, jobs[job, piece + 1])
    return int(calm)


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
        if free < opens and start + jobs[job, crew[LASTS]] <= latest:
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
    return int(max(0, end - crew[PRICED_FROM]) * crew[OVERTIME])
