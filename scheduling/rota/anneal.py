"""Fairer by small changes: gives and swaps on a board, cooled down slowly.

Only moves that keep every unbreakable rule and every duty's cover are ever made, so
the law is never traded for fairness. Randomness comes from the seed and the budget is
a number of moves: the same call gives the same rota on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from scheduling.rota.board import EXCESS_COST, WISH_COST, Board
from scheduling.rota.moves import Ints, Live, Tables, sweep
from scheduling.rota.parts import Part

_BLOCK = 32_768
_HOT = 12_000.0
_COLD = 40.0
"""Temperatures in squared points: from freely exchanging a week to almost greedy."""


def anneal(board: Board, moves: int, seed: Sequence[int], stop: Callable[[], bool]) -> None:
    """Leaves the fairest board found, never worse in squared imbalance than the one given.

    Args:
        board: a lawful rota; changed in place.
        moves: number of moves to try.
        seed: non-negative integers that decide all randomness.
        stop: asked every 32,768 moves; True ends the search early.
    """
    loose = [cell for cell in board.copy_taken() if cell not in board.part.pinned]
    if len(board.part.people) < 2 or not loose:
        return
    tables, live = _tables(board), _live(board, loose)
    source = np.random.default_rng(list(seed))
    for first in range(0, moves, _BLOCK):
        if stop():
            break
        count = min(_BLOCK, moves - first)
        cooling = (1 - (first + np.arange(count)) / moves) ** 2
        draws = source.random((count, 4))
        allowances = -(_HOT * cooling + _COLD) * np.log1p(-draws[:, 3])
        sweep(tables, live, draws, allowances)
    board.load(np.flatnonzero(live.best).tolist())


def _flat(lists: Iterable[Sequence[int]]) -> tuple[Ints, Ints]:
    """Lists of lists as one array and the array of where each begins."""
    held = [list(one) for one in lists]
    starts = np.cumsum([0, *map(len, held)], dtype=np.int64)
    return starts, _ints([number for one in held for number in one])


def _ints(numbers: Iterable[int]) -> Ints:
    return np.array(list(numbers), dtype=np.int64)


def _tables(board: Board) -> Tables:
    part = board.part
    by_limit = _by_cell(part, [limit.terms for limit in part.limits])
    by_want = _by_cell(part, [[(cell, 1) for cell in want.cells] for want in part.wants])
    asked = [[(cell, 1) for cell in {ask, *others}] for ask, others in part.company]
    limit_start, limit_of = _flat([number for number, _ in mine] for mine in by_limit)
    want_start, want_of = _flat([number for number, _ in mine] for mine in by_want)
    ask_start, ask_of = _flat([number for number, _ in mine] for mine in _by_cell(part, asked))
    duty_start, duty_cells = _flat(part.duty_cells)
    among_start, among = _flat(others for _, others in part.company)
    cell_of = np.full((len(part.duties), len(part.people)), -1, dtype=np.int64)
    cell_of[part.duty, part.person] = np.arange(len(part.cells))
    return Tables(
        duty=_ints(part.duty),
        person=_ints(part.person),
        cost=_ints(part.cost),
        duty_start=duty_start,
        duty_cells=duty_cells,
        cell_of=cell_of,
        limit_start=limit_start,
        limit_of=limit_of,
        limit_weight=_ints(weight for mine in by_limit for _, weight in mine),
        limit_cap=_ints(limit.limit for limit in part.limits),
        limit_price=_ints(EXCESS_COST * limit.price for limit in part.limits),
        want_start=want_start,
        want_of=want_of,
        wants_duty=_ints(want.wants_duty for want in part.wants),
        want_cost=_ints(WISH_COST * want.weight for want in part.wants),
        ask_start=ask_start,
        ask_of=ask_of,
        ask_cell=_ints(ask for ask, _ in part.company),
        among_start=among_start,
        among=among,
    )


def _by_cell(part: Part, terms: Sequence[Sequence[tuple[int, int]]]) -> list[list[tuple[int, int]]]:
    """For each cell, the numbered things that mention it and with what weight."""
    found: list[list[tuple[int, int]]] = [[] for _ in part.cells]
    for number, mentioned in enumerate(terms):
        for cell, weight in mentioned:
            found[cell].append((number, weight))
    return found


def _live(board: Board, loose: list[int]) -> Live:
    part = board.part
    place = np.full(len(part.cells), -1, dtype=np.int64)
    place[loose] = np.arange(len(loose))
    held = np.zeros((len(part.people), len(part.duties) + 1), dtype=np.int64)
    held_place = np.zeros(len(part.cells), dtype=np.int64)
    for person, cells in enumerate(board.held):
        held[person, : len(cells)] = cells
        held_place[cells] = np.arange(len(cells))
    taken = _ints(board.taken)
    return Live(
        taken=taken,
        deviation=_ints(board.deviation),
        sums=_ints(board.sums),
        want_count=_ints(board.want_counts),
        loose=_ints(loose),
        place=place,
        held=held,
        held_count=_ints(map(len, board.held)),
        held_place=held_place,
        level=np.zeros(2),
        best=taken.copy(),
    )
