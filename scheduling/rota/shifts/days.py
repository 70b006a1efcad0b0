"""Rosters cell by cell: a CP-SAT model of some workers on some days, the rest as it stands.

It frees what columns cannot: a few days of everybody at once, or a few whole rows with every
lawful alternative. With everything free and proven it settles small problems for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from scheduling.rota.shifts.board import Board
from scheduling.rota.shifts.partition import Limit, solver_for
from scheduling.rota.shifts.problem import Worker
from scheduling.rota.shifts.rows import Ints

Literal = cp_model.IntVar | int
"""A variable, or 0 or 1 where the cell is fixed."""


class DayModel:
    """One literal for each free (worker, day, shift); the costs of the free part only."""

    def __init__(self, board: Board, workers: Sequence[int], first: int, last: int) -> None:
        """Builds variables, rules, costs and hints; days run from `first` to `last` excluded."""
        self.board, self.workers, self.first, self.last = board, list(workers), first, last
        self.model = cp_model.CpModel()
        self.cells: dict[tuple[int, int], dict[int, cp_model.IntVar]] = {}
        self.costs: list[cp_model.LinearExprT] = []
        for worker in self.workers:
            self._add_worker(worker)
        self._add_cover()
        self.model.minimize(sum(self.costs))

    def _add_worker(self, worker: int) -> None:
        board, model = self.board, self.model
        requests = board.tables.requests[worker]
        for day in range(self.first, self.last):
            cell: dict[int, cp_model.IntVar] = {}
            for shift in np.flatnonzero(~board.tables.banned[worker, day]).tolist():
                cell[shift] = model.new_bool_var("")
                model.add_hint(cell[shift], int(board.rows[worker, day] == shift))
                if requests[day, shift]:
                    self.costs.append(int(requests[day, shift]) * cell[shift])
            self.cells[worker, day] = cell
        works = [self._works(worker, day) for day in range(board.problem.days)]
        mine = board.problem.workers[worker]
        self._add_runs(works, mine.max_run, mine.min_run)
        self._add_rests(works, mine.min_off)
        self._add_successions(worker)
        self._add_totals(worker, works, mine)

    def _works(self, worker: int, day: int) -> Literal:
        """Whether the worker has any shift that day."""
        if not self.first <= day < self.last:
            return int(self.board.rows[worker, day] >= 0)
        shifts = self.cells[worker, day].values()
        if not shifts:
            return 0
        works = self.model.new_bool_var("")
        self.model.add_hint(works, int(self.board.rows[worker, day] >= 0))
        self.model.add_exactly_one([*shifts, ~works])
        return works

    def _add_runs(self, works: list[Literal], longest: int, shortest: int) -> None:
        days = len(works)
        for day in range(max(0, self.first - longest), min(self.last, days - longest)):
            self._clause([_not(one) for one in works[day : day + longest + 1]])
        for day in range(max(1, self.first - shortest), min(self.last + 1, days)):
            for later in range(day + 1, min(day + shortest, days)):
                self._clause([_not(works[day]), works[day - 1], works[later]])

    def _add_rests(self, works: list[Literal], shortest: int) -> None:
        days = len(works)
        for day in range(max(1, self.first - shortest), min(self.last + 1, days)):
            for later in range(day + 1, min(day + shortest, days)):
                self._clause([works[day], _not(works[day - 1]), _not(works[later])])

    def _clause(self, literals: list[Literal]) -> None:
        if any(isinstance(one, int) and one == 1 for one in literals):
            return
        free = [one for one in literals if not isinstance(one, int)]
        if free:
            self.model.add_bool_or(free)

    def _add_successions(self, worker: int) -> None:
        tables, model = self.board.tables, self.model
        row, days = self.board.rows[worker], self.board.problem.days
        shifts = len(tables.group)
        for day in range(max(0, self.first - 1), min(self.last, days - 1)):
            here, there = self._cell(worker, day, row), self._cell(worker, day + 1, row)
            for group in range(tables.before.shape[1]):
                one = [here[s] for s in range(shifts) if tables.group[s] == group and s in here]
                other = [
                    there[s] for s in range(shifts) if not tables.before[s, group] and s in there
                ]
                free = [x for x in (*one, *other) if not isinstance(x, int)]
                if one and other and free:
                    fixed = (sum(x for x in side if isinstance(x, int)) for side in (one, other))
                    if any(fixed):
                        model.add(sum(free) == 0)
                    else:
                        model.add_at_most_one(free)

    def _cell(self, worker: int, day: int, row: Ints) -> dict[int, Literal]:
        if self.first <= day < self.last:
            return dict(self.cells[worker, day])
        return {int(row[day]): 1} if row[day] >= 0 else {}

    def _add_totals(self, worker: int, works: list[Literal], mine: Worker) -> None:
        tables, model, row = self.board.tables, self.model, self.board.rows[worker]
        outside = np.concatenate([row[: self.first], row[self.last :]])
        used = np.bincount(outside[outside >= 0], minlength=len(tables.minutes))
        inside = [
            (shift, literal)
            for day in range(self.first, self.last)
            for shift, literal in self.cells[worker, day].items()
        ]
        units = sum(int(tables.units[shift]) * literal for shift, literal in inside)
        spent = int(used @ tables.units)
        least, most = -(-mine.min_minutes // tables.unit), mine.max_minutes // tables.unit
        model.add_linear_constraint(units, least - spent, most - spent)
        for shift, cap in enumerate(tables.caps[worker].tolist()):
            mine_of = [literal for number, literal in inside if number == shift]
            if mine_of and cap - used[shift] < len(mine_of):
                model.add(sum(mine_of) <= int(cap - used[shift]))
        self._add_weekends(works, mine)

    def _add_weekends(self, works: list[Literal], mine: Worker) -> None:
        worked: list[Literal] = []
        for saturday in range(5, len(works), 7):
            days = works[saturday : saturday + 2]
            if any(isinstance(one, int) and one == 1 for one in days):
                worked.append(1)
                continue
            free = [one for one in days if not isinstance(one, int)]
            if free:
                weekend = self.model.new_bool_var("")
                for one in free:
                    self.model.add_implication(one, weekend)
                worked.append(weekend)
        if len(worked) > mine.max_weekends:
            self.model.add(sum(worked) <= mine.max_weekends)

    def _add_cover(self) -> None:
        board, model = self.board, self.model
        for day in range(self.first, self.last):
            for shift in range(board.need.shape[1]):
                free = [
                    self.cells[worker, day][shift]
                    for worker in self.workers
                    if shift in self.cells[worker, day]
                ]
                own = sum(int(board.rows[worker, day] == shift) for worker in self.workers)
                gap = int(board.need[day, shift] - board.present[day, shift])
                need = gap + own
                short = model.new_int_var(0, max(0, need), "")
                extra = model.new_int_var(0, max(0, len(free) - need), "")
                model.add(sum(free) + short - extra == need)
                model.add_hint(short, max(0, gap))
                model.add_hint(extra, max(0, -gap))
                self.costs.append(int(board.under[day, shift]) * short)
                self.costs.append(int(board.over[day, shift]) * extra)

    def solve(self, limit: Limit) -> tuple[Ints | None, bool, float]:
        """Whole rows of the board with the free part improved, whether it is proven, the bound.

        The bound is on the costs of the free part; it bounds the roster when all is free.
        """
        solver = solver_for(limit)
        status = solver.solve(self.model)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None, False, -float("inf")
        rows = self.board.rows.copy()
        for (worker, day), cell in self.cells.items():
            taken = [shift for shift, literal in cell.items() if solver.boolean_value(literal)]
            rows[worker, day] = taken[0] if taken else -1
        return rows, status == cp_model.OPTIMAL, solver.best_objective_bound


def _not(literal: Literal) -> Any:
    return 1 - literal if isinstance(literal, int) else literal.negated()
