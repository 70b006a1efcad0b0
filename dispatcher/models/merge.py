"""Which incident joined which, with all it takes to part them again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class IncidentMerge(SQLModel, table=True):
    """One incident joined another one; undone or not, the row stays.

    `report_ids` are the reports that went over; `brought` is what their facts added to the other
    incident; `before` is what parting them gives back: the state of the one that joined, and the
    times that the other one had promised.
    """

    __tablename__ = "incident_merge"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    source_id: UUID = Field(foreign_key="incident.id", index=True)
    target_id: UUID = Field(foreign_key="incident.id", index=True)
    at: datetime
    by: str
    reason: str | None = None
    report_ids: list[str] = Field(sa_column=json_column())
    brought: dict[str, Any] = Field(sa_column=json_column())
    before: dict[str, Any] = Field(sa_column=json_column())
    undone_at: datetime | None = None
    undone_by: str | None = None
