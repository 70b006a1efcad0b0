"""Paging: an incident asks for somebody on call until somebody answers or the need is gone.

Everything is driven by rows with due times: `escalate` may run anywhere, any number of times, and
after any crash goes on where the rows say. What leaves is a `delivery` row of the same
transaction; sending is somebody else's work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict, NotFound
from dispatcher.events import DomainEvent
from dispatcher.events.oncall_facts import (
    PageAcknowledged,
    PageCalled,
    PageEnded,
    PageOpened,
    PageUnanswered,
)
from dispatcher.events.states import IncidentStatus
from dispatcher.incidents.images import place_words, priority_of
from dispatcher.incidents.workflow import DUE
from dispatcher.models import Crew, Incident, OnCallPerson, Page, PageCall, Visit
from dispatcher.models.base import touch
from dispatcher.notifications import deliveries, subscriptions
from dispatcher.notifications.deliveries import Message
from dispatcher.oncall.board import service_calendar
from dispatcher.oncall.holders import holders, is_away
from dispatcher.oncall.images import page_image
from dispatcher.oncall.ladder import PagingPolicy, ladder_for, paging_policy

OPEN, ACKNOWLEDGED, ENDED = "open", "acknowledged", "ended"
Cause = Literal["arrival", "raised", "closing", "audit", "lone"]
Via = Literal["link", "screen", "sms", "simulation"]
Why = Literal["incident_over", "attended", "class_lowered", "well"]
TAKEN = ("acknowledged", "en_route", "on_site", "paused")
PLANNED = ("assigned", "notified")
ATTENDED = frozenset({IncidentStatus.IN_PROGRESS, IncidentStatus.STABILISED})
AUDIT: Cause = "audit"
LONE: Cause = "lone"
"""A page for somebody who works alone and no longer answers: it follows him, not the incident."""
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Means:
    """What escalation may use: civil time, and the channels that have an adapter."""

    zone: ZoneInfo
    channels: frozenset[str]


def wants_page(session: Session, incident: Incident, policy: PagingPolicy, *, open_: bool) -> bool:
    """Return whether an incident asks for somebody on call: its class does, and nobody has it.

    A visit planned for a crew that is off duty helps nobody tonight.

    Args:
        session: Reads.
        incident: The incident.
        policy: The paging policy.
        open_: Whether the service is open at this instant.
    """
    if incident.state not in DUE or not policy.pages(priority_of(incident), is_open=open_):
        return False
    given = (
        select(Visit.id)
        .join(Crew, col(Crew.id) == Visit.crew_id)
        .where(
            Visit.incident_id == incident.id,
            or_(
                col(Visit.state).in_(TAKEN),
                col(Visit.state).in_(PLANNED) & (col(Crew.state) != "off"),
            ),
        )
    )
    return session.exec(given).first() is None


def live_page(tx: Tx, incident_id: UUID) -> Page | None:
    """Return the page of an incident that is open or acknowledged; None without one."""
    return tx.session.exec(
        select(Page)
        .where(Page.incident_id == incident_id, Page.state != ENDED)
        .order_by(col(Page.opened_at).desc())
        .with_for_update()
    ).first()


def consider(tx: Tx, incident: Incident, cause: Cause) -> Page | None:
    """Page for an incident that asks for it; one whose class changed hurries, or asks no more."""
    policy, calendar = paging_policy(tx.session, tx.org), service_calendar(tx.session, tx.org)
    page = live_page(tx, incident.id)
    if page is None:
        is_open = calendar.is_open(tx.now)
        if wants_page(tx.session, incident, policy, open_=is_open):
            page = open_page(tx, incident, cause, policy)
        return page
    priority = priority_of(incident)
    if page.cause != LONE and page.state == OPEN and page.priority != priority:
        if priority not in (*policy.classes, *policy.always):
            end(tx, page, "class_lowered")
            return page
        page.priority = priority
        if page.first_called_at is None:
            page.due_at = policy.due_at(page.ladder, priority, tx.now, calendar.zone)
        _changed(tx, page, PageOpened(**_of(page), cause=cause, due_at=page.due_at))
    return page


def consider_waiting(tx: Tx, cause: Cause) -> int:
    """Page for every incident that nobody has, as when the service closes; return how many."""
    paged = select(Page.incident_id).where(Page.org == tx.org, Page.state != ENDED)
    waiting = tx.session.exec(
        select(Incident).where(
            Incident.org == tx.org,
            col(Incident.state).in_([state.value for state in DUE]),
            col(Incident.id).not_in(paged),
        )
    ).all()
    return sum(consider(tx, incident, cause) is not None for incident in waiting)


def follow_incident(tx: Tx, incident: Incident) -> None:
    """Bring the page of an incident in line with the state it reached."""
    if incident.state in DUE:
        consider(tx, incident, "raised")
        return
    page = live_page(tx, incident.id)
    if page is None or page.cause == LONE:
        return
    if incident.state not in ATTENDED:
        end(tx, page, "incident_over")
    elif page.state == OPEN:
        end(tx, page, "attended")


def open_page(tx: Tx, incident: Incident, cause: Cause, policy: PagingPolicy) -> Page:
    """Open a page for an incident that has no open one, and return it."""
    zone = service_calendar(tx.session, tx.org).zone
    priority, ladder = priority_of(incident), ladder_for(tx.session, incident)
    place = place_words(incident.place_label, incident.commune)
    page = Page(
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        code=_free_code(tx),
        cause=cause,
        priority=priority,
        state=OPEN,
        ladder=ladder,
        due_at=policy.due_at(ladder, priority, tx.now, zone),
        opened_at=tx.now,
        brief={"ref": incident.ref, "title": incident.title, "place": place},
        called=[],
        simulated=incident.simulated,
        updated_at=tx.now,
    )
    tx.session.add(page)
    tx.session.flush()
    tx.record(PageOpened(**_of(page), cause=cause, due_at=page.due_at), page_image(page))
    return page


def _free_code(tx: Tx) -> str:
    """Return four digits that name this page alone among the live ones, for replies by SMS."""
    taken = set(tx.session.exec(select(Page.code).where(Page.state != ENDED)).all())
    number = tx.new_id().int % 9000
    while str(1000 + number) in taken:
        number = (number + 1) % 9000
    return str(1000 + number)


def escalate(tx: Tx, means: Means) -> int:
    """Make every call that is due; return how many pages moved on."""
    due = tx.session.exec(
        select(Page)
        .where(Page.org == tx.org, Page.state == OPEN, col(Page.due_at) <= tx.now)
        .order_by(col(Page.due_at))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    policy = paging_policy(tx.session, tx.org) if due else PagingPolicy()
    for page in due:
        _advance(tx, page, policy, means)
    return len(due)


def _advance(tx: Tx, page: Page, policy: PagingPolicy, means: Means) -> None:
    """Call the same rung again, or the next one that has somebody: an empty rung waits not.

    A post in its quiet hours is passed over; when nobody but such posts is left in the whole
    ladder, the page waits for the first of them.
    """
    rung, number = page.rung, page.tries + 1
    if rung == 0 or page.tries >= policy.tries_of(page.ladder[rung - 1], page.priority):
        rung, number = rung + 1, 1
    was_called, resumes_at = page.rung > 0, []
    while rung <= len(page.ladder):
        people, later = _reachable(tx, page, rung, policy, means.zone)
        resumes_at += later
        page.rung, page.tries = rung, number
        posts = [post for post, _ in people]
        tries = policy.tries_of(posts, page.priority)
        people = [one for one in people if number <= policy.tries_of([one[0]], page.priority)]
        if people:
            page.due_at = tx.now + policy.wait(rung, posts) / tries
            page.first_called_at = page.first_called_at or tx.now
        for post, person in people:
            _call(tx, page, post, person, [c for c in policy.channels if c in means.channels])
        ids = [person.id for _, person in people]
        _changed(tx, page, PageCalled(**_of(page), rung=rung, round=page.round, person_ids=ids))
        if people:
            return
        rung, number = rung + 1, 1
    if resumes_at and not was_called:
        _wait_for(tx, page, min(resumes_at))
    else:
        _begin_anew(tx, page, policy)


def _reachable(
    tx: Tx, page: Page, rung: int, policy: PagingPolicy, zone: ZoneInfo
) -> tuple[list[tuple[str, OnCallPerson]], list[datetime]]:
    """Who on a rung may be called now, and when the others' quiet hours end."""
    people, later = [], []
    for post, person in holders(tx.session, tx.org, page.ladder[rung - 1], tx.now):
        if is_away(person, tx.now, zone):
            continue
        may_at = policy.may_call_at(post, page.priority, tx.now, zone)
        if may_at > tx.now:
            later.append(may_at)
        else:
            people.append((post, person))
    return people, later


def _wait_for(tx: Tx, page: Page, at: datetime) -> None:
    """Everybody who could be called is in quiet hours: go on when the first of them ends."""
    page.rung, page.tries, page.due_at = 0, 0, at
    cause = cast(Cause, page.cause)
    _changed(tx, page, PageOpened(**_of(page), cause=cause, due_at=at))


def _call(tx: Tx, page: Page, post: str, person: OnCallPerson, channels: Sequence[str]) -> None:
    call = PageCall(
        id=tx.new_id(),
        page_id=page.id,
        person_id=person.id,
        post=post,
        round=page.round,
        rung=page.rung,
        number=page.tries,
        called_at=tx.now,
    )
    tx.session.add(call)
    told = {"person": person.name, "post": post, "rung": page.rung, "at": tx.now.isoformat()}
    others = [one for one in page.called if (one["person"], one["post"]) != (person.name, post)]
    page.called = [*others, told]
    payload = {
        **page.brief,
        "priority": page.priority,
        "code": page.code,
        "call_id": str(call.id),
        "number": page.tries,
        "simulated": page.simulated,
    }
    for channel in channels:
        for target in subscriptions.targets(tx.session, person, channel):
            message = Message(f"call:{call.id}", channel, target, "page", payload, page.id)
            deliveries.enqueue(tx, message)


def _begin_anew(tx: Tx, page: Page, policy: PagingPolicy) -> None:
    """Nobody answered: say so loudly, and call everybody again after a while; never give up."""
    ended = page.round
    page.unanswered_at = page.unanswered_at or tx.now
    page.round, page.rung, page.tries = page.round + 1, 0, 0
    page.due_at = tx.now + policy.again_after(page.priority)
    _changed(tx, page, PageUnanswered(**_of(page), round=ended))


def restart(tx: Tx, page: Page) -> None:
    """Make an open page go on that had come to a stop, and remember that it had."""
    page.cause, page.due_at = AUDIT, tx.now
    _changed(tx, page, PageOpened(**_of(page), cause=AUDIT, due_at=page.due_at))


def hurry(tx: Tx, page_id: UUID) -> None:
    """Call the next rung of an open page at once: nothing reached the last one."""
    page = tx.session.get(Page, page_id, with_for_update=True)
    if page is not None and page.state == OPEN:
        policy = paging_policy(tx.session, tx.org)
        rung = page.ladder[page.rung - 1] if page.rung else ()
        page.tries, page.due_at = policy.tries_of(rung, page.priority), tx.now


def acknowledge(tx: Tx, page_id: UUID, person_id: UUID, via: Via) -> Page:
    """Note that somebody on call takes a page; a second acknowledgement changes nothing.

    Raises:
        NotFound: No such page or person here.
        Conflict: The page ended before anybody took it.
    """
    page = tx.session.get(Page, page_id, with_for_update=True)
    person = tx.session.get(OnCallPerson, person_id)
    if page is None or page.org != tx.org or person is None or person.org != tx.org:
        raise NotFound(what="page")
    if page.state == ACKNOWLEDGED:
        return page
    if page.state == ENDED:
        raise Conflict("this page is over", why=page.ended_why)
    page.state, page.person_id, page.due_at = ACKNOWLEDGED, person.id, None
    page.brief = {
        **page.brief,
        "acknowledged_by": person.name,
        "acknowledged_at": tx.now.isoformat(),
        "acknowledged_via": via,
    }
    deliveries.cancel_waiting(tx, page.id)
    _changed(tx, page, PageAcknowledged(**_of(page), person_id=person.id, via=via))
    return page


def end(tx: Tx, page: Page, why: Why) -> None:
    """Stop a page: nobody is called for it any more, and what waits to leave stays."""
    page.state, page.due_at = ENDED, None
    page.ended_at, page.ended_why = tx.now, why
    deliveries.cancel_waiting(tx, page.id)
    _changed(tx, page, PageEnded(**_of(page), why=why))


def _changed(tx: Tx, page: Page, event: DomainEvent) -> None:
    touch(page, tx.now)
    tx.record(event, page_image(page))


def _of(page: Page) -> dict[str, Any]:
    return {"page_id": page.id, "incident_id": page.incident_id}
