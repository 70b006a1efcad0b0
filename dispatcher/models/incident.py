"""Reports, the people behind them, and the incidents they tell of."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field

from dispatcher.models.base import Row, json_column, version_column

_incident_version = version_column()


class Person(Row, table=True):
    """A citizen's contact: the only table with citizens' personal data, erasable row by row."""

    id: UUID = Field(primary_key=True)
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    locale: str = "fr"
    created_at: datetime
    erased_at: datetime | None = None


class Incident(Row, table=True):
    """The situation on the ground that is followed until closed.

    `wished_from` and `wished_to` are another time that was accepted; `asks` counts those that
    nobody has decided.
    """

    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _incident_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    ref: str = Field(unique=True)
    state: str = Field(index=True)
    category: str = Field(foreign_key="category.code", index=True)
    service: str
    title: str
    place_label: str | None = None
    insee: str | None = Field(default=None, index=True)
    commune: str | None = None
    lat: float | None = None
    lon: float | None = None
    facts: dict[str, Any] = Field(sa_column=json_column())
    priority: str = Field(index=True)
    score: int = Field(index=True)
    severity: int
    urgency: int
    reasons: list[dict[str, Any]] = Field(sa_column=json_column())
    policy_version: str
    override_priority: str | None = None
    override_reason: str | None = None
    reported_at: datetime
    updated_at: datetime
    respond_by: datetime | None = None
    restore_by: datetime | None = None
    acknowledge_by: datetime | None = None
    make_safe_by: datetime | None = None
    report_count: int = 1
    channels: list[str] = Field(sa_column=json_column())
    acknowledged_by: str | None = None
    hold_reason: str | None = None
    merged_into: UUID | None = None
    needs_expert: bool = False
    simulated: bool = False
    step: str = "received"
    stamps: dict[str, str] = Field(sa_column=json_column())
    window_from: datetime | None = None
    window_to: datetime | None = None
    wished_from: datetime | None = None
    wished_to: datetime | None = None
    asks: int = 0
    version: int = Field(default=1, sa_column=_incident_version)


class Report(Row, table=True):
    """One message from one channel about something seen."""

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    channel: str
    text: str
    category: str
    place_label: str | None = None
    insee: str | None = None
    lat: float | None = None
    lon: float | None = None
    received_at: datetime = Field(index=True)
    locale: str = "fr"
    simulated: bool = False
    reading: dict[str, Any] = Field(sa_column=json_column())


class Request(Row, table=True):
    """The public face of a report: its secret link (stored as SHA-256) and its live topic.

    `told` is what its person was last told by message: step and window. After `muted_at` he gets
    none; with `night_ok` also at night.
    """

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    report_id: UUID = Field(foreign_key="report.id", index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    topic: str = Field(unique=True)
    created_at: datetime
    closes_at: datetime | None = None
    muted_at: datetime | None = None
    night_ok: bool = False
    told: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())


class Note(Row, table=True):
    """What a member of staff wrote on an incident."""

    id: UUID = Field(primary_key=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    author: str
    text: str
    at: datetime


class RefCounter(Row, table=True):
    """The last short reference given in a year, e.g. 123 for `2026-00123`."""

    __tablename__ = "ref_counter"

    org: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last: int = 0
