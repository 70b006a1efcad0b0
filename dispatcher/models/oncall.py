"""Who can be on call, for which post, and who is when."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class OnCallPost(SQLModel, table=True):
    """A post that must be held, such as operations (exploitation) or decision.

    `rung` is its place in the chain of calls (1 is called first); empty `sectors` or `services`
    mean all.
    """

    __tablename__ = "oncall_post"

    code: str = Field(primary_key=True)
    org: str = Field(index=True)
    label_fr: str
    label_en: str
    letter: str
    duty_kind: str
    need: int = 1
    position: int = 0
    rung: int = 1
    sectors: list[str] = Field(default_factory=list, sa_column=json_column())
    services: list[str] = Field(default_factory=list, sa_column=json_column())


class OnCallPerson(SQLModel, table=True):
    """A member of staff who takes turns; contact details are for pages only.

    `crew` is the code of the crew this person works in by day, if any. `link_serial` is part of
    every personal link: another number, and the links given out before open nothing.
    """

    __tablename__ = "oncall_person"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    code: str = Field(unique=True)
    name: str
    phone: str | None = None
    email: str | None = None
    crew: str | None = None
    posts: list[str] = Field(sa_column=json_column())
    absences: list[dict[str, Any]] = Field(sa_column=json_column())
    carry: dict[str, Any] = Field(sa_column=json_column())
    synthetic: bool = True
    link_serial: int = 0
    links_open: bool = True


class Wish(SQLModel, table=True):
    """Days in which somebody would rather hold a turn, or rather not; start inclusive, end not.

    `weight` is 1 (would be nice) to 10 (matters much).
    """

    __tablename__ = "oncall_wish"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    person_id: UUID = Field(foreign_key="oncall_person.id", index=True)
    start: date
    end: date
    wants_duty: bool = False
    weight: int = 5
    created_at: datetime


class Rota(SQLModel, table=True):
    """One computed rota: a version of who is on call when.

    `edition` rises with every turn that changes hands by hand, so that two planners see each other.
    """

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    name: str
    number: int
    state: str = Field(index=True)
    starts_on: date
    weeks: int
    edition: int = 1
    created_at: datetime
    published_at: datetime | None = None
    counters: list[dict[str, Any]] = Field(sa_column=json_column())
    rules: list[dict[str, Any]] = Field(sa_column=json_column())
    solver: dict[str, Any] = Field(sa_column=json_column())


class HandoverNote(SQLModel, table=True):
    """What one turn leaves to the next; the text stays out of the log, so that it can be erased.

    `seen` says who read it and when, in order: {name, at}.
    """

    __tablename__ = "handover_note"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    post: str | None = Field(default=None, foreign_key="oncall_post.code")
    author: str
    text: str
    at: datetime = Field(index=True)
    seen: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_column())


class Swap(SQLModel, table=True):
    """Somebody asks to be free of a turn, and the chain of exchanges that was chosen for it.

    `handovers` are (duty, giver, taker) ids in order; `answers` what each person said.
    """

    __tablename__ = "oncall_swap"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    rota_id: UUID = Field(foreign_key="rota.id", index=True)
    duty_id: UUID
    asked_by: UUID = Field(foreign_key="oncall_person.id", index=True)
    state: str = Field(index=True)
    handovers: list[dict[str, Any]] = Field(sa_column=json_column())
    answers: dict[str, bool] = Field(sa_column=json_column())
    created_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None


class OnCallDuty(SQLModel, table=True):
    """One turn of one person on one post; start inclusive, end exclusive.

    `told_at` is when the holder was told of it, by the rota that first gave it to him: fewer than
    fifteen clear days before the turn, it is paid more.
    """

    __tablename__ = "oncall_duty"

    id: UUID = Field(primary_key=True)
    rota_id: UUID = Field(foreign_key="rota.id", index=True)
    post: str = Field(foreign_key="oncall_post.code")
    person_id: UUID = Field(foreign_key="oncall_person.id", index=True)
    week: str
    start_at: datetime = Field(index=True)
    end_at: datetime
    told_at: datetime | None = None


class SharedFeed(SQLModel, table=True):
    """The calendar link of a post or sector that was made anew or shut; no row until one was.

    `serial` is part of the link: another number, and the links given out before open nothing.
    """

    __tablename__ = "shared_feed"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    serial: int = 0
    is_open: bool = True
    changed_at: datetime
