"""The background planner, a solver in the test's hand: publish, apply, overtaken, away, back."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, delete, select

from dispatcher.crews.commands import set_rest
from dispatcher.database import Tx
from dispatcher.errors import Unavailable
from dispatcher.models import Crew, Job, Plan, Proposal
from dispatcher.planning.commands import retime
from dispatcher.planning.planner import REPLAN, Planner
from dispatcher.planning.solver import Solver
from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.hours import free_from
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.solution import Solution
from tests.dispatcher.planning.test_applying import tune
from tests.dispatcher.planning.test_proposals import DETOURS, crews_of
from tests.support.desk import OBJAT, Desk

Json = dict[str, Any]


class Hand(Solver):
    """Sends each visit to the crew the test names; or is away."""

    def __init__(self, moves: Mapping[str, str]) -> None:
        super().__init__()
        self.moves, self.is_away, self.asked = moves, False, list[Problem]()
        self.meanwhile: Callable[[], Awaitable[Any]] | None = None

    async def improve(
        self, problem: Problem, seconds: float, seed: int, sectors: Mapping[str, str] | None = None
    ) -> tuple[Solution, float]:
        self.asked.append(problem)
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.is_away:
            raise Unavailable("the solver failed: killed")
        routes = [[name for name in route if name not in self.moves] for route in in_force(problem)]
        for name, crew in self.moves.items():
            routes[problem.crew_index[crew]].append(name)
        return assemble(problem, routes), 1.0


async def detours(desk: Desk) -> tuple[Hand, dict[UUID, str], dict[UUID, str]]:
    """Plan three detours; return a solver that undoes them, and the crews before and after."""
    before, after, moves = {}, {}, {}
    for place, far, close in DETOURS:
        incident = await desk.incident("pothole", place)
        visit = await desk.accept(incident, far)
        before[incident], after[incident] = far, close
        moves[visit["id"]] = str(desk.crew_id(close))
    return Hand(moves), before, after


async def due(desk: Desk) -> int:
    """Make waiting re-plan jobs due now; return how many there are."""

    def hurry(tx: Tx) -> int:
        waiting = tx.session.exec(select(Job).where(Job.kind == REPLAN, Job.state == "waiting"))
        rows = waiting.all()
        for job in rows:
            job.run_at = tx.wall - timedelta(seconds=1)
        return len(rows)

    return await desk.world.do(hurry)


def states(desk: Desk) -> list[str]:
    with desk.world.look() as session:
        rows = session.exec(select(Proposal.state).order_by(col(Proposal.created_at))).all()
    return list(rows)


def degraded(desk: Desk) -> str | None:
    with desk.world.look() as session:
        return session.exec(select(Plan.degraded)).one()


async def test_a_better_plan_is_proposed_and_the_settings_reach_the_solver(desk: Desk) -> None:
    hand, before, _ = await detours(desk)
    await tune(desk, [], [], churn_max=7, freeze_minutes=15)
    assert await due(desk) == 1
    assert await Planner(desk.world.service, hand).step()
    assert states(desk) == ["open"]
    assert crews_of(desk) == before
    (asked,) = hand.asked
    assert asked.churn_max == 7
    assert asked.frozen_until - asked.now == 15 * 60
    whole_s = 8 * 3600
    for crew in asked.crews:
        left_s = min(crew.shift_end - asked.now, whole_s)
        early_s = 3600 * left_s // whole_s
        assert crew.priced_from == max(crew.shift_end - early_s, free_from(crew))


async def test_crews_are_wanted_home_as_early_as_people_have_set(desk: Desk) -> None:
    hand, _, _ = await detours(desk)
    await tune(desk, [], [], slack_minutes=0)
    await due(desk)
    await Planner(desk.world.service, hand).step()
    (asked,) = hand.asked
    assert {crew.priced_from - crew.shift_end for crew in asked.crews} == {0}


async def test_with_opt_in_the_better_plan_is_in_force_at_once(desk: Desk) -> None:
    hand, _, after = await detours(desk)
    sectors = sorted({crew.sector for crew in desk.snapshot().crews.values()})
    await tune(desk, ["P1", "P2", "P3", "P4"], sectors)
    await due(desk)
    await Planner(desk.world.service, hand).step()
    await desk.world.settle()
    assert (states(desk), crews_of(desk)) == (["applied"], after)
    assert desk.breaches() == []


async def test_a_plan_that_turned_meanwhile_gets_no_proposal_but_a_new_job(desk: Desk) -> None:
    hand, before, _ = await detours(desk)
    incident = await desk.incident("lamp_out")
    hand.meanwhile = lambda: desk.accept(incident)
    await due(desk)
    await Planner(desk.world.service, hand).step()
    assert states(desk) == []
    assert before.items() <= crews_of(desk).items()
    assert await due(desk) == 1


async def test_with_the_solver_away_what_waits_is_inserted_and_the_board_says_so(
    desk: Desk,
) -> None:
    hand, before, _ = await detours(desk)
    waiting = await desk.incident("lamp_out", OBJAT)
    hand.is_away = True
    await due(desk)
    await Planner(desk.world.service, hand).step()
    assert degraded(desk) == "solver_unavailable"
    assert states(desk) == ["open"]
    with desk.world.look() as session:
        proposal = session.exec(select(Proposal)).one()
    assert proposal.solver["name"] == "insertion"
    assert [UUID(line["incident_id"]) for line in proposal.lines if not line["from"]] == [waiting]
    answer = await desk.http.post(f"/api/v1/proposals/{proposal.id}/accept", json={})
    await desk.world.settle()
    assert answer.status_code == 200, answer.text
    assert set(crews_of(desk)) == {*before, waiting}
    assert desk.breaches() == []

    hand.is_away = False
    await due(desk)
    await Planner(desk.world.service, hand).step()
    assert degraded(desk) is None


async def refusal(desk: Desk, visit: Json) -> None:
    await desk.move(visit, "refused", reason="véhicule en panne")


async def unfinished(desk: Desk, visit: Json) -> None:
    await desk.move(visit, "en_route", "on_site", "incomplete", reason="pompe cassée")


async def breakdown(desk: Desk, visit: Json) -> None:
    until = desk.world.clock.now() + timedelta(hours=3)
    path = f"/api/v1/crews/{visit['crew_id']}/out"
    answer = await desk.http.put(path, json={"until": until.isoformat(), "reason": "en panne"})
    assert answer.json()["out_reason"] == "en panne"
    assert {o["crew_id"]: o for o in (await desk.offers(UUID(visit["incident_id"])))["offers"]}[
        visit["crew_id"]
    ]["start_at"] >= until.isoformat()[:16]


async def absence(desk: Desk, visit: Json) -> None:
    until = desk.world.clock.now() + timedelta(hours=5)
    await desk.world.do(
        lambda tx: set_rest(tx, tx.session.get_one(Crew, UUID(visit["crew_id"])), until)
    )


async def delay(desk: Desk, visit: Json) -> None:
    desk.world.clock.advance(timedelta(hours=7, minutes=50))
    await desk.world.do(lambda tx: retime(tx, timedelta(0)))


@pytest.mark.parametrize("trouble", [refusal, unfinished, breakdown, absence, delay])
async def test_trouble_in_the_field_asks_for_a_new_plan(
    desk: Desk, trouble: Callable[[Desk, Json], Awaitable[None]]
) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    await desk.world.do(lambda tx: tx.session.execute(delete(Job)) and None)
    assert await due(desk) == 0
    await trouble(desk, visit)
    await desk.world.settle()
    assert await due(desk) == 1
