"""Who holds which post at an instant, and whether that person can be called."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from dispatcher.models import OnCallDuty, OnCallPerson, Rota
from dispatcher.oncall.snapshot import PUBLISHED, absence_dates
from scheduling.rota.rules.calendar import RELIEF_AT, instant


def holders(
    session: Session, org: str, posts: Sequence[str], at: datetime
) -> list[tuple[str, OnCallPerson]]:
    """Return (post, person) for everybody on call on the posts at an instant."""
    rows = session.exec(
        select(OnCallDuty.post, OnCallPerson)
        .join(OnCallPerson, col(OnCallPerson.id) == OnCallDuty.person_id)
        .join(Rota, col(Rota.id) == OnCallDuty.rota_id)
        .where(
            Rota.org == org,
            Rota.state == PUBLISHED,
            col(OnCallDuty.post).in_(posts),
            col(OnCallDuty.start_at) <= at,
            col(OnCallDuty.end_at) > at,
        )
        .order_by(col(OnCallDuty.post), col(OnCallPerson.code))
    ).all()
    # Turns that touch or overlap make nobody two people.
    found = {(post, person.id): (post, person) for post, person in rows}
    return list(found.values())


def is_away(person: OnCallPerson, at: datetime, zone: ZoneInfo) -> bool:
    """Return whether an absence of a person covers an instant; days turn at the relief."""
    for stored in person.absences:
        start, end = (instant(day, RELIEF_AT, zone) for day in absence_dates(stored))
        if start <= at < end:
            return True
    return False
