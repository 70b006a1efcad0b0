"""Wire models of what goes on with those who reported, as the desk sees and does it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from dispatcher.wire import In, Out


class WordOut(Out):
    """Words that somebody added; with `message_id` they answer that question of the desk."""

    id: UUID
    text: str
    by: str
    at: datetime
    message_id: UUID | None


class WishedTimeOut(Out):
    """Another time that somebody asks for, and what was decided."""

    id: UUID
    from_at: datetime
    to_at: datetime
    why: str | None
    state: Literal["asked", "accepted", "refused"]
    by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class OutcomeOut(Out):
    """Whether somebody says that it is repaired; `fixed` is null until he answers."""

    asked_at: datetime
    answered_at: datetime | None
    fixed: bool | None


class FollowerOut(Out):
    """Somebody who reported: what he added and asks, and which ways lead to him. No name, no
    address.
    """

    request_id: UUID
    since: datetime
    sms: bool
    email: bool
    stopped: bool
    words: list[WordOut]
    wishes: list[WishedTimeOut]
    outcome: OutcomeOut | None


class SlotOut(Out):
    """A half day that may be asked for."""

    code: str
    from_at: datetime
    to_at: datetime


class FollowersOut(Out):
    """Those who follow an incident, and what to read out to them.

    Attributes:
        sentence_fr: The state as their page says it.
        sentence_en: Likewise.
        slots: Times that may be asked for now; empty when it is too late.
        followers: Oldest first.
    """

    sentence_fr: str
    sentence_en: str
    slots: list[SlotOut]
    followers: list[FollowerOut]


class WordIn(In):
    """What somebody says on the telephone."""

    text: str = Field(min_length=1, max_length=2000)
    message_id: UUID | None = None


class WishedTimeIn(In):
    """The half day that somebody asks for on the telephone, by its code."""

    slot: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}-(am|pm)$")
    why: str | None = Field(None, max_length=300)


class DecisionIn(In):
    """Whether another time is possible."""

    accept: bool


class OutcomeIn(In):
    """What somebody who was asked says on the telephone."""

    fixed: bool


class LinkSent(Out):
    """Whether the link will leave: not without an address, nor without a way that is set up."""

    sent: bool


class OutcomesOut(Out):
    """How many reporters were asked whether it is repaired, and what they said."""

    asked: int
    yes: int
    no: int
