"""A roster in the making: whole lawful rows, how many hold each shift, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scheduling.rota.shifts.problem import OFF, RosterProblem
from scheduling.rota.shifts.rows import Floats, Ints, Rows, Stretch


class Board:
    """Rows of all workers (workers × days, −1 = off) and people present (days × shifts).

    `worth` (days × shifts) is what one more person on each shift brings to the best rosters, as
    far as a search has learned it; zeros until then.
    """

    def __init__(self, problem: RosterProblem) -> None:
        """Starts with everybody off, which may break contracts until rows are set."""
        self.problem = problem
        self.tables = Rows(problem)
        shape = (problem.days, len(problem.shifts))
        self.need = np.zeros(shape, dtype=np.int64)
        self.under = np.zeros(shape)
        self.over = np.zeros(shape)
        for demand in problem.demands:
            cell = demand.day, self.tables.place[demand.shift_id]
            self.need[cell] = demand.need
            self.under[cell] = demand.under
            self.over[cell] = demand.over
        self.rows = np.full((len(problem.workers), problem.days), OFF, dtype=np.int64)
        self.present = np.zeros(shape, dtype=np.int64)
        self.worth = np.zeros(shape)

    def put(self, worker: int, stretch: Stretch, segment: Ints) -> None:
        """Replaces the days of a stretch in a worker's row."""
        self.lift(worker, stretch)
        works = np.flatnonzero(segment >= 0)
        self.present[stretch.first + works, segment[works]] += 1
        self.rows[worker, stretch.first : stretch.last] = segment

    def lift(self, worker: int, stretch: Stretch) -> None:
        """Sets a worker's days of a stretch to off."""
        segment = self.rows[worker, stretch.first : stretch.last]
        works = np.flatnonzero(segment >= 0)
        self.present[stretch.first + works, segment[works]] -= 1
        segment[:] = OFF

    def load(self, rows: Ints) -> None:
        """Takes over whole rows."""
        self.rows = rows.copy()
        self.present[:] = 0
        for row in rows:
            works = np.flatnonzero(row >= 0)
            self.present[works, row[works]] += 1

    def marginal(self, stretch: Stretch, trust: float = 0.0) -> Floats:
        """What one more person on each shift of the stretch would cost (days × shifts).

        Args:
            stretch: the days.
            trust: 0 to 1, how much `worth` counts beside the people now present: who is placed
                first should go where everybody will be missed, not just where nobody is yet.
        """
        days = slice(stretch.first, stretch.last)
        short = self.present[days] < self.need[days]
        now = np.where(short, -self.under[days], self.over[days])
        return now if not trust else (1 - trust) * now - trust * self.worth[days]

    def cost(self) -> int:
        """The objective: unmet requests, people short and too many."""
        return round(self.cover_cost(Stretch(0, self.problem.days))) + self.wish_cost()

    def cover_cost(self, stretch: Stretch) -> float:
        """What people short and too many cost in a stretch."""
        days = slice(stretch.first, stretch.last)
        gap = self.need[days] - self.present[days]
        return float((self.under[days] * gap.clip(0) + self.over[days] * (-gap).clip(0)).sum())

    def wish_cost(self, workers: Sequence[int] | None = None) -> int:
        """What unmet requests cost; of some workers, up to a constant, when they are named."""
        cost = self.tables.fixed_cost
        for worker in range(len(self.rows)) if workers is None else workers:
            works = np.flatnonzero(self.rows[worker] >= 0)
            prices = self.tables.requests[worker]
            cost += round(float(prices[works, self.rows[worker, works]].sum()))
        return cost

    def names(self) -> dict[str, list[str]]:
        """Shift ids of each worker, one a day, an empty string for a day off."""
        ids = [*(shift.id for shift in self.problem.shifts), ""]
        return {
            worker.id: [ids[entry] for entry in row.tolist()]
            for worker, row in zip(self.problem.workers, self.rows, strict=True)
        }
