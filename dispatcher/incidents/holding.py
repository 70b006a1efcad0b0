"""While an incident waits for a third party, its promises wait too: time on hold does not count."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.events.states import IncidentStatus
from dispatcher.incidents import commands, promises, scoring
from dispatcher.incidents.images import priority_of
from dispatcher.models import Category, EventRow, Incident, IncidentPause
from priority.calendar import WorkingCalendar
from priority.deadlines import Commitment, Pause, due_times


def follow_hold(tx: Tx, incident: Incident, move: EventRow) -> None:
    """Start a pause when an incident is put on hold, end it and move its promises when it goes on.

    Args:
        tx: The command's transaction.
        incident: The incident, as it is now.
        move: The `incident.moved` that is followed.
    """
    source, target = move.data["source"], move.data["target"]
    if target == IncidentStatus.ON_HOLD:
        row = IncidentPause(
            id=tx.new_id(),
            org=tx.org,
            incident_id=incident.id,
            start_at=move.at,
            reason=move.data["reason"] or "",
        )
        tx.session.add(row)
    elif source == IncidentStatus.ON_HOLD:
        _resume(tx, incident, move.at)


def pauses_of(session: Session, incident: Incident) -> list[IncidentPause]:
    """Return the pauses of an incident, oldest first."""
    return list(
        session.exec(
            select(IncidentPause)
            .where(IncidentPause.incident_id == incident.id)
            .order_by(col(IncidentPause.start_at))
        ).all()
    )


def _resume(tx: Tx, incident: Incident, at: datetime) -> None:
    rows = pauses_of(tx.session, incident)
    running = next((row for row in rows if row.end_at is None), None)
    if running is None:
        return
    before = [Pause(row.start_at, row.end_at) for row in rows if row.end_at is not None]
    running.end_at = max(running.start_at, at)
    after = [*before, Pause(running.start_at, running.end_at)]
    policy = scoring.policy_in_force(tx.session, tx.org)
    category = tx.session.get_one(Category, incident.category)
    bound = promises.bound_by(policy, category, priority_of(incident))
    changes = _later(incident, bound, policy.calendar.working, before, after)
    if changes:
        commands.edit(tx, incident, changes, None)
        order = commands.open_work_order(tx, incident)
        if order is not None:
            order.due_at = incident.respond_by


def _later(
    incident: Incident,
    bound: Sequence[Commitment],
    calendar: WorkingCalendar,
    before: Sequence[Pause],
    after: Sequence[Pause],
) -> dict[str, datetime]:
    """Return the promises moved by what the last pause costs: an earlier promise stays earlier."""
    old = due_times(incident.reported_at, bound, calendar, before)
    new = due_times(incident.reported_at, bound, calendar, after)
    moved: dict[str, datetime] = {}
    for name in promises.NAMES:
        promised: datetime | None = getattr(incident, name)
        was, now = getattr(old, name), getattr(new, name)
        if promised is not None and was is not None and now is not None and now > was:
            moved[name] = promised + (now - was)
    return moved
