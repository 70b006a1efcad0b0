"""Stretches of time that do not count against a promise."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class IncidentPause(SQLModel, table=True):
    """An incident on hold for a third party: since when, until when (None while it lasts), why."""

    __tablename__ = "incident_pause"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    start_at: datetime
    end_at: datetime | None = None
    reason: str
