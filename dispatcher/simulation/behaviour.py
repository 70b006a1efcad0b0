"""How simulated crews and colleagues behave: a pure answer to "what happens next to this visit".

Chance is a stable number per visit, so a replay of the same day behaves the same.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist
from uuid import UUID
from zoneinfo import ZoneInfo

from dispatcher.events.states import VisitStatus as S

ANSWER_MIN = (0.5, 4.0)
TRAVEL_SPREAD = 0.12
WORK_SPREAD = 0.35
INCOMPLETE_SHARE = 0.04
RUSH = frozenset({7, 8, 16, 17, 18})
PARIS = ZoneInfo("Europe/Paris")
PATIENCE_MIN = {"P1": 2.0, "P2": 5.0, "P3": 9.0, "P4": 15.0}
"""Minutes after which a simulated colleague assigns a simulated incident that nobody took."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A visit as its simulated crew sees it.

    Attributes:
        id: The visit.
        state: Its state.
        since: When it reached that state.
        depart_at: Planned departure.
        travel_s: Travel as estimated before any learning, seconds.
        duration_s: Planned time on site, seconds.
        is_next: First of the crew's route, and the crew is free.
        sector: Of the crew: its roads are slower or faster than the map says.
    """

    id: UUID
    state: S
    since: datetime
    depart_at: datetime | None
    travel_s: int
    duration_s: int
    is_next: bool
    sector: str = ""


def next_state(visit: Watched, now: datetime) -> S | None:
    """Return the state a visit reaches now, or None while nothing happens."""
    waited = now - visit.since
    match visit.state:
        case S.ASSIGNED | S.NOTIFIED:
            low, high = ANSWER_MIN
            answers_after = timedelta(minutes=low + (high - low) * chance(visit.id, "answer"))
            return S.ACKNOWLEDGED if waited >= answers_after else None
        case S.ACKNOWLEDGED:
            is_time = visit.depart_at is None or now >= visit.depart_at
            return S.EN_ROUTE if visit.is_next and is_time else None
        case S.EN_ROUTE:
            slower = slowness(visit.sector, visit.since)
            travel = visit.travel_s * slower * lognormal(visit.id, "travel", TRAVEL_SPREAD)
            return S.ON_SITE if waited.total_seconds() >= travel else None
        case S.ON_SITE:
            work = visit.duration_s * lognormal(visit.id, "work", WORK_SPREAD)
            if waited.total_seconds() < work:
                return None
            fails = chance(visit.id, "result") < INCOMPLETE_SHARE
            return S.INCOMPLETE if fails else S.COMPLETED
        case _:
            return None


def slowness(sector: str, at: datetime) -> float:
    """Return how much longer drives take in a sector at an hour than any map says.

    The truth of the simulated day, unknown to the service: it may learn it from finished drives,
    and does not chase its own estimates.
    """
    hills = int.from_bytes(hashlib.sha256(sector.encode()).digest()[:2], "big") / 65_535
    hour = at.astimezone(PARIS).hour
    return (0.92 + 0.36 * hills) * (1.12 if hour in RUSH else 1.0)


def chance(visit_id: UUID, purpose: str) -> float:
    """Return a number in [0, 1) that belongs to a visit and a purpose for ever."""
    digest = hashlib.sha256(visit_id.bytes + purpose.encode()).digest()
    return int.from_bytes(digest[:7], "big") / (1 << 56)


def lognormal(visit_id: UUID, purpose: str, spread: float) -> float:
    """Return a factor around 1 whose logarithm is normal with standard deviation `spread`.

    Times on site are skewed to the right: most jobs are as planned, a few take twice as long.
    """
    share = min(max(chance(visit_id, purpose), 1e-6), 1 - 1e-6)
    return math.exp(NormalDist(0.0, spread).inv_cdf(share))
