"""A first rota in milliseconds: the scarcest duties first, to whoever is furthest behind.

Always lawful, because a duty that fits nobody is left short and named; everything
after it only improves what stands here.
"""

from __future__ import annotations

from scheduling.rota.board import EXCESS_COST, WISH_COST, Board
from scheduling.rota.parts import Part


def rotate(part: Part) -> Board:
    """A lawful rota of one part: pins first, then duties by how few people could hold them."""
    board = Board(part)
    for pin in sorted(part.pinned):
        board.put(pin)
    fill(board)
    return board


def fill(board: Board) -> None:
    """Gives every duty still short to whoever is furthest behind, where somebody fits."""
    part = board.part
    order = sorted(
        range(len(part.duties)),
        key=lambda duty: (len(part.duty_cells[duty]), part.duties[duty].start_at, duty),
    )
    for duty in order:
        while board.cover[duty] < part.duties[duty].need:
            cell = _best(board, duty)
            if cell is None:
                break
            board.put(cell)


def _best(board: Board, duty: int) -> int | None:
    part = board.part
    ranked: list[tuple[float, int]] = []
    for cell in part.duty_cells[duty]:
        if board.taken[cell] or not board.fits(cell):
            continue
        before = board.side_cost((cell,))
        board.put(cell)
        if board.has_company((cell,)):
            extra = board.side_cost((cell,)) - before
            # A wish weighs a few days of imbalance, a preferred rule more than any of it.
            burden = extra / EXCESS_COST * 10_000 + extra % EXCESS_COST / WISH_COST * 8
            ranked.append((board.deviation[part.person[cell]] + burden, cell))
        board.drop(cell)
    return min(ranked)[1] if ranked else None
