"""Call-outs: the work that is done during on-call time, from door to door."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict, InvalidInput, NotFound
from dispatcher.events.oncall_facts import CallOutMoved
from dispatcher.models import CallOut, OnCallPerson, Page

LONGEST = timedelta(hours=24)
"""A call-out that nobody ended for longer was forgotten: corrected by hand, never guessed."""


def leave(tx: Tx, page: Page, person_id: UUID, source: str = "link") -> CallOut:
    """Note that somebody leaves home for a page; a second time changes nothing.

    Raises:
        Conflict: That person is out for something else.
    """
    running = running_of(tx.session, person_id)
    if running is not None:
        if running.page_id == page.id:
            return running
        raise Conflict("this person is out already")
    made = CallOut(
        id=tx.new_id(),
        org=tx.org,
        person_id=person_id,
        incident_id=page.incident_id,
        page_id=page.id,
        start_at=tx.now,
        source=source,
        recorded_at=tx.now,
    )
    tx.session.add(made)
    _record(tx, made)
    return made


def back(tx: Tx, person_id: UUID) -> CallOut | None:
    """Note that somebody is back home; returns the call-out that ends, if one was running."""
    running = running_of(tx.session, person_id)
    if running is None:
        return None
    # The law counts minutes: a call-out ended in the minute it began lasts one.
    running.end_at = max(tx.now, running.start_at + timedelta(minutes=1))
    _record(tx, running)
    return running


def enter(
    tx: Tx, person_id: UUID, span: tuple[datetime, datetime], incident_id: UUID | None = None
) -> CallOut:
    """Enter a call-out by hand, as from a paper sheet.

    Raises:
        NotFound: No such person here.
        InvalidInput: It is empty, too long, in the future, or meets another of that person.
    """
    person = tx.session.get(OnCallPerson, person_id)
    if person is None or person.org != tx.org:
        raise NotFound(what="person")
    _check(tx, person_id, span)
    made = CallOut(
        id=tx.new_id(),
        org=tx.org,
        person_id=person_id,
        incident_id=incident_id,
        start_at=span[0],
        end_at=span[1],
        source="desk",
        recorded_at=tx.now,
    )
    tx.session.add(made)
    _record(tx, made)
    return made


def correct(tx: Tx, call_out_id: UUID, span: tuple[datetime, datetime]) -> CallOut:
    """Correct the hours of a call-out; the log keeps what was said before.

    Raises:
        NotFound: No such call-out here.
        InvalidInput: As for `enter`.
    """
    found = tx.session.get(CallOut, call_out_id, with_for_update=True)
    if found is None or found.org != tx.org:
        raise NotFound(what="call_out")
    _check(tx, found.person_id, span, found.id)
    found.start_at, found.end_at = span
    found.source = "desk"
    _record(tx, found)
    return found


def running_of(session: Session, person_id: UUID) -> CallOut | None:
    """Return the call-out a person is on now, if any."""
    return session.exec(
        select(CallOut).where(CallOut.person_id == person_id, col(CallOut.end_at).is_(None))
    ).first()


def _check(
    tx: Tx, person_id: UUID, span: tuple[datetime, datetime], itself: UUID | None = None
) -> None:
    start, end = span
    if not start < end <= tx.now or end - start > LONGEST:
        raise InvalidInput("a call-out ends after it begins, within a day, and not ahead")
    meeting = tx.session.exec(
        select(CallOut).where(
            CallOut.person_id == person_id,
            col(CallOut.start_at) < end,
            col(CallOut.end_at).is_(None) | (col(CallOut.end_at) > start),
        )
    ).all()
    if any(one.id != itself for one in meeting):
        raise InvalidInput("another call-out of this person meets it")


def _record(tx: Tx, one: CallOut) -> None:
    tx.record(
        CallOutMoved(
            call_out_id=one.id,
            person_id=one.person_id,
            incident_id=one.incident_id,
            start_at=one.start_at,
            end_at=one.end_at,
        )
    )
