"""A plan in force that events have broken, made lawful again by leaving out as little as possible.

Crews run late, skills expire, sites close: rolled forward, yesterday's routes may break a rule,
and no search can start from there. Refuses to move anything to another crew; that is the search's
work once it has a lawful start.
"""

from collections.abc import Sequence

import numpy as np

from scheduling.dispatch.arrays import FORBIDDEN, Tables
from scheduling.dispatch.batch import Batch, evaluate, padded
from scheduling.dispatch.objective import TIER
from scheduling.dispatch.rooms import over_all
from scheduling.dispatch.shares import ACTIVE, HOURS

Rows = tuple[int, ...]


def lawful_routes(known: Tables, routes: tuple[Rows, ...]) -> list[Rows]:
    """The routes without the visits they cannot lawfully keep, one per crew.

    Args:
        known: a settled problem as arrays.
        routes: visit positions per crew.
    """
    kept = [_lawful(known, crew, route) for crew, route in enumerate(routes)]
    while known.shares is not None and (after := _shared(known, kept)) != kept:
        kept = [_lawful(known, crew, route) for crew, route in enumerate(after)]
    return kept


def _shared(known: Tables, routes: list[Rows]) -> list[Rows]:
    """The routes without the cheapest visits by which one crew breaks a rule they share."""
    batch, taken, over = over_all(known, routes)
    if not over.any():
        return routes
    group = int(over.argmax())
    crews = np.flatnonzero(taken[:, group]).tolist()
    leavers = {crew: _takers(known, batch, crew, group) for crew in crews}
    crew = min(leavers, key=lambda one: (_loss(known, leavers[one]), one))
    gone = set(leavers[crew])
    if known.shares is not None and known.shares.kind[group] == HOURS:
        gone = {min(gone, key=lambda visit: _loss(known, [visit]))}
    return [
        tuple(visit for visit in route if visit not in gone) if row == crew else route
        for row, route in enumerate(routes)
    ]


def _takers(known: Tables, batch: Batch, crew: int, group: int) -> list[int]:
    """The visits by which a crew takes its part of a shared rule."""
    route = [visit for visit in batch.stops[crew].tolist() if visit >= 0]
    if known.shares is None or known.shares.kind[group] == ACTIVE:
        return route
    plain = [visit for visit in route if known.visits.late[visit] != TIER]
    if known.shares.kind[group] == HOURS:
        return plain
    opens, closes = known.shares.window[group].tolist()
    pace = int(known.crews.pace[crew])
    starts = dict(zip(route, batch.clock.start[crew].tolist(), strict=False))
    return [
        visit
        for visit in plain
        if starts[visit] < closes
        and starts[visit] + int(known.visits.duration[visit, pace]) > opens
    ]


def _loss(known: Tables, visits: Sequence[int]) -> tuple[int, int]:
    """What leaving visits out costs; the firmest stay to the last."""
    firmest = max((_firmness(known, visit) for visit in visits), default=0)
    return firmest, sum(int(known.visits.omission[visit]) for visit in visits)


def _firmness(known: Tables, visit: int) -> int:
    """2 for a frozen stop, which never has to leave a settled problem, 1 for a pinned order."""
    heads = zip(known.routes, known.crews.frozen.tolist(), strict=True)
    is_frozen = known.anchored[visit] and any(visit in route[:count] for route, count in heads)
    return 2 if is_frozen else int(known.anchored[visit])


def _lawful(known: Tables, crew: int, route: Rows) -> Rows:
    kept = tuple(v for v in route if known.assignment[crew, v] < FORBIDDEN)
    while kept:
        # The route itself first, then the route without each of its stops.
        tries = [kept, *(kept[:i] + kept[i + 1 :] for i in range(len(kept)))]
        batch = evaluate(known, np.full(len(tries), crew, dtype=np.int64), padded(tries))
        if batch.excess_s[0] == 0:
            return kept
        losses = [int(known.visits.omission[v]) for v in kept]
        ranked = sorted(
            range(len(kept)),
            key=lambda i: (
                _firmness(known, kept[i]),
                batch.excess_s[i + 1] > 0,
                losses[i] if batch.excess_s[i + 1] == 0 else int(batch.excess_s[i + 1]),
            ),
        )
        kept = tries[ranked[0] + 1]
    return kept
