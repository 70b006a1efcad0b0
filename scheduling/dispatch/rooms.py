"""How much of what routes share each route takes, and whether a change leaves enough.

The array side of ``shares``: amounts of timed candidates, and the comparison every engine makes
before it changes one route. Refuses to choose.
"""

from collections.abc import Sequence

import numpy as np

from scheduling.dispatch.arrays import Tables
from scheduling.dispatch.batch import Batch, Bools, evaluate, padded
from scheduling.dispatch.extras import Ints
from scheduling.dispatch.objective import TIER
from scheduling.dispatch.refusals import Refusal
from scheduling.dispatch.shares import ACTIVE, HARD, HOURS, RULES

Rows = Sequence[tuple[int, ...]]


def amounts(known: Tables, batch: Batch) -> Ints:
    """What each route takes of each shared rule, k×g (g = 0 where nothing is shared)."""
    shared = known.shares
    if shared is None:
        return np.zeros((len(batch.crews), 0), dtype=np.int64)
    visit, live = np.maximum(batch.stops, 0), batch.stops >= 0
    lasts = known.visits.duration[visit, known.crews.pace[batch.crews][:, None]]
    is_plain = live & (known.visits.late[visit] != TIER)
    start, end = batch.clock.start, batch.clock.start + lasts
    columns = []
    for kind, (opens, closes) in zip(shared.kind.tolist(), shared.window.tolist(), strict=True):
        if kind == ACTIVE:
            taken = live.any(axis=1).astype(np.int64)
        elif kind == HOURS:
            taken = np.where(is_plain, lasts, 0).sum(axis=1)
        else:
            is_there = is_plain & (start < closes) & (end > opens) & (lasts > 0)
            taken = is_there.any(axis=1).astype(np.int64)
        columns.append(taken)
    return np.asarray(np.stack(columns, axis=1) * shared.member[batch.crews], dtype=np.int64)


def overdrawn(known: Tables, base: Ints, crews: Ints, taken: Ints) -> Bools:
    """Which shared rules without a price each change of one route newly breaks, k×g.

    Args:
        known: the problem as arrays.
        base: c×g, amounts of the routes as they are.
        crews: k, whose route changes.
        taken: k×g, amounts of the changed routes.
    """
    if known.shares is None:
        return np.zeros(taken.shape, dtype=np.bool_)
    others = base.sum(axis=0) - base[crews]
    over = (taken > base[crews]) & (others + taken > known.shares.most)
    over &= known.shares.price == HARD
    return np.asarray(over, dtype=np.bool_)


def over_all(known: Tables, routes: Rows) -> tuple[Batch, Ints, Bools]:
    """The routes of all crews, timed; their amounts, c×g; and the shared rules they break, g."""
    batch = evaluate(known, np.arange(len(routes)), padded(list(routes)))
    taken = amounts(known, batch)
    over = np.zeros(taken.shape[1], dtype=np.bool_)
    if known.shares is not None:
        over = (taken.sum(axis=0) > known.shares.most) & (known.shares.price == HARD)
    return batch, taken, np.asarray(over, dtype=np.bool_)


def gap_costs(known: Tables, totals: Ints) -> Ints:
    """What sums above the most of shared rules cost, where that has a price.

    Args:
        known: the problem as arrays.
        totals: …×g, amounts of all routes together.

    Returns:
        One cost for each row of ``totals``.
    """
    if known.shares is None:
        return np.zeros(totals.shape[:-1], dtype=np.int64)
    above = np.maximum(totals - known.shares.most, 0) * np.maximum(known.shares.price, 0)
    return np.asarray(above.sum(axis=-1), dtype=np.int64)


def gap_changes(known: Tables, base: Ints, crews: Ints, taken: Ints) -> Ints:
    """What each change of one route adds to that, k; arguments as of :func:`overdrawn`."""
    total = base.sum(axis=0)
    return gap_costs(known, total - base[crews] + taken) - gap_costs(known, total)


def shared_refusals(known: Tables, crew_id: str, broken: Bools) -> list[Refusal]:
    """The shared rules that a change breaks, in words; each kind once.

    Args:
        known: the problem as arrays.
        crew_id: whose route would change.
        broken: g, from :func:`overdrawn`.
    """
    if known.shares is None:
        return []
    found: dict[str, Refusal] = {}
    for row in np.flatnonzero(broken).tolist():
        reason = RULES[int(known.shares.kind[row])]
        opens_at, closes_at = known.shares.window[row].tolist()
        hours = {"opens_at": opens_at, "closes_at": closes_at} if reason == "coverage" else {}
        found.setdefault(
            reason, Refusal(crew_id, reason, {"has": int(known.shares.most[row]), **hours})
        )
    return list(found.values())
