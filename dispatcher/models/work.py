"""Work to do and who does it: work orders and crews' visits."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field

from dispatcher.models.base import Row, json_column, version_column

_visit_version = version_column()


class WorkOrder(Row, table=True):
    """Work to do for an incident: skills, duration, due time, and not before when."""

    __tablename__ = "work_order"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    skills: list[str] = Field(sa_column=json_column())
    duration_s: int
    due_at: datetime | None = None
    not_before: datetime | None = None
    state: str = "open"
    created_at: datetime


class Visit(Row, table=True):
    """One crew's planned or done presence for a work order.

    `depart_at`, `start_at`, `end_at` are the plan; `stamps` says what happened (`en_route`,
    `on_site`, …). `position` orders the stops of a crew. `brief` is what the crew must know of the
    incident, kept here so that a visit's image depends on nothing but its row. `travel_base_s` is
    the travel before any learning; `told` the windows that people were told.
    """

    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _visit_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    work_order_id: UUID = Field(foreign_key="work_order.id", index=True)
    crew_id: UUID = Field(foreign_key="crew.id", index=True)
    state: str = Field(index=True)
    position: int = 0
    depart_at: datetime | None = None
    start_at: datetime | None = Field(default=None, index=True)
    end_at: datetime | None = None
    travel_s: int = 0
    travel_base_s: int = 0
    travel_source: str = "great_circle"
    distance_m: int = 0
    duration_s: int = 0
    skills: list[str] = Field(sa_column=json_column())
    pin: str | None = None
    flags: list[str] = Field(sa_column=json_column())
    stamps: dict[str, str] = Field(sa_column=json_column())
    told: dict[str, list[str]] = Field(default_factory=dict, sa_column=json_column())
    due_at: datetime | None = None
    archived: bool = False
    brief: dict[str, Any] = Field(sa_column=json_column())
    simulated: bool = False
    created_at: datetime
    updated_at: datetime
    version: int = Field(default=1, sa_column=_visit_version)


class VisitStamp(Row, table=True):
    """Who said when a visit reached a state; corrections append."""

    __tablename__ = "visit_stamp"

    id: UUID = Field(primary_key=True)
    visit_id: UUID = Field(foreign_key="visit.id", index=True)
    state: str
    at: datetime
    recorded_at: datetime
    source: str
