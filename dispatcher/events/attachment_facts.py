"""What happened to the files of an incident."""

from typing import Literal
from uuid import UUID

from dispatcher.events.base import DomainEvent


class AttachmentAdded(DomainEvent):
    """A photo, a voice note or a signature was added; the file lives in an erasable folder."""

    type: Literal["attachment.added"] = "attachment.added"
    incident_id: UUID
    attachment_id: UUID
    attachment: Literal["photo", "audio", "signature"]
    author: Literal["citizen", "crew", "desk"]


class AttachmentRemoved(DomainEvent):
    """A file of an incident was deleted, with a reason."""

    type: Literal["attachment.removed"] = "attachment.removed"
    incident_id: UUID
    attachment_id: UUID
    attachment: Literal["photo", "audio", "signature"]
    reason: str
