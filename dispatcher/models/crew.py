"""Crews and when they work."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column, version_column

_crew_version = version_column()


class Crew(SQLModel, table=True):
    """People and a vehicle that move together.

    `shift_start_at` and `shift_end_at` are the shift under way or the next one: kept on the row so
    that the board's image of a crew depends on nothing but the row. Before `rest_until` its people
    owe themselves rest, after a call-out at night or overtime: it starts later. Before `out_until`
    it is out of service: a breakdown, an absence.
    """

    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _crew_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    code: str = Field(unique=True)
    name: str
    sector: str = Field(index=True)
    depot_id: UUID = Field(foreign_key="depot.id")
    skills: list[str] = Field(sa_column=json_column())
    vehicle: str | None = None
    members: int = 2
    pattern: dict[str, Any] = Field(sa_column=json_column())
    position: int = 0
    state: str = "off"
    shift_start_at: datetime | None = None
    shift_end_at: datetime | None = None
    rest_until: datetime | None = None
    out_until: datetime | None = None
    out_reason: str | None = None
    lat: float | None = None
    lon: float | None = None
    located_at: datetime | None = None
    located_by: str | None = None
    updated_at: datetime
    version: int = Field(default=1, sa_column=_crew_version)


class Shift(SQLModel, table=True):
    """Paid working time of a crew, with its breaks; start inclusive, end exclusive."""

    id: UUID = Field(primary_key=True)
    crew_id: UUID = Field(foreign_key="crew.id", index=True)
    start_at: datetime = Field(index=True)
    end_at: datetime
    breaks: list[dict[str, Any]] = Field(sa_column=json_column())
