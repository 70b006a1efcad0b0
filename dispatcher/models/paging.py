"""Demands for attention of people on call: pages, the calls made for them, and what came of it."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column, version_column

_page_version = version_column()


class Page(SQLModel, table=True):
    """One demand for attention, open until somebody answers or the need is gone.

    `due_at` is when the next call must go out (service time): nothing about a page lives in
    memory. `brief` and `called` are what screens show, kept here so that the image of a page
    depends on nothing but its row.
    """

    __table_args__ = (
        Index(
            "ux_page_open_incident",
            "incident_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _page_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    code: str
    cause: str
    priority: str
    state: str = Field(index=True)
    ladder: list[list[str]] = Field(sa_column=json_column())
    rung: int = 0
    tries: int = 0
    round: int = 1
    due_at: datetime | None = Field(default=None, index=True)
    opened_at: datetime
    first_called_at: datetime | None = None
    unanswered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_why: str | None = None
    person_id: UUID | None = Field(default=None, foreign_key="oncall_person.id")
    brief: dict[str, Any] = Field(sa_column=json_column())
    called: list[dict[str, Any]] = Field(sa_column=json_column())
    simulated: bool = False
    updated_at: datetime
    version: int = Field(default=1, sa_column=_page_version)


class PageCall(SQLModel, table=True):
    """One call of one person for a page; its link acknowledges in that person's name."""

    __tablename__ = "page_call"

    id: UUID = Field(primary_key=True)
    page_id: UUID = Field(foreign_key="page.id", index=True)
    person_id: UUID = Field(foreign_key="oncall_person.id", index=True)
    post: str
    round: int
    rung: int
    number: int
    called_at: datetime


class CallOut(SQLModel, table=True):
    """Work done during on-call time, travel included; running while `end_at` is null."""

    __tablename__ = "call_out"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    person_id: UUID = Field(foreign_key="oncall_person.id", index=True)
    incident_id: UUID | None = Field(default=None, foreign_key="incident.id", index=True)
    page_id: UUID | None = Field(default=None, foreign_key="page.id", index=True)
    start_at: datetime = Field(index=True)
    end_at: datetime | None = None
    source: str
    recorded_at: datetime


class Delivery(SQLModel, table=True):
    """One message that must leave: at least once, under an id that never changes.

    No address is stored: `target` names a person or an endpoint, looked up when it is sent.
    Times are wall time.
    """

    __table_args__ = (Index("ux_delivery_once", "event", "channel", "target", unique=True),)

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    event: str
    channel: str
    target: str
    kind: str
    payload: dict[str, Any] = Field(sa_column=json_column())
    page_id: UUID | None = Field(default=None, foreign_key="page.id", index=True)
    state: str = Field(default="waiting", index=True)
    attempts: int = 0
    fence: int = 0
    next_at: datetime = Field(index=True)
    lease_until: datetime | None = None
    created_at: datetime = Field(index=True)
    sent_at: datetime | None = None
    receipt: str | None = None
    error: str | None = None


class InboundMessage(SQLModel, table=True):
    """A reply that came in by a provider, known by its id so that a repeat does nothing."""

    __tablename__ = "inbound_message"

    id: str = Field(primary_key=True)
    org: str
    received_at: datetime = Field(index=True)
    person_id: UUID | None = Field(default=None, foreign_key="oncall_person.id")
    outcome: str


class PushSubscription(SQLModel, table=True):
    """A browser that takes web push for somebody: an account, a person on call, or both.

    `endpoint` is a secret address of the browser's maker; whoever has it and our key can ring.
    """

    __tablename__ = "push_subscription"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    user_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="oncall_person.id", index=True)
    endpoint: str = Field(unique=True)
    p256dh: str
    auth: str
    device: str
    locale: str = "fr"
    created_at: datetime
    used_at: datetime | None = None
