"""What people wrote, version by version: reply templates, rules of competence."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class Revision(SQLModel, table=True):
    """One version of one text; the newest is in force.

    `at` is empty for what was there before anybody edited it here.
    """

    org: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_column=json_column())
    note: str = ""
    by: str = ""
    at: datetime | None = None
