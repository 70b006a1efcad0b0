"""The append-only event log, its head, answers to idempotent writes, and consumers' cursors."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from dispatcher.models.base import Row, json_column


class EventRow(Row, table=True):
    """One fact, numbered without gaps in commit order and chained by hash to the one before."""

    __tablename__ = "event_log"

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    id: UUID = Field(unique=True)
    org: str
    type: str = Field(index=True)
    at: datetime
    recorded_at: datetime
    actor: str
    incident_id: UUID | None = Field(default=None, index=True)
    data: dict[str, Any] = Field(sa_column=json_column())
    after: list[dict[str, Any]] = Field(sa_column=json_column())
    simulated: bool = False
    hash: str = Field(max_length=64)


class EventPosition(Row, table=True):
    """Where a crew was when an event told of it: beside the log and its chain, so that it can be
    forgotten. `position` is what the event's image of the crew leaves out.
    """

    __tablename__ = "event_position"

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    crew_id: UUID = Field(primary_key=True)
    org: str
    at: datetime = Field(index=True)
    position: dict[str, Any] = Field(sa_column=json_column())


class LogHead(Row, table=True):
    """The last number and hash given, and the name of this incarnation of the log."""

    __tablename__ = "log_head"

    id: int = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: str
    epoch: str


class Cursor(Row, table=True):
    """How far a consumer has read the log."""

    name: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))


class IdempotentAnswer(Row, table=True):
    """What was answered to a keyed write; scope = operation and caller."""

    __tablename__ = "idempotent_answer"

    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    answer: dict[str, Any] = Field(sa_column=json_column())
    created_at: datetime = Field(index=True)


class KeptState(Row, table=True):
    """The current image of things that have no table of their own (clock, on-call, plan on the
    board).
    """

    __tablename__ = "kept_state"

    key: str = Field(primary_key=True)
    org: str = Field(index=True)
    ver: int
    state: dict[str, Any] = Field(sa_column=json_column())
