"""A lawful roster at once, and the first improvements: one best row after the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from scheduling.rota.shifts.board import Board
from scheduling.rota.shifts.columns import Over
from scheduling.rota.shifts.problem import RosterError
from scheduling.rota.shifts.rows import Band, Ints, Stretch

_CELLS = 4_000_000
"""Largest table of one row search; more days are searched stretch by stretch."""
_TRIES = ((1.0, 16), (0.5, 16), (2.0, 4), (0.5, 4), (0.0, 2), (4.0, 1))
"""Play in longest shifts, and by how much the tables are made smaller than they may be."""


def stretches(board: Board, cells: int = _CELLS, offset: int = 0) -> list[Stretch]:
    """The horizon cut at Mondays into stretches whose tables stay small enough.

    Args:
        board: the roster.
        cells: most cells of a table.
        offset: weeks by which the first cut is moved, so that seams change place.
    """
    days = board.problem.days
    weeks = stretch_weeks(board, cells)
    if 7 * weeks >= days:
        return [Stretch(0, days)]
    first = 7 * (offset % weeks)
    cuts = sorted({0, *range(first, days, 7 * weeks), days})
    if len(cuts) > 2 and cuts[-1] - cuts[-2] < 7:
        del cuts[-2]
    return [Stretch(one, other) for one, other in pairwise(cuts)]


def stretch_weeks(board: Board, cells: int = _CELLS) -> int:
    """How many weeks one row search may span."""
    tables, problem = board.tables, board.problem
    states = max(w.min_off + tables.before.shape[1] * w.max_run for w in problem.workers)
    share = max(w.max_minutes for w in problem.workers) / problem.days / tables.unit
    total = -(-problem.days // 7)
    for weeks in range(total, 1, -1):
        ends = min(weeks, max(w.max_weekends for w in problem.workers)) + 1
        if 7 * weeks * states * ends * (7 * weeks * share + 1) <= cells:
            return weeks
    return 1


def construct(
    board: Board, workers: Sequence[int], chance: np.random.Generator, trust: float = 0.0
) -> None:
    """Gives lawful rows to workers who have none, each the best one beside the others.

    Args:
        board: the roster.
        workers: who gets a new row, in this order.
        chance: of small differences.
        trust: in what the search has learned, 0 to 1 (see `Board.marginal`).

    Raises:
        RosterError: when a worker has no lawful row at all; the message names him.
    """
    for worker in workers:
        whole = Stretch(0, board.problem.days)
        board.lift(worker, whole)
        for play, smaller in _TRIES:
            if _build(board, worker, (play, _CELLS // smaller, trust), chance):
                break
            board.lift(worker, whole)
        else:
            raise RosterError(f"no lawful row: {board.problem.workers[worker].id}")


def _build(
    board: Board, worker: int, trial: tuple[float, int, float], chance: np.random.Generator
) -> bool:
    """Fills a row stretch by stretch, spending minutes and week-ends pro rata."""
    play, cells, trust = trial
    pieces = stretches(board, cells)
    row = board.rows[worker]
    for piece in pieces:
        noise = chance.random((piece.last - piece.first, board.need.shape[1])) * 0.1
        prices = board.marginal(piece, trust) + noise
        band = None if piece is pieces[-1] else _share(board, worker, row, piece, play)
        found = board.tables.best(worker, row, piece, prices, 1, band)
        if not found.segments:
            return False
        board.put(worker, piece, found.segments[0])
    return True


def _share(board: Board, worker: int, row: Ints, piece: Stretch, play: float) -> Band:
    """What a worker may spend up to the end of a stretch, in proportion to days he can work."""
    mine, tables = board.problem.workers[worker], board.tables
    band = tables.band(worker, row, piece)
    days = board.problem.days
    can_work = np.ones(days)
    can_work[sorted(day for day in mine.days_off if day < days)] = 0
    part = float(can_work[: piece.last].sum() / max(1.0, can_work.sum()))
    play *= float(tables.minutes.max())
    middle = (mine.min_minutes + mine.max_minutes) / 2 * (1 - part)
    least = band.least - int(middle + play)
    most = band.most - int(max(0.0, middle - play))
    ends = band.weekends - int(mine.max_weekends * (1 - part))
    caps = np.minimum(band.caps, -(-band.caps * (piece.last - piece.first) // (days - piece.first)))
    return Band(least, max(most, 0), max(ends, 0), caps)


def respond(board: Board, worker: int, stretch: Stretch, chance: np.random.Generator) -> bool:
    """Gives one worker the best segment beside the others; says whether the roster gained."""
    before = board.rows[worker, stretch.first : stretch.last].copy()
    board.lift(worker, stretch)
    prices = board.marginal(stretch)
    noise = chance.random(prices.shape) * 0.01
    found = board.tables.best(worker, board.rows[worker], stretch, prices + noise)
    requests = board.tables.requests[worker, stretch.first : stretch.last]

    def cost(segment: Ints) -> float:
        works = np.flatnonzero(segment >= 0)
        return float((prices + requests)[works, segment[works]].sum())

    new = found.segments[0] if found.segments else before
    gain = cost(before) - cost(new)
    board.put(worker, stretch, new if gain >= 0 else before)
    return gain > 0.5


def sweep(board: Board, is_over: Over, chance: np.random.Generator, rounds: int = 50) -> None:
    """Best responses of every worker in turn until a round brings nothing."""
    for number in range(rounds):
        gained = False
        for piece in stretches(board, offset=number):
            for worker in chance.permutation(len(board.rows)).tolist():
                gained |= respond(board, worker, piece, chance)
                if is_over():
                    return
        if not gained:
            return
