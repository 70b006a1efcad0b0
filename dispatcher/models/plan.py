"""The plan in force and the optimiser's proposals."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column, version_column

_proposal_version = version_column()
_plan_version = version_column()


class Plan(SQLModel, table=True):
    """The routes in force of an authority, by their version: its optimistic lock.

    `number` rises with every change of any planned visit; a proposal computed on another number is
    stale.
    """

    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _plan_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    org: str = Field(unique=True)
    number: int = 1
    frozen_until: datetime | None = None
    degraded: str | None = None
    updated_at: datetime
    version: int = Field(default=1, sa_column=_plan_version)


class Proposal(SQLModel, table=True):
    """A better plan found by the optimiser: routes, and the difference people decide on."""

    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _proposal_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    state: str = Field(index=True)
    plan_number: int
    created_at: datetime
    updated_at: datetime
    summary: dict[str, Any] = Field(sa_column=json_column())
    lines: list[dict[str, Any]] = Field(sa_column=json_column())
    routes: list[dict[str, Any]] = Field(sa_column=json_column())
    solver: dict[str, Any] = Field(sa_column=json_column())
    decided_by: str | None = None
    reason: str | None = None
    version: int = Field(default=1, sa_column=_proposal_version)
