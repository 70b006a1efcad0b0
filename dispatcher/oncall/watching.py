"""What is wrong with on-call, now and soon: gaps ahead, people who cannot come, pages that fell
through, messages that were given up.

The list is a state, computed anew from the rows at every turn: an alert cannot get lost, and
goes away when its cause does. What fell through is paged again, besides being shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.events.oncall_facts import OnCallAlertsChanged
from dispatcher.events.states import OnCallAlert, OnCallAlertsState
from dispatcher.incidents.workflow import DUE
from dispatcher.kept import NOBODY, keep
from dispatcher.models import (
    Delivery,
    Incident,
    KeptState,
    OnCallDuty,
    OnCallPerson,
    OnCallPost,
    Page,
    PageCall,
    Rota,
)
from dispatcher.notifications import deliveries
from dispatcher.oncall import paging
from dispatcher.oncall.board import service_calendar
from dispatcher.oncall.holders import is_away
from dispatcher.oncall.ladder import paging_policy
from dispatcher.oncall.law import Standing, standing
from dispatcher.oncall.snapshot import PUBLISHED, posts_of
from scheduling.rota.rules.calendar import RELIEF_AT

GRACE = timedelta(minutes=2)
"""How long an incident may ask for a page before its absence is a fault."""
AHEAD = timedelta(days=14)
"""How far ahead gaps are told: fifteen days' notice is the law, so a fortnight is already late."""
DEAD_SHOWN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Watch:
    """What the auditor must know of the service around it."""

    zone: ZoneInfo
    has_real_channel: bool


def audit(tx: Tx, watch: Watch) -> int:
    """Find what fell through, page for it, and keep the list of alerts; return how many pages.

    An incident that has asked for somebody for longer than the grace, and has no live page, fell
    through. So did an open page whose call is due and was not made, and a call whose every
    message vanished.
    """
    lost = _lost(tx)
    for incident in lost:
        paging.consider(tx, incident, "audit")
    stuck = _stuck(tx)
    for page in stuck:
        paging.restart(tx, page)
    tx.session.flush()
    found = [
        *_fell_through(tx.session, tx.org),
        *_unanswered(tx.session, tx.org),
        *_dead(tx),
        *_ahead(tx, watch.zone),
    ]
    if not watch.has_real_channel:
        found.append(OnCallAlert(code="no_channel"))
    show(tx, found)
    return len(lost) + len(stuck)


def alerts_of(session: Session, org: str) -> OnCallAlertsState:
    """Return the alerts as last shown."""
    kept = session.get(KeptState, f"oncall_alerts:{org}")
    if kept is None:
        return OnCallAlertsState(id=NOBODY, ver=0, alerts=[])
    return OnCallAlertsState.model_validate(kept.state)


def show(tx: Tx, alerts: Sequence[OnCallAlert]) -> None:
    """Tell every board what is wrong; records nothing when nothing changed."""

    def build(ver: int) -> OnCallAlertsState:
        return OnCallAlertsState(id=NOBODY, ver=ver, alerts=list(alerts))

    keep(tx, build, OnCallAlertsChanged(codes=sorted({alert.code for alert in alerts})))


def _lost(tx: Tx) -> list[Incident]:
    policy = paging_policy(tx.session, tx.org)
    is_open = service_calendar(tx.session, tx.org).is_open(tx.now)
    live = select(Page.incident_id).where(Page.org == tx.org, Page.state != paging.ENDED)
    waiting = tx.session.exec(
        select(Incident).where(
            Incident.org == tx.org,
            col(Incident.state).in_([state.value for state in DUE]),
            col(Incident.updated_at) <= tx.now - GRACE,
            col(Incident.id).not_in(live),
        )
    ).all()
    return [
        incident
        for incident in waiting
        if paging.wants_page(tx.session, incident, policy, open_=is_open)
    ]


def _stuck(tx: Tx) -> list[Page]:
    """Open pages without a next call, or whose last call has no row of a message left."""
    pages = tx.session.exec(
        select(Page).where(Page.org == tx.org, Page.state == paging.OPEN).with_for_update()
    ).all()
    return [page for page in pages if _is_stuck(tx, page)]


def _is_stuck(tx: Tx, page: Page) -> bool:
    if page.due_at is None:
        return True
    if page.first_called_at is None or page.updated_at > tx.now - GRACE:
        return False
    last = tx.session.exec(
        select(PageCall).where(PageCall.page_id == page.id).order_by(col(PageCall.called_at).desc())
    ).first()
    if last is None:
        return True
    person = tx.session.get_one(OnCallPerson, last.person_id)
    if not any(deliveries.has_address(person, channel) for channel in ("sms", "email")):
        return False
    sent = select(Delivery.id).where(Delivery.event == f"call:{last.id}")
    return tx.session.exec(sent).first() is None


def _fell_through(session: Session, org: str) -> Iterable[OnCallAlert]:
    """Pages that only the auditor made go on: shown until somebody has them."""
    pages = session.exec(
        select(Page)
        .where(Page.org == org, Page.state == paging.OPEN, Page.cause == paging.AUDIT)
        .order_by(col(Page.opened_at))
    ).all()
    for page in pages:
        yield OnCallAlert(code="page_lost", ref=page.brief["ref"], start_at=page.opened_at)


def _unanswered(session: Session, org: str) -> Iterable[OnCallAlert]:
    pages = session.exec(
        select(Page).where(
            Page.org == org, Page.state == paging.OPEN, col(Page.unanswered_at).is_not(None)
        )
    ).all()
    for page in pages:
        yield OnCallAlert(
            code="page_unanswered",
            ref=page.brief["ref"],
            start_at=page.unanswered_at,
            count=page.round - 1,
        )


def _dead(tx: Tx) -> Iterable[OnCallAlert]:
    dead = tx.session.exec(
        select(Delivery).where(
            Delivery.org == tx.org,
            Delivery.state == deliveries.DEAD,
            col(Delivery.created_at) > tx.wall - DEAD_SHOWN,
        )
    ).all()
    if dead:
        yield OnCallAlert(code="delivery_dead", count=len(dead))


def _ahead(tx: Tx, zone: ZoneInfo) -> Iterable[OnCallAlert]:
    """Turns of the coming fortnight that nobody can hold: empty, on leave, not reachable."""
    # The horizon moves once a day, so that the list stays the same between two turns.
    today = tx.now.astimezone(zone).date()
    horizon = datetime.combine(today + AHEAD, RELIEF_AT, zone).astimezone(UTC)
    rows = tx.session.exec(
        select(OnCallDuty, OnCallPerson)
        .join(OnCallPerson, col(OnCallPerson.id) == OnCallDuty.person_id)
        .join(Rota, col(Rota.id) == OnCallDuty.rota_id)
        .where(
            Rota.org == tx.org,
            Rota.state == PUBLISHED,
            col(OnCallDuty.start_at) < horizon,
            col(OnCallDuty.end_at) > tx.now,
        )
        .order_by(col(OnCallDuty.start_at))
    ).all()
    for post in posts_of(tx.session, tx.org):
        own = [duty for duty, _ in rows if duty.post == post.code]
        for gap in gaps(post, own, tx.now, horizon):
            # A gap that has begun is told without its beginning, which is long known.
            began = gap.start_at == tx.now
            yield gap.model_copy(update={"start_at": None}) if began else gap
    policy = paging_policy(tx.session, tx.org)
    for duty, person in rows:
        yield from _unable(duty, person, tx.now, zone)
        if duty.start_at <= tx.now:
            yield from _tired(standing(tx.session, person, tx.now, zone, policy), duty)


def gaps(
    post: OnCallPost, duties: Sequence[OnCallDuty], start: datetime, end: datetime
) -> list[OnCallAlert]:
    """Return the stretches in which fewer people than needed hold a post.

    Args:
        post: The post, with its need.
        duties: Its turns, in any order.
        start: First instant that matters.
        end: First instant that does not any more.
    """
    edges = {start, end}
    for duty in duties:
        edges |= {at for at in (duty.start_at, duty.end_at) if start < at < end}
    instants = sorted(edges)
    found: list[OnCallAlert] = []
    for begin, stop in pairwise(instants):
        missing = post.need - sum(d.start_at <= begin < d.end_at for d in duties)
        if missing <= 0:
            continue
        last = found[-1] if found else None
        if last is not None and last.until == begin and last.count == missing:
            found[-1] = last.model_copy(update={"until": stop})
        else:
            found.append(
                OnCallAlert(code="gap", post=post.code, start_at=begin, until=stop, count=missing)
            )
    return found


def _tired(who: Standing, duty: OnCallDuty) -> Iterable[OnCallAlert]:
    """Somebody on call whose hours of the week are spent, or whose rest a call would break again.

    Only work during on-call time raises it: everybody rests from his ordinary day.
    """
    is_spent = who.clock.left_min <= 0
    if is_spent or who.owes_rest:
        yield OnCallAlert(
            code="not_rested",
            post=duty.post,
            person=who.person.name,
            until=None if is_spent else who.clock.may_start_at,
        )


def _unable(
    duty: OnCallDuty, person: OnCallPerson, now: datetime, zone: ZoneInfo
) -> Iterable[OnCallAlert]:
    days = (duty.end_at - duty.start_at) // timedelta(days=1) + 1
    instants = [duty.start_at + timedelta(days=day) for day in range(max(1, days))]
    ahead = [at for at in instants if now <= at < duty.end_at] or [max(now, duty.start_at)]
    if any(is_away(person, at, zone) for at in ahead):
        yield OnCallAlert(
            code="on_leave",
            post=duty.post,
            person=person.name,
            start_at=duty.start_at,
            until=duty.end_at,
        )
    if not person.phone and not person.email:
        yield OnCallAlert(
            code="not_reachable",
            post=duty.post,
            person=person.name,
            start_at=duty.start_at,
            until=duty.end_at,
        )
