"""The inner loop of the annealing: gives and swaps on flat arrays, compiled by numba.

Interpreted Python tried 35,000 moves a second on a nine-person sector; compiled, the
same loop tries several million. The functions also run uncompiled, for debugging
(`NUMBA_DISABLE_JIT=1`). They know nothing but numbers: `anneal.py` fills the tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_Function = TypeVar("_Function", bound=Callable[..., Any])


def _compiled(function: _Function) -> _Function:
    try:
        return cast(_Function, njit(cache=True)(function))
    except RuntimeError:
        # No writable place for the cache (read-only image): compile for this process only.
        return cast(_Function, njit(function))


class Tables(NamedTuple):
    """What does not change; lists of lists are flat, with a `…_start` array beside them."""

    duty: Ints
    person: Ints
    cost: Ints
    duty_start: Ints
    duty_cells: Ints
    cell_of: Ints
    limit_start: Ints
    limit_of: Ints
    limit_weight: Ints
    limit_cap: Ints
    limit_price: Ints
    want_start: Ints
    want_of: Ints
    wants_duty: Ints
    want_cost: Ints
    ask_start: Ints
    ask_of: Ints
    ask_cell: Ints
    among_start: Ints
    among: Ints


class Live(NamedTuple):
    """What the moves change. `level` holds the current and the best relative cost."""

    taken: Ints
    deviation: Ints
    sums: Ints
    want_count: Ints
    loose: Ints
    place: Ints
    held: Ints
    held_count: Ints
    held_place: Ints
    level: Floats
    best: Ints


@_compiled
def _fits(tables: Tables, live: Live, cell: int) -> bool:
    for at in range(tables.limit_start[cell], tables.limit_start[cell + 1]):
        limit = tables.limit_of[at]
        if tables.limit_price[limit] == 0:
            room = tables.limit_cap[limit] - live.sums[limit]
            if tables.limit_weight[at] > room:
                return False
    return True


@_compiled
def _count(tables: Tables, live: Live, cell: int, step: int) -> float:
    """Adds (+1) or removes (−1) a cell from the sums; the change of the side costs."""
    change = 0.0
    live.taken[cell] += step
    for at in range(tables.limit_start[cell], tables.limit_start[cell + 1]):
        limit = tables.limit_of[at]
        before = max(0, live.sums[limit] - tables.limit_cap[limit])
        live.sums[limit] += step * tables.limit_weight[at]
        after = max(0, live.sums[limit] - tables.limit_cap[limit])
        change += tables.limit_price[limit] * (after - before)
    for at in range(tables.want_start[cell], tables.want_start[cell + 1]):
        want = tables.want_of[at]
        was_held = live.want_count[want] > 0
        live.want_count[want] += step
        is_held = live.want_count[want] > 0
        if was_held != is_held:
            granted = is_held == (tables.wants_duty[want] > 0)
            change += -tables.want_cost[want] if granted else tables.want_cost[want]
    return change


@_compiled
def _has_company(tables: Tables, live: Live, cell: int) -> bool:
    for at in range(tables.ask_start[cell], tables.ask_start[cell + 1]):
        ask = tables.ask_of[at]
        if live.taken[tables.ask_cell[ask]] == 0:
            continue
        found = False
        for other in range(tables.among_start[ask], tables.among_start[ask + 1]):
            found = found or live.taken[tables.among[other]] > 0
        if not found:
            return False
    return True


@_compiled
def _propose(
    tables: Tables, live: Live, cell: int, which: float, how: float
) -> tuple[int, int, int]:
    """The cell that takes over, and for a swap the two cells of the way back (else −1)."""
    first = tables.duty_start[tables.duty[cell]]
    size = tables.duty_start[tables.duty[cell] + 1] - first
    taker = tables.duty_cells[first + int(which * size)]
    if live.taken[taker] > 0:
        return -1, -1, -1
    if how < 0.5:
        return taker, -1, -1
    receiver = tables.person[taker]
    count = live.held_count[receiver]
    if count == 0:
        return -1, -1, -1
    returned = live.held[receiver, int((how - 0.5) * 2 * count)]
    back = tables.cell_of[tables.duty[returned], tables.person[cell]]
    if back < 0 or live.taken[back] > 0 or live.place[returned] < 0:
        return -1, -1, -1
    return taker, returned, back


@_compiled
def _imbalance(
    tables: Tables, live: Live, cell: int, taker: int, returned: int, back: int
) -> float:
    """The change of the sum of squared deviations."""
    giver, receiver = tables.person[cell], tables.person[taker]
    lost, won = -tables.cost[cell], tables.cost[taker]
    if back >= 0:
        lost += tables.cost[back]
        won -= tables.cost[returned]
    return float(
        (2 * live.deviation[giver] + lost) * lost + (2 * live.deviation[receiver] + won) * won
    )


@_compiled
def _exchange(
    tables: Tables, live: Live, cell: int, taker: int, returned: int, back: int
) -> tuple[bool, float]:
    """Moves the sums; says whether the result is lawful and what it costs beside fairness."""
    side = _count(tables, live, cell, -1)
    if back >= 0:
        side += _count(tables, live, returned, -1)
    lawful = _fits(tables, live, taker)
    side += _count(tables, live, taker, 1)
    if back >= 0:
        lawful = lawful and _fits(tables, live, back)
        side += _count(tables, live, back, 1)
    lawful = lawful and _has_company(tables, live, cell) and _has_company(tables, live, taker)
    if back >= 0:
        lawful = lawful and _has_company(tables, live, returned)
        lawful = lawful and _has_company(tables, live, back)
    return lawful, side


@_compiled
def _undo(tables: Tables, live: Live, cell: int, taker: int, returned: int, back: int) -> None:
    _count(tables, live, taker, -1)
    _count(tables, live, cell, 1)
    if back >= 0:
        _count(tables, live, back, -1)
        _count(tables, live, returned, 1)


@_compiled
def _hand_over(tables: Tables, live: Live, old: int, new: int) -> None:
    """Books an accepted change: deviations, the list of movable cells, what each one holds."""
    giver, receiver = tables.person[old], tables.person[new]
    live.deviation[giver] -= tables.cost[old]
    live.deviation[receiver] += tables.cost[new]
    live.loose[live.place[old]] = new
    live.place[new] = live.place[old]
    live.place[old] = -1
    live.held_count[giver] -= 1
    last = live.held[giver, live.held_count[giver]]
    live.held[giver, live.held_place[old]] = last
    live.held_place[last] = live.held_place[old]
    live.held[receiver, live.held_count[receiver]] = new
    live.held_place[new] = live.held_count[receiver]
    live.held_count[receiver] += 1


@_compiled
def sweep(tables: Tables, live: Live, draws: Floats, allowances: Floats) -> None:
    """Tries one move for each row of `draws` (three uniform numbers a row).

    Args:
        tables: the part, flat.
        live: its state, changed in place; `live.best` keeps the best cells met.
        draws: n×3, uniform in [0, 1): which cell, to whom, how.
        allowances: n, the largest rise of cost accepted at each try.
    """
    for tried in range(len(allowances)):
        cell = live.loose[int(draws[tried, 0] * len(live.loose))]
        taker, returned, back = _propose(tables, live, cell, draws[tried, 1], draws[tried, 2])
        if taker < 0:
            continue
        change = _imbalance(tables, live, cell, taker, returned, back)
        lawful, side = _exchange(tables, live, cell, taker, returned, back)
        if not lawful or change + side > allowances[tried]:
            _undo(tables, live, cell, taker, returned, back)
            continue
        _hand_over(tables, live, cell, taker)
        if back >= 0:
            _hand_over(tables, live, returned, back)
        live.level[0] += change + side
        if live.level[0] < live.level[1] - 0.5:
            live.level[1] = live.level[0]
            live.best[:] = live.taken
