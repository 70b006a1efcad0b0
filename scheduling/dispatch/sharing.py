"""What routes share, kept up to date while they change, compiled.

``state.shares`` holds what each crew's route takes, a copy from before the iteration, and in its
last row the sums. A change that would take more than there is, is not made; one that turns out to
(a stop taken away can bring the next into a window) flaws the iteration, which is then undone.
Where what is beyond has a price, the change of it is a part of the cost instead.
"""

from scheduling.dispatch.arrays import Ints
from scheduling.dispatch.jit import compiled
from scheduling.dispatch.objective import TIER
from scheduling.dispatch.shares import ACTIVE, HARD, HOURS
from scheduling.dispatch.world import (
    COUNT,
    FLAWED,
    GROUP_CLOSES,
    GROUP_KIND,
    GROUP_MOST,
    GROUP_OPENS,
    GROUP_PRICE,
    LASTS,
    LATE,
    NODE,
    START,
    TOUCHED_COUNT,
    TOUCHED_CREWS,
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
        is_over = more > 0 and held[last, group] > world.groups[group, GROUP_MOST]
        if is_over and world.groups[group, GROUP_PRICE] == HARD:
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
        is_free = taken <= own or taken <= room or world.groups[group, GROUP_PRICE] != HARD
        is_kept = is_kept and is_free
    return is_kept


@compiled
def gap_of(rule: Ints, total: int) -> int:
    """What a sum costs beyond the most of a shared rule; nothing where it has no price."""
    return int(max(0, total - rule[GROUP_MOST]) * max(0, rule[GROUP_PRICE]))


@compiled
def gap_now(world: World, state: State) -> int:
    """What the plan pays for taking more of what routes share than there is."""
    cost, last = 0, len(state.shares) - 1
    for group in range(len(world.groups)):
        cost += gap_of(world.groups[group], state.shares[last, group])
    return int(cost)


@compiled
def gap_changed(world: World, state: State) -> int:
    """By how much this iteration's changes made that dearer."""
    held, work, cost = state.shares, state.work, 0
    last = len(held) - 1
    crews = last // 2
    for group in range(len(world.groups)):
        rule, now = world.groups[group], held[last, group]
        before = now
        for index in range(state.tally[TOUCHED_COUNT]):
            k = work[TOUCHED_CREWS, index]
            before += held[crews + k, group] - held[k, group]
        cost += gap_of(rule, now) - gap_of(rule, before)
    return int(cost)


@compiled
def gap_added(world: World, state: State, k: int, trial: Ints) -> int:
    """By how much a route of crew ``k`` in place of its own makes that dearer."""
    held, cost = state.shares, 0
    last = len(held) - 1
    for group in range(len(world.groups)):
        rule, now = world.groups[group], held[last, group]
        if rule[GROUP_PRICE] > 0:
            taken = taken_by(world, trial, k, group)
            cost += gap_of(rule, now - held[k, group] + taken) - gap_of(rule, now)
    return int(cost)
