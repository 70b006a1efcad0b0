"""The board as a wall screen may show it: counts, kinds, communes, rounded places; no words, no
people. Whoever finds the address of the screen learns nothing that the room would not tell him.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.events.states import IncidentStatus, VisitStatus
from dispatcher.incidents.images import priority_of
from dispatcher.live.wall_schemas import Jeopardy, WallCounts, WallCrew, WallIncident, WallOut
from dispatcher.models import Crew, Incident, Visit

OPEN = ("received", "triaged", "in_progress", "stabilised", "on_hold", "reopened")
FURTHEST = ("on_site", "paused", "en_route", "acknowledged", "notified", "assigned")
"""States of a visit that has work ahead: the one furthest in its life speaks for its incident."""
SOON = timedelta(minutes=60)
AT_MOST = 300
DECIMALS = 2
"""Of degrees: about a kilometre."""


def wall(session: Session, org: str, name: str, now: datetime, *, demo: bool) -> WallOut:
    """Return what a wall screen of an authority shows now."""
    incidents = session.exec(
        select(Incident).where(Incident.org == org, col(Incident.state).in_(OPEN))
    ).all()
    crews = session.exec(select(Crew).where(Crew.org == org)).all()
    leading = _leading(session, org)
    names = {crew.id: crew.name for crew in crews}
    shown = [_shown(one, leading.get(one.id), names, now) for one in incidents]
    ranks = {one.id: one.score for one in incidents}
    shown.sort(key=lambda one: (one.priority, -one.late_s, -ranks[one.id]))
    return WallOut(
        at=now,
        org=name,
        demo=demo,
        counts=_counts(shown),
        crews=dict(Counter(crew.state for crew in crews)),
        on_map=[
            WallCrew(state=crew.state, lat=_rounded(crew.lat), lon=_rounded(crew.lon))
            for crew in crews
            if crew.state != "off" and crew.lat is not None
        ],
        incidents=shown[:AT_MOST],
    )


def jeopardy_of(
    incident: Incident, visit: Visit | None, now: datetime
) -> tuple[Jeopardy | None, int]:
    """Return how an incident stands against its promises, and seconds beyond the one most missed.

    Late is a promise that is broken (to take it, to be there, to make it safe, to restore), or an
    arrival that will be; at risk an arrival due within the hour. The board's rows say the same.

    Args:
        incident: Open.
        visit: The visit that speaks for the incident; None when nobody is sent.
        now: Service time.
    """
    if incident.state == IncidentStatus.ON_HOLD:
        return None, 0
    stamps = incident.stamps
    is_there = "on_site" in stamps or (visit is not None and "on_site" in visit.stamps)
    is_taken = incident.acknowledged_by is not None or bool(stamps.keys() - {"received"})
    open_promises = (
        (incident.acknowledge_by, not is_taken),
        (incident.make_safe_by, "made_safe" not in stamps),
        (incident.restore_by, True),
    )
    late = [now - by for by, is_open in open_promises if by is not None and is_open and now > by]
    due_at = None if is_there else incident.respond_by
    if due_at is not None:
        arrives = max(visit.start_at, now) if visit is not None and visit.start_at else now
        late += [arrives - due_at] if arrives > due_at else []
    if late and "done" not in stamps:
        return "late", round(max(late).total_seconds())
    return ("risk", 0) if due_at is not None and due_at - now <= SOON else (None, 0)


def _shown(
    incident: Incident, visit: Visit | None, crews: dict[UUID, str], now: datetime
) -> WallIncident:
    jeopardy, late_s = jeopardy_of(incident, visit, now)
    return WallIncident(
        id=incident.id,
        priority=priority_of(incident),
        category=incident.category,
        service=incident.service,
        commune=incident.commune,
        lat=_rounded(incident.lat),
        lon=_rounded(incident.lon),
        state=IncidentStatus(incident.state),
        visit=VisitStatus(visit.state) if visit else None,
        crew=crews.get(visit.crew_id) if visit else None,
        due_at=incident.respond_by,
        jeopardy=jeopardy,
        late_s=late_s,
    )


def _leading(session: Session, org: str) -> dict[UUID, Visit]:
    visits = session.exec(
        select(Visit).where(Visit.org == org, col(Visit.state).in_(FURTHEST))
    ).all()
    by_incident: dict[UUID, list[Visit]] = defaultdict(list)
    for visit in visits:
        by_incident[visit.incident_id].append(visit)
    return {
        incident: min(found, key=lambda visit: FURTHEST.index(visit.state))
        for incident, found in by_incident.items()
    }


def _counts(shown: Sequence[WallIncident]) -> WallCounts:
    waiting = [one for one in shown if one.visit is None and one.state != "on_hold"]
    return WallCounts(
        open=len(shown),
        unassigned=len(waiting),
        urgent=sum(one.priority in {"P1", "P2"} for one in waiting),
        late=sum(one.jeopardy == "late" for one in shown),
        at_risk=sum(one.jeopardy == "risk" for one in shown),
    )


def _rounded(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, DECIMALS)
