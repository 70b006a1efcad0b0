"""Puts the visits that are out back where they cost least, compiled.

Forbidden crews are never tried; a visit stays out exactly when no place is cheaper than leaving it
out, so there is no penalty to tune.

Source: Christiaens and Vanden Berghe 2020 (greedy insertion with blinks); the draws of the order
and the rule on absent visits are ours.
"""

import math

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.arrays import FORBIDDEN
from scheduling.dispatch.edits import accept, begin, below, changed_cost, insert, list_job, uniform
from scheduling.dispatch.jit import compiled
from scheduling.dispatch.kernel import follow, walk
from scheduling.dispatch.sharing import gap_added, has_room, is_within
from scheduling.dispatch.special import try_place
from scheduling.dispatch.timing import start_from, stop_cost
from scheduling.dispatch.world import (
    ABSENT,
    ABSENT_COUNT,
    BIG,
    BLINK,
    BREAKS,
    CALM,
    CANDIDATES,
    CAPACITY,
    CARRIED,
    CHOICES,
    CLOSED,
    COUNT,
    CREW_STAMP,
    DROP,
    DUE,
    FIXED,
    FLAWED,
    FREE,
    FROZEN,
    HARD,
    JOB_COUNT,
    JOBS,
    KEYS,
    LAST,
    LASTS,
    LEG,
    LOAD,
    NODE,
    OLD_WHERE,
    OPENS,
    RATE,
    RAW,
    REMOTENESS,
    SPECIAL,
    SPECIALS,
    STAMP,
    TAKEN,
    TOUCHED_COUNT,
    TOUCHED_CREWS,
    TWIN,
    State,
    World,
)

BLINK_RATE = 0.01
NEAR_JOBS = 40
FIRST_JOBS = 6


@compiled
def recreate(world: World, state: State) -> None:
    """Place every listed job where it is cheapest, in the order of the list."""
    work, tally = state.work, state.tally
    for index in range(tally[JOB_COUNT]):
        job = work[JOBS, index]
        if tally[FLAWED] == 0:
            count = candidates(world, state, job, work[OLD_WHERE, index] < 0)
            best, k, position = best_place(world, state, job, count)
            if tally[SPECIALS] > 0:
                k, position = best_with_special(world, state, (job, count), (best, k, position))
            if k >= 0:
                insert(world, state, (k, position, job))


@compiled
def sort_jobs(world: World, state: State) -> None:
    """Order the listed jobs by one rule drawn for this iteration."""
    work, count, jobs, rng = state.work, state.tally[JOB_COUNT], world.jobs, state.rng
    draw = below(rng, 13)
    for index in range(count):
        job = work[JOBS, index]
        if draw < 4:
            key = below(rng, 1 << 30)
        elif draw < 7:
            key = -jobs[job, DROP] - jobs[job, LOAD]
        elif draw < 9:
            key = min(jobs[job, DUE], jobs[job, LAST])
        elif draw < 10:
            key = -jobs[job, REMOTENESS]
        elif draw < 11:
            key = jobs[job, REMOTENESS]
        elif draw < 12:
            key = jobs[job, CHOICES]
        else:
            key = jobs[job, LAST] - jobs[job, OPENS]
        work[KEYS, index] = key
    for index in range(1, count):
        job, old, key = work[JOBS, index], work[OLD_WHERE, index], work[KEYS, index]
        slot = index
        while slot > 0 and work[KEYS, slot - 1] > key:
            work[JOBS, slot] = work[JOBS, slot - 1]
            work[OLD_WHERE, slot] = work[OLD_WHERE, slot - 1]
            work[KEYS, slot] = work[KEYS, slot - 1]
            slot -= 1
        work[JOBS, slot], work[OLD_WHERE, slot], work[KEYS, slot] = job, old, key


@compiled
def candidates(world: World, state: State, job: int, is_new: bool) -> int:
    """Write the crews worth trying to ``work[CANDIDATES]``; return their number.

    Args:
        world: the problem.
        state: the plan.
        job: the visit to place.
        is_new: True for a visit absent before: only routes changed since can take it now.
    """
    work, tally, route, count = state.work, state.tally, state.route, 0
    raw, has_groups = work[RAW], len(world.groups) > 0
    # What routes share may have come free for crews that are as they were.
    is_new = is_new and not has_groups
    if is_new:
        for index in range(tally[TOUCHED_COUNT]):
            raw[count] = work[TOUCHED_CREWS, index]
            count += 1
    else:
        # Crews of the nearest visits first: a good place found early spares most of the others.
        count = near_crews(world, state, job)
    if not is_new and world.starts[job, 0] < 0:
        for index in range(world.jobs[job, CHOICES]):
            raw[count] = world.allowed[job, index]
            count += 1
    tally[STAMP] += 1
    kept, stamps = 0, work[CREW_STAMP]
    for index in range(count):
        k = raw[index]
        mark = k
        # Of several empty identical crews only one is tried.
        if route[k, 0, COUNT] == 0 and route[world.crews[k, TWIN], 0, COUNT] == 0:
            mark = world.crews[k, TWIN]
        if stamps[mark] != tally[STAMP] and world.price[job, k] < FORBIDDEN:
            stamps[mark] = tally[STAMP]
            if not has_groups or has_room(world, state, job, k):
                work[CANDIDATES, kept] = k
                kept += 1
    return kept


@compiled
def near_crews(world: World, state: State, job: int) -> int:
    """Write the crews of the nearest visits and the nearest starts to ``work[RAW]``."""
    raw, where, near, starts = state.work[RAW], state.where, world.near[job], world.starts[job]
    count, wanted = 0, NEAR_JOBS if starts[0] >= 0 else FIRST_JOBS
    for index in range(min(wanted, len(near))):
        k = where[near[index]]
        if k >= 0:
            raw[count] = k
            count += 1
    for index in range(len(starts)):
        if starts[index] >= 0:
            raw[count] = starts[index]
            count += 1
    return count


@compiled
def best_place(world: World, state: State, job: int, count: int) -> tuple[int, int, int]:
    """Cheapest (cost, crew, position) among ``count`` candidate crews; crew -1 = leave out.

    Special crews are passed over; :func:`best_with_special` looks at them.
    One long loop on purpose: a call here costs more than the arithmetic it would hold.
    """
    jobs, crews, price, work = world.jobs, world.crews, world.price, state.work
    to_job, from_job = world.back[job], world.travel[job]
    last, load = jobs[job, LAST], jobs[job, LOAD]
    best, best_crew, best_position = jobs[job, DROP], -1, -1
    for index in range(count):
        k = work[CANDIDATES, index]
        stops, crew = state.route[k], crews[k]
        base = price[job, k] + (crew[FIXED] if stops[0, COUNT] == 0 else 0)
        if base >= best or stops[0, CARRIED] + load > crew[CAPACITY] or crew[SPECIAL] > 0:
            continue
        p = min(crew[FROZEN], stops[0, COUNT])
        while p <= stops[0, COUNT] and stops[p, FREE] <= last:
            leg, away = to_job[stops[p, NODE]], from_job[stops[p + 1, NODE]]
            cost = base + crew[RATE] * (leg + away - stops[p + 1, LEG])
            if cost < best and stops[p, TAKEN] < crew[BREAKS]:
                cost = walk(world, state.route, (k, p, job), cost, best)
            elif cost < best:
                start = start_from(jobs, job, stops[p, FREE] + leg)
                at = start + jobs[job, crew[LASTS]] + away
                if start == CLOSED or at > stops[p + 1, HARD]:
                    cost = BIG
                else:
                    cost += stop_cost(jobs, job, start)
                    if cost < best and at > stops[p + 1, CALM]:
                        cost = follow(jobs, crew, stops, (p + 1, at), cost, best)
            if cost < best:
                state.tally[BLINK] -= 1
                if state.tally[BLINK] > 0:
                    best, best_crew, best_position = cost, k, p
                else:
                    state.tally[BLINK] = next_blink(state.rng)
            p += 1
    return best, best_crew, best_position


@compiled
def best_with_special(
    world: World, state: State, asked: tuple[int, int], found: tuple[int, int, int]
) -> tuple[int, int]:
    """As :func:`best_place`, for the special crews among the candidates.

    Args:
        world: the problem.
        state: the plan.
        asked: job, and number of candidates.
        found: cost, crew and position of the best place known.
    """
    job, count = asked
    best, best_crew, best_position = found
    for index in range(count):
        k = state.work[CANDIDATES, index]
        if world.crews[k, SPECIAL] > 0 and world.price[job, k] < best:
            best, position = best_special_place(world, state, (k, job), best)
            if position >= 0:
                best_crew, best_position = k, position
    return best_crew, best_position


@compiled
def best_special_place(
    world: World, state: State, asked: tuple[int, int], best: int
) -> tuple[int, int]:
    """Cheapest place below ``best`` of a job with a special crew; position -1 = none."""
    k, job = asked
    stops, trial, found = state.route[k], state.old_route[len(state.route)], -1
    p, last = min(world.crews[k, FROZEN], stops[0, COUNT]), world.jobs[job, LAST]
    while p <= stops[0, COUNT] and stops[p, FREE] <= last and stops[0, COUNT] + 3 <= len(trial):
        cost = try_place(world, stops, trial, (k, p, job))
        if cost < BIG and len(world.groups) > 0:
            cost += gap_added(world, state, k, trial)
            if cost < best and not is_within(world, state, k, trial):
                cost = BIG
        if cost < best:
            state.tally[BLINK] -= 1
            if state.tally[BLINK] > 0:
                best, found = cost, p
            else:
                state.tally[BLINK] = next_blink(state.rng)
        p += 1
    return best, found


@compiled
def next_blink(rng: npt.NDArray[np.uint64]) -> int:
    """Improving places to accept before the next is overlooked (one draw, not one per place)."""
    return int(math.log(1.0 - uniform(rng)) / math.log(1.0 - BLINK_RATE)) + 1


@compiled
def fill(world: World, state: State) -> None:
    """Place every absent job greedily, dearest to leave out first, then soonest due."""
    begin(state)
    work, tally = state.work, state.tally
    jobs = work[ABSENT, : tally[ABSENT_COUNT]].copy()
    jobs = jobs[np.argsort(world.jobs[:, DUE][jobs], kind="mergesort")]
    jobs = jobs[np.argsort(-world.jobs[:, DROP][jobs], kind="mergesort")]
    for job in jobs:
        list_job(state, job)
        count = candidates(world, state, job, False)
        best, k, position = best_place(world, state, job, count)
        if tally[SPECIALS] > 0:
            k, position = best_with_special(world, state, (job, count), (best, k, position))
        if k >= 0:
            insert(world, state, (k, position, job))
    accept(state, changed_cost(world, state))
