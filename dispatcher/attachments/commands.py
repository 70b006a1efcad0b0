"""Verbs of attachments: add, remove, forget. The file is stored before, see `receiving`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlmodel import col, func, select

from dispatcher.attachments.schemas import AttachmentAuthor, AttachmentIn, AttachmentKind
from dispatcher.database import Tx
from dispatcher.errors import InvalidInput
from dispatcher.events.attachment_facts import AttachmentAdded, AttachmentRemoved
from dispatcher.incidents.images import image_of
from dispatcher.models import Attachment, Incident
from dispatcher.models.base import touch

MOST_OF_INCIDENT = 100
MOST_OF_REQUEST = 10


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies in the folder and waits for its row.

    Attributes:
        name: In the folder.
        media_type: What it is.
        size: Bytes.
        sha256: Of what came in, before it was cleaned: the same upload has the same.
        width: Pixels; None for sound.
        height: Likewise.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class About:
    """What a file belongs to and who made it: a visit's crew, a request's citizen, or the desk."""

    incident_id: UUID
    author: AttachmentAuthor
    visit_id: UUID | None = None
    request_id: UUID | None = None


def add(tx: Tx, kept: Kept, said: AttachmentIn, about: About) -> Attachment:
    """Store the row of a file, and tell everybody who looks at its incident.

    Args:
        tx: The command's transaction.
        kept: The file, already in the folder.
        said: What was said about it.
        about: What it belongs to; the caller has checked that the actor may.

    Raises:
        InvalidInput: The incident or the request has as many files as it may.
    """
    _check_room(tx, about)
    row = Attachment(
        id=tx.new_id(),
        org=tx.org,
        incident_id=about.incident_id,
        visit_id=about.visit_id,
        request_id=about.request_id,
        kind=said.kind,
        media_type=kept.media_type,
        name=kept.name,
        size=kept.size,
        sha256=kept.sha256,
        width=kept.width,
        height=kept.height,
        caption=said.caption or None,
        author=about.author,
        by=tx.actor.label,
        taken_at=said.taken_at,
        added_at=tx.now,
        simulated=tx.actor.simulated,
    )
    tx.session.add(row)
    incident = tx.session.get_one(Incident, about.incident_id)
    # A version of its own: drawers and pages that show the incident ask for its files again.
    touch(incident, tx.now)
    fact = AttachmentAdded(
        incident_id=incident.id,
        attachment_id=row.id,
        attachment=said.kind,
        author=about.author,
    )
    tx.record(fact, image_of(incident))
    return row


def remove(tx: Tx, row: Attachment, reason: str) -> str:
    """Delete a row, and return the name of its file, which the caller deletes after the commit."""
    incident = tx.session.get_one(Incident, row.incident_id)
    name, attachment_id = row.name, row.id
    kind = cast(AttachmentKind, row.kind)
    tx.session.delete(row)
    touch(incident, tx.now)
    fact = AttachmentRemoved(
        incident_id=incident.id, attachment_id=attachment_id, attachment=kind, reason=reason
    )
    tx.record(fact, image_of(incident))
    return name


def forget(tx: Tx, kept: timedelta, most: int = 100) -> list[str]:
    """Delete the rows of files added longer ago than they are kept; return their names.

    Args:
        tx: The command's transaction.
        kept: Since when, back from now.
        most: Rows at once, so that nobody waits for a long transaction.
    """
    before: datetime = tx.now - kept
    rows = tx.session.exec(
        select(Attachment)
        .where(Attachment.org == tx.org, col(Attachment.added_at) < before)
        .limit(most)
    ).all()
    names = [row.name for row in rows]
    for row in rows:
        tx.session.delete(row)
    return names


def _check_room(tx: Tx, about: About) -> None:
    def count(column: object, value: UUID) -> int:
        query = select(func.count()).select_from(Attachment).where(col(column) == value)
        return tx.session.exec(query).one()

    if count(Attachment.incident_id, about.incident_id) >= MOST_OF_INCIDENT:
        raise InvalidInput("this incident has enough files", field="file", most=MOST_OF_INCIDENT)
    if about.request_id and count(Attachment.request_id, about.request_id) >= MOST_OF_REQUEST:
        raise InvalidInput("this request has enough files", field="file", most=MOST_OF_REQUEST)
