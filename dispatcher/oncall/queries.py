"""Reading rotas: the one in force, or the latest, as the planner's page shows it."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from dispatcher.actors import Actor, Role
from dispatcher.auth.access import has_rank
from dispatcher.errors import NotFound
from dispatcher.models import OnCallDuty, OnCallPerson, OnCallPost, Rota, Wish
from dispatcher.oncall.pay import duty_pay
from dispatcher.oncall.schemas import (
    AbsenceOut,
    CounterOut,
    DutyOut,
    GapOut,
    PersonOut,
    PostOut,
    RotaVersionOut,
    RotaView,
    RuleOut,
    SolverOut,
    WeekOut,
)
from dispatcher.oncall.snapshot import (
    absence_dates,
    holidays_of,
    people_of,
    posts_of,
    published_rota,
)
from dispatcher.oncall.wishes import WishOut, wishes_of
from scheduling.rota.rules.calendar import Week, public_holidays, weeks

AWAY = "other"
SHOWN = 50


def current(session: Session, actor: Actor, zone: ZoneInfo) -> RotaView:
    """Return the rota in force, or the latest draft while there is none.

    Raises:
        NotFound: No rota was ever made.
    """
    rota = (
        published_rota(session, actor.org)
        or session.exec(
            select(Rota).where(Rota.org == actor.org).order_by(col(Rota.number).desc())
        ).first()
    )
    if rota is None:
        raise NotFound(what="rota")
    return view(session, actor, rota, zone)


def by_id(session: Session, actor: Actor, rota_id: UUID, zone: ZoneInfo) -> RotaView:
    """Return one rota of the actor's authority.

    Raises:
        NotFound: Absent, or of another authority.
    """
    rota = session.get(Rota, rota_id)
    if rota is None or rota.org != actor.org:
        raise NotFound(what="rota")
    return view(session, actor, rota, zone)


def versions(session: Session, org: str) -> list[RotaVersionOut]:
    """Return the latest versions of the rota, newest first, at most fifty."""
    rows = session.exec(
        select(Rota).where(Rota.org == org).order_by(col(Rota.number).desc()).limit(SHOWN)
    ).all()
    return [
        RotaVersionOut(
            id=row.id,
            version=row.number,
            edition=row.edition,
            state=row.state,
            starts_on=row.starts_on,
            weeks=row.weeks,
            created_at=row.created_at,
            published_at=row.published_at,
        )
        for row in rows
    ]


def view(session: Session, actor: Actor, rota: Rota, zone: ZoneInfo) -> RotaView:
    """Return a rota as the planner's page shows it, from the week running now on."""
    span = weeks(rota.starts_on, rota.weeks, zone)
    sees_pay = has_rank(actor, Role.ONCALL_MANAGER)
    posts = {post.code: post for post in posts_of(session, actor.org)}
    duties = session.exec(
        select(OnCallDuty)
        .where(OnCallDuty.rota_id == rota.id)
        .where(col(OnCallDuty.start_at) >= span[0].start_at)
        .order_by(col(OnCallDuty.start_at), col(OnCallDuty.post))
    ).all()
    people = _people(people_of(session, actor.org), span, zone, actor)
    days = (span[0].start_at.astimezone(zone).date(), span[-1].end_at.astimezone(zone).date())
    wishes = wishes_of(session, actor.org, days[0]) if sees_pay else []
    return RotaView(
        id=rota.id,
        name=rota.name,
        version=rota.number,
        edition=rota.edition,
        state=rota.state,
        weeks=_weeks(span, zone),
        posts=[
            PostOut(code=p.code, label=p.label_fr, letter=p.letter, need=p.need)
            for p in posts.values()
        ],
        people=_with_wishes(people, wishes, *days) if sees_pay else people,
        duties=[
            _duty(duty, _cents(duty, posts[duty.post], zone) if sees_pay else None)
            for duty in duties
        ],
        counters=[
            CounterOut.model_validate({name: stored[name] for name in CounterOut.model_fields})
            for stored in rota.counters
        ],
        rules=[RuleOut.model_validate(stored) for stored in rota.rules],
        gaps=[GapOut.model_validate(stored) for stored in rota.solver.get("gaps", [])],
        solver=SolverOut.model_validate(
            {name: rota.solver[name] for name in SolverOut.model_fields}
        ),
    )


def _duty(duty: OnCallDuty, cents: int | None) -> DutyOut:
    return DutyOut(
        id=duty.id,
        post=duty.post,
        person_id=duty.person_id,
        week_iso=duty.week,
        start_at=duty.start_at,
        end_at=duty.end_at,
        cents=cents,
    )


def _cents(duty: OnCallDuty, post: OnCallPost, zone: ZoneInfo) -> int | None:
    paid = duty_pay(duty, post, zone)
    return paid.total_cents if paid is not None else None


def _weeks(span: Sequence[Week], zone: ZoneInfo) -> list[WeekOut]:
    years = {at.astimezone(zone).year for week in span for at in (week.start_at, week.end_at)}
    feasts = [holiday for year in sorted(years) for holiday in public_holidays(year)]
    return [
        WeekOut(
            iso=week.iso,
            start=week.start_at,
            end=week.end_at,
            holidays=[holiday.name for holiday in holidays_of(week, feasts, zone)],
        )
        for week in span
    ]


def _people(
    people: Sequence[OnCallPerson], span: Sequence[Week], zone: ZoneInfo, actor: Actor
) -> list[PersonOut]:
    """People with their absences in the weeks shown; why they are away only for rota builders.

    The kind may tell of an illness, which is nobody else's business.
    """
    first, last = (at.astimezone(zone).date() for at in (span[0].start_at, span[-1].end_at))
    sees_kinds = has_rank(actor, Role.ONCALL_MANAGER)
    return [
        PersonOut(
            id=person.id,
            name=person.name,
            post_codes=person.posts,
            absences=[
                AbsenceOut(start=start, end=end, kind=stored["kind"] if sees_kinds else AWAY)
                for stored in person.absences
                for start, end in [absence_dates(stored)]
                if _meet(start, end, first, last)
            ],
        )
        for person in people
    ]


def _with_wishes(
    people: list[PersonOut], wishes: Sequence[Wish], first: date, last: date
) -> list[PersonOut]:
    """Return people with the wishes that touch the weeks shown: for rota builders alone."""
    found: dict[UUID, list[WishOut]] = {}
    for wish in wishes:
        if _meet(wish.start, wish.end, first, last):
            found.setdefault(wish.person_id, []).append(WishOut.model_validate(wish))
    return [one.model_copy(update={"wishes": found.get(one.id, [])}) for one in people]


def _meet(start: date, end: date, first: date, last: date) -> bool:
    return start < last + timedelta(days=1) and first < end
