"""Who is on call now and next, as every board's header shows it."""

from datetime import datetime

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.events.facts import OnCallChanged
from dispatcher.events.states import OnCallNext, OnCallNow, OnCallState
from dispatcher.incidents.scoring import policy_in_force
from dispatcher.kept import NOBODY, keep
from dispatcher.models import KeptState, OnCallDuty, OnCallPerson, OnCallPost, Rota
from priority.calendar import WorkingCalendar


def refresh_on_call(tx: Tx) -> None:
    """Bring the board's on-call line up to date; records nothing when nobody changed."""
    now = _turns(tx.session, tx.org, tx.now, current=True)
    following = _turns(tx.session, tx.org, tx.now, current=False)
    is_open = service_calendar(tx.session, tx.org).is_open(tx.now)

    def build(ver: int) -> OnCallState:
        return OnCallState(
            id=NOBODY,
            ver=ver,
            service_hours=is_open,
            now=[
                OnCallNow(post=post.code, label=post.label_fr, person=who.name, until=duty.end_at)
                for post, who, duty in now
            ],
            next=[
                OnCallNext(
                    post=post.code, label=post.label_fr, person=who.name, starts_at=duty.start_at
                )
                for post, who, duty in following
            ],
        )

    keep(tx, build, OnCallChanged())


def on_call_state(session: Session, org: str) -> OnCallState:
    """Return who is on call as last shown."""
    kept = session.get(KeptState, f"oncall:{org}")
    if kept is None:
        return OnCallState(id=NOBODY, ver=0, service_hours=True, now=[], next=[])
    return OnCallState.model_validate(kept.state)


def service_calendar(session: Session, org: str) -> WorkingCalendar:
    """Return the opening hours of the service, from the policy in force."""
    return policy_in_force(session, org).calendar.working


def _turns(
    session: Session, org: str, at: datetime, *, current: bool
) -> list[tuple[OnCallPost, OnCallPerson, OnCallDuty]]:
    query = (
        select(OnCallPost, OnCallPerson, OnCallDuty)
        .where(OnCallDuty.post == OnCallPost.code)
        .where(OnCallDuty.person_id == OnCallPerson.id)
        .where(OnCallDuty.rota_id == Rota.id)
        .where(Rota.org == org, Rota.state == "published")
    )
    if current:
        query = query.where(col(OnCallDuty.start_at) <= at, col(OnCallDuty.end_at) > at)
    else:
        query = query.where(col(OnCallDuty.start_at) > at)
    rows = session.exec(
        query.order_by(col(OnCallDuty.start_at), col(OnCallPost.position)).limit(20)
    ).all()
    first: dict[str, tuple[OnCallPost, OnCallPerson, OnCallDuty]] = {}
    for post, person, duty in rows:
        first.setdefault(f"{post.code}:{person.id if current else ''}", (post, person, duty))
    return list(first.values())
