"""How each living incident stands against its promises, and how likely they are missed.

Experience is our own: how late crews came against the last plan, how long work took in the same
category, how long it took from report to arrival where nobody is planned yet.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.events.states import IncidentStatus, VisitStatus
from dispatcher.incidents.workflow import LIVE
from dispatcher.models import EventRow, Incident, IncidentPause, Visit
from dispatcher.planning.workflow import COMMITTED, PLANNED
from priority.breach import Experience, breach_probability

LOOKED_AT = 2000
"""Past events and visits that make the experience: the newest ones."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Past:
    """What past work teaches.

    Attributes:
        delays: Minutes later than planned, 0 for in time.
        responses: Minutes from report to arrival.
        works: Minutes on site, by category.
    """

    delays: Experience
    responses: Experience
    works: Mapping[str, Experience]


@dataclass(frozen=True, slots=True)
class Milestone:
    """One promise: due, kept, and how likely missed, 0..1; None until something is learnt."""

    due_at: datetime | None
    done_at: datetime | None
    breach: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident against its promises."""

    incident_id: UUID
    acknowledge: Milestone
    respond: Milestone
    make_safe: Milestone
    restore: Milestone
    paused_since: datetime | None = None
    pause_reason: str | None = None


@dataclass(slots=True)
class _Seen:
    planned: dict[str, datetime] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)


def standings(
    session: Session, org: str, now: datetime, ids: Collection[UUID] = ()
) -> list[Standing]:
    """Return how living incidents of an authority stand: all of them, or those asked for."""
    living = [state.value for state in LIVE]
    query = select(Incident).where(Incident.org == org, col(Incident.state).in_(living))
    if ids:
        query = query.where(col(Incident.id).in_(ids))
    incidents = session.exec(query).all()
    visits = _visits(session, org, ids)
    paused = session.exec(
        select(IncidentPause).where(IncidentPause.org == org, col(IncidentPause.end_at).is_(None))
    ).all()
    pauses = {pause.incident_id: pause for pause in paused}
    past = experience(session, org)
    return [
        _standing(incident, visits.get(incident.id), pauses.get(incident.id), past, now)
        for incident in incidents
    ]


def experience(session: Session, org: str) -> Past:
    """Return what the newest past work teaches."""
    done = session.exec(
        select(Visit, Incident)
        .join(Incident, col(Incident.id) == Visit.incident_id)
        .where(Visit.org == org, Visit.state == VisitStatus.COMPLETED.value)
        .order_by(col(Visit.updated_at).desc())
        .limit(LOOKED_AT)
    ).all()
    works: dict[str, list[float]] = defaultdict(list)
    responses: list[float] = []
    for visit, incident in done:
        arrived, ended = _stamp(visit, "on_site"), _stamp(visit, "completed")
        if arrived is not None:
            responses.append(max(0.0, (arrived - incident.reported_at) / MINUTE))
            if ended is not None:
                works[incident.category].append(max(0.0, (ended - arrived) / MINUTE))
    return Past(
        delays=Experience.of(_delays(session, org)),
        responses=Experience.of(responses),
        works={category: Experience.of(minutes) for category, minutes in works.items()},
    )


def _delays(session: Session, org: str) -> Sequence[float]:
    """Arrivals against the last plan before the crew left, from the log: rows forget the plan."""
    kinds = ["visit.assigned", "visit.retimed", "visit.moved"]
    events = session.exec(
        select(EventRow)
        .where(EventRow.org == org, col(EventRow.type).in_(kinds))
        .order_by(col(EventRow.seq).desc())
        .limit(LOOKED_AT)
    ).all()
    seen = _Seen()
    for event in reversed(events):
        visit = str(event.data["visit_id"])
        if event.type != "visit.moved":
            if event.data["start_at"]:
                seen.planned[visit] = datetime.fromisoformat(event.data["start_at"])
        elif event.data["target"] == VisitStatus.ON_SITE and visit in seen.planned:
            late = datetime.fromisoformat(event.data["asserted_at"]) - seen.planned.pop(visit)
            seen.delays.append(max(0.0, late / MINUTE))
    return seen.delays


def _visits(session: Session, org: str, ids: Collection[UUID]) -> dict[UUID, Visit]:
    """Return the visit that speaks for each incident: the earliest arrival."""
    in_play = [state.value for state in PLANNED | COMMITTED]
    query = select(Visit).where(Visit.org == org, col(Visit.state).in_(in_play))
    if ids:
        query = query.where(col(Visit.incident_id).in_(ids))
    rows = session.exec(query.order_by(col(Visit.start_at).desc())).all()
    return {visit.incident_id: visit for visit in rows}


def _standing(
    incident: Incident,
    visit: Visit | None,
    pause: IncidentPause | None,
    past: Past,
    now: datetime,
) -> Standing:
    arrived = _of(incident.stamps, "on_site")
    expected = max(now, visit.start_at) if visit is not None and visit.start_at else None
    on_hold = incident.state == IncidentStatus.ON_HOLD
    work = past.works.get(incident.category)
    respond = restore = None
    if not on_hold:
        if arrived is None and incident.respond_by is not None:
            respond = _risk(incident.respond_by, expected, None, past, now)
        if incident.restore_by is not None:
            begins = arrived or expected
            restore = _risk(incident.restore_by, begins, work, past, now)
    return Standing(
        incident_id=incident.id,
        acknowledge=_plain(incident.acknowledge_by, _taken_at(incident), now),
        respond=Milestone(incident.respond_by, arrived, respond),
        make_safe=_plain(incident.make_safe_by, _safe_at(incident), now),
        restore=Milestone(incident.restore_by, _of(incident.stamps, "done"), restore),
        paused_since=pause.start_at if pause else None,
        pause_reason=pause.reason if pause else None,
    )


def _risk(
    due_by: datetime,
    expected_at: datetime | None,
    work: Experience | None,
    past: Past,
    now: datetime,
) -> float | None:
    if due_by < now:
        return 1.0
    # Nobody planned: whoever is chosen now takes as long as arrivals have taken from a report.
    delays = past.delays if expected_at is not None else past.responses
    if not delays.minutes:
        return None  # one half is what the formula says of nothing learnt: better say nothing
    return round(breach_probability(due_by, expected_at or now, delays, work), 2)


def _plain(due_at: datetime | None, done_at: datetime | None, now: datetime) -> Milestone:
    """Return a promise of which nothing is learnt: missed for sure once its time has passed."""
    is_late = done_at is None and due_at is not None and due_at < now
    return Milestone(due_at, done_at, 1.0 if is_late else None)


def _taken_at(incident: Incident) -> datetime | None:
    """Return when somebody first took it: a crew sent at once takes it too."""
    stamps = [at for step, at in incident.stamps.items() if step != "received"]
    return datetime.fromisoformat(min(stamps)) if stamps else None


def _safe_at(incident: Incident) -> datetime | None:
    """Return when nobody was in danger any more; what is repaired is safe too."""
    return _of(incident.stamps, "made_safe") or _of(incident.stamps, "done")


def _stamp(visit: Visit, state: str) -> datetime | None:
    return _of(visit.stamps, state)


def _of(stamps: Mapping[str, str], name: str) -> datetime | None:
    return datetime.fromisoformat(stamps[name]) if name in stamps else None
