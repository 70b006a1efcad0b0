"""Images of what crews say from the field: calls for help, questions to experts, lone workers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from dispatcher.events.base import State
from dispatcher.events.statuses import Priority

HelpKind = Literal["expert", "second_crew", "more_time", "part_missing", "made_safe"]
QuestionStatus = Literal["open", "taken", "answered", "no_trip", "withdrawn"]
LoneStatus = Literal["running", "asking", "alarmed", "ended"]


class HelpState(State):
    """A crew's call for help, until the desk has seen it.

    `minutes` is the time asked for, or the work that is left; `note` the part or a few words.
    """

    kind: Literal["help"] = "help"
    id: UUID
    ver: int
    visit_id: UUID
    incident_id: UUID
    crew_id: UUID
    crew: str
    ref: str
    title: str
    priority: Priority
    need: HelpKind
    minutes: int | None
    note: str | None
    asked_at: datetime
    state: Literal["open", "seen"]
    seen_by: str | None
    simulated: bool


class QuestionState(State):
    """A question to the experts of a domain; its words live in an erasable table.

    `level` counts who is asked, from 1: the experts of the domain, every expert, the desk.
    `planned_user` is the account whose time is planned for it, `planned_from` to `planned_to`.
    """

    kind: Literal["question"] = "question"
    id: UUID
    ver: int
    incident_id: UUID
    visit_id: UUID | None
    crew_id: UUID | None
    ref: str
    title: str
    place: str | None
    priority: Priority
    domain: str
    state: QuestionStatus
    level: int
    asked_of: list[str]
    asked_by: str
    asked_at: datetime
    due_at: datetime | None
    taken_by: str | None
    planned_user: UUID | None
    planned_from: datetime | None
    planned_to: datetime | None
    answered_at: datetime | None
    simulated: bool


class LoneState(State):
    """Somebody who works alone, and when he must say that all is well."""

    kind: Literal["lone"] = "lone"
    id: UUID
    ver: int
    crew_id: UUID
    crew: str
    visit_id: UUID
    incident_id: UUID
    ref: str
    place: str | None
    state: LoneStatus
    interval_min: int
    ask_at: datetime
    alarm_at: datetime
    heard_at: datetime
    alarmed_at: datetime | None
    answered_by: str | None
    simulated: bool
