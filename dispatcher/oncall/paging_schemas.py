"""Wire models of pages and call-outs."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from dispatcher.oncall.ladder import PostRule
from dispatcher.wire import In, Out


class AcknowledgeIn(In):
    """Who takes the page: the desk says so after talking to somebody."""

    person_id: UUID


class CallPlaced(Out):
    """One call of one person."""

    person: str
    post: str
    rung: int
    round: int
    number: int
    called_at: datetime
    deliveries: dict[str, str]


class PageDetail(Out):
    """A page with every call made for it; `deliveries` are channel → state."""

    id: UUID
    incident_id: UUID
    ref: str
    title: str
    place: str | None
    priority: str
    state: str
    cause: str
    code: str
    opened_at: datetime
    next_at: datetime | None
    unanswered_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None = None
    acknowledged_via: str | None = None
    simulated: bool = False
    ended_at: datetime | None
    ended_why: str | None
    people: list["Candidate"]
    calls: list[CallPlaced]


class Candidate(Out):
    """Somebody on call now whom the ladder of a page may call."""

    person_id: UUID
    person: str
    post: str


class ReplyIn(In):
    """A reply that the SMS provider hands over."""

    id: str = Field(min_length=1, max_length=100)
    sender: str = Field(alias="from", min_length=3, max_length=30)
    text: str = Field(max_length=2000)


class ReplyOut(Out):
    """What the reply did."""

    outcome: Literal["acknowledged", "taken", "unknown_number", "not_understood", "no_page"]


class CallOutIn(In):
    """A call-out entered or corrected by hand; travel both ways included."""

    start_at: AwareDatetime
    end_at: AwareDatetime


class NewCallOutIn(CallOutIn):
    """A call-out of a person."""

    person_id: UUID
    incident_id: UUID | None = None


class CallOutView(Out):
    """Work done during on-call time; `rest_until` while the rest it asks for is not over."""

    id: UUID
    person_id: UUID
    person: str
    incident_id: UUID | None
    ref: str | None
    start_at: datetime
    end_at: datetime | None
    source: str
    rest_until: datetime | None = None


class LegalStandingOut(Out):
    """Where somebody stands before the law; minutes of work in the week and in twelve weeks."""

    person_id: UUID
    person: str
    crew: str | None
    may_start_at: datetime
    is_out: bool
    owes_rest: bool
    week_min: int
    left_min: int
    period_min: int
    short_rests: int


class LadderChoices(Out):
    """What the ladder may be made of: where each post stands, and the names that may be given."""

    steps: list[PostRule]
    labels: dict[str, str]
    letters: dict[str, str]
    sectors: list[str]
    services: list[str]


class PolicyChangeOut(Out):
    """One field of the paging policy, before and after, as JSON."""

    field: str
    before: Any
    after: Any


class PolicyVersionOut(Out):
    """Who changed the paging policy, when, and what."""

    version: int
    at: datetime
    by: str
    changes: list[PolicyChangeOut]


PageDetail.model_rebuild()
