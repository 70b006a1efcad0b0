"""Policies of an authority: those that were in force, the one that is, and the draft."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class PolicyVersion(SQLModel, table=True):
    """One policy as people wrote it and as the service reads it.

    `state` is `draft` (one, with version 0), `in_force` (one) or `past`. Incidents name the policy
    that scored them by `label`.
    """

    __tablename__ = "policy_version"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    version: int
    label: str = Field(index=True)
    state: str
    text: str
    body: dict[str, Any] = Field(sa_column=json_column())
    note: str = ""
    by: str
    at: datetime
