"""The row search against CP-SAT, another statement of the same contract."""

import numpy as np
import pytest

from scheduling.rota.shifts.board import Board
from scheduling.rota.shifts.check import check_roster
from scheduling.rota.shifts.days import DayModel
from scheduling.rota.shifts.partition import Limit
from scheduling.rota.shifts.rows import Stretch
from scheduling.rota.shifts.start import construct
from tests.scheduling.rota.shifts.cases import random_roster


def lonely(seed: int) -> Board:
    """One worker with whole prices of his own on every shift of every day."""
    board = Board(random_roster(seed, workers=1))
    board.need[:], board.under[:], board.over[:] = 0, 0, 0
    prices = np.random.default_rng(seed).integers(-20, 20, board.tables.requests.shape)
    board.tables.requests, board.tables.fixed_cost = prices.astype(float), 0
    construct(board, [0], np.random.default_rng(seed))
    return board


def cheapest(board: Board, first: int, last: int) -> float:
    rows, is_proven, _ = DayModel(board, [0], first, last).solve(Limit(20, 60, 1))
    assert is_proven
    assert rows is not None
    works = np.flatnonzero(rows[0, first:last] >= 0) + first
    return float(board.tables.requests[0, works, rows[0, works]].sum())


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("first", "last"), [(0, 21), (7, 14), (14, 21), (0, 14)])
def test_the_row_search_finds_what_cp_sat_proves_cheapest(seed: int, first: int, last: int) -> None:
    board = lonely(seed)
    stretch = Stretch(first, last)
    none = np.zeros((last - first, 3))

    found = board.tables.best(0, board.rows[0], stretch, none)

    assert found.costs[0] == pytest.approx(cheapest(board, first, last))
    assert found.bound <= found.costs[0]


@pytest.mark.parametrize("seed", range(8))
def test_every_segment_offered_is_lawful_where_it_is_put(seed: int) -> None:
    board = lonely(seed)
    for stretch in (Stretch(0, 21), Stretch(7, 14)):
        none = np.zeros((stretch.last - stretch.first, 3))
        for segment in board.tables.best(0, board.rows[0], stretch, none, 5).segments:
            board.put(0, stretch, segment)
            assert check_roster(board.problem, board.names()) == ()


@pytest.mark.parametrize("seed", range(8))
def test_caps_that_are_priced_still_hold_and_bound(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = (
        lonely(seed)
        .tables.best(0, lonely(seed).rows[0], Stretch(0, 21), np.zeros((21, 3)))
        .costs[0]
    )
    monkeypatch.setattr("scheduling.rota.shifts.rows._COUNTED_CELLS", 0)
    board = lonely(seed)

    priced = board.tables.best(0, board.rows[0], Stretch(0, 21), np.zeros((21, 3)), 3)

    assert priced.bound <= exact <= priced.costs[0]
    board.put(0, Stretch(0, 21), priced.segments[0])
    assert check_roster(board.problem, board.names()) == ()
