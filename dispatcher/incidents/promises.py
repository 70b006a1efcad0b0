"""The four promises of an incident: when each falls due, kept whole through pauses and merges.

Taken by a dispatcher, on site, nobody in danger any more, working again. Time on hold does not
count; who joined another incident keeps what he was promised.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from dispatcher.incidents.commands import PROMISED, Scored
from dispatcher.incidents.images import priority_of
from dispatcher.models import Category, Incident, IncidentMerge, IncidentPause
from priority.deadlines import Allowance, Commitment, DueTimes, Pause, due_times
from priority.policy import Policy, Priority

NAMES = PROMISED


def commitment_of(category: Category) -> Commitment:
    """Return what the catalogue promises for a category."""

    def allowance(name: str) -> Allowance | None:
        target = category.targets.get(name)
        return Allowance(target["minutes"], target["clock"]) if target else None

    return Commitment(allowance("respond"), allowance("restore"))


def bound_by(policy: Policy, category: Category, priority: str) -> list[Commitment]:
    """Return all that binds for a class and a category."""
    return [policy.commitment(Priority(priority)), commitment_of(category)]


def due_of(
    session: Session, policy: Policy, incident: Incident, priority: str | None = None
) -> DueTimes:
    """Return when an incident's promises fall due, its finished pauses not counted.

    A pause that still lasts is added when it ends. Whoever joined it was promised earlier or later
    in his own right: the earliest binds.

    Args:
        session: A session on any snapshot.
        policy: In force.
        incident: Whose category, first report and joined incidents count.
        priority: Class that promises; the one in force by default.
    """
    found = _own(session, policy, incident, priority or priority_of(incident), ())
    pauses = _pauses(session, incident)
    for joined, since in _joined(session, incident):
        later = [pause for pause in pauses if pause.end is None or pause.end > since]
        found = _earliest(found, _own(session, policy, joined, priority_of(joined), later))
    return found


def renewed(session: Session, policy: Policy, incident: Incident, scored: Scored) -> Scored:
    """Return a score with the promises of the class in force, pauses and joined incidents
    counted.
    """
    priority = incident.override_priority or scored.assessment.priority
    due = due_of(session, policy, incident, priority)
    return _with(scored, due)


def kept(scored: Scored, incident: Incident) -> Scored:
    """Return a score with the promises that the incident already has."""
    return _with(scored, DueTimes(**{name: getattr(incident, name) for name in NAMES}))


def earliest(scored: Scored, incidents: Iterable[Incident]) -> Scored:
    """Return a score with the earliest of all promises: nobody who reported loses his."""
    sources = [scored, *incidents]

    def first(name: str) -> datetime | None:
        times = (getattr(one, name) for one in sources)
        return min((at for at in times if at is not None), default=None)

    return _with(scored, DueTimes(**{name: first(name) for name in NAMES}))


def as_stored(incident: Incident) -> dict[str, str | None]:
    """Return the promises of an incident as JSON."""
    return {name: at.isoformat() if (at := getattr(incident, name)) else None for name in NAMES}


def from_stored(scored: Scored, stored: dict[str, Any], incident: Incident) -> Scored:
    """Return a score with stored promises; those stored before they were four stay as they are."""

    def at(name: str) -> datetime | None:
        if name not in stored:
            now: datetime | None = getattr(incident, name)
            return now
        text = stored[name]
        return datetime.fromisoformat(text) if text else None

    return _with(scored, DueTimes(**{name: at(name) for name in NAMES}))


def _with(scored: Scored, due: DueTimes) -> Scored:
    return replace(
        scored,
        respond_by=due.respond_by,
        restore_by=due.restore_by,
        acknowledge_by=due.acknowledge_by,
        make_safe_by=due.make_safe_by,
    )


def _own(
    session: Session,
    policy: Policy,
    incident: Incident,
    priority: str,
    others: Sequence[Pause],
) -> DueTimes:
    category = session.get_one(Category, incident.category)
    return due_times(
        incident.reported_at,
        bound_by(policy, category, priority),
        policy.calendar.working,
        [*_pauses(session, incident), *others],
    )


def _earliest(one: DueTimes, other: DueTimes) -> DueTimes:
    def first(name: str) -> datetime | None:
        times = (getattr(one, name), getattr(other, name))
        return min((at for at in times if at is not None), default=None)

    return DueTimes(**{name: first(name) for name in NAMES})


def _pauses(session: Session, incident: Incident) -> list[Pause]:
    rows = session.exec(
        select(IncidentPause).where(
            IncidentPause.incident_id == incident.id, col(IncidentPause.end_at).is_not(None)
        )
    ).all()
    return [Pause(row.start_at, row.end_at) for row in rows]


def _joined(session: Session, incident: Incident) -> list[tuple[Incident, datetime]]:
    """Return the incidents that joined one, directly or through another, and since when."""
    found: list[tuple[Incident, datetime]] = []
    waiting = [incident]
    while waiting:
        rows = session.exec(
            select(Incident, IncidentMerge.at).where(
                IncidentMerge.target_id == waiting.pop().id,
                col(IncidentMerge.undone_at).is_(None),
                Incident.id == IncidentMerge.source_id,
            )
        ).all()
        found += [(source, at) for source, at in rows]
        waiting += [source for source, _ in rows]
    return found
