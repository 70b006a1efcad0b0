"""Better plans the longer it runs, from the plan in force, with a lawful answer at any moment.

The driver of the compiled search: makes a lawful start, sets the temperature from the budget
spent, looks up between slices of about ten milliseconds whether somebody wants it to stop, and
reports every better plan. Refuses to read a clock or to run itself in a process: time, chance and
interruption are arguments.

Annealing is only good at its own deadline (a ten-second schedule stands at 400 k where a
half-second one has reached 330 k), so a caller who wants early answers asks for several short
efforts, each from the plan before it, not for one long.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from scheduling.dispatch.anneal import anneal, load
from scheduling.dispatch.arrays import Ints, tables
from scheduling.dispatch.assemble import assemble, unexplained
from scheduling.dispatch.edits import accept, begin
from scheduling.dispatch.objective import Cost, cost_of
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.recreate import fill
from scheduling.dispatch.repair import lawful_routes
from scheduling.dispatch.settle import settle
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.world import (
    BEST,
    BIG,
    COST,
    COUNT,
    DIRTY,
    DROP,
    IMPROVED,
    LEG,
    RATE,
    TOTAL,
    State,
    World,
    build_state,
    build_world,
)

ENGINE: Final = "ruin-recreate"
SLICE_S: Final = 0.010

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Heat:
    """Start and end temperature, in mean travel costs of one visit.

    Tuned on made cases 101–103, never on those used to judge.
    """

    start: float
    end: float


COLD_START: Final = Heat(10.0, 0.05)
WARM_START: Final = Heat(0.5, 0.03)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search, and from which chance.

    Attributes:
        seconds: budget on the caller's clock, used if ``iterations`` is ``None``.
        iterations: exact budget; same seed and iterations give the same routes, to the bit.
        seed: names the run.
        heat: temperatures; chosen from the start plan if left out.
    """

    seconds: float = 2.0
    iterations: int | None = None
    seed: int = 1
    heat: Heat | None = None


@dataclass(frozen=True, slots=True)
class Improvement:
    """What a search found.

    Attributes:
        problem: the settled problem the solution answers (and is to be checked against).
        before: cost of the lawful part of the plan in force, everything else left out.
        after: cost of ``solution``.
        iterations: rounds of the search.
        elapsed_s: on the caller's clock.
    """

    problem: Problem
    solution: Solution
    before: Cost
    after: Cost
    iterations: int
    elapsed_s: float
    engine: str = ENGINE


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of the search."""

    iterations: int
    elapsed_s: float
    scalar: int


def never() -> bool:
    """A stop signal that does not come."""
    return False


def ignore(_progress: Progress) -> None:
    """A listener that does not care."""


def improve(
    problem: Problem,
    effort: Effort,
    clock: Clock,
    should_stop: Callable[[], bool] = never,
    on_better: Callable[[Progress], None] = ignore,
) -> Improvement:
    """The best plan found within the effort, never dearer than a lawful start.

    Args:
        problem: the snapshot; settled here.
        effort: budget and seed.
        clock: seconds, any origin (wall or processor time, the caller's choice).
        should_stop: asked every ten milliseconds or so.
        on_better: told of every slice that found a better plan.
    """
    began = clock()
    settled = settle(problem)
    known = tables(settled)
    world = build_world(known)
    state = build_state(world, effort.seed)
    start = lawful_routes(known, known.routes)
    _load_all(world, state, start)
    search = _Search(world, state, effort, (clock, began))
    search.run(_heat(effort, settled), should_stop, on_better)
    before = unexplained(settled, _names(settled, start))
    after = assemble(settled, _names(settled, _best_routes(world, state)), known)
    return Improvement(
        settled,
        after,
        cost_of(settled, before),
        cost_of(settled, after),
        search.iterations,
        clock() - began,
    )


class _Search:
    """One annealing schedule on one state."""

    def __init__(
        self, world: World, state: State, effort: Effort, timing: tuple[Clock, float]
    ) -> None:
        self._world, self._state, self._effort = world, state, effort
        self._clock, self._began = timing
        self.iterations = 0
        self._slice = 50

    def run(
        self, heat: Heat, should_stop: Callable[[], bool], on_better: Callable[[Progress], None]
    ) -> None:
        """Fill the plan greedily, then anneal until the budget is spent."""
        fill(self._world, self._state)
        if not len(self._world.jobs) or not len(self._world.crews):
            return
        unit = _mean_travel(self._world, self._state)
        spent = self._spent()
        while spent < 1.0 and not should_stop():
            temperature = unit * heat.start * (heat.end / heat.start) ** spent
            improved = int(self._state.tally[IMPROVED])
            self._advance(temperature)
            if int(self._state.tally[IMPROVED]) > improved:
                elapsed = self._clock() - self._began
                on_better(Progress(self.iterations, elapsed, int(self._state.tally[BEST])))
            spent = self._spent()

    def _spent(self) -> float:
        """Part of the budget used, 0 to 1."""
        if self._effort.iterations is not None:
            return self.iterations / max(self._effort.iterations, 1)
        return (self._clock() - self._began) / self._effort.seconds

    def _advance(self, temperature: float) -> None:
        if self._effort.iterations is not None:
            count = min(200, self._effort.iterations - self.iterations)
            anneal(self._world, self._state, temperature, count)
        else:
            count, before = self._slice, self._clock()
            anneal(self._world, self._state, temperature, count)
            took = max(self._clock() - before, 1e-5)
            self._slice = max(20, min(2000, int(count * SLICE_S / took)))
        self.iterations += count


def _heat(effort: Effort, problem: Problem) -> Heat:
    """Gentle when most visits are planned already, strong when the plan is yet to be made."""
    if effort.heat is not None:
        return effort.heat
    planned = sum(len(route.stops) for route in problem.plan)
    return WARM_START if 2 * planned >= len(problem.visits) else COLD_START


def _load_all(world: World, state: State, routes: list[tuple[int, ...]]) -> None:
    begin(state)
    lawful = [load(world, state, k, _row(route)) for k, route in enumerate(routes)]
    if not all(lawful):
        raise AssertionError("a repaired route breaks a rule: evaluators disagree")
    state.tally[BEST] = BIG
    routed = sum(int(stops[0, COST]) for stops in state.route)
    absent = int(world.jobs[state.where < 0, DROP].sum())
    state.tally[TOTAL] = routed + absent
    state.route[:, 0, DIRTY] = 1
    accept(state, routed + absent)


def _row(route: tuple[int, ...]) -> Ints:
    return np.array(route, dtype=np.int64)


def _mean_travel(world: World, state: State) -> float:
    """Mean travel cost per served visit of the start plan, at least one minute."""
    travel, served = 0, 0
    for k in range(len(world.crews)):
        count = int(state.route[k, 0, COUNT])
        served += count
        travel += int(state.route[k, 1 : count + 2, LEG].sum()) * int(world.crews[k, RATE])
    return max(travel / max(served, 1), 6000.0)


def _best_routes(world: World, state: State) -> list[tuple[int, ...]]:
    """Visits of each route of the best plan seen (a node past the visits ends the route)."""
    routes = []
    for row in state.best:
        nodes = row[1:].tolist()
        end = next(i for i, node in enumerate(nodes) if node >= len(world.jobs))
        routes.append(tuple(nodes[:end]))
    return routes


def _names(problem: Problem, routes: list[tuple[int, ...]]) -> list[list[str]]:
    return [[problem.visits[v].id for v in route] for route in routes]
