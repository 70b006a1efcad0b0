"""What routes share, kept up to date while they change, compiled.

``state.shares`` holds what each crew's route takes, a copy from before the iteration, and in its
last row the sums. A change that would take more than there is, is not made; one that turns out to
(a stop taken away can bring the next into a window) flaws the iteration, which is then undone.
"""

from scheduling.dispatch.arrays import Ints
from scheduling.dispatch.jit import compiled
from scheduling.dispatch.objective import TIER
from scheduling.dispatch.shares import ACTIVE, HOURS
from scheduling.dispatch.world import (
    COUNT,
    FLAWED,
    GROUP_CLOSES,
    GROUP_KIND,
    GROUP_MOST,
    GROUP_OPENS,
    LASTS,
    LATE,
    NODE,
    START,
    State,
    World,
)


@compiled
def taken_by(world: World, stops: Ints, k: int, group: int) -> int:
    """What a route of crew ``k``, already timed, takes of a shared rule."""
    rule, count, total = world.groups[group], stops[0, COUNT], 0
    if world.member[k, group] == 0:
        count = 0
    if rule[GROUP_KIND] == ACTIVE:
        total = 1 if count > 0 else 0
        count = 0
    for p in range(1, count + 1):
        job, start = stops[p, NODE], stops[p, START]
        lasts = world.jobs[job, world.crews[k, LASTS]]
        if world.jobs[job, LATE] == TIER:
            lasts = 0
        if rule[GROUP_KIND] == HOURS:
            total += lasts
        elif lasts > 0 and start < rule[GROUP_CLOSES] and start + lasts > rule[GROUP_OPENS]:
            total = 1
    return int(total)


@compiled
def recount(world: World, state: State, k: int) -> None:
    """Bring the sums up to date after a route changed."""
    held = state.shares
    last = len(held) - 1
    for group in range(len(world.groups)):
        taken = taken_by(world, state.route[k], k, group)
        more = taken - held[k, group]
        held[k, group] = taken
        held[last, group] += more
        if more > 0 and held[last, group] > world.groups[group, GROUP_MOST]:
            state.tally[FLAWED] = 1


@compiled
def keep_shares(state: State, k: int) -> None:
    """Copy what the crew's route takes, before its first change in this iteration."""
    held = state.shares
    crews = (len(held) - 1) // 2
    for group in range(held.shape[1]):
        held[crews + k, group] = held[k, group]


@compiled
def restore_shares(state: State, k: int) -> None:
    """Take back what this iteration changed in the crew's part."""
    held = state.shares
    last = len(held) - 1
    crews = last // 2
    for group in range(held.shape[1]):
        held[last, group] += held[crews + k, group] - held[k, group]
        held[k, group] = held[crews + k, group]


@compiled
def has_room(world: World, state: State, job: int, k: int) -> bool:
    """False if the crew cannot take the job at any hour: too many crews out, or hours full."""
    held, is_free = state.shares, True
    last = len(held) - 1
    for group in range(len(world.groups)):
        rule, left = world.groups[group], world.groups[group, GROUP_MOST] - held[last, group]
        if world.member[k, group] == 0:
            continue
        if rule[GROUP_KIND] == ACTIVE:
            is_free = is_free and (state.route[k, 0, COUNT] > 0 or left > 0)
        elif rule[GROUP_KIND] == HOURS and world.jobs[job, LATE] != TIER:
            is_free = is_free and world.jobs[job, world.crews[k, LASTS]] <= left
    return is_free


@compiled
def is_within(world: World, state: State, k: int, trial: Ints) -> bool:
    """True if a route of crew ``k`` in place of its own leaves enough to the others."""
    held, is_kept = state.shares, True
    last = len(held) - 1
    for group in range(len(world.groups)):
        taken, own = taken_by(world, trial, k, group), held[k, group]
        room = world.groups[group, GROUP_MOST] - held[last, group] + own
        is_kept = is_kept and (taken <= own or taken <= room)
    return is_kept
