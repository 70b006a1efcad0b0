"""Between a citizen and the service after the report: words, wishes, answers, notices."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class CitizenWord(SQLModel, table=True):
    """Words that somebody added to his request: a detail, or the answer to a question of the desk.

    `by` is `citizen`, or the name of the operator who wrote them down for him. Erasable.
    """

    __tablename__ = "citizen_word"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    request_id: UUID = Field(foreign_key="request.id", index=True)
    message_id: UUID | None = Field(default=None, foreign_key="message.id")
    text: str
    by: str
    at: datetime


class WishedTime(SQLModel, table=True):
    """Another time that somebody asks for: `asked`, then `accepted`, `refused` or `replaced`."""

    __tablename__ = "wished_time"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    request_id: UUID = Field(foreign_key="request.id", index=True)
    from_at: datetime
    to_at: datetime
    why: str | None = None
    state: str = Field(index=True)
    by: str
    asked_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


class Outcome(SQLModel, table=True):
    """Whether somebody who was asked says that it is really repaired: one row a request."""

    request_id: UUID = Field(foreign_key="request.id", primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    asked_at: datetime
    answered_at: datetime | None = None
    fixed: bool | None = None
    by: str | None = None


class NoticeTemplate(SQLModel, table=True):
    """The words of one notice by one channel in both languages; absent: those of the program.

    An inactive one is not sent: that is how an authority chooses the steps it tells.
    """

    __tablename__ = "notice_template"

    org: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    subject_fr: str = ""
    subject_en: str = ""
    text_fr: str
    text_en: str
    active: bool = True
