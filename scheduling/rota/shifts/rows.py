"""Lawful rows: the best ones of a worker at given prices, for all days or a stretch of them.

Everything that concerns one worker alone is decided here, so no other part of the engine can
break a hard rule. Tight caps are counted exactly; where that would take too large a table
the loosest caps are priced until they hold, and the priced values are still lower bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import gcd
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduling.rota.shifts import kernel
from scheduling.rota.shifts.problem import OFF, RosterProblem, Worker

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_COUNTED_CELLS = 1_000_000
"""Largest table that counting one more cap may lead to; beyond it the cap is priced."""
_ROUNDS = 10


class Stretch(NamedTuple):
    """The days from `first` to `last` (excluded); both are Mondays or edges of the horizon."""

    first: int
    last: int


class Band(NamedTuple):
    """What a worker may still do in a stretch: minutes, week-ends, uses of each shift."""

    least: int
    most: int
    weekends: int
    caps: Ints


@dataclass(frozen=True, slots=True)
class Priced:
    """Lawful segments, cheapest first, and a lower bound on the cost of any."""

    segments: list[Ints]
    costs: list[float]
    bound: float


class Rows:
    """The tables of a problem that row searches share; indices are positions in the problem."""

    def __init__(self, problem: RosterProblem) -> None:
        """Reads the problem once."""
        self.problem = problem
        self.place = {shift.id: number for number, shift in enumerate(problem.shifts)}
        minutes = [shift.minutes for shift in problem.shifts]
        self.unit = reduce(gcd, minutes)
        self.minutes = np.array(minutes, dtype=np.int64)
        self.units: Ints = self.minutes // self.unit
        kinds = sorted({shift.not_before for shift in problem.shifts}, key=sorted)
        self.group = np.array([kinds.index(s.not_before) for s in problem.shifts], dtype=np.int64)
        self.before = np.array([[s.id not in kind for kind in kinds] for s in problem.shifts])
        self.requests, self.fixed_cost = self._requests()
        self.banned = np.stack([self._banned(worker) for worker in problem.workers])
        self.caps = np.array(
            [[w.caps.get(s.id, problem.days) for s in problem.shifts] for w in problem.workers],
            dtype=np.int64,
        )
        self._buffer = np.empty(0, dtype=np.float32)

    def _requests(self) -> tuple[Floats, int]:
        """Price of giving each (worker, day, shift), and the cost of an empty roster's wishes."""
        problem = self.problem
        prices = np.zeros((len(problem.workers), problem.days, len(problem.shifts)))
        worker = {one.id: number for number, one in enumerate(problem.workers)}
        fixed = 0
        for request in problem.requests:
            cell = worker[request.worker_id], request.day, self.place[request.shift_id]
            prices[cell] += -request.weight if request.wants_shift else request.weight
            fixed += request.weight if request.wants_shift else 0
        return prices, fixed

    def _banned(self, worker: Worker) -> npt.NDArray[np.bool_]:
        banned = np.zeros((self.problem.days, len(self.problem.shifts)), dtype=bool)
        banned[sorted(day for day in worker.days_off if day < self.problem.days)] = True
        for name, cap in worker.caps.items():
            if cap <= 0 and name in self.place:
                banned[:, self.place[name]] = True
        return banned

    def band(self, worker: int, row: Ints, stretch: Stretch) -> Band:
        """What the rest of a whole row leaves to the stretch."""
        outside = row.copy()
        outside[stretch.first : stretch.last] = OFF
        mine = self.problem.workers[worker]
        used = np.bincount(outside[outside >= 0], minlength=len(self.minutes))
        spent = int(used @ self.minutes)
        worked = np.flatnonzero(outside >= 0)
        ends = len(set((worked[worked % 7 >= 5] // 7).tolist()))
        return Band(
            mine.min_minutes - spent,
            mine.max_minutes - spent,
            mine.max_weekends - ends,
            self.caps[worker] - used,
        )

    def best(
        self,
        worker: int,
        row: Ints,
        stretch: Stretch,
        prices: Floats,
        count: int = 1,
        band: Band | None = None,
    ) -> Priced:
        """The cheapest lawful segments of a worker between days that stay as they are.

        Args:
            worker: position in the problem.
            row: the whole row; only the days outside the stretch are read.
            stretch: the days to fill.
            prices: days of the stretch × shifts; requests are added here.
            count: how many different segments to return at most.
            band: what may be spent; by default what the rest of the row leaves. When
                given, the days after the stretch are not fixed yet.
        """
        search = _Search(self, worker, row, stretch, band)
        costs = prices + self.requests[worker, stretch.first : stretch.last]
        return search.run(costs, count)

    def scratch(self, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """A table of the shape, its content undefined, reused from call to call."""
        size = int(np.prod(shape))
        if len(self._buffer) < size:
            self._buffer = np.empty(size, dtype=np.float32)
        return self._buffer[:size].reshape(shape)


class _Search:
    """One worker, one stretch: limits, entry and exits made ready for the kernel."""

    def __init__(
        self, rows: Rows, worker: int, row: Ints, stretch: Stretch, band: Band | None
    ) -> None:
        self.rows, self.stretch = rows, stretch
        self.mine = rows.problem.workers[worker]
        self.length = stretch.last - stretch.first
        self.run_length = min(self.mine.max_run, rows.problem.days)
        is_open = band is not None
        band = rows.band(worker, row, stretch) if band is None else band
        self.banned = rows.banned[worker, stretch.first : stretch.last] | (band.caps <= 0)
        self.caps = band.caps
        self.least = max(0, -(-band.least // rows.unit))
        self.is_possible = band.most >= 0 and band.weekends >= 0
        limits = np.zeros(8, dtype=np.int64)
        limits[kernel.MAX_RUN] = self.run_length
        limits[kernel.MIN_RUN] = self.mine.min_run
        limits[kernel.MIN_OFF] = self.mine.min_off
        saturdays = [d for d in range(stretch.first, stretch.last) if d % 7 == 5]
        limits[kernel.COUNTS] = int(band.weekends < len(saturdays) + 1)
        limits[kernel.WEEKENDS] = max(0, band.weekends) if limits[kernel.COUNTS] else 0
        longest = int(rows.units.max()) * self.length
        limits[kernel.MOST] = max(0, min(band.most // rows.unit, longest))
        limits[kernel.FIRST] = stretch.first
        self.limits = limits
        self.states = self.mine.min_off + rows.before.shape[1] * self.run_length
        self._count_caps()
        self.entry = self._entry(row)
        self.exits = self._exits(row, is_open)

    def _count_caps(self) -> None:
        """Chooses the capped shifts to count, the tightest first; the others are priced."""
        reach = np.minimum(self.length, self.limits[kernel.MOST] // self.rows.units)
        binding = [t for t, cap in enumerate(self.caps) if 0 < cap < reach[t]]
        binding.sort(key=lambda t: (self.caps[t], t))
        self.digits = np.zeros((2, len(self.caps)), dtype=np.int64)
        self.priced: list[int] = []
        uses = 1
        size = (self.length + 1) * self.states * (self.limits[kernel.MOST] + 1)
        size *= self.limits[kernel.WEEKENDS] + 1
        for t in binding:
            if uses * (self.caps[t] + 1) * size <= _COUNTED_CELLS or (
                uses == 1 and self.caps[t] < 5
            ):
                self.digits[:, t] = uses, self.caps[t]
                uses *= int(self.caps[t]) + 1
            else:
                self.priced.append(t)
        self.limits[kernel.USES] = uses

    def _entry(self, row: Ints) -> int:
        """The state in which the days before leave the worker."""
        off, day = self.mine.min_off, self.stretch.first - 1
        if day < 0:
            return off - 1
        works = row[day] >= 0
        start = day
        while start >= 0 and (row[start] >= 0) == works:
            start -= 1
        length = day - start
        if works:
            return int(off + self.rows.group[row[day]] * self.run_length + length - 1)
        return off - 1 if start < 0 else min(length, off) - 1

    def _exits(self, row: Ints, is_open: bool) -> npt.NDArray[np.bool_]:
        """The states from which the days after the stretch go on lawfully."""
        off, groups = self.mine.min_off, self.rows.before.shape[1]
        exits = np.ones(self.states, dtype=bool)
        end, days = self.stretch.last, len(row)
        if end == days:
            return exits
        works = bool(row[end] >= 0) and not is_open
        stop = end
        while not is_open and stop < days and (row[stop] >= 0) == works:
            stop += 1
        after, touches = stop - end, stop == days
        least = self.mine.min_run
        for length in range(1, off + 1):
            is_rested = length == off
            exits[length - 1] = is_rested if works else touches or length + after >= off or is_open
            if works and after < least and not touches:
                exits[length - 1] = False
        for group in range(groups):
            for run in range(1, self.run_length + 1):
                whole = run + (after if works else 0)
                is_long = whole >= least or run == end or (works and touches)
                if works:
                    fits = whole <= self.mine.max_run and self.rows.before[row[end], group]
                else:
                    fits = is_open or touches or after >= off
                exits[off + group * self.run_length + run - 1] = is_long and fits
        return exits

    def run(self, costs: Floats, count: int) -> Priced:
        """The cheapest segments; caps that are not counted are priced until they hold."""
        if not self.is_possible:
            return Priced([], [], float("inf"))
        costs = np.where(self.banned, 2 * float(kernel.BANNED), costs)
        found = self._solve(costs, count)
        if not self.priced:
            prices = [self._cost(costs, segment) for segment in found]
            return Priced(found, prices, min(prices, default=float("inf")) - 1e-3)
        return self._run_priced(costs, found, count)

    def _run_priced(self, costs: Floats, found: list[Ints], count: int) -> Priced:
        """Raises and lowers the prices of passed caps; keeps every lawful segment met."""
        open_costs = costs[costs < kernel.BANNED]
        step = float(np.abs(open_costs).mean()) / 4 + 0.25 if open_costs.size else 1.0
        low, penalty = np.zeros(len(self.caps)), np.zeros(len(self.caps))
        high = np.full(len(self.caps), np.inf)
        lawful: dict[bytes, tuple[float, Ints]] = {}
        bound = -float("inf")
        for attempt in range(_ROUNDS):
            if attempt == _ROUNDS - 1:
                if lawful:
                    break
                penalty[self.priced] = float(kernel.BANNED)  # no cap can be passed now
            if attempt:
                found = self._solve(costs + penalty, count)
            if penalty.max(initial=0) < kernel.BANNED:
                cheapest = self._cost(costs + penalty, found[0]) if found else float("inf")
                bound = max(bound, cheapest - float(penalty @ np.maximum(self.caps, 0)))
            excess = [self._excess(segment) for segment in found]
            for segment, over in zip(found, excess, strict=True):
                if not over.any():
                    lawful[segment.tobytes()] = (self._cost(costs, segment), segment)
            if not found or not (excess[0].any() or penalty.any()):
                break
            passed = excess[0] > 0
            low = np.where(passed, penalty, low)
            high = np.where(~passed & (penalty > 0), penalty, high)
            raised = np.maximum(2 * penalty, step)
            middle = np.where(np.isinf(high), raised, (low + np.minimum(high, 1e9)) / 2)
            penalty = np.where(passed | (penalty > 0), middle, 0.0)
            if attempt and not passed.any() and float((high - low)[penalty > 0].max(initial=0)) < 1:
                break
        ranked = sorted(lawful.values(), key=lambda one: one[0])[:count]
        return Priced([one[1] for one in ranked], [one[0] for one in ranked], bound - 1e-3)

    def _excess(self, segment: Ints) -> Ints:
        used = np.bincount(segment[segment >= 0], minlength=len(self.caps))
        over = np.zeros(len(self.caps), dtype=np.int64)
        over[self.priced] = np.maximum(0, used - self.caps)[self.priced]
        return over

    def _solve(self, costs: Floats, count: int) -> list[Ints]:
        rows, limits = self.rows, self.limits
        shape = (
            self.length + 1,
            self.states,
            int(limits[kernel.USES]),
            int(limits[kernel.WEEKENDS]) + 1,
            int(limits[kernel.MOST]) + 1,
        )
        table = rows.scratch(shape)
        exact = costs.astype(np.float32)
        tables = exact, rows.units, rows.group, rows.before, limits, self.digits
        kernel.fill(tables, self.entry, table)  # type: ignore[no-untyped-call]
        cells = np.zeros((count, 4), dtype=np.int64)
        found = kernel.ends(table[-1], self.exits, self.least, count, cells)  # type: ignore[no-untyped-call]
        segments = [np.empty(self.length, dtype=np.int64) for _ in range(found)]
        for cell, segment in zip(cells, segments, strict=False):
            kernel.trace(tables, table, cell, segment)  # type: ignore[no-untyped-call]
        return segments

    def _cost(self, costs: Floats, segment: Ints) -> float:
        works = np.flatnonzero(segment >= 0)
        return float(costs[works, segment[works]].sum())
