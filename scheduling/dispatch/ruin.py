"""Takes a plan apart around a random visit, compiled.

Anchored stops (frozen prefixes, pinned orders) are never taken out.

Source: Christiaens and Vanden Berghe, Slack Induction by String Removals for Vehicle Routing
Problems, Transportation Science 54(2), 2020: adjacent strings, split strings. The rule on absent
visits is ours.
"""

from scheduling.dispatch.edits import below, list_job, set_absent, touch, uniform
from scheduling.dispatch.jit import compiled
from scheduling.dispatch.kernel import recompute
from scheduling.dispatch.sharing import recount
from scheduling.dispatch.world import (
    ABSENT_COUNT,
    ANCHORED,
    COUNT,
    FLAWED,
    FROZEN,
    ITERATION,
    JOB_COUNT,
    JOBS,
    NODE,
    TOUCHED,
    State,
    World,
)

MEAN_REMOVED = 10
LONGEST_STRING = 10
MOST_ABSENTS = 10


@compiled
def ruin(world: World, state: State) -> None:
    """Remove strings of stops around a random visit, and list the absent visits met."""
    route, tally, where, rng = state.route, state.tally, state.where, state.rng
    used = 0
    for k in range(len(route)):
        used += route[k, 0, COUNT] > 0
    longest = min(float(LONGEST_STRING), (len(where) - tally[ABSENT_COUNT]) / max(used, 1))
    most = 4.0 * MEAN_REMOVED / (1.0 + longest) - 1.0
    strings = int(uniform(rng) * most + 1.0)
    near = world.near[below(rng, len(where))]
    absents, index = 0, 0
    while index < len(near) and strings > 0:
        job = near[index]
        index += 1
        k = where[job]
        if k < 0:
            if absents < MOST_ABSENTS and not is_listed(state, job):
                list_job(state, job)
                absents += 1
        elif route[k, 0, TOUCHED] != tally[ITERATION] and world.jobs[job, ANCHORED] == 0:
            remove_string(world, state, job, max(longest, 1.0))
            strings -= 1


@compiled
def is_listed(state: State, job: int) -> bool:
    """True if the job is on the list already (it was removed in this iteration)."""
    found = False
    for index in range(state.tally[JOB_COUNT]):
        found = found or state.work[JOBS, index] == job
    return found


@compiled
def remove_string(world: World, state: State, job: int, longest: float) -> None:
    """Take a string of stops around ``job`` out of its route; anchored stops stay."""
    k = state.where[job]
    touch(state, k)
    stops, rng = state.route[k], state.rng
    count, first = stops[0, COUNT], world.crews[k, FROZEN] + 1
    free, at = count - first + 1, first
    while stops[at, NODE] != job:
        at += 1
    length = int(uniform(rng) * min(longest, float(free))) + 1
    kept = 0
    if length > 1 and length < free and uniform(rng) < 0.5:
        kept = 1
        while length + kept < free and uniform(rng) > 0.5:
            kept += 1
    span = length + kept
    low, high = max(first, at - span + 1), min(at, count - span + 1)
    start = low + below(rng, high - low + 1)
    skip = start + 1 + below(rng, length - 1) if kept > 0 else count + 2
    to = start
    for p in range(start, count + 2):
        node = stops[p, NODE]
        is_cut = p < start + span and (p < skip or p >= skip + kept)
        if is_cut and world.jobs[node, ANCHORED] == 0:
            list_job(state, node)
            set_absent(state, node)
        else:
            stops[to, NODE] = node
            to += 1
    stops[0, COUNT] = to - 2
    if not recompute(world, state.route, k):
        state.tally[FLAWED] = 1
    recount(world, state, k)
