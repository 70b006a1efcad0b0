"""What the desk answers: reply templates, and the messages that citizens read on their page."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class ReplyTemplate(SQLModel, table=True):
    """A reply in both languages, for some categories (all if none) and some states (likewise).

    `closes` says that it usually needs no visit: the incident is then closed as answered.
    """

    __tablename__ = "reply_template"

    org: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    title_fr: str
    title_en: str
    text_fr: str
    text_en: str
    categories: list[str] = Field(sa_column=json_column())
    states: list[str] = Field(sa_column=json_column())
    closes: bool = False
    active: bool = True
    position: int = 0


class Message(SQLModel, table=True):
    """Words of the service to everybody who reported an incident; `asks` wants an answer."""

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    at: datetime
    author: str
    text_fr: str
    text_en: str
    template: str | None = None
    asks: bool = False
