"""Verbs of citizens after their report, for themselves or by an operator on the telephone."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict, InvalidInput, NotFound
from dispatcher.events.citizen_facts import (
    CitizenSpoke,
    NoticesChanged,
    OutcomeAsked,
    OutcomeTold,
    TimeWished,
    WishDecided,
)
from dispatcher.events.states import IncidentStatus
from dispatcher.followup.slots import Slot
from dispatcher.incidents.commands import CITIZENS_MAY_REOPEN_FOR
from dispatcher.incidents.images import image_of
from dispatcher.intake.commands import reopen_by_citizen
from dispatcher.models import (
    CitizenWord,
    Incident,
    Message,
    Outcome,
    Request,
    Visit,
    WishedTime,
)
from dispatcher.models.base import touch
from dispatcher.planning.visits import withdraw_visit
from dispatcher.planning.workflow import PLANNED

MOST_WORDS = 20
"""Of one request: more is a conversation, which belongs on the telephone."""
MAY_WISH = frozenset({"received", "examined", "planned"})
"""Steps during which another time can be asked for: nobody has left yet."""
REPAIRED = frozenset({IncidentStatus.RESOLVED.value, IncidentStatus.CLOSED.value})


def add_word(tx: Tx, request: Request, text: str, message_id: UUID | None = None) -> CitizenWord:
    """Add a detail to a request, or the answer to a question; the same words twice are one.

    Args:
        tx: The command's transaction.
        request: Whose.
        text: The words.
        message_id: The question that they answer, if any.

    Raises:
        InvalidInput: Enough was said, or this is no question that was put to him.
    """
    incident = tx.session.get_one(Incident, request.incident_id)
    if message_id is not None:
        question = tx.session.get(Message, message_id)
        if question is None or not question.asks or question.org != tx.org:
            raise InvalidInput("this is no question of ours", field="message_id")
    words = words_of(tx.session, request.id)
    same = next((w for w in words if (w.text, w.message_id) == (text, message_id)), None)
    if same is not None:
        return same
    if len(words) >= MOST_WORDS:
        raise InvalidInput("this request has enough words", field="text", most=MOST_WORDS)
    word = CitizenWord(
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        request_id=request.id,
        message_id=message_id,
        text=text,
        by=_speaker(tx),
        at=tx.now,
    )
    tx.session.add(word)
    touch(incident, tx.now)
    fact = CitizenSpoke(
        incident_id=incident.id,
        request_id=request.id,
        word_id=word.id,
        is_answer=message_id is not None,
    )
    tx.record(fact, image_of(incident))
    return word


def wish(tx: Tx, request: Request, slot: Slot, why: str | None) -> WishedTime:
    """Ask for another time; an earlier wish that nobody has decided is replaced.

    Raises:
        Conflict: A crew is on its way, or nobody is to come.
        InvalidInput: The time is over.
    """
    incident = tx.session.get_one(Incident, request.incident_id)
    if incident.step not in MAY_WISH:
        raise Conflict("another time cannot be asked for now", step=incident.step)
    if slot.to_at <= tx.now:
        raise InvalidInput("this time is over", field="slot")
    for row in open_wishes(tx.session, incident.id):
        if row.request_id == request.id:
            if (row.from_at, row.to_at) == (slot.from_at, slot.to_at):
                return row
            row.state = "replaced"
    row = WishedTime(
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        request_id=request.id,
        from_at=slot.from_at,
        to_at=slot.to_at,
        why=why or None,
        state="asked",
        by=_speaker(tx),
        asked_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    _count_asks(tx, incident)
    fact = TimeWished(
        incident_id=incident.id,
        request_id=request.id,
        wish_id=row.id,
        from_at=row.from_at,
        to_at=row.to_at,
    )
    tx.record(fact, image_of(incident))
    return row


def decide(tx: Tx, row: WishedTime, *, accept: bool) -> None:
    """Accept or refuse another time. Accepted, the planner may use no other; a visit planned
    outside of it is taken back and waits for its time.

    Raises:
        Conflict: It was decided or replaced, or the time is over.
    """
    if row.state != "asked":
        raise Conflict("this wish was decided already", state=row.state)
    # Where the request is now: its incident may have joined another one since.
    request = tx.session.get_one(Request, row.request_id)
    incident = tx.session.get_one(Incident, request.incident_id)
    if accept and (row.to_at <= tx.now or incident.step not in MAY_WISH):
        raise Conflict("it is too late for this time", step=incident.step)
    row.state = "accepted" if accept else "refused"
    row.decided_by, row.decided_at = tx.actor.name or tx.actor.label, tx.now
    if accept:
        incident.wished_from, incident.wished_to = row.from_at, row.to_at
        _free(tx, incident, row)
    tx.session.flush()
    _count_asks(tx, incident)
    fact = WishDecided(
        incident_id=incident.id,
        request_id=row.request_id,
        wish_id=row.id,
        decision="accepted" if accept else "refused",
        from_at=row.from_at,
        to_at=row.to_at,
    )
    tx.record(fact, image_of(incident))


def set_notices(tx: Tx, request: Request, *, stopped: bool, at_night: bool) -> None:
    """Stop the messages of a request or let them come again, and say whether they may at night."""
    if (request.muted_at is not None, request.night_ok) == (stopped, at_night):
        return
    request.muted_at = tx.now if stopped else None
    request.night_ok = at_night
    fact = NoticesChanged(
        incident_id=request.incident_id,
        request_id=request.id,
        stopped=stopped,
        at_night=at_night,
    )
    tx.record(fact)


def ask_outcomes(tx: Tx, incident: Incident, share: float) -> list[Request]:
    """Ask some of those who reported a closed incident whether it is really repaired.

    Args:
        tx: The command's transaction.
        incident: Just closed after a repair.
        share: Of those who reported, 0..1.

    Returns:
        Those who are asked now, for the first time.
    """
    requests = tx.session.exec(select(Request).where(Request.incident_id == incident.id)).all()
    asked = [one for one in requests if is_sampled(one.id, share)]
    fresh = [one for one in asked if tx.session.get(Outcome, one.id) is None]
    for one in fresh:
        tx.session.add(
            Outcome(request_id=one.id, org=tx.org, incident_id=incident.id, asked_at=tx.now)
        )
    if fresh:
        touch(incident, tx.now)
        fact = OutcomeAsked(incident_id=incident.id, requests=len(fresh))
        tx.record(fact, image_of(incident))
    return fresh


def is_sampled(request_id: UUID, share: float) -> bool:
    """Return whether a request is among those asked: always the same answer for the same one.

    >>> is_sampled(UUID(int=7), 1.0), is_sampled(UUID(int=7), 0.0)
    (True, False)
    """
    drawn = int.from_bytes(hashlib.sha256(request_id.bytes).digest()[:4], "big")
    return drawn < share * 2**32


def tell_outcome(tx: Tx, request: Request, *, fixed: bool) -> None:
    """Take an answer: a yes is counted, a no reopens the incident with a higher score.

    Raises:
        NotFound: Nobody asked.
        Conflict: It was answered, or too long ago.
    """
    row = tx.session.get(Outcome, request.id, with_for_update=True)
    if row is None:
        raise NotFound(what="question")
    if row.answered_at is not None:
        if row.fixed == fixed:
            return
        raise Conflict("this was answered already")
    if tx.now - row.asked_at > CITIZENS_MAY_REOPEN_FOR:
        raise Conflict("this was asked too long ago")
    row.answered_at, row.fixed, row.by = tx.now, fixed, _speaker(tx)
    incident = tx.session.get_one(Incident, request.incident_id)
    if not fixed and incident.state in REPAIRED:
        reopen_by_citizen(tx, request)
    touch(incident, tx.now)
    fact = OutcomeTold(incident_id=incident.id, request_id=request.id, fixed=fixed)
    tx.record(fact, image_of(incident))


def words_of(session: Session, request_id: UUID) -> list[CitizenWord]:
    """Return what was added to a request, oldest first."""
    return list(
        session.exec(
            select(CitizenWord)
            .where(CitizenWord.request_id == request_id)
            .order_by(col(CitizenWord.at), col(CitizenWord.id))
        ).all()
    )


def open_wishes(session: Session, incident_id: UUID) -> list[WishedTime]:
    """Return the wishes of an incident that nobody has decided."""
    return list(
        session.exec(
            select(WishedTime)
            .join(Request, col(Request.id) == WishedTime.request_id)
            .where(Request.incident_id == incident_id, WishedTime.state == "asked")
        ).all()
    )


def _count_asks(tx: Tx, incident: Incident) -> None:
    incident.asks = len(open_wishes(tx.session, incident.id))
    touch(incident, tx.now)


def _free(tx: Tx, incident: Incident, row: WishedTime) -> None:
    """Take back the planned visits that start outside of a time."""
    planned = tx.session.exec(
        select(Visit).where(
            Visit.incident_id == incident.id,
            col(Visit.state).in_([state.value for state in PLANNED]),
        )
    ).all()
    for visit in planned:
        if visit.start_at is None or not row.from_at <= visit.start_at < row.to_at:
            withdraw_visit(tx, visit)


def _speaker(tx: Tx) -> str:
    return "citizen" if tx.actor.kind == "citizen" else tx.actor.name or tx.actor.label


def in_time(asked_at: datetime, now: datetime) -> bool:
    """Return whether an answer to a question about the repair still counts."""
    return now - asked_at <= CITIZENS_MAY_REOPEN_FOR
