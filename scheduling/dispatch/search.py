"""One annealing schedule on one plan: the compiled rounds, called in short slices.

Knows arrays, temperatures and a budget; refuses to know problems, costs in words, or clocks other
than the one it is handed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from scheduling.dispatch.anneal import anneal, load
from scheduling.dispatch.arrays import Tables
from scheduling.dispatch.edits import accept, begin
from scheduling.dispatch.recreate import fill
from scheduling.dispatch.sharing import gap_now
from scheduling.dispatch.world import (
    BEST,
    COST,
    COUNT,
    DIRTY,
    DROP,
    IMPROVED,
    LEG,
    NODE,
    RATE,
    build_state,
    build_world,
)

SLICE_S: Final = 0.010

Clock = Callable[[], float]
Rows = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """Start and end temperature, in mean travel costs of one visit.

    Tuned on made cases 101–103, never on those used to judge.
    """

    start: float
    end: float


COLD_START: Final = Heat(5.0, 0.03)
WARM_START: Final = Heat(0.5, 0.03)


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of the search: rounds, seconds, and the best cost as one integer."""

    iterations: int
    elapsed_s: float
    scalar: int


@dataclass(frozen=True, slots=True)
class Hooks:
    """Who is asked and told between slices.

    Attributes:
        should_stop: True ends the search.
        on_better: told after a slice that found a better plan.
        on_plan: shown the plan as it stands after each slice; ``None`` = nobody looks.
    """

    should_stop: Callable[[], bool]
    on_better: Callable[[Progress], None]
    on_plan: Callable[[Iterable[Rows]], None] | None = None


class Budget(Protocol):
    """What a search may spend."""

    iterations: int | None

    def elapsed_s(self) -> float:
        """Seconds since the effort began."""
        ...

    def spent(self, iterations: int) -> float:
        """Part of the budget used, 0 to 1 and beyond."""
        ...


class Search:
    """A plan under improvement."""

    def __init__(self, known: Tables, start: list[Rows], seed: int) -> None:
        """Load a lawful start.

        Args:
            known: a settled problem as arrays.
            start: visit positions per crew, breaking no rule.
            seed: names the run.
        """
        self._world = build_world(known)
        self._state = build_state(self._world, seed)
        self.iterations = 0
        self._slice = 50
        self._load(start)

    def run(self, heat: Heat, budget: Budget, hooks: Hooks) -> None:
        """Fill the plan greedily, then anneal until the budget is spent.

        Args:
            heat: temperatures from first to last slice.
            budget: what may be spent.
            hooks: who is asked and told between slices.
        """
        fill(self._world, self._state)
        if not len(self._world.jobs) or not len(self._world.crews):
            return
        unit = self._mean_travel()
        spent = budget.spent(0)
        while spent < 1.0 and not hooks.should_stop():
            temperature = unit * heat.start * (heat.end / heat.start) ** spent
            improved = int(self._state.tally[IMPROVED])
            self._advance(temperature, budget)
            if int(self._state.tally[IMPROVED]) > improved:
                cost = int(self._state.tally[BEST])
                hooks.on_better(Progress(self.iterations, budget.elapsed_s(), cost))
            if hooks.on_plan is not None:
                hooks.on_plan(self._routes(self._state.route[:, 1:, NODE]))
            spent = budget.spent(self.iterations)

    def best(self) -> list[Rows]:
        """Visit positions per crew of the best plan seen."""
        return self._routes(self._state.best[:, 1:])

    def _advance(self, temperature: float, budget: Budget) -> None:
        if budget.iterations is not None:
            count = min(200, budget.iterations - self.iterations)
            anneal(self._world, self._state, temperature, count)
        else:
            count, before = self._slice, budget.elapsed_s()
            anneal(self._world, self._state, temperature, count)
            took = max(budget.elapsed_s() - before, 1e-5)
            self._slice = max(20, min(2000, int(count * SLICE_S / took)))
        self.iterations += count

    def _load(self, start: list[Rows]) -> None:
        world, state = self._world, self._state
        begin(state)
        rows = [np.array(route, dtype=np.int64) for route in start]
        if not all([load(world, state, k, row) for k, row in enumerate(rows)]):
            raise AssertionError("a repaired route breaks a rule: evaluators disagree")
        routed = int(state.route[:, 0, COST].sum())
        absent = int(world.jobs[state.where < 0, DROP].sum())
        state.tally[BEST] = np.iinfo(np.int64).max
        state.route[:, 0, DIRTY] = 1
        accept(state, routed + absent + gap_now(world, state))

    def _routes(self, nodes: np.typing.NDArray[np.signedinteger]) -> list[Rows]:
        """Visits of each row; the first node past the visits ends the route."""
        is_end = nodes >= len(self._world.jobs)
        ends = is_end.argmax(axis=1)
        return [tuple(row[:end].tolist()) for row, end in zip(nodes, ends, strict=True)]

    def _mean_travel(self) -> float:
        """Mean travel cost per served visit of the start plan, at least one minute."""
        route, travel, served = self._state.route, 0, 0
        for k in range(len(self._world.crews)):
            count = int(route[k, 0, COUNT])
            served += count
            legs = int(route[k, 1 : count + 2, LEG].sum())
            travel += legs * int(self._world.crews[k, RATE])
        return max(travel / max(served, 1), 6000.0)
