"""Work for background processes: leased, fenced, in the same database as the facts that caused
it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class Job(SQLModel, table=True):
    """One thing to do later; `fence` rises with every lease, so a late writer is refused.

    Times are wall time.
    """

    id: UUID = Field(primary_key=True)
    org: str
    kind: str = Field(index=True)
    key: str = Field(index=True)
    payload: dict[str, Any] = Field(sa_column=json_column())
    state: str = Field(default="waiting", index=True)
    run_at: datetime = Field(index=True)
    attempts: int = 0
    fence: int = 0
    worker: str | None = None
    lease_until: datetime | None = None
    created_at: datetime
    error: str | None = None
