"""What citizens said, asked and answered after their report, and what they are told."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from dispatcher.events.base import DomainEvent


class CitizenSpoke(DomainEvent):
    """Somebody added words to his request; they live in an erasable table."""

    type: Literal["citizen.spoke"] = "citizen.spoke"
    incident_id: UUID
    request_id: UUID
    word_id: UUID
    is_answer: bool


class TimeWished(DomainEvent):
    """Somebody asks for another time."""

    type: Literal["citizen.time_wished"] = "citizen.time_wished"
    incident_id: UUID
    request_id: UUID
    wish_id: UUID
    from_at: datetime
    to_at: datetime


class WishDecided(DomainEvent):
    """The desk accepted or refused another time."""

    type: Literal["citizen.wish_decided"] = "citizen.wish_decided"
    incident_id: UUID
    request_id: UUID
    wish_id: UUID
    decision: Literal["accepted", "refused"]
    from_at: datetime
    to_at: datetime


class OutcomeAsked(DomainEvent):
    """Some of those who reported are asked whether it is really repaired."""

    type: Literal["citizen.outcome_asked"] = "citizen.outcome_asked"
    incident_id: UUID
    requests: int


class OutcomeTold(DomainEvent):
    """Somebody who was asked says whether it is repaired."""

    type: Literal["citizen.outcome_told"] = "citizen.outcome_told"
    incident_id: UUID
    request_id: UUID
    fixed: bool


class NoticesChanged(DomainEvent):
    """Somebody stopped the messages of his request, or wants them again."""

    type: Literal["citizen.notices_changed"] = "citizen.notices_changed"
    incident_id: UUID
    request_id: UUID
    stopped: bool
    at_night: bool


class NoticeTemplateChanged(DomainEvent):
    """A pilot changed the words of a notice, whether it is sent, or put a version back."""

    type: Literal["notice.template_changed"] = "notice.template_changed"
    code: str
    channel: Literal["sms", "email"]
    version: int
    active: bool
    restored: int | None = None
