"""What finished trips and visits have taught, version by version."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class LearnedTravel(SQLModel, table=True):
    """Factors and spreads learned from an authority's own history; the newest version holds.

    `history` says whose history it was: `real`, `simulated` (a demo), or `none` (too thin).
    """

    __tablename__ = "learned_travel"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    version: int
    at: datetime
    history: str
    trips: int
    jobs: int
    body: dict[str, Any] = Field(sa_column=json_column())
