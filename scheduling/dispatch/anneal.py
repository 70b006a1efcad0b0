"""Ruin and recreate under simulated annealing, compiled: tens of thousands of rounds a second.

Called in slices of about ten milliseconds; temperature, budget and interruption belong to the
caller.
"""

import math

from scheduling.dispatch.arrays import Ints
from scheduling.dispatch.edits import accept, begin, changed_cost, undo, uniform, unset_absent
from scheduling.dispatch.jit import compiled
from scheduling.dispatch.kernel import recompute
from scheduling.dispatch.recreate import recreate, sort_jobs
from scheduling.dispatch.ruin import ruin
from scheduling.dispatch.sharing import recount
from scheduling.dispatch.world import COUNT, FLAWED, NODE, TOTAL, State, World


@compiled
def anneal(world: World, state: State, temperature: float, iterations: int) -> None:
    """Run iterations at one temperature (in cost units); the plan and the best one change."""
    for _ in range(iterations):
        begin(state)
        ruin(world, state)
        sort_jobs(world, state)
        recreate(world, state)
        total = changed_cost(world, state)
        slack = -temperature * math.log(1.0 - uniform(state.rng))
        is_better = total < state.tally[TOTAL] + int(min(slack, 1e18))
        if is_better and state.tally[FLAWED] == 0:
            accept(state, total)
        else:
            undo(state)


@compiled
def load(world: World, state: State, k: int, jobs: Ints) -> bool:
    """Give a crew without stops its route; False if that breaks a rule (the stops stay in it)."""
    count = len(world.jobs)
    stops = state.route[k]
    stops[0, NODE] = count + k
    for index in range(len(jobs)):
        stops[index + 1, NODE] = jobs[index]
        unset_absent(state, jobs[index], k)
    stops[len(jobs) + 1, NODE] = count + len(world.crews) + k
    stops[0, COUNT] = len(jobs)
    is_lawful = recompute(world, state.route, k)
    recount(world, state, k)
    return is_lawful and state.tally[FLAWED] == 0
