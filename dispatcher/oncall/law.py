"""The field feeds the law: what people really worked, and when they may start again.

Work is the shifts of one's crew, visits that overran them, and call-outs, travel included. Time
on call at home is none. The engine (`scheduling.rota.rest_clock`) knows the limits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from dispatcher.crews.commands import set_rest
from dispatcher.database import Tx
from dispatcher.models import CallOut, Crew, OnCallPerson, Shift, Visit
from dispatcher.oncall.board import service_calendar
from dispatcher.oncall.callouts import running_of
from dispatcher.oncall.holders import is_away
from dispatcher.oncall.ladder import PagingPolicy, paging_policy
from dispatcher.oncall.snapshot import people_of
from scheduling.rota.rest_clock import Limits, RestClock, Worked, rest_clock, short_rests

LOOK_BACK = timedelta(weeks=12)
OUT_OF_TOUCH = timedelta(hours=36)
"""Work that ended longer ago delays nobody."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands before the law at an instant.

    Attributes:
        person: Who.
        clock: Rest and hours worked.
        is_out: Whether a call-out is running.
        owes_rest: Whether the rest after a call-out is not over yet.
        short_rests: Times of the last twelve weeks that work began before the rest was over.
    """

    person: OnCallPerson
    clock: RestClock
    is_out: bool
    owes_rest: bool
    short_rests: int


def standing(
    session: Session, person: OnCallPerson, now: datetime, zone: ZoneInfo, policy: PagingPolicy
) -> Standing:
    """Return where a person stands at an instant."""
    limits = Limits(rest_h=policy.rest_h)
    outs = _call_outs(session, person.id, now)
    shifts = list(_shifts(session, person, now, zone))
    clock = rest_clock([*shifts, *outs], now, zone, limits)
    if policy.taken_rest_counts:
        clock = _with_rest_taken(clock, shifts, outs, (now, zone, limits))
    is_out = running_of(session, person.id) is not None
    last = max((one.end_at for one in outs), default=None)
    recent = last is not None and now - last < timedelta(hours=policy.rest_h)
    return Standing(
        person,
        clock,
        is_out,
        recent and not is_out and clock.may_start_at > now,
        len(short_rests([*shifts, *outs], limits)),
    )


def _with_rest_taken(
    clock: RestClock,
    shifts: Sequence[Worked],
    outs: Sequence[Worked],
    at: tuple[datetime, ZoneInfo, Limits],
) -> RestClock:
    """Forgive the last call-out when a whole rest lay before it."""
    now, zone, limits = at
    last = max(outs, key=lambda one: one.start_at, default=None)
    if last is None:
        return clock
    before = [one for one in (*shifts, *outs) if one.start_at < last.start_at]
    after = [one for one in shifts if one.end_at > last.end_at]
    rested = rest_clock(before, last.start_at, zone, limits).may_start_at <= last.start_at
    if not before or not rested or after:
        return clock
    return RestClock(max(now, last.end_at), clock.week_min, clock.period_min, clock.left_min)


def refresh_person(tx: Tx, person_id: UUID) -> None:
    """Bring the start of a person's crew in line with his rest."""
    person = tx.session.get(OnCallPerson, person_id)
    if person is None or person.crew is None:
        return
    crew = tx.session.exec(
        select(Crew).where(Crew.org == tx.org, Crew.code == person.crew).with_for_update()
    ).first()
    if crew is not None:
        _refresh_crew(tx, crew)


def refresh_after_overtime(tx: Tx, crew_id: UUID) -> None:
    """Bring a crew's next start in line with the rest of its people, if it worked late."""
    crew = tx.session.get(Crew, crew_id, with_for_update=True)
    if crew is None:
        return
    running = select(Shift.id).where(
        Shift.crew_id == crew_id, col(Shift.start_at) <= tx.now, col(Shift.end_at) > tx.now
    )
    if tx.session.exec(running).first() is None:
        _refresh_crew(tx, crew)


def _refresh_crew(tx: Tx, crew: Crew) -> None:
    policy = paging_policy(tx.session, tx.org)
    zone = service_calendar(tx.session, tx.org).zone
    members = tx.session.exec(
        select(OnCallPerson).where(OnCallPerson.org == tx.org, OnCallPerson.crew == crew.code)
    ).all()
    starts = [
        standing(tx.session, person, tx.now, zone, policy).clock.may_start_at
        for person in members
        if not is_away(person, tx.now, zone)
    ]
    if not starts:
        return
    until = max(starts) if policy.crew_waits else min(starts)
    upcoming = tx.session.exec(
        select(Shift)
        .where(Shift.crew_id == crew.id, col(Shift.end_at) > tx.now)
        .order_by(col(Shift.start_at))
    ).first()
    if upcoming is not None and upcoming.start_at <= tx.now and crew.state != "off":
        return  # at work already: what is entered now delays nobody
    # A rest that is over before the shift begins delays nothing.
    matters = upcoming is not None and until > max(upcoming.start_at, tx.now)
    set_rest(tx, crew, until if matters else None)


def standings(session: Session, org: str, now: datetime, zone: ZoneInfo) -> Sequence[Standing]:
    """Return where everybody who takes turns stands, by code."""
    policy = paging_policy(session, org)
    return [standing(session, one, now, zone, policy) for one in people_of(session, org)]


def _call_outs(session: Session, person_id: UUID, now: datetime) -> list[Worked]:
    rows = session.exec(
        select(CallOut).where(
            CallOut.person_id == person_id,
            col(CallOut.start_at) < now,
            col(CallOut.start_at) > now - LOOK_BACK,
        )
    ).all()
    return [Worked(one.start_at, one.end_at or now) for one in rows]


def _shifts(
    session: Session, person: OnCallPerson, now: datetime, zone: ZoneInfo
) -> Iterator[Worked]:
    """Yield the shifts a person worked with his crew, each until its last visit was done."""
    if person.crew is None:
        return
    rows = session.exec(
        select(Shift, Crew.state)
        .join(Crew, col(Crew.id) == Shift.crew_id)
        .where(
            Crew.org == person.org,
            Crew.code == person.crew,
            col(Shift.start_at) < now,
            col(Shift.start_at) > now - LOOK_BACK,
        )
    ).all()
    for shift, activity in rows:
        if shift.end_at > now and activity == "off":
            continue  # it has not begun: the crew rests
        if not is_away(person, shift.start_at, zone):
            yield Worked(shift.start_at, shift.end_at)
    visits = session.exec(
        select(Visit)
        .join(Crew, col(Crew.id) == Visit.crew_id)
        .where(
            Crew.org == person.org,
            Crew.code == person.crew,
            col(Visit.updated_at) > now - OUT_OF_TOUCH,
        )
    ).all()
    for visit in visits:
        if (span := _worked(visit, now)) is not None and not is_away(person, span.start_at, zone):
            yield span


def _worked(visit: Visit, now: datetime) -> Worked | None:
    """Return the time a crew spent for a visit, from leaving to done; None if it never left."""
    left = visit.stamps.get("en_route") or visit.stamps.get("on_site")
    if left is None:
        return None
    done = visit.stamps.get("completed") or visit.stamps.get("incomplete")
    start = datetime.fromisoformat(left)
    end = datetime.fromisoformat(done) if done else now
    return Worked(start, end) if start < end else None
