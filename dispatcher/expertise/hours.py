"""Experts' time as a dispatch problem: who answers which question, from when to when.

An expert on duty is a crew that does not travel, a question a visit that is answered from a desk or
by phone, its domain the skill. What an expert has taken is his committed work. Refuses to know how
a plan is searched for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
from sqlmodel import Session, col, select

from dispatcher import jobs
from dispatcher.crews.policy import FieldPolicy, field_policy
from dispatcher.database import Tx
from dispatcher.events.field_facts import QuestionPlanned
from dispatcher.expertise import routing
from dispatcher.expertise.images import question_image
from dispatcher.models import ExpertDuty, ExpertQuestion
from dispatcher.models.base import touch
from dispatcher.planning.snapshot import (
    FREE_AFTER,
    LATE_RATE,
    OVERDUE_COUNTS_FOR,
    UNSERVED_MIN,
)
from scheduling.dispatch.problem import (
    COST_PER_MINUTE,
    COST_PER_SECOND,
    Crew,
    Matrix,
    PlannedRoute,
    PlannedStop,
    Problem,
    Skill,
    Visit,
)
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.storm import within_tier

PLAN_EXPERTS = "plan_experts"
PLAN_DELAY = timedelta(milliseconds=500)
LATE_AFTER = timedelta(minutes=5)
"""A question not taken by then was not taken as planned: the rest of the day moves."""
TOLERANCE = timedelta(minutes=1)
MINUTE_S = 60
AT_MOST = 200


@dataclass(frozen=True, slots=True)
class ExpertHours:
    """A problem and the rows behind its names.

    Attributes:
        problem: Experts as remote crews, open questions as remote visits, one place for all.
        versions: Version of each question that was read, by its engine name.
        experts: Account of each expert, by its engine name.
    """

    problem: Problem
    versions: Mapping[str, int]
    experts: Mapping[str, UUID]


def ask_plan(tx: Tx) -> None:
    """Ask for a plan of experts' time; many changes in a row make one request."""
    jobs.put(tx, PLAN_EXPERTS, tx.org, delay=PLAN_DELAY)


def follow(tx: Tx) -> None:
    """Ask for a new plan when time has passed over the present one."""
    # The wait for `LATE_AFTER` starts again with each plan, so a question nobody takes is planned
    # anew every few minutes, not at every turn of the loop.
    overrun = tx.session.exec(
        select(ExpertQuestion.id).where(
            ExpertQuestion.org == tx.org,
            ExpertQuestion.state == "open",
            col(ExpertQuestion.planned_from) < tx.now - LATE_AFTER,
        )
    ).first()
    gone = tx.session.exec(
        select(ExpertQuestion.id)
        .join(ExpertDuty, col(ExpertDuty.user_id) == ExpertQuestion.planned_user)
        .where(
            ExpertQuestion.org == tx.org,
            ExpertQuestion.state == "open",
            col(ExpertDuty.until) <= tx.now,
        )
    ).first()
    if overrun is not None or gone is not None:
        ask_plan(tx)


def take(session: Session, org: str, now: datetime) -> ExpertHours:
    """Return the problem of an authority's experts at an instant.

    Args:
        session: One consistent snapshot of the database.
        org: The authority.
        now: Service time, aware; plans start at its next whole minute.
    """
    rows = session.exec(
        select(ExpertQuestion)
        .where(ExpertQuestion.org == org, col(ExpertQuestion.state).in_(["open", "taken"]))
        .order_by(col(ExpertQuestion.asked_at), col(ExpertQuestion.id))
        .limit(AT_MOST)
    ).all()
    policy = field_policy(session, org)
    start_s = -(-round(now.timestamp()) // MINUTE_S) * MINUTE_S
    open_ones = [row for row in rows if row.state == "open" and row.level < routing.DESK]
    domains = sorted({row.domain for row in open_ones})
    taken = [row for row in rows if row.state == "taken"]
    crews, experts = [], {}
    for contact in routing.on_duty(session, org, now, None):
        assert contact.user_id is not None  # noqa: S101 - experts on duty have accounts
        duty = session.get_one(ExpertDuty, contact.user_id)
        mine = [row for row in taken if row.planned_user == contact.user_id]
        crew = _crew(duty, domains, mine, (now, start_s))
        if crew.ready_at < crew.hard_end:
            crews.append(crew)
            experts[crew.id] = contact.user_id
    visits = tuple(_visit(row, policy, now) for row in open_ones)
    problem = Problem(
        visits=within_tier(visits, crews, (), start_s),
        crews=tuple(crews),
        matrix=Matrix(np.zeros((1, 1), dtype=np.int32), np.zeros((1, 1), dtype=np.int32)),
        now=start_s,
        plan=_in_force(crews, open_ones),
    )
    return ExpertHours(problem, {str(row.id): row.version for row in open_ones}, experts)


def store(tx: Tx, hours: ExpertHours, solution: Solution) -> int:
    """Write the times of a plan on its questions; return how many changed.

    A question that changed since the problem was taken keeps what it says: it has asked for a
    plan of its own.
    """
    placed, changed = solution.placements(), 0
    for name, version in hours.versions.items():
        question = tx.session.get(ExpertQuestion, UUID(name))
        if question is None or question.version != version:
            continue
        user, start, end = None, None, None
        if name in placed:
            expert, stop = placed[name]
            user, start, end = hours.experts[expert], _at(stop.start_at), _at(stop.end_at)
        if question.planned_user == user and not _moved(question, start, end):
            continue
        question.planned_user, question.planned_from, question.planned_to = user, start, end
        touch(question, tx.now)
        fact = QuestionPlanned(
            question_id=question.id,
            incident_id=question.incident_id,
            planned_user=user,
            start_at=start,
            end_at=end,
        )
        tx.record(fact, question_image(question))
        changed += 1
    return changed


def _crew(
    duty: ExpertDuty,
    domains: list[str],
    taken: list[ExpertQuestion],
    now: tuple[datetime, int],
) -> Crew:
    at, ready_s = now
    for row in taken:
        if row.planned_to is not None:
            ready_s = max(ready_s, _s(max(row.planned_to, at + FREE_AFTER)))
    until_s = _s(duty.until) if duty.until else ready_s
    held = [code for code in domains if not duty.domains or code in duty.domains]
    return Crew(
        id=str(duty.user_id),
        start_place=0,
        end_place=0,
        ready_at=ready_s,
        shift_end=max(until_s, ready_s),
        # Nobody is planned past the hour he gave: an expert's duty is his own word.
        hard_end=max(until_s, ready_s),
        skills=tuple(Skill(code) for code in held),
        is_remote=True,
    )


def _visit(row: ExpertQuestion, policy: FieldPolicy, now: datetime) -> Visit:
    level = int(row.brief["priority"][1])
    takes_s = policy.answer_takes_min * MINUTE_S
    due = row.due_at or row.asked_at + policy.answer_within(row.brief["priority"])
    # Answered, not begun, by then; and what is late for hours weighs no more for it.
    due_s = _s(max(due, now - OVERDUE_COUNTS_FOR)) - takes_s
    return Visit(
        id=str(row.id),
        place=0,
        duration_s=takes_s,
        priority=level,
        due_at=due_s,
        late_rate=LATE_RATE[level] * COST_PER_SECOND,
        unserved_cost=UNSERVED_MIN[level] * COST_PER_MINUTE,
        is_urgent=level == 1,
        # The second level is every expert's.
        skills=(Skill(row.domain),) if row.level == routing.DOMAIN else (),
        # Among equals the one who waits longest comes first, and nobody idles before an answer.
        delay_rate=1,
        is_remote=True,
    )


def _in_force(crews: list[Crew], rows: list[ExpertQuestion]) -> tuple[PlannedRoute, ...]:
    stops: dict[str, list[PlannedStop]] = {crew.id: [] for crew in crews}
    planned = [(row.planned_from, row) for row in rows if row.planned_from is not None]
    for start, row in sorted(planned, key=lambda pair: (pair[0], pair[1].id)):
        if str(row.planned_user) in stops:
            stops[str(row.planned_user)].append(PlannedStop(str(row.id), _s(start)))
    return tuple(PlannedRoute(name, tuple(found)) for name, found in stops.items())


def _moved(question: ExpertQuestion, start: datetime | None, end: datetime | None) -> bool:
    before = (question.planned_from, question.planned_to)
    return any(
        (a is None) != (b is None) or (a is not None and b is not None and abs(a - b) > TOLERANCE)
        for a, b in zip(before, (start, end), strict=True)
    )


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _s(at: datetime) -> int:
    return round(at.timestamp())
