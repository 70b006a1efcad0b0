"""Wire models of the expert desk."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from dispatcher.events.field_states import QuestionState
from dispatcher.events.states import VisitState
from dispatcher.wire import In, Out


class QuestionOut(Out):
    """A question with its words, its answer, its incident's visits, and whose time is planned."""

    question: QuestionState
    planned_name: str | None
    text: str
    phone: str | None
    answer: str | None
    answered_by: str | None
    by_phone: bool
    visits: list[VisitState]


class AnswerIn(In):
    """An expert's words; `by_phone` when they were said in a call."""

    text: str = Field(min_length=2, max_length=2000)
    by_phone: bool = False


class NoTripIn(In):
    """What was advised, and what to tell those who reported it (nothing when left out)."""

    text: str = Field(min_length=2, max_length=2000)
    told: str | None = Field(None, min_length=3, max_length=2000)


class DutyIn(In):
    """When, where and for which domains an expert may be asked; none means all of them.

    `until` null: no longer.
    """

    domains: list[str] = Field(default_factory=list, max_length=50)
    phone: str | None = Field(None, max_length=30, pattern=r"^[0-9+ .()-]{3,30}$")
    until: AwareDatetime | None


class DutyOut(Out):
    """What an expert said about his own duty."""

    domains: list[str]
    phone: str | None
    until: datetime | None


class ContactOut(Out):
    """Somebody who may be asked now; `post` when the on-call rota says so."""

    name: str
    phone: str | None
    post: str | None


class FiguresOut(Out):
    """What the expert desk did since an instant."""

    since: datetime
    asked: int
    answered: int
    by_phone: int
    no_trip: int
    escalated: int
    median_answer_min: float | None


class ExpertsOut(Out):
    """Who is on duty now, what I said about myself, and the figures of the last 30 days."""

    me: DutyOut
    on_duty: list[ContactOut]
    domains: list[str]
    figures: FiguresOut
