"""From rows to a rota problem: who may hold which week, and what everybody already did.

Weeks run from Monday 08:00 to Monday 08:00 in civil time. The account each person starts with is
what earlier rotas leave: a rota half served leaves half of its imbalance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from dispatcher.errors import InvalidInput
from dispatcher.models import OnCallDuty, OnCallPerson, OnCallPost, Rota
from dispatcher.oncall.wishes import engine_wishes
from scheduling.rota.problem import (
    POINTS_PER_WEEK,
    Absence,
    AbsenceKind,
    Carry,
    Duty,
    DutyKind,
    Held,
    Holiday,
    Person,
    Policy,
    Post,
    Problem,
    Qualification,
)
from scheduling.rota.rules.calendar import (
    RELIEF_AT,
    Week,
    instant,
    iso_week,
    public_holidays,
    weeks,
)

HOLIDAY_POINTS = 30
"""Load a public holiday adds to a week: the decree pays 46.55 € for it on top of 159.20 €."""
PREFERRED_FREE_WEEKS = 2
"""Never two weeks running, and rather two weeks off between turns where cover allows it."""
LOOK_BACK = timedelta(weeks=52)
PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Horizon:
    """The weeks to plan, as asked: from a Monday, or from the first week nobody holds yet."""

    start: date | None
    weeks: int
    timezone: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A rota problem and the rota in force it was taken beside.

    Attributes:
        problem: What the engine sees; ids of duties are `post:week`.
        weeks: The weeks of the horizon.
        previous: The published rota, if any; storing refuses when another replaced it.
    """

    problem: Problem
    weeks: tuple[Week, ...]
    previous: UUID | None


def take(session: Session, org: str, now: datetime, horizon: Horizon) -> Snapshot:
    """Return the rota problem of an authority.

    Args:
        session: One consistent snapshot of the database.
        org: The authority.
        now: Service time, aware.
        horizon: Which weeks.

    Raises:
        InvalidInput: The start lies before the current week, or nobody or no post is known.
    """
    policy = Policy(timezone=horizon.timezone, preferred_free_weeks=PREFERRED_FREE_WEEKS)
    published = published_rota(session, org)
    span = weeks(_first_monday(horizon, now, policy.zone, published), horizon.weeks, policy.zone)
    posts = posts_of(session, org)
    people = people_of(session, org)
    if not posts or not people:
        raise InvalidInput("no on-call post or nobody to hold it: run `cpo import` first")
    served = _served(session, org, span[0].start_at)
    holidays = _holidays(span, policy.zone)
    problem = Problem(
        posts=tuple(_post(post) for post in posts),
        people=tuple(_person(person, posts) for person in people),
        duties=_duties(posts, span, holidays, policy.zone),
        absences=tuple(a for person in people for a in _absences(person, policy.zone)),
        carries=tuple(_carry(person, published, served) for person in people),
        history=tuple(_held(duty) for duty in served),
        holidays=holidays,
        policy=policy,
        wishes=engine_wishes(session, org, now.astimezone(policy.zone).date(), policy.zone),
    )
    return Snapshot(problem, span, published.id if published else None)


def duty_id(post: str, week: str) -> str:
    """Return the engine's name of a turn."""
    return f"{post}:{week}"


def published_rota(session: Session, org: str) -> Rota | None:
    """Return the rota in force, if any."""
    return session.exec(
        select(Rota)
        .where(Rota.org == org, Rota.state == PUBLISHED)
        .order_by(col(Rota.number).desc())
    ).first()


def posts_of(session: Session, org: str) -> Sequence[OnCallPost]:
    """Return the posts of an authority in their order."""
    return session.exec(
        select(OnCallPost).where(OnCallPost.org == org).order_by(col(OnCallPost.position))
    ).all()


def people_of(session: Session, org: str) -> Sequence[OnCallPerson]:
    """Return who takes turns, by code so that the same people always give the same rota."""
    return session.exec(
        select(OnCallPerson).where(OnCallPerson.org == org).order_by(col(OnCallPerson.code))
    ).all()


def _first_monday(horizon: Horizon, now: datetime, zone: ZoneInfo, published: Rota | None) -> date:
    """The first Monday to plan: this week's while nobody holds it, else the next one."""
    # Before Monday 08:00 the week that is running still belongs to the Monday before.
    today = (now.astimezone(zone) - timedelta(hours=8)).date()
    this_week = today - timedelta(days=today.weekday())
    if horizon.start is None:
        return this_week if published is None else this_week + timedelta(weeks=1)
    monday = horizon.start + timedelta(days=-horizon.start.weekday() % 7)
    if monday < this_week or monday > this_week + timedelta(weeks=104):
        raise InvalidInput("the rota starts in the past or too far ahead", field="start")
    return monday


def _post(post: OnCallPost) -> Post:
    return Post(post.code, post.label_fr, post.letter, DutyKind(post.duty_kind), post.need)


def _person(person: OnCallPerson, posts: Sequence[OnCallPost]) -> Person:
    known = {post.code for post in posts}
    rights = tuple(Qualification(code) for code in person.posts if code in known)
    return Person(str(person.id), person.name, rights)


def _holidays(span: Sequence[Week], zone: ZoneInfo) -> tuple[Holiday, ...]:
    first, last = (at.astimezone(zone).year for at in (span[0].start_at, span[-1].end_at))
    return tuple(h for year in range(first, last + 1) for h in public_holidays(year))


def _duties(
    posts: Sequence[OnCallPost],
    span: Sequence[Week],
    holidays: Sequence[Holiday],
    zone: ZoneInfo,
) -> tuple[Duty, ...]:
    return tuple(
        Duty(
            duty_id(post.code, week.iso),
            post.code,
            week.start_at,
            week.end_at,
            post.need,
            POINTS_PER_WEEK + HOLIDAY_POINTS * len(holidays_of(week, holidays, zone)),
        )
        for week in span
        for post in posts
    )


def holidays_of(week: Week, holidays: Sequence[Holiday], zone: ZoneInfo) -> list[Holiday]:
    """Return the public holidays of a week: those of its Monday to its Sunday."""
    first, last = (at.astimezone(zone).date() for at in (week.start_at, week.end_at))
    return [holiday for holiday in holidays if first <= holiday.day < last]


def absence_dates(stored: Mapping[str, Any]) -> tuple[date, date]:
    """Return the first day away and the first day back of a stored absence."""
    return date.fromisoformat(stored["start"]), date.fromisoformat(stored["end"])


def _absences(person: OnCallPerson, zone: ZoneInfo) -> list[Absence]:
    found: list[Absence] = []
    for stored in person.absences:
        # A day away begins and ends at the hour of relief: leave from a Monday on does not cost
        # the on-call week that ends that morning, nor the one that begins on the day of return.
        start, end = (instant(day, RELIEF_AT, zone) for day in absence_dates(stored))
        found.append(Absence(str(person.id), start, end, AbsenceKind(stored["kind"])))
    return found


def _served(session: Session, org: str, before: datetime) -> Sequence[OnCallDuty]:
    return session.exec(
        select(OnCallDuty)
        .where(OnCallDuty.rota_id == Rota.id, Rota.org == org, Rota.state == PUBLISHED)
        .where(col(OnCallDuty.start_at) < before)
        .where(col(OnCallDuty.start_at) >= before - LOOK_BACK)
        .order_by(col(OnCallDuty.start_at))
    ).all()


def _held(duty: OnCallDuty) -> Held:
    return Held(str(duty.person_id), duty.post, duty.start_at, duty.end_at)


def _carry(person: OnCallPerson, published: Rota | None, served: Sequence[OnCallDuty]) -> Carry:
    """The account a person starts with, in points.

    Before any rota it is what the reference data say. After a rota served in part it moves from
    what that rota started with to what it ends with, week by week.
    """
    first = round(100 * float(person.carry.get("weeks", 0)))
    counter = next(
        (c for c in (published.counters if published else []) if c["person_id"] == str(person.id)),
        None,
    )
    if published is None or counter is None:
        return Carry(str(person.id), first)
    mine = [duty for duty in served if duty.week in weeks_of(published)]
    share = len({duty.week for duty in mine}) / max(1, published.weeks)
    load = sum(_points(published, duty) for duty in mine if duty.person_id == person.id)
    points = (1 - share) * counter["carried"] + load - share * counter["target"]
    return Carry(str(person.id), round(points))


def weeks_of(rota: Rota) -> set[str]:
    """Return the ISO weeks a rota plans; turns taken over from an earlier one lie before."""
    days = (rota.starts_on + timedelta(weeks=number) for number in range(rota.weeks))
    return {iso_week(day) for day in days}


def _points(published: Rota, duty: OnCallDuty) -> int:
    holidays = published.solver.get("week_holidays", {}).get(duty.week, 0)
    return POINTS_PER_WEEK + HOLIDAY_POINTS * int(holidays)
