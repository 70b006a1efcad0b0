"""Experts' time is planned: who answers which question from when to when, and what moves it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from dispatcher.actors import system
from dispatcher.database import Tx
from dispatcher.errors import Unavailable
from dispatcher.expertise import hours
from dispatcher.expertise.planner import ExpertPlanner
from dispatcher.models import EventRow, ExpertQuestion, Job, User
from dispatcher.planning.solver import Solver
from scheduling.dispatch.check import check
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.solution import Solution
from tests.support.desk import BRIVE, TULLE, USSEL, Desk, near
from tests.support.verify_action import verify_action
from tests.support.world import ORG

Json = dict[str, Any]
MINUTES = timedelta(minutes=1)


class Here(Solver):
    """The search in this process, judged by the checker as the service judges it."""

    async def improve(
        self, problem: Problem, seconds: float, seed: int, sectors: object = None
    ) -> tuple[Solution, float]:
        """Search for a few rounds."""
        found = improve(problem, Effort(iterations=20, seed=seed), lambda: 0.0).solution
        assert check(problem, found) == []
        return found, 0.0


class Away(Solver):
    """A solver that died."""

    async def improve(self, *_: object, **__: object) -> tuple[Solution, float]:
        """Say so."""
        raise Unavailable("gone")


async def on_duty(desk: Desk, user: str, *domains: str, minutes: int = 480) -> None:
    """Let somebody say that he may be asked."""
    until = (desk.world.clock.now() + minutes * MINUTES).isoformat()
    body = {"domains": list(domains), "phone": None, "until": until}
    async with desk.world.client(user) as expert:
        assert (await expert.put("/api/v1/experts/me", json=body)).status_code == 200


async def ask(desk: Desk, category: str, place: dict[str, float]) -> UUID:
    """Ask about a new incident; return the question's id."""
    incident = await desk.incident(category, place)
    body = {"needed": True, "question": f"{category} ?"}
    path = f"/api/v1/incidents/{incident}/expert"
    await verify_action(desk.world, desk.http.post(path, json=body))
    with desk.world.look() as session:
        query = select(ExpertQuestion.id).where(ExpertQuestion.incident_id == incident)
        return session.exec(query).one()


def hurry(tx: Tx) -> None:
    """Make the plans that are asked for due at once: jobs go by the wall clock."""
    for job in tx.session.exec(select(Job).where(Job.kind == hours.PLAN_EXPERTS)).all():
        job.run_at = tx.wall - timedelta(seconds=1)


async def plan(desk: Desk, solver: Solver | None = None) -> None:
    """Do what the planner of experts does when its jobs are due."""
    await desk.world.settle()
    desk.world.clock.advance(2 * MINUTES)
    await desk.world.do(hurry)
    planner = ExpertPlanner(desk.world.service, solver or Here())
    while await planner.step():
        pass
    await desk.world.settle()


def row(desk: Desk, question: UUID) -> ExpertQuestion:
    """Return a question's row."""
    with desk.world.look() as session:
        return session.get_one(ExpertQuestion, question)


def user_id(desk: Desk, username: str) -> UUID:
    """Return an account's id."""
    with desk.world.look() as session:
        return session.exec(select(User.id).where(User.username == username)).one()


async def test_questions_are_planned_one_after_the_other_the_most_urgent_first(
    either_desk: Desk,
) -> None:
    desk = either_desk
    await on_duty(desk, "expert", "drinking_water")
    asked = [await ask(desk, "water_quality", near(place, 3)) for place in (TULLE, BRIVE, USSEL)]

    await plan(desk)

    rows = [row(desk, one) for one in asked]
    assert {one.planned_user for one in rows} == {user_id(desk, "expert")}
    spans = sorted((one.planned_from, one.planned_to) for one in rows)
    for start, end in spans:
        assert start is not None
        assert end is not None
        assert start.second == 0
        assert end - start == 15 * MINUTES
    assert spans[0][1] <= spans[1][0]  # type: ignore[operator]
    assert spans[1][1] <= spans[2][0]  # type: ignore[operator]
    async with desk.world.client("expert") as expert:
        shown = (await expert.get("/api/v1/questions")).json()
    first = min(shown, key=lambda one: datetime.fromisoformat(one["question"]["planned_from"]))
    assert first["planned_name"] == "Expert"
    with desk.world.look() as session:
        told = session.exec(select(EventRow).where(EventRow.type == "question.planned")).all()
    assert len(told) == 3


async def test_the_domain_decides_and_a_second_expert_shares_the_work(desk: Desk) -> None:
    await on_duty(desk, "expert", "drinking_water")
    await on_duty(desk, "dispatcher", "drinking_water", "roads")
    water = [await ask(desk, "water_quality", place) for place in (TULLE, BRIVE)]
    road = await ask(desk, "pothole", USSEL)

    await plan(desk)

    assert row(desk, road).planned_user == user_id(desk, "dispatcher")
    assert {row(desk, one).planned_user for one in water} >= {user_id(desk, "expert")}
    assert all(row(desk, one).planned_from for one in (*water, road))


async def test_what_is_taken_is_work_and_the_rest_waits_for_its_end(desk: Desk) -> None:
    await on_duty(desk, "expert", "drinking_water")
    first = await ask(desk, "water_quality", TULLE)
    second = await ask(desk, "water_quality", BRIVE)
    await plan(desk)

    async with desk.world.client("expert") as expert:
        await expert.post(f"/api/v1/questions/{first}/take")
    await plan(desk)

    taken, waits = row(desk, first), row(desk, second)
    assert taken.planned_user == user_id(desk, "expert")
    assert taken.planned_to is not None
    assert waits.planned_from is not None
    assert waits.planned_from >= taken.planned_to
    async with desk.world.client("expert") as expert:
        await expert.post(f"/api/v1/questions/{first}/answer", json={"text": "Purger."})
    await plan(desk)
    assert row(desk, first).planned_from is None
    earlier = row(desk, second).planned_from
    assert earlier is not None
    assert earlier < waits.planned_from


async def test_nobody_is_planned_past_the_hour_he_gave(desk: Desk) -> None:
    await on_duty(desk, "expert", "drinking_water", minutes=25)
    asked = [await ask(desk, "water_quality", place) for place in (TULLE, BRIVE)]

    await plan(desk)

    planned = [one for one in (row(desk, name) for name in asked) if one.planned_from]
    assert len(planned) == 1
    assert planned[0].planned_to is not None
    assert planned[0].planned_to <= desk.world.clock.now() + 23 * MINUTES


async def test_time_that_passes_over_a_plan_makes_a_new_one(desk: Desk) -> None:
    await on_duty(desk, "expert", "drinking_water")
    question = await ask(desk, "water_quality", TULLE)
    await plan(desk)
    before = row(desk, question)
    assert before.planned_from is not None

    desk.world.clock.advance(4 * MINUTES)
    await desk.world.do(hours.follow)
    assert waiting_jobs(desk) == 0
    desk.world.clock.advance(4 * MINUTES)
    await desk.world.do(hours.follow)
    assert waiting_jobs(desk) == 1
    await plan(desk)

    after = row(desk, question).planned_from
    assert after is not None
    assert after >= desk.world.clock.now()


async def test_a_plan_of_yesterday_changes_no_question_of_today(desk: Desk) -> None:
    await on_duty(desk, "expert", "drinking_water")
    question = await ask(desk, "water_quality", TULLE)
    with desk.world.look() as session:
        taken = hours.take(session, ORG, desk.world.clock.now())
    solution, _ = await Here().improve(taken.problem, 0.1, 1)
    async with desk.world.client("expert") as expert:
        await expert.post(f"/api/v1/questions/{question}/take")
    told = row(desk, question).planned_from

    stored = await desk.world.do(lambda tx: hours.store(tx, taken, solution), system(ORG))

    assert stored == 0
    assert row(desk, question).planned_from == told


async def test_without_the_solver_time_is_planned_by_insertion(desk: Desk) -> None:
    await on_duty(desk, "expert", "drinking_water")
    asked = [await ask(desk, "water_quality", place) for place in (TULLE, BRIVE)]

    await plan(desk, Away())

    starts = [row(desk, one).planned_from for one in asked]
    assert None not in starts
    assert starts[0] != starts[1]


def waiting_jobs(desk: Desk) -> int:
    """Return how many plans of experts' time are asked for."""
    with desk.world.look() as session:
        query = select(Job).where(Job.kind == hours.PLAN_EXPERTS, col(Job.state) == "waiting")
        return len(session.exec(query).all())
