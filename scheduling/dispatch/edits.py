"""One iteration's changes to a plan, and how to keep them or take them back, compiled.

A route is copied before its first change, a visit's old crew is written beside it, so that undoing
costs a copy and no timing. The source of chance lives here too, since every draw is part of the
plan's state: same seed, same routes.
"""

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.jit import compiled
from scheduling.dispatch.kernel import recompute
from scheduling.dispatch.sharing import gap_changed, keep_shares, recount, restore_shares
from scheduling.dispatch.world import (
    ABSENT,
    ABSENT_COUNT,
    ABSENT_SLOT,
    BEST,
    COST,
    COUNT,
    DIRTY,
    DROP,
    FLAWED,
    IMPROVED,
    ITERATION,
    JOB_COUNT,
    JOBS,
    NODE,
    OLD_WHERE,
    TOTAL,
    TOUCHED,
    TOUCHED_COUNT,
    TOUCHED_CREWS,
    State,
    World,
)


@compiled
def uniform(rng: npt.NDArray[np.uint64]) -> float:
    """A number in [0, 1), from an xorshift generator of 64 bits."""
    x = rng[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    rng[0] = x
    return float(x >> np.uint64(11)) / 9007199254740992.0


@compiled
def below(rng: npt.NDArray[np.uint64], limit: int) -> int:
    """A whole number in [0, limit)."""
    return int(uniform(rng) * limit)


@compiled
def begin(state: State) -> None:
    """Start an iteration with nothing touched and nothing listed."""
    tally = state.tally
    tally[ITERATION] += 1
    tally[TOUCHED_COUNT] = tally[JOB_COUNT] = tally[FLAWED] = 0


@compiled
def touch(state: State, k: int) -> None:
    """Keep a copy of the crew's route before its first change in this iteration."""
    tally, stops, old = state.tally, state.route[k], state.old_route[k]
    if stops[0, TOUCHED] == tally[ITERATION]:
        return
    for p in range(stops[0, COUNT] + 2):
        for column in range(8):
            old[p, column] = stops[p, column]
    stops[0, TOUCHED] = tally[ITERATION]
    keep_shares(state, k)
    state.work[TOUCHED_CREWS, tally[TOUCHED_COUNT]] = k
    tally[TOUCHED_COUNT] += 1


@compiled
def list_job(state: State, job: int) -> None:
    """Put a job on the list of those to place again."""
    tally = state.tally
    state.work[JOBS, tally[JOB_COUNT]] = job
    state.work[OLD_WHERE, tally[JOB_COUNT]] = state.where[job]
    tally[JOB_COUNT] += 1


@compiled
def set_absent(state: State, job: int) -> None:
    """Note the job as left out."""
    work, tally = state.work, state.tally
    state.where[job] = -1
    work[ABSENT, tally[ABSENT_COUNT]] = job
    work[ABSENT_SLOT, job] = tally[ABSENT_COUNT]
    tally[ABSENT_COUNT] += 1


@compiled
def unset_absent(state: State, job: int, k: int) -> None:
    """Note the job as served by crew ``k``."""
    work, tally = state.work, state.tally
    tally[ABSENT_COUNT] -= 1
    last = work[ABSENT, tally[ABSENT_COUNT]]
    slot = work[ABSENT_SLOT, job]
    work[ABSENT, slot] = last
    work[ABSENT_SLOT, last] = slot
    state.where[job] = k


@compiled
def insert(world: World, state: State, spot: tuple[int, int, int]) -> None:
    """Put a job into a route after a position, and time the route anew.

    Args:
        world: the problem.
        state: the plan.
        spot: crew, position of the stop it comes after, job.
    """
    k, position, job = spot
    touch(state, k)
    stops = state.route[k]
    count = stops[0, COUNT]
    for p in range(count + 1, position, -1):
        stops[p + 1, NODE] = stops[p, NODE]
    stops[position + 1, NODE] = job
    stops[0, COUNT] = count + 1
    unset_absent(state, job, k)
    if not recompute(world, state.route, k):
        state.tally[FLAWED] = 1
    recount(world, state, k)


@compiled
def changed_cost(world: World, state: State) -> int:
    """Cost of the plan after this iteration's changes."""
    work, total = state.work, state.tally[TOTAL]
    for index in range(state.tally[TOUCHED_COUNT]):
        k = work[TOUCHED_CREWS, index]
        total += state.route[k, 0, COST] - state.old_route[k, 0, COST]
    for index in range(state.tally[JOB_COUNT]):
        job = work[JOBS, index]
        if work[OLD_WHERE, index] < 0:
            total -= world.jobs[job, DROP]
        if state.where[job] < 0:
            total += world.jobs[job, DROP]
    if len(world.groups) > 0:
        total += gap_changed(world, state)
    return int(total)


@compiled
def undo(state: State) -> None:
    """Put back every touched route and every listed job."""
    work, where = state.work, state.where
    for index in range(state.tally[TOUCHED_COUNT]):
        k = work[TOUCHED_CREWS, index]
        stops, old = state.route[k], state.old_route[k]
        for p in range(old[0, COUNT] + 2):
            for column in range(8):
                stops[p, column] = old[p, column]
        restore_shares(state, k)
    for index in range(state.tally[JOB_COUNT]):
        job, k = work[JOBS, index], work[OLD_WHERE, index]
        if where[job] < 0 and k >= 0:
            unset_absent(state, job, k)
        elif where[job] >= 0 and k < 0:
            set_absent(state, job)
        else:
            where[job] = k


@compiled
def accept(state: State, total: int) -> None:
    """Keep the changes, and the plan itself if it is the best so far."""
    tally, route, best = state.tally, state.route, state.best
    tally[TOTAL] = total
    for index in range(tally[TOUCHED_COUNT]):
        route[state.work[TOUCHED_CREWS, index], 0, DIRTY] = 1
    if total >= tally[BEST]:
        return
    tally[BEST] = total
    tally[IMPROVED] += 1
    for k in range(len(route)):
        if route[k, 0, DIRTY] > 0:
            route[k, 0, DIRTY] = 0
            for p in range(route[k, 0, COUNT] + 2):
                best[k, p] = route[k, p, NODE]
