"""What somebody did to many incidents at once, so that it can be undone at once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class BulkAction(SQLModel, table=True):
    """One action on many incidents; `steps` hold what undoing each needs."""

    __tablename__ = "bulk_action"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    kind: str
    steps: list[dict[str, Any]] = Field(sa_column=json_column())
    by: str
    at: datetime
    undone_at: datetime | None = None
