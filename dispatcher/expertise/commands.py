"""The life of a question to experts: asked, taken, passed on, answered, settled without a trip."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlmodel import col, select

from dispatcher.crews.policy import field_policy
from dispatcher.database import Tx
from dispatcher.errors import Conflict, IllegalMove
from dispatcher.events.facts import ExpertAsked, IncidentReplied
from dispatcher.events.field_facts import QuestionAsked, QuestionMoved
from dispatcher.events.states import IncidentStatus, VisitStatus
from dispatcher.expertise import routing
from dispatcher.expertise.images import question_image
from dispatcher.incidents import commands as incidents
from dispatcher.incidents.images import image_of, place_words, priority_of
from dispatcher.incidents.workflow import MOVES
from dispatcher.models import ExpertQuestion, Incident, Message, Visit
from dispatcher.models.base import touch
from dispatcher.planning.visits import release_visits

LIVE = ("open", "taken")
TAKEN_COUNTS_FOR = 2
"""Times the delay that somebody who took a question has before it goes on."""
AT_ONCE = 50
By = Literal["expert", "time", "desk"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its words, who asks, during which visit, and where to call him back."""

    text: str
    by: str
    visit: Visit | None = None
    phone: str | None = None


def ask(tx: Tx, incident: Incident, asked: Asked) -> ExpertQuestion:
    """Ask the first level that has somebody; return the question."""
    level = routing.first_level(tx.session, incident, routing.DOMAIN, tx.now)
    question = ExpertQuestion(
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        visit_id=asked.visit.id if asked.visit else None,
        crew_id=asked.visit.crew_id if asked.visit else None,
        domain=incident.service,
        text=asked.text,
        phone=asked.phone,
        asked_by=asked.by,
        asked_at=tx.now,
        level=level,
        asked_of=[],
        brief={
            "ref": incident.ref,
            "title": incident.title,
            "place": place_words(incident.place_label, incident.commune),
            "priority": priority_of(incident),
        },
        simulated=incident.simulated,
        updated_at=tx.now,
    )
    _address(tx, question, incident, level)
    tx.session.add(question)
    tx.session.flush()
    fact = QuestionAsked(question_id=question.id, incident_id=incident.id, domain=question.domain)
    tx.record(fact, question_image(question))
    _mark(tx, incident, needed=True)
    return question


def take(tx: Tx, question: ExpertQuestion) -> None:
    """Claim a question, to call back or to think; it goes on if no answer comes.

    Raises:
        Conflict: Somebody else has it, or it is settled.
    """
    me = tx.actor.name or tx.actor.label
    if question.state == "taken" and question.taken_by == me:
        return
    _expect(question, "open")
    question.state, question.taken_by, question.taken_at = "taken", me, tx.now
    policy = field_policy(tx.session, tx.org)
    delay = policy.answer_within(question.brief["priority"])
    question.due_at = tx.now + TAKEN_COUNTS_FOR * delay
    until = tx.now + timedelta(minutes=policy.answer_takes_min)
    _plan(question, tx.actor.id, tx.now, until)
    _moved(tx, question, "expert")


def answer(tx: Tx, question: ExpertQuestion, text: str, *, by_phone: bool) -> None:
    """Answer whoever asked: on the crew's card, and in the incident's story as a note.

    Raises:
        Conflict: It is settled already.
    """
    _settle(tx, question, "answered", text, by_phone=by_phone)
    _moved(tx, question, "expert")


def settle_without_trip(
    tx: Tx, question: ExpertQuestion, text: str, told: str | None = None
) -> None:
    """Settle an incident by advice alone: nobody goes there, and whoever reported it is told.

    Args:
        tx: The command's transaction.
        question: The question.
        text: What was advised, for colleagues.
        told: Words to those who reported it; None tells nothing.

    Raises:
        Conflict: It is settled already.
        IllegalMove: A crew is at work there: there was a trip.
    """
    incident = tx.session.get_one(Incident, question.incident_id)
    _nobody_there(tx, incident)
    _settle(tx, question, "no_trip", text, by_phone=question.state == "taken")
    release_visits(tx, incident.id)
    if told:
        _tell(tx, incident, told)
    target = IncidentStatus.ANSWERED
    if target not in MOVES[IncidentStatus(incident.state)]:
        target = IncidentStatus.RESOLVED
    incidents.move(tx, incident, target)
    _moved(tx, question, "expert")


def escalate(tx: Tx, question: ExpertQuestion, by: By) -> None:
    """Pass a question on to the next level that has somebody.

    Raises:
        Conflict: It is settled already, or the desk has it.
    """
    if question.state not in LIVE or question.level >= routing.DESK:
        raise Conflict("this question cannot go further", state=question.state)
    incident = tx.session.get_one(Incident, question.incident_id)
    level = routing.first_level(tx.session, incident, question.level + 1, tx.now)
    question.state, question.taken_by, question.taken_at = "open", None, None
    _plan(question, None, None, None)
    _address(tx, question, incident, level)
    _moved(tx, question, by)


def escalate_due(tx: Tx) -> int:
    """Pass on every question whose time is over; return how many."""
    due = tx.session.exec(
        select(ExpertQuestion)
        .where(
            ExpertQuestion.org == tx.org,
            col(ExpertQuestion.state).in_(LIVE),
            col(ExpertQuestion.due_at) <= tx.now,
        )
        .order_by(col(ExpertQuestion.due_at))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for question in due:
        escalate(tx, question, "time")
    return len(due)


def withdraw(tx: Tx, incident: Incident, text: str | None = None) -> None:
    """Settle what is still asked about an incident: with an answer, or because it is over."""
    rows = tx.session.exec(
        select(ExpertQuestion).where(
            ExpertQuestion.incident_id == incident.id, col(ExpertQuestion.state).in_(LIVE)
        )
    ).all()
    for question in rows:
        question.state, question.due_at = ("answered" if text else "withdrawn"), None
        _plan(question, None, None, None)
        if text:
            question.answer, question.answered_by = text, tx.actor.name or tx.actor.label
            question.answered_at = tx.now
        _moved(tx, question, "desk")
    _mark(tx, incident, needed=False)


def _address(tx: Tx, question: ExpertQuestion, incident: Incident, level: int) -> None:
    contacts = routing.asked_at(tx.session, incident, level, tx.now)
    question.level = level
    question.asked_of = list(dict.fromkeys(contact.name for contact in contacts))
    delay: timedelta = field_policy(tx.session, tx.org).answer_within(priority_of(incident))
    question.due_at = None if level >= routing.DESK else tx.now + delay


def _settle(tx: Tx, question: ExpertQuestion, state: str, text: str, *, by_phone: bool) -> None:
    if question.state not in LIVE:
        raise Conflict("this question is settled", state=question.state)
    question.state, question.due_at = state, None
    _plan(question, None, None, None)
    question.answer, question.by_phone = text, by_phone
    question.answered_by, question.answered_at = tx.actor.name or tx.actor.label, tx.now
    incident = tx.session.get_one(Incident, question.incident_id)
    incidents.add_note(tx, incident, text)
    left = tx.session.exec(
        select(ExpertQuestion.id).where(
            ExpertQuestion.incident_id == incident.id,
            ExpertQuestion.id != question.id,
            col(ExpertQuestion.state).in_(LIVE),
        )
    ).first()
    if left is None:
        _mark(tx, incident, needed=False)


def _plan(
    question: ExpertQuestion, user: UUID | None, start: datetime | None, end: datetime | None
) -> None:
    question.planned_user, question.planned_from, question.planned_to = user, start, end


def _expect(question: ExpertQuestion, state: str) -> None:
    if question.state != state:
        raise Conflict("somebody else has it", state=question.state)


def _nobody_there(tx: Tx, incident: Incident) -> None:
    there = [VisitStatus.ON_SITE.value, VisitStatus.PAUSED.value]
    at_work = tx.session.exec(
        select(Visit.state).where(Visit.incident_id == incident.id, col(Visit.state).in_(there))
    ).first()
    if at_work is not None:
        raise IllegalMove(source=at_work, target="no_trip")


def _tell(tx: Tx, incident: Incident, words: str) -> None:
    message = Message(
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        at=tx.now,
        author=tx.actor.name or tx.actor.label,
        text_fr=words,
        text_en=words,
    )
    tx.session.add(message)
    touch(incident, tx.now)
    fact = IncidentReplied(
        incident_id=incident.id, message_id=message.id, template=None, closes=True
    )
    tx.record(fact, image_of(incident))


def _mark(tx: Tx, incident: Incident, *, needed: bool) -> None:
    if incident.needs_expert == needed:
        return
    incident.needs_expert = needed
    touch(incident, tx.now)
    tx.record(ExpertAsked(incident_id=incident.id, needed=needed), image_of(incident))


def _moved(tx: Tx, question: ExpertQuestion, by: By) -> None:
    touch(question, tx.now)
    image = question_image(question)
    fact = QuestionMoved(
        question_id=question.id,
        incident_id=question.incident_id,
        target=image.state,
        level=question.level,
        by=by,
    )
    tx.record(fact, image)
