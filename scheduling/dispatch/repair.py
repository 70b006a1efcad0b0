"""A plan in force that events have broken, made lawful again by leaving out as little as possible.

Crews run late, skills expire, sites close: rolled forward, yesterday's routes may break a rule,
and no search can start from there. Refuses to move anything to another crew; that is the search's
work once it has a lawful start.
"""

import numpy as np

from scheduling.dispatch.arrays import FORBIDDEN, Tables
from scheduling.dispatch.batch import evaluate, padded

Rows = tuple[int, ...]


def lawful_routes(known: Tables, routes: tuple[Rows, ...]) -> list[Rows]:
    """The routes without the visits they cannot lawfully keep, one per crew.

    Args:
        known: a settled problem as arrays.
        routes: visit positions per crew.
    """
    return [_lawful(known, crew, route) for crew, route in enumerate(routes)]


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
                bool(known.anchored[kept[i]]),
                batch.excess_s[i + 1] > 0,
                losses[i] if batch.excess_s[i + 1] == 0 else int(batch.excess_s[i + 1]),
            ),
        )
        kept = tries[ranked[0] + 1]
    return kept
