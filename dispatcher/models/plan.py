"""The plan in force and the optimiser's proposals."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column, maybe_json_column, version_column

_proposal_version = version_column()
_plan_version = version_column()


class Plan(SQLModel, table=True):
    """The routes in force of an authority, by their version: its optimistic lock.

    `number` rises with every change of any planned visit; a proposal computed on another number is
    stale. `auto_classes` and `auto_sectors` say what applies without asking, `churn_max` and
    `freeze_minutes` how much may move; None takes the service's own setting. Plans count with
    learned times on site unless `learned_durations` is False; with a whole day ahead crews are
    wanted home `slack_minutes` early.
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
    auto_classes: list[str] | None = Field(default=None, sa_column=maybe_json_column())
    auto_sectors: list[str] | None = Field(default=None, sa_column=maybe_json_column())
    churn_max: int | None = None
    freeze_minutes: int | None = None
    learned_durations: bool | None = None
    slack_minutes: int | None = None
    tuned_at: datetime | None = None
    tuned_by: str | None = None
    updated_at: datetime
    version: int = Field(default=1, sa_column=_plan_version)


class Proposal(SQLModel, table=True):
    """A better plan found by the optimiser: routes, and the difference people decide on.

    `applied` keeps who took it and the routes before, so that it can be given back.
    """

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
    applied: dict[str, Any] | None = Field(default=None, sa_column=maybe_json_column())
    decided_by: str | None = None
    reason: str | None = None
    version: int = Field(default=1, sa_column=_proposal_version)
