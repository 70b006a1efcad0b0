"""Whole rows as columns of a linear programme: prices, a lower bound, and better rosters.

The master asks every shift of a stretch of days to be covered by rows of the workers it may
change; the others are a residual demand. GLOP gives prices, `rows.py` answers with better
rows. When all workers and all days take part, the Lagrangian value bounds the objective.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp

from scheduling.rota.shifts.board import Board
from scheduling.rota.shifts.rows import Floats, Ints, Stretch

Over = Callable[[], bool]
"""True when the time given to a step is used up."""

_CENTRE = 0.7
"""Weight of the best prices known when pricing: halves the rounds of a plain master."""
_REDUCED = -1e-4
_ROUNDS = 20
"""Pricing rounds between two fixings; 4 led to 1,518 on an instance where 20 led to 1,307."""


@dataclass(slots=True, eq=False)
class Column:
    """One lawful segment of one worker, with its variable in the master."""

    worker: int
    segment: Ints
    cost: float
    variable: pywraplp.Variable


class LostLinearProgrammeError(RuntimeError):
    """GLOP returned no usable prices; the caller falls back on what it has."""


class Master:
    """The linear programme over the rows known of some workers in a stretch."""

    def __init__(self, board: Board, workers: Sequence[int], stretch: Stretch) -> None:
        """Begins with the rows on the board as the only columns."""
        self.board, self.workers, self.stretch = board, list(workers), stretch
        days = slice(stretch.first, stretch.last)
        self.under, self.over = board.under[days], board.over[days]
        self.residual = board.need[days] - board.present[days]
        self.columns: list[Column] = []
        self._known: set[tuple[int, bytes]] = set()
        self.bound = -float("inf")
        self.centre: Floats | None = None
        for worker in self.workers:
            self.residual += _incidence(board.rows[worker, days], self.under.shape)
        self._start()
        for worker in self.workers:
            self.add(worker, board.rows[worker, days].copy())

    def _start(self) -> None:
        self.lp = pywraplp.Solver.CreateSolver("GLOP")
        self._objective = self.lp.Objective()
        self._objective.SetMinimization()
        self._cover = []
        for cell, need in np.ndenumerate(self.residual):
            row = self.lp.Constraint(float(need), float(need))
            for sign, price in ((1, self.under[cell]), (-1, self.over[cell])):
                slack = self.lp.NumVar(0, self.lp.infinity(), "")
                row.SetCoefficient(slack, sign)
                self._objective.SetCoefficient(slack, float(price))
            self._cover.append(row)
        self._convexity = {worker: self.lp.Constraint(1, 1) for worker in self.workers}

    def add(self, worker: int, segment: Ints) -> bool:
        """Adds a row unless it is known already."""
        key = worker, segment.tobytes()
        if key in self._known:
            return False
        self._known.add(key)
        works = np.flatnonzero(segment >= 0)
        prices = self.board.tables.requests[worker, self.stretch.first : self.stretch.last]
        cost = float(prices[works, segment[works]].sum())
        variable = self.lp.NumVar(0, self.lp.infinity(), "")
        self._objective.SetCoefficient(variable, cost)
        self._convexity[worker].SetCoefficient(variable, 1)
        shifts = self.under.shape[1]
        for day in works.tolist():
            self._cover[day * shifts + int(segment[day])].SetCoefficient(variable, 1)
        self.columns.append(Column(worker, segment, cost, variable))
        return True

    def solve(self) -> tuple[float, Floats, dict[int, float]]:
        """The value, the price of each shift (clipped to what a gap costs) and of each worker.

        Raises:
            LostLinearProgrammeError: when GLOP fails twice.
        """
        if self.lp.Solve() != pywraplp.Solver.OPTIMAL:
            self.lp.Reset()
            if self.lp.Solve() != pywraplp.Solver.OPTIMAL:
                raise LostLinearProgrammeError
        # All prices must be read before a column is added: afterwards they read as zero.
        prices = np.array([row.dual_value() for row in self._cover]).reshape(self.under.shape)
        wages = {worker: row.dual_value() for worker, row in self._convexity.items()}
        return self._objective.Value(), np.clip(prices, -self.over, self.under), wages

    def price(
        self, prices: Floats, at: tuple[Floats, dict[int, float]], free: Sequence[int], count: int
    ) -> tuple[int, float]:
        """Adds rows that improve at the true prices `at`, searched at `prices`.

        Returns:
            How many were added, and the Lagrangian bound of the whole master at `prices`.
        """
        true, wages = at
        added, bound = 0, float((prices * self.residual).sum())
        for worker in free:
            row = self.board.rows[worker]
            found = self.board.tables.best(worker, row, self.stretch, -prices, count)
            bound += found.bound
            for segment in found.segments:
                works = np.flatnonzero(segment >= 0)
                requests = self.board.tables.requests[worker, self.stretch.first + works]
                cost = float(requests[np.arange(len(works)), segment[works]].sum())
                reduced = cost - float(true[works, segment[works]].sum()) - wages[worker]
                if reduced < _REDUCED:
                    added += self.add(worker, segment)
        return added, bound

    def generate(self, is_over: Over, rounds: int = 10_000, count: int = 3) -> float:
        """Column generation for all workers until nothing improves; the value of the programme."""
        value = float("inf")
        for _ in range(rounds):
            value, prices, wages = self.solve()
            smooth = self._mixed(prices)
            for trial in (smooth, prices):
                added, bound = self.price(trial, (prices, wages), self.workers, count)
                if bound > self.bound:
                    self.bound, self.centre = bound, trial
                if added or is_over():
                    break
            if not added or value - self.bound < 0.02 or is_over():
                break
        return value

    def _mixed(self, prices: Floats) -> Floats:
        if self.centre is None:
            return prices
        return _CENTRE * self.centre + (1 - _CENTRE) * prices

    def bar(self, worker: int, kept: Column) -> None:
        """Lets only one column of a worker stand."""
        for column in self.columns:
            if column.worker == worker and column is not kept:
                column.variable.SetUb(0)

    def open_all(self) -> None:
        """Undoes every `bar`."""
        for column in self.columns:
            column.variable.SetUb(self.lp.infinity())


def dive(master: Master, is_over: Over, chance: np.random.Generator | None) -> dict[int, Ints]:
    """Rounds the programme to whole rows, a few workers at a time, pricing in between.

    Returns:
        A segment for each worker fixed; the caller completes those left when time ran out.
    """
    fixed: dict[int, Ints] = {}
    free = list(master.workers)
    try:
        while free and not is_over():
            _, prices, wages = master.solve()
            for column in _choice(master, free, chance):
                fixed[column.worker] = column.segment
                free.remove(column.worker)
                master.bar(column.worker, column)
            for _ in range(_ROUNDS):
                if not free or is_over():
                    break
                _, prices, wages = master.solve()
                added, _ = master.price(prices, (prices, wages), free, 2)
                if not added:
                    break
    except LostLinearProgrammeError:
        pass
    master.open_all()
    return fixed


def _choice(
    master: Master, free: Sequence[int], chance: np.random.Generator | None
) -> list[Column]:
    """The columns to fix next: those nearly whole, and at least an eighth of the workers left."""
    best: dict[int, tuple[float, Column]] = {}
    open_to = set(free)
    for column in master.columns:
        if column.worker not in open_to:
            continue
        value = column.variable.solution_value()
        if chance is not None:
            value *= 1 - 0.3 * float(chance.random())
        if column.worker not in best or value > best[column.worker][0]:
            best[column.worker] = value, column
    ranked = sorted(best.values(), key=lambda one: (-one[0], one[1].worker))
    least = max(1, len(free) // 8)
    return [column for place, (value, column) in enumerate(ranked) if place < least or value > 0.75]


def _incidence(segment: Ints, shape: tuple[int, ...]) -> Ints:
    present = np.zeros(shape, dtype=np.int64)
    works = np.flatnonzero(segment >= 0)
    present[works, segment[works]] = 1
    return present
