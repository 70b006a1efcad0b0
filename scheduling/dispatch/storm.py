"""More urgent visits than the urgent tier can tell apart: those that come last there are ordinary.

Both tiers share one 64-bit integer, which holds some 460 urgent visits. In a storm there may be
thousands; all are still visited in the order of their lateness and cost, but only the first so many
outweigh everything ordinary.
"""

from collections.abc import Sequence
from dataclasses import replace

from scheduling.dispatch.crew import Crew
from scheduling.dispatch.plan import Pin
from scheduling.dispatch.problem import URGENT_TIER_S, URGENT_UNSERVED_S, urgent_share_s
from scheduling.dispatch.visit import Visit


def within_tier(
    visits: Sequence[Visit], crews: Sequence[Crew], pins: Sequence[Pin], now: int
) -> tuple[Visit, ...]:
    """Return the visits, no more of them urgent than one problem takes.

    Args:
        visits: All that will be in the problem; urgent ones that are promised to somebody stay
            urgent before others, then those due first.
        crews: The problem's.
        pins: The problem's, which share the tier.
        now: Seconds; when no crew tells how far the plan goes.
    """
    last = max((crew.hard_end for crew in crews), default=now)
    left = URGENT_TIER_S - URGENT_UNSERVED_S * len(pins) - 1
    ranked = sorted(
        (visit for visit in visits if visit.is_urgent),
        key=lambda visit: (
            visit.promise is None,
            last if visit.due_at is None else visit.due_at,
            visit.id,
        ),
    )
    ordinary: set[str] = set()
    for visit in ranked:
        share = urgent_share_s(visit, last)
        if ordinary or share > left:
            ordinary.add(visit.id)
        else:
            left -= share
    return tuple(
        replace(visit, is_urgent=False) if visit.id in ordinary else visit for visit in visits
    )
