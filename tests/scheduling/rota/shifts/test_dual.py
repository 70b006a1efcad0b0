"""The bound of long rosters: true at any prices, better with each step."""

from dataclasses import fields
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks._curtois import make_roster, read_roster
from scheduling.rota.shifts.board import Board
from scheduling.rota.shifts.dual import Dual, Prices
from scheduling.rota.shifts.dual_kernel import FAR, cheapest
from scheduling.rota.shifts.engine import Progress, Run, solve_roster
from scheduling.rota.shifts.start import construct
from tests.scheduling.rota.shifts.cases import random_roster
from tests.support.project import ROOT

INSTANCES = ROOT / "benchmarks" / "instances"
DAYS, RUN, LEAST, OFF = 7, 3, 2, 2
MAY_FOLLOW = np.array([[True, False], [True, True]])
"""Of two shifts, each its own group: the first may not follow the second."""


def is_lawful(row: tuple[int, ...]) -> bool:
    """Whether runs, rests and successions hold; what touches an edge is never too short."""
    starts = [d for d in range(DAYS) if d == 0 or (row[d] < 0) != (row[d - 1] < 0)]
    for start, end in zip(starts, [*starts[1:], DAYS], strict=True):
        works, touches = row[start] >= 0, start == 0 or end == DAYS
        if works and end - start > RUN:
            return False
        if not touches and end - start < (LEAST if works else OFF):
            return False
        if works and not all(MAY_FOLLOW[row[d], row[d - 1]] for d in range(start + 1, end)):
            return False
    return True


def price_of(row: tuple[int, ...], cost: np.ndarray, end: float) -> float:
    worked = sum(float(cost[d, t]) for d, t in enumerate(row) if t >= 0)
    return worked + end * any(row[d] >= 0 for d in (5, 6))


@pytest.mark.parametrize("seed", range(8))
def test_the_kernel_finds_the_cheapest_of_all_rows(seed: int) -> None:
    draw = np.random.default_rng(seed)
    cost = draw.integers(-20, 15, (DAYS, 2)).astype(np.float64)
    cost[int(draw.integers(DAYS)), 0] = FAR
    end = float(draw.integers(12))
    found = np.empty(DAYS, dtype=np.int64)

    value = cheapest((cost, np.arange(2), MAY_FOLLOW, end), np.array([RUN, LEAST, OFF]), found)

    rows = [row for row in product((-1, 0, 1), repeat=DAYS) if is_lawful(row)]
    assert value == min(price_of(row, cost, end) for row in rows)
    assert is_lawful(tuple(found.tolist()))
    assert price_of(tuple(found.tolist()), cost, end) == value


@pytest.mark.parametrize("seed", range(6))
def test_no_lawful_roster_costs_less_than_the_value_at_any_prices(seed: int) -> None:
    problem = random_roster(seed)
    roster = solve_roster(problem, Run(seed=seed, rounds=3))
    board, draw = Board(problem), np.random.default_rng(seed)
    dual = Dual(board)
    for _ in range(30):
        shapes = [getattr(dual.best, one.name).shape for one in fields(Prices)]
        away = Prices(*(draw.normal(0, 60, shape) for shape in shapes))
        value, _ = dual.value(dual.lawful(dual.best.along(away, 1.0)))
        assert value + board.tables.fixed_cost <= roster.objective + 1e-6


def test_steps_raise_the_bound_close_to_what_is_best() -> None:
    problem = read_roster(Path(INSTANCES / "Instance2.txt"))
    board = Board(problem)
    construct(board, range(len(problem.workers)), np.random.default_rng(1))
    fixed, cost = board.tables.fixed_cost, board.cost()
    dual = Dual(board)
    first = dual.raise_bound(cost - fixed, lambda: False, passes=1) + fixed
    last = dual.raise_bound(cost - fixed, lambda: False) + fixed
    assert first < last <= 828
    assert last > 0.8 * 828


def test_half_a_year_is_told_how_good_it_is() -> None:
    problem = make_roster(4, 6, 26, 4)
    heard: list[Progress] = []
    roster = solve_roster(problem, Run(rounds=2, on_progress=heard.append))
    assert "prices" in [one.step for one in heard]
    assert 0 < roster.bound <= roster.objective
    assert heard[-1].gap < 0.25
