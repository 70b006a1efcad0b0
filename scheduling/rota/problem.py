"""What an on-call rota must answer: who may hold which duty, and what is already decided.

The frozen input of every rota engine. It knows no solver, no database and no clock:
whoever builds a `Problem` has read the clock and the tables already.

Conventions: instants are aware datetimes; intervals include their start and exclude
their end; civil times (weeks, nights, holidays) are read in `Policy.timezone`;
load is counted in points, 100 points being one ordinary week of on-call duty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

POINTS_PER_WEEK = 100
"""Load of one ordinary on-call week for a full-time person."""


class ProblemError(ValueError):
    """The rota problem contradicts itself; the message names the first fault found."""


class DutyKind(StrEnum):
    """What the law calls the duty; it decides indemnities and working time.

    Source: décret n° 2005-542 du 19 mai 2005, art. 2 and 3 (astreinte, permanence);
    décret n° 2015-415 du 14 avril 2015, art. 2 (exploitation, sécurité, décision).
    """

    OPERATIONS = "operations"
    SAFETY = "safety"
    DECISION = "decision"
    CRISIS_COMMUNICATION = "crisis_communication"
    ON_SITE = "on_site"


class AbsenceKind(StrEnum):
    """Why someone is away; only some reasons lower the share of duties expected."""

    LEAVE = "leave"
    TRAINING = "training"
    SICK = "sick"
    PARENTAL = "parental"
    OTHER = "other"

    @property
    def lowers_share(self) -> bool:
        """True when the person owes fewer duties because of it.

        Everybody takes leave and follows courses, so these move duties to other weeks;
        a long illness or a parental leave is not to be made up for on return.
        """
        return self in {AbsenceKind.SICK, AbsenceKind.PARENTAL, AbsenceKind.OTHER}


@dataclass(frozen=True, slots=True)
class Post:
    """A role that somebody must hold at all times, such as operations or decision."""

    code: str
    label: str
    letter: str
    kind: DutyKind
    need: int = 1
    criticality: int = 1


@dataclass(frozen=True, slots=True)
class Duty:
    """One turn of one post: an interval to be held by `need` people.

    Attributes:
        points: load for a full-time person; 100 is one ordinary week.
        work_min: minutes that are working time as planned (0 for stand-by at home).
    """

    id: str
    post: str
    start_at: datetime
    end_at: datetime
    need: int = 1
    points: int = POINTS_PER_WEEK
    work_min: int = 0

    @property
    def standby_min(self) -> int:
        """Minutes of the duty that are not working time."""
        return int((self.end_at - self.start_at).total_seconds()) // 60 - self.work_min


@dataclass(frozen=True, slots=True)
class Qualification:
    """The right to hold a post, possibly from a date and until a date (excluded)."""

    post: str
    valid_from: date | None = None
    valid_until: date | None = None

    def covers(self, first: date, last: date) -> bool:
        """Says whether the right holds on every day from `first` to `last`, both included."""
        begun = self.valid_from is None or self.valid_from <= first
        return begun and (self.valid_until is None or last < self.valid_until)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes part; `fte_pct` is the share of full time, 1 to 100."""

    id: str
    name: str
    qualifications: tuple[Qualification, ...]
    fte_pct: int = 100


@dataclass(frozen=True, slots=True)
class Absence:
    """A period during which a person holds no duty at all."""

    person_id: str
    start_at: datetime
    end_at: datetime
    kind: AbsenceKind = AbsenceKind.LEAVE


@dataclass(frozen=True, slots=True)
class Wish:
    """A preference about a period: hold a duty in it, or hold none. Weight 1 to 10."""

    person_id: str
    start_at: datetime
    end_at: datetime
    wants_duty: bool = False
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Carry:
    """What earlier rotas leave on a person's account.

    Attributes:
        points: load above (+) or below (−) the fair share, already divided by the
            person's share of full time; 100 is one ordinary week too many.
        weeks, weekends, nights, holidays: duties held so far, for display.
    """

    person_id: str
    points: int = 0
    weeks: int = 0
    weekends: int = 0
    nights: int = 0
    holidays: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A duty held before the horizon; spacing and rest rules still look at it."""

    person_id: str
    post: str
    start_at: datetime
    end_at: datetime
    work_min: int = 0


class Assignment(NamedTuple):
    """One person holds one duty.

    A named tuple and not a dataclass: rotas of a year hash a million of them, and the
    tuple's hash is written in C.
    """

    duty_id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday, as data: the territory decides which ones it has."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class Frequency:
    """At most `max_duties` duties begun within any `window_weeks` consecutive weeks."""

    max_duties: int
    window_weeks: int


@dataclass(frozen=True, slots=True)
class Mentoring:
    """The novice only holds a duty when one of the seniors is on duty at the same time."""

    novice_id: str
    senior_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the authority decided for itself (deliberation of the assembly).

    Attributes:
        min_free_weeks: weeks without duty required between two duties of a person;
            1 means never two weeks running.
        preferred_free_weeks: the same as a preference, broken only to cover a duty.
        frequencies: caps on duties per window, such as 17 in 52 weeks.
        apart: pairs of people never on duty at the same time.
        daily_rest_h: hours of rest between two duties that are working time.
    """

    timezone: str = "Europe/Paris"
    min_free_weeks: int = 1
    preferred_free_weeks: int = 0
    frequencies: tuple[Frequency, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    mentoring: tuple[Mentoring, ...] = ()
    daily_rest_h: int = 11

    @property
    def zone(self) -> ZoneInfo:
        """The civil time zone in which weeks and nights are counted."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a rota engine may know; validated on construction.

    Attributes:
        pins: assignments that must stand (published and begun, or chosen by hand).
        bans: assignments refused by hand.
        history: duties held before the horizon.

    Raises:
        ProblemError: on unknown or doubled identifiers, naive instants, empty
            intervals or values out of range.
    """

    posts: tuple[Post, ...]
    people: tuple[Person, ...]
    duties: tuple[Duty, ...]
    absences: tuple[Absence, ...] = ()
    wishes: tuple[Wish, ...] = ()
    carries: tuple[Carry, ...] = ()
    pins: tuple[Assignment, ...] = ()
    bans: tuple[Assignment, ...] = ()
    history: tuple[Held, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        """Refuses a problem that contradicts itself."""
        _refuse_doubles("post", (post.code for post in self.posts))
        _refuse_doubles("person", (person.id for person in self.people))
        _refuse_doubles("duty", (duty.id for duty in self.duties))
        _refuse_doubles("carry", (carry.person_id for carry in self.carries))
        self._refuse_strangers()
        self._refuse_odd_intervals()
        self._refuse_odd_values()

    def _refuse_strangers(self) -> None:
        posts = {post.code for post in self.posts}
        people = {person.id for person in self.people}
        duties = {duty.id for duty in self.duties}
        decided = (*self.pins, *self.bans)
        named = {
            "post": ({d.post for d in self.duties}, posts),
            "post of a qualification": (
                {q.post for p in self.people for q in p.qualifications},
                posts,
            ),
            "person": (
                {absence.person_id for absence in self.absences}
                | {wish.person_id for wish in self.wishes}
                | {carry.person_id for carry in self.carries}
                | {cell.person_id for cell in decided}
                | {person_id for pair in self.policy.apart for person_id in pair}
                | {i for m in self.policy.mentoring for i in (m.novice_id, *m.senior_ids)},
                people,
            ),
            "duty": ({cell.duty_id for cell in decided}, duties),
        }
        for what, (mentioned, known) in named.items():
            if strangers := mentioned - known:
                raise ProblemError(f"unknown {what}: {min(strangers)}")

    def _refuse_odd_intervals(self) -> None:
        spans: list[Duty | Absence | Wish | Held] = [*self.duties, *self.absences]
        for span in (*spans, *self.wishes, *self.history):
            if span.start_at.tzinfo is None or span.end_at.tzinfo is None:
                raise ProblemError(f"naive instant: {span.start_at}")
            if span.end_at <= span.start_at:
                raise ProblemError(f"empty interval: {span.start_at}")

    def _refuse_odd_values(self) -> None:
        for duty in self.duties:
            if duty.need < 1 or duty.points < 0 or duty.standby_min < 0:
                raise ProblemError(f"duty out of range: {duty.id}")
        for person in self.people:
            if not 1 <= person.fte_pct <= 100:
                raise ProblemError(f"fte_pct out of range: {person.id}")
        for wish in self.wishes:
            if not 1 <= wish.weight <= 10:
                raise ProblemError(f"wish weight out of range: {wish.person_id}")
        if both := set(self.pins) & set(self.bans):
            raise ProblemError(f"both pinned and banned: {min(both).duty_id}")

    def duty_by_id(self) -> Mapping[str, Duty]:
        """Duties keyed by their identifier."""
        return {duty.id: duty for duty in self.duties}

    def person_by_id(self) -> Mapping[str, Person]:
        """People keyed by their identifier."""
        return {person.id: person for person in self.people}

    def post_by_code(self) -> Mapping[str, Post]:
        """Posts keyed by their code."""
        return {post.code: post for post in self.posts}

    def local(self, instant: datetime) -> datetime:
        """The wall-clock reading of an instant, naive, in the policy's time zone.

        Differences between two readings count civil days: a week that contains a
        change of hour is still exactly seven days long.
        """
        return instant.astimezone(self.policy.zone).replace(tzinfo=None)


def _refuse_doubles(what: str, ids: Iterable[str]) -> None:
    doubled = [key for key, times in Counter(ids).items() if times > 1]
    if doubled:
        raise ProblemError(f"{what} given twice: {min(doubled)}")
