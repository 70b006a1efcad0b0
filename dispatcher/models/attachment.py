"""What people add to an incident besides words: photos, voice notes, signatures."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class Attachment(SQLModel, table=True):
    """One file of an incident. The bytes lie in a folder under `name`, which says nothing.

    `author` is `citizen`, `crew` or `desk`; `by` is the actor's label. `visit_id` says during
    which visit it was made, `request_id` which citizen added it. `taken_at` is what the device
    said; `added_at` is service time.
    """

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    visit_id: UUID | None = Field(default=None, foreign_key="visit.id", index=True)
    request_id: UUID | None = Field(default=None, foreign_key="request.id", index=True)
    kind: str
    media_type: str
    name: str = Field(unique=True)
    size: int
    sha256: str = Field(max_length=64)
    width: int | None = None
    height: int | None = None
    caption: str | None = None
    author: str
    by: str
    taken_at: datetime | None = None
    added_at: datetime = Field(index=True)
    simulated: bool = False
