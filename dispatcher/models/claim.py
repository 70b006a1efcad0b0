"""Which body is asked to take an incident, and what it answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class CompetenceClaim(SQLModel, table=True):
    """One body and one incident: `asked`, then `accepted`, `refused`, `handed_over` or `closed`.

    `rule` and `params` are the proof that named this body; empty when a person chose it.
    """

    __tablename__ = "competence_claim"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    level: str
    authority: str | None = None
    name: str
    rule: str = ""
    params: dict[str, Any] = Field(sa_column=json_column())
    state: str
    motive: str | None = None
    by: str
    at: datetime
    answered_at: datetime | None = None
