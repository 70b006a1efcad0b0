"""The best combination of known rows: CP-SAT over the columns of a master programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from scheduling.rota.shifts.columns import Column, Master
from scheduling.rota.shifts.rows import Floats, Ints

_MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Limit:
    """Effort for one solver call: deterministic seconds, and seconds of the clock at most."""

    deterministic_s: float
    seconds: float
    seed: int


def solver_for(limit: Limit) -> cp_model.CpSolver:
    """A solver with one worker, so that a seed gives the same roster every time."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = limit.seed
    solver.parameters.max_deterministic_time = limit.deterministic_s
    solver.parameters.max_time_in_seconds = max(0.01, limit.seconds)
    return solver


def recombine(master: Master, current: float, limit: Limit) -> tuple[dict[int, Ints], bool]:
    """The best rows among the columns that can still beat the board.

    Args:
        master: the solved programme; its board holds the rows to beat.
        current: value of the board's rows in the master's terms.
        limit: effort.

    Returns:
        A segment for each worker (empty when nothing was found), and whether the choice was
        proven the best one among all columns that could improve.
    """
    value, prices, wages = master.solve()
    columns, is_whole = _promising(master, prices, wages, current - value - 0.999)
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in columns]
    of_worker: dict[int, list[cp_model.IntVar]] = {worker: [] for worker in master.workers}
    shifts = master.under.shape[1]
    cover: list[list[cp_model.IntVar]] = [[] for _ in range(master.residual.size)]
    for column, variable in zip(columns, taken, strict=True):
        of_worker[column.worker].append(variable)
        for day in np.flatnonzero(column.segment >= 0).tolist():
            cover[day * shifts + int(column.segment[day])].append(variable)
        model.add_hint(variable, _is_on_board(master, column))
    for variables in of_worker.values():
        model.add_exactly_one(variables)
    costs: list[cp_model.LinearExprT] = [
        int(column.cost) * variable for column, variable in zip(columns, taken, strict=True)
    ]
    costs += gap_costs(model, master, cover)
    model.minimize(sum(costs))
    solver = solver_for(limit)
    status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return {}, False
    chosen = {
        column.worker: column.segment
        for column, variable in zip(columns, taken, strict=True)
        if solver.boolean_value(variable)
    }
    return chosen, is_whole and status == cp_model.OPTIMAL


def gap_costs(
    model: cp_model.CpModel, master: Master, cover: list[list[cp_model.IntVar]]
) -> list[cp_model.LinearExprT]:
    """Cost terms for people short and too many on each shift of the stretch."""
    costs: list[cp_model.LinearExprT] = []
    days = slice(master.stretch.first, master.stretch.last)
    missing = (master.board.need[days] - master.board.present[days]).ravel().tolist()
    residual = master.residual.ravel().tolist()
    prices = zip(master.under.ravel().tolist(), master.over.ravel().tolist(), strict=True)
    for variables, need, gap, (under, over) in zip(cover, residual, missing, prices, strict=True):
        if not variables and need <= 0:
            costs.append(int(over) * -need)
            continue
        short = model.new_int_var(0, max(0, need), "")
        extra = model.new_int_var(0, max(0, len(variables) - need), "")
        model.add(sum(variables) + short - extra == need)
        costs += [int(under) * short, int(over) * extra]
        model.add_hint(short, max(0, gap))
        model.add_hint(extra, max(0, -gap))
    return costs


def _promising(
    master: Master, prices: Floats, wages: dict[int, float], gap: float
) -> tuple[list[Column], bool]:
    """Columns whose reduced cost leaves room for a better roster, and those on the board."""
    ranked: list[tuple[float, int]] = []
    for place, column in enumerate(master.columns):
        works = np.flatnonzero(column.segment >= 0)
        price = float(prices[works, column.segment[works]].sum())
        reduced = column.cost - price - wages[column.worker]
        if _is_on_board(master, column):
            reduced = -1.0
        if reduced <= gap + 1e-6:
            ranked.append((reduced, place))
    ranked.sort()
    kept = [master.columns[place] for _, place in ranked[:_MOST_COLUMNS]]
    return kept, len(ranked) <= _MOST_COLUMNS


def _is_on_board(master: Master, column: Column) -> bool:
    days = slice(master.stretch.first, master.stretch.last)
    return bool(np.array_equal(master.board.rows[column.worker, days], column.segment))
