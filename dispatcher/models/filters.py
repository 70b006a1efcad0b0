"""Filters of the queue that people keep: their own, and those of the authority."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class SavedFilter(SQLModel, table=True):
    """A named filter of the queue; without an owner it is shared by the whole authority."""

    __tablename__ = "saved_filter"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    owner_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    name: str
    wanted: dict[str, Any] = Field(sa_column=json_column())
    by: str
    created_at: datetime
    updated_at: datetime
