"""Wire models of on-call rotas."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from dispatcher.oncall.wishes import WishOut
from dispatcher.wire import In, Out


class GenerateIn(In):
    """Which weeks to plan, whether the rota replaces the one in force at once, how long to search.

    `effort` is a multiple of the usual budget: long horizons get fairer as it rises.
    """

    start: date | None = None
    weeks: int = Field(12, ge=1, le=53)
    publish: bool = True
    effort: int = Field(1, ge=1, le=20)


class StageOut(Out):
    """One stage of a search: its value so far, and below which no rota can go."""

    name: str
    value: int
    bound: int
    gap: float


class SearchOut(Out):
    """A search for a rota that is running: parts begun of all, gains made, stages in order."""

    weeks: int
    started_at: datetime
    parts: int
    begun: int
    gains: int
    stages: list[StageOut]


class WeekOut(Out):
    """An on-call week, relief to relief, with its public holidays."""

    iso: str
    start: datetime
    end: datetime
    holidays: list[str]


class PostOut(Out):
    """A post that must be held."""

    code: str
    label: str
    letter: str
    need: int


class AbsenceOut(Out):
    """Local days away, end excluded; the kind is for whoever builds rotas."""

    start: date
    end: date
    kind: str


class PersonOut(Out):
    """A member of staff who takes turns; never a telephone number."""

    id: UUID
    name: str
    post_codes: list[str]
    absences: list[AbsenceOut]
    wishes: list[WishOut] = Field(default_factory=list)


class DutyOut(Out):
    """One turn of one person; what it is paid is for whoever builds rotas."""

    id: UUID
    post: str
    person_id: UUID
    week_iso: str
    start_at: datetime
    end_at: datetime
    cents: int | None = None


class CounterOut(Out):
    """What a rota gives one person; `deviation` in weeks above (+) or below (−) the fair share."""

    person_id: UUID
    weeks: int
    weekends: int
    nights: int
    holidays: int
    deviation: float


class RuleOut(Out):
    """A rule of law or of the authority, and whether the rota keeps it."""

    name: str
    hard: bool
    source: str
    link: str | None
    satisfied: bool
    detail: str | None


class SolverOut(Out):
    """How the rota was found: `proven` best, or stopped by its budget; `bound` in points."""

    status: str
    elapsed_ms: float
    bound: float | None
    objective: float | None


class FactOut(Out):
    """One named fact of a reason: which rule, about whom, which weeks."""

    rule: str
    person_id: UUID | None
    weeks: list[str]
    reason: str


class GapOut(Out):
    """A turn that nobody can hold, and the smallest set of facts that forbids it."""

    post: str
    week_iso: str
    missing: int
    facts: list[FactOut]
    ways_out: list[FactOut]


class RotaView(Out):
    """One version of who is on call when; `edition` rises with every turn moved by hand."""

    id: UUID
    name: str
    version: int
    edition: int = 1
    state: str
    weeks: list[WeekOut]
    posts: list[PostOut]
    people: list[PersonOut]
    duties: list[DutyOut]
    counters: list[CounterOut]
    rules: list[RuleOut]
    gaps: list[GapOut]
    solver: SolverOut


class RotaVersionOut(Out):
    """One version of the rota among the others, to be opened or compared."""

    id: UUID
    version: int
    edition: int
    state: str
    starts_on: date
    weeks: int
    created_at: datetime
    published_at: datetime | None


class CalendarLinkOut(Out):
    """A person's secret links: who has them sees the turns, and answers swaps in that name.

    Links that were shut (`open` false) open nothing until they are made anew.
    """

    person_id: UUID
    person: str
    url: str
    page: str
    open: bool = True


class HandoverIn(In):
    """A note for whoever takes over; without a post it is for all."""

    text: str = Field(min_length=1, max_length=4000)
    post: str | None = Field(None, max_length=60)


class SeenOut(Out):
    """Somebody who read a note, and when."""

    name: str
    at: datetime


class HandoverOut(Out):
    """A note as it was left, and who has read it."""

    id: UUID
    post: str | None
    author: str
    text: str
    at: datetime
    seen: list[SeenOut]
