"""What crews and experts say to one another: help, questions, who is on duty, who works alone."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column, version_column

_help_version = version_column()
_question_version = version_column()
_lone_version = version_column()


class HelpCall(SQLModel, table=True):
    """A crew's call for help; `order_id` is the work it led to."""

    __tablename__ = "help_call"
    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _help_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    visit_id: UUID = Field(foreign_key="visit.id", index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    crew_id: UUID = Field(foreign_key="crew.id")
    order_id: UUID | None = Field(default=None, foreign_key="work_order.id")
    need: str
    minutes: int | None = None
    note: str | None = None
    asked_at: datetime
    asked_by: str
    state: str = Field(default="open", index=True)
    seen_by: str | None = None
    seen_at: datetime | None = None
    brief: dict[str, Any] = Field(sa_column=json_column())
    simulated: bool = False
    updated_at: datetime
    version: int = Field(default=1, sa_column=_help_version)


class ExpertQuestion(SQLModel, table=True):
    """A question to the experts of a domain (a service of the catalogue), and their answer."""

    __tablename__ = "expert_question"
    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _question_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    incident_id: UUID = Field(foreign_key="incident.id", index=True)
    visit_id: UUID | None = Field(default=None, foreign_key="visit.id")
    crew_id: UUID | None = Field(default=None, foreign_key="crew.id")
    domain: str
    text: str
    phone: str | None = None
    asked_by: str
    asked_at: datetime
    state: str = Field(default="open", index=True)
    level: int = 1
    asked_of: list[str] = Field(sa_column=json_column())
    due_at: datetime | None = Field(default=None, index=True)
    taken_by: str | None = None
    taken_at: datetime | None = None
    planned_user: UUID | None = None
    planned_from: datetime | None = None
    planned_to: datetime | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    by_phone: bool = False
    brief: dict[str, Any] = Field(sa_column=json_column())
    simulated: bool = False
    updated_at: datetime
    version: int = Field(default=1, sa_column=_question_version)


class ExpertDuty(SQLModel, table=True):
    """An expert who says that he may be asked, for which domains (none: all), until when."""

    __tablename__ = "expert_duty"

    user_id: UUID = Field(primary_key=True, foreign_key="account.id")
    org: str = Field(index=True)
    domains: list[str] = Field(sa_column=json_column())
    phone: str | None = None
    until: datetime | None = None


class LoneWatch(SQLModel, table=True):
    """The watch over a crew of one: the service holds the hour, so a dead phone alarms too."""

    __tablename__ = "lone_watch"
    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _lone_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    crew_id: UUID = Field(foreign_key="crew.id", index=True)
    visit_id: UUID = Field(foreign_key="visit.id", index=True)
    incident_id: UUID = Field(foreign_key="incident.id")
    state: str = Field(index=True)
    interval_min: int
    grace_min: int
    heard_at: datetime
    ask_at: datetime
    alarm_at: datetime
    alarmed_at: datetime | None = None
    answered_by: str | None = None
    brief: dict[str, Any] = Field(sa_column=json_column())
    simulated: bool = False
    updated_at: datetime
    version: int = Field(default=1, sa_column=_lone_version)
