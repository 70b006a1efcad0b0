"""Reads of the expert desk: questions with their facts, who is on duty, what was spared."""

from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.actors import Actor
from dispatcher.errors import NotFound
from dispatcher.expertise import routing
from dispatcher.expertise.commands import LIVE
from dispatcher.expertise.images import question_image
from dispatcher.expertise.schemas import (
    ContactOut,
    DutyOut,
    ExpertsOut,
    FiguresOut,
    QuestionOut,
)
from dispatcher.models import EventRow, ExpertDuty, ExpertQuestion, User, Visit
from dispatcher.oncall.ladder import services_of
from dispatcher.planning.images import visit_image

FIGURES_OF = timedelta(days=30)
AT_MOST = 200


def visible_question(session: Session, actor: Actor, question_id: UUID) -> ExpertQuestion:
    """Return a question of the actor's authority.

    Raises:
        NotFound: Absent, or of another authority.
    """
    found = session.get(ExpertQuestion, question_id)
    if found is None or found.org != actor.org:
        raise NotFound(what="question")
    return found


def questions(session: Session, org: str, *, settled: bool = False) -> list[QuestionOut]:
    """Return the questions that wait, the oldest first; or those settled, the newest first."""
    query = select(ExpertQuestion).where(ExpertQuestion.org == org)
    if settled:
        query = query.where(col(ExpertQuestion.state).not_in(LIVE))
        query = query.order_by(col(ExpertQuestion.updated_at).desc()).limit(50)
    else:
        query = query.where(col(ExpertQuestion.state).in_(LIVE))
        query = query.order_by(col(ExpertQuestion.asked_at)).limit(AT_MOST)
    return [question_out(session, row) for row in session.exec(query).all()]


def questions_of(session: Session, incident_id: UUID) -> list[ExpertQuestion]:
    """Return every question about an incident, oldest first."""
    return list(
        session.exec(
            select(ExpertQuestion)
            .where(ExpertQuestion.incident_id == incident_id)
            .order_by(col(ExpertQuestion.asked_at))
        ).all()
    )


def question_out(session: Session, row: ExpertQuestion) -> QuestionOut:
    """Return a question with its words and the visits of its incident, in order of start."""
    visits = session.exec(
        select(Visit)
        .where(Visit.incident_id == row.incident_id, col(Visit.archived).is_(False))
        .order_by(col(Visit.start_at))
    ).all()
    planned = session.get(User, row.planned_user) if row.planned_user else None
    return QuestionOut(
        question=question_image(row),
        planned_name=planned.name if planned else None,
        text=row.text,
        phone=row.phone,
        answer=row.answer,
        answered_by=row.answered_by,
        by_phone=row.by_phone,
        visits=[visit_image(visit) for visit in visits],
    )


def experts(session: Session, actor: Actor, now: datetime) -> ExpertsOut:
    """Return who is on duty, what the actor said about himself, and the figures."""
    duty = session.get(ExpertDuty, actor.id) if actor.id else None
    me = DutyOut(domains=[], phone=None, until=None)
    if duty is not None:
        me = DutyOut(domains=duty.domains, phone=duty.phone, until=duty.until)
    found = routing.on_duty(session, actor.org, now, None)
    return ExpertsOut(
        me=me,
        on_duty=[ContactOut.model_validate(contact) for contact in found],
        domains=services_of(session, actor.org),
        figures=figures(session, actor.org, now - FIGURES_OF),
    )


def figures(session: Session, org: str, since: datetime) -> FiguresOut:
    """Return how many questions were asked, answered, settled without a trip and passed on."""
    rows = session.exec(
        select(ExpertQuestion).where(
            ExpertQuestion.org == org, col(ExpertQuestion.asked_at) >= since
        )
    ).all()
    passed_on = session.exec(
        select(EventRow.data).where(
            EventRow.org == org, EventRow.type == "question.moved", col(EventRow.at) >= since
        )
    ).all()
    waits = [
        (row.answered_at - row.asked_at) / timedelta(minutes=1) for row in rows if row.answered_at
    ]
    return FiguresOut(
        since=since,
        asked=len(rows),
        answered=sum(row.state == "answered" for row in rows),
        by_phone=sum(row.by_phone for row in rows),
        no_trip=sum(row.state == "no_trip" for row in rows),
        escalated=sum(1 for data in passed_on if data["target"] == "open"),
        median_answer_min=round(median(waits), 1) if waits else None,
    )
