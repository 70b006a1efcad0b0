"""Wire models of attachments."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from dispatcher.wire import In, Out

AttachmentKind = Literal["photo", "audio", "signature"]
AttachmentAuthor = Literal["citizen", "crew", "desk"]


class AttachmentIn(In):
    """What is said about a file that comes in; the file itself is the body.

    Attributes:
        kind: What it is for; its first bytes must agree.
        caption: Words beside it.
        taken_at: When the device says that it was made.
    """

    kind: AttachmentKind = "photo"
    caption: str | None = Field(None, max_length=300)
    taken_at: datetime | None = None


class AttachmentOut(Out):
    """A file of an incident; `url` gives the bytes, `small_url` a picture of 320 pixels."""

    id: UUID
    incident_id: UUID
    visit_id: UUID | None
    kind: AttachmentKind
    author: AttachmentAuthor
    media_type: str
    size: int
    width: int | None
    height: int | None
    caption: str | None
    taken_at: datetime | None
    added_at: datetime
    url: str
    small_url: str | None


class RemovalIn(In):
    """Why a file is deleted."""

    reason: str = Field(min_length=3, max_length=300)
