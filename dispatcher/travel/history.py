"""Finished drives and visits of an authority, read from its own stamps: nothing is estimated here.

A crew that pauses and goes on arrived once; pauses are not work.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.models import Depot, Visit, VisitStamp
from dispatcher.travel.territories import Sectors

ENDED = ("completed", "incomplete")
LOOKED_AT = 8_000
"""Finished visits that teach: the newest ones."""

REMEMBERED = timedelta(days=365)

Stamps = Sequence[tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class Finished:
    """One visit as it went.

    Attributes:
        visit: Its row.
        category: Of its incident, as the crew was told.
        territory: Sector it lies in.
        left_at: When the crew left for it; None if it never said.
        arrived_at: When it was first on site; None if it never said.
        worked_s: Seconds on site without pauses; None until it was completed.
    """

    visit: Visit
    category: str
    territory: str
    left_at: datetime | None
    arrived_at: datetime | None
    worked_s: int | None


def finished(session: Session, org: str, now: datetime) -> list[Finished]:
    """Return visits that ended, oldest first; always in the same order."""
    rows = session.exec(
        select(Visit)
        .where(
            Visit.org == org,
            col(Visit.state).in_(ENDED),
            col(Visit.updated_at) > now - REMEMBERED,
        )
        .order_by(col(Visit.updated_at).desc(), col(Visit.id))
        .limit(LOOKED_AT)
    ).all()
    stamps = _stamps(session, rows)
    depots = session.exec(select(Depot).where(Depot.org == org)).all()
    places = [_place(visit) for visit in rows]
    sectors = Sectors(depots).of([place or (0.0, 0.0) for place in places])
    found = [
        _finished(visit, stamps.get(visit.id, ()), sector if place else "")
        for visit, place, sector in zip(rows, places, sectors, strict=True)
    ]
    return sorted(found, key=lambda one: (one.visit.updated_at, one.visit.id))


def _stamps(session: Session, rows: Sequence[Visit]) -> Mapping[UUID, Stamps]:
    if not rows:
        return {}
    oldest = min(visit.created_at for visit in rows)
    wanted = {visit.id for visit in rows}
    told: dict[UUID, list[tuple[str, datetime]]] = defaultdict(list)
    # By date and not by id: a list of thousands of names is no query.
    for visit_id, state, at in session.exec(
        select(VisitStamp.visit_id, VisitStamp.state, VisitStamp.at)
        .join(Visit, col(Visit.id) == VisitStamp.visit_id)
        .where(Visit.org == rows[0].org, col(Visit.created_at) >= oldest)
        .order_by(col(VisitStamp.at), col(VisitStamp.id))
    ):
        if visit_id in wanted:
            told[visit_id].append((state, at))
    return told


def _place(visit: Visit) -> tuple[float, float] | None:
    place = visit.brief.get("place") or {}
    if place.get("lat") is None or place.get("lon") is None:
        return None
    return float(place["lat"]), float(place["lon"])


def _finished(visit: Visit, stamps: Stamps, territory: str) -> Finished:
    arrived = next((at for state, at in stamps if state == "on_site"), None)
    left = [at for state, at in stamps if state == "en_route" and (not arrived or at <= arrived)]
    return Finished(
        visit=visit,
        category=str(visit.brief.get("category", "")),
        territory=territory,
        left_at=left[-1] if left else None,
        arrived_at=arrived,
        worked_s=_worked_s(stamps) if visit.state == "completed" else None,
    )


def _worked_s(stamps: Iterable[tuple[str, datetime]]) -> int | None:
    """Return seconds between arriving and ending, pauses out; None if it never arrived."""
    since: datetime | None = None
    worked, arrived = 0.0, False
    for state, at in stamps:
        if state == "on_site" and since is None:
            since, arrived = at, True
        elif state in {"paused", "completed"} and since is not None:
            worked, since = worked + (at - since).total_seconds(), None
    return round(worked) if arrived else None
