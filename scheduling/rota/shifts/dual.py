"""A lower bound for rosters too long for whole rows: every long count is priced, not kept.

Over a year the table of a row search that counts minutes, week-ends and uses is too large. When
those counts are priced (Lagrangian multipliers), a row only remembers how its last days ended,
and the cheapest rows of a hundred people over a year take a tenth of a second. Whatever the
prices, the value is a lower bound on every lawful roster (Held and Karp 1971); subgradient steps
of Polyak's length raise it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scheduling.rota.shifts import dual_kernel
from scheduling.rota.shifts.board import Board
from scheduling.rota.shifts.rows import Floats, Ints

_PATIENCE = 20
"""Passes without a better bound before steps are shortened."""
_SHORTEN = 0.7
_SHORTEST = 0.003
_INERTIA = 0.6
"""Part of the last direction kept: plain subgradients zigzag."""


@dataclass(slots=True)
class Prices:
    """Prices of cover (days × shifts) and of the counts of each worker; or a way to change them.

    Attributes:
        cover: between minus the price of one too many and the price of one short.
        work: of a mean shift's minutes; above zero the most binds, below zero the least.
        ends: of a week-end worked, ≥ 0.
        uses: workers × shifts, of a capped shift, ≥ 0.
    """

    cover: Floats
    work: Floats
    ends: Floats
    uses: Floats

    def along(self, way: Prices, step: float) -> Prices:
        """The prices a step further."""
        return Prices(
            self.cover + step * way.cover,
            self.work + step * way.work,
            self.ends + step * way.ends,
            self.uses + step * way.uses,
        )

    def square(self) -> float:
        """The square of the length."""
        parts = (self.cover, self.work, self.ends, self.uses)
        return sum(float((part * part).sum()) for part in parts)


class Dual:
    """The prices in hand and the best bound that they gave."""

    def __init__(self, board: Board) -> None:
        """Begins with what one more person would bring to the roster on the board."""
        self._board, tables = board, board.tables
        workers = board.problem.workers
        self._mean = float(tables.minutes.mean())
        self._least = np.array([w.min_minutes for w in workers]) / self._mean
        self._most = np.array([w.max_minutes for w in workers]) / self._mean
        self._weekends = np.array([w.max_weekends for w in workers], dtype=np.float64)
        self._limits = np.array([[w.max_run, w.min_run, w.min_off] for w in workers])
        gap = board.need - board.present
        cover = np.where(gap > 0, board.under, np.where(gap < 0, -board.over, 0.0))
        many, shifts = len(workers), len(tables.minutes)
        self.best = Prices(cover, np.zeros(many), np.zeros(many), np.zeros((many, shifts)))
        self.bound = -float("inf")

    @property
    def worth(self) -> Floats:
        """What one more person on each shift brings, at the best prices (days × shifts)."""
        return self.best.cover

    def raise_bound(
        self, objective: float, is_over: Callable[[], bool], passes: int = 10_000
    ) -> float:
        """Steps towards better prices until time is over or steps bring nothing; the best bound.

        Args:
            objective: cost of a roster, fixed costs excluded: steps are as long as it is far.
            is_over: asked after every pass over all workers; at least one is made.
            passes: most passes.
        """
        prices, way, length, idle = self.best, None, 1.0, 0
        best_slope = None
        for _ in range(passes):
            value, slope = self.value(prices)
            if value > self.bound:
                self.bound, self.best, best_slope, idle = value, prices, slope, 0
            else:
                idle += 1
            if is_over() or length < _SHORTEST or objective - self.bound < 1:
                break
            if idle > _PATIENCE and best_slope is not None:
                prices, slope, value = self.best, best_slope, self.bound
                way, length, idle = None, length * _SHORTEN, 0
            way = slope if way is None else slope.along(way, _INERTIA)
            square = way.square()
            if square == 0:
                break
            prices = self.lawful(prices.along(way, length * (objective - value) / square))
        return self.bound

    def lawful(self, prices: Prices) -> Prices:
        """The nearest prices at which the value is a bound."""
        board = self._board
        cover = np.clip(prices.cover, -board.over, board.under)
        ends, uses = np.maximum(prices.ends, 0), np.maximum(prices.uses, 0)
        return Prices(cover, prices.work, ends, uses)

    def value(self, prices: Prices) -> tuple[float, Prices]:
        """The value at lawful prices, a lower bound but for fixed costs, and where it rises."""
        board, tables = self._board, self._board.tables
        present = np.zeros(board.need.shape, dtype=np.int64)
        counts = np.zeros((len(prices.work), 2), dtype=np.int64)
        used = np.zeros(prices.uses.shape, dtype=np.int64)
        given = (tables.requests, tables.banned, tables.minutes, tables.group, tables.before)
        priced = (prices.cover, prices.work / self._mean, prices.ends, prices.uses)
        value = dual_kernel.rows(given, self._limits, priced, (present, counts, used))
        worked, ends = counts[:, 0] / self._mean, counts[:, 1]
        bound = np.where(prices.work > 0, self._most, self._least)
        value += float((prices.cover * board.need).sum() - (prices.work * bound).sum())
        value -= float((prices.ends * self._weekends).sum() + (prices.uses * tables.caps).sum())
        beyond = worked - np.clip(worked, self._least, self._most)
        slope = Prices(
            (board.need - present).astype(np.float64),
            np.where(prices.work == 0, beyond, worked - bound),
            _rising(ends - self._weekends, prices.ends),
            _rising(used - tables.caps, prices.uses),
        )
        return value, slope


def _rising(excess: Floats | Ints, prices: Floats) -> Floats:
    """Where a price that may not be negative can go: down only if it is above zero."""
    return np.where((excess > 0) | (prices > 0), excess, 0).astype(np.float64)
