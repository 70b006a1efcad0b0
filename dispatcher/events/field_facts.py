"""What happens around crews in the field: help, experts, lone workers, reads of where they are."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from dispatcher.events.base import DomainEvent
from dispatcher.events.field_states import HelpKind, LoneStatus, QuestionStatus


class HelpAsked(DomainEvent):
    """A crew asked for help from the field."""

    type: Literal["help.asked"] = "help.asked"
    help_id: UUID
    visit_id: UUID
    incident_id: UUID
    crew_id: UUID
    need: HelpKind
    minutes: int | None
    asserted_at: datetime


class HelpSeen(DomainEvent):
    """The desk has seen a crew's call for help."""

    type: Literal["help.seen"] = "help.seen"
    help_id: UUID
    visit_id: UUID
    incident_id: UUID


class QuestionAsked(DomainEvent):
    """An expert of a domain was asked; the words live in an erasable table."""

    type: Literal["question.asked"] = "question.asked"
    question_id: UUID
    incident_id: UUID
    domain: str


class QuestionMoved(DomainEvent):
    """A question was taken, passed on, answered or withdrawn."""

    type: Literal["question.moved"] = "question.moved"
    question_id: UUID
    incident_id: UUID
    target: QuestionStatus
    level: int
    by: Literal["expert", "time", "desk"]


class QuestionPlanned(DomainEvent):
    """The optimiser planned an expert's time for a question, or has no expert for it (null)."""

    type: Literal["question.planned"] = "question.planned"
    question_id: UUID
    incident_id: UUID
    planned_user: UUID | None
    start_at: datetime | None
    end_at: datetime | None


class LoneMoved(DomainEvent):
    """The watch over somebody who works alone started, asked, alarmed, was answered or ended."""

    type: Literal["lone.moved"] = "lone.moved"
    watch_id: UUID
    visit_id: UUID
    incident_id: UUID
    crew_id: UUID
    target: LoneStatus


class FieldPolicyChanged(DomainEvent):
    """A person changed how long experts have and how lone workers are watched."""

    type: Literal["field.policy_changed"] = "field.policy_changed"
    version: int
    fields: list[str]


class TrackRead(DomainEvent):
    """Somebody looked at where a crew was, and why."""

    type: Literal["track.read"] = "track.read"
    crew_id: UUID
    since: datetime
    until: datetime
    points: int
    reason: str


FieldFact = (
    HelpAsked
    | HelpSeen
    | QuestionAsked
    | QuestionMoved
    | QuestionPlanned
    | LoneMoved
    | FieldPolicyChanged
    | TrackRead
)
