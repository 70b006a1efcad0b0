"""Wire models of a visit's card."""

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, Field

from dispatcher.events.field_states import QuestionStatus
from dispatcher.events.states import VisitStatus
from dispatcher.wire import In, Out


class WordsOut(Out):
    """A sentence in both languages."""

    fr: str
    en: str


class TickOut(Out):
    """One thing to tick, and who ticked it when."""

    code: str
    fr: str
    en: str
    done: bool
    by: str | None
    at: datetime | None


class PartOut(Out):
    """A part used, and how many."""

    name: str
    quantity: float
    by: str
    at: datetime


class PastVisitOut(Out):
    """What was done at the same place before."""

    visit_id: UUID
    ref: str
    title: str
    crew: str
    state: VisitStatus
    at: datetime
    minutes: int | None
    parts: list[str]


class AskedOut(Out):
    """A question of this incident to experts, and what they answered."""

    id: UUID
    text: str
    state: QuestionStatus
    asked_by: str
    asked_at: datetime
    taken_by: str | None
    planned_from: datetime | None
    planned_to: datetime | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


class CardOut(Out):
    """Everything behind a visit that its crew may need without network.

    Attributes:
        hazards: What may hurt, by service and category.
        danger: Kinds of danger that people told of.
        access: How to get in.
        past: Visits at the same place in the last 12 months, newest first.
        checklist: Things to tick.
        parts: Parts used.
        questions: What experts were asked and said.
    """

    visit_id: UUID
    hazards: list[WordsOut]
    danger: list[str]
    access: str | None
    past: list[PastVisitOut]
    checklist: list[TickOut]
    parts: list[PartOut]
    questions: list[AskedOut]


class TickIn(In):
    """A thing ticked or not, and when on the phone's clock."""

    item: str = Field(pattern=r"^[a-z0-9_]{2,40}$")
    done: bool
    at: AwareDatetime | None = None


class PartIn(In):
    """A part used: how many of it in all on this visit; 0 takes it off."""

    name: str = Field(min_length=1, max_length=80)
    quantity: float = Field(ge=0, le=10_000)
    at: AwareDatetime | None = None


class TurnOut(Out):
    """An on-call turn of somebody of the crew; `is_now` when it is under way."""

    person: str
    post_fr: str
    post_en: str
    start_at: datetime
    end_at: datetime
    is_now: bool
