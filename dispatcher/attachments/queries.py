"""Reads of attachments: those of an incident, of a citizen's request, one with its door."""

from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

from sqlmodel import Session, col, or_, select

from dispatcher.actors import Actor, Role
from dispatcher.attachments.schemas import AttachmentAuthor, AttachmentKind, AttachmentOut
from dispatcher.auth import access
from dispatcher.errors import NotFound
from dispatcher.incidents import merging
from dispatcher.models import Attachment, Request, Visit

ROOT = "/api/v1/attachments"


def of_incident(session: Session, incident_id: UUID) -> list[Attachment]:
    """Return the files of an incident and of those that joined it, oldest first.

    A citizen's files follow his report: they are where his report is now.
    """
    here = [incident_id]
    for one in here:
        here += [source.id for _row, source in merging.joined_to(session, one)]
    requests = select(Request.id).where(Request.incident_id == incident_id)
    rows = session.exec(
        select(Attachment)
        .where(
            or_(
                col(Attachment.incident_id).in_(here) & col(Attachment.request_id).is_(None),
                col(Attachment.request_id).in_(requests),
            )
        )
        .order_by(col(Attachment.added_at), col(Attachment.id))
    ).all()
    return list(rows)


def of_request(session: Session, request_id: UUID) -> Sequence[Attachment]:
    """Return what a citizen added himself, oldest first."""
    return session.exec(
        select(Attachment)
        .where(Attachment.request_id == request_id)
        .order_by(col(Attachment.added_at), col(Attachment.id))
    ).all()


def visible_attachment(session: Session, actor: Actor, attachment_id: UUID) -> Attachment:
    """Return a file that a member of staff may see; a crew sees those of incidents it visits.

    Raises:
        NotFound: Absent, of another authority, or of another crew's incident.
    """
    found = session.get(Attachment, attachment_id)
    if found is None or found.org != actor.org:
        raise NotFound(what="attachment")
    if actor.role is Role.CREW and not _is_sent_there(session, actor, found):
        raise NotFound(what="attachment")
    access.visible_incident(session, actor, found.incident_id)
    return found


def out(rows: Iterable[Attachment]) -> list[AttachmentOut]:
    """Return files as the desk and crews see them."""
    return [
        AttachmentOut(
            id=row.id,
            incident_id=row.incident_id,
            visit_id=row.visit_id,
            kind=cast(AttachmentKind, row.kind),
            author=cast(AttachmentAuthor, row.author),
            media_type=row.media_type,
            size=row.size,
            width=row.width,
            height=row.height,
            caption=row.caption,
            taken_at=row.taken_at,
            added_at=row.added_at,
            url=f"{ROOT}/{row.id}",
            small_url=f"{ROOT}/{row.id}?small=true" if row.width is not None else None,
        )
        for row in rows
    ]


def _is_sent_there(session: Session, actor: Actor, found: Attachment) -> bool:
    """Whether a crew has, or had, a visit to the incident that shows this file."""
    visited = session.exec(
        select(Visit.incident_id).where(Visit.crew_id == actor.crew_id).distinct()
    ).all()
    return any(
        row.id == found.id for incident_id in visited for row in of_incident(session, incident_id)
    )
