"""What somebody who reported was told, wherever his report has been: joining another incident, or
leaving it again, loses none of it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.incidents.merging import joined_to
from dispatcher.models import IncidentMerge, Message


def messages_of(session: Session, incident_id: UUID) -> Sequence[Message]:
    """Return what those who reported an incident were told, oldest first."""
    return session.exec(
        select(Message).where(Message.incident_id == incident_id).order_by(col(Message.at))
    ).all()


def told_to(session: Session, report_id: UUID, incident_id: UUID) -> list[Message]:
    """Return what whoever sent a report was told, oldest first.

    Args:
        session: A session on any snapshot.
        report_id: The report.
        incident_id: The incident it is in now; all that was told there counts.
    """
    told = list(messages_of(session, incident_id))
    been = [incident_id]
    for here in been:
        for row, source in joined_to(session, here):
            if str(report_id) in row.report_ids:
                told += _until(session, source.id, row.at)
                been.append(source.id)
        for row in _left(session, here):
            if str(report_id) in row.report_ids and row.target_id not in been:
                told += _between(session, row)
    return sorted({message.id: message for message in told}.values(), key=lambda one: one.at)


def _until(session: Session, incident_id: UUID, until: datetime) -> list[Message]:
    return [one for one in messages_of(session, incident_id) if one.at <= until]


def _left(session: Session, incident_id: UUID) -> Sequence[IncidentMerge]:
    return session.exec(
        select(IncidentMerge).where(
            IncidentMerge.source_id == incident_id, col(IncidentMerge.undone_at).is_not(None)
        )
    ).all()


def _between(session: Session, row: IncidentMerge) -> list[Message]:
    """Return what was told in an incident while another one had joined it."""
    told = messages_of(session, row.target_id)
    return [m for m in told if row.undone_at is not None and row.at <= m.at <= row.undone_at]
