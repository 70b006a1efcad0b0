"""The optimiser's better plans: whole, by line, refused, overtaken."""

from itertools import combinations
from uuid import UUID

import pytest

from dispatcher.models import Proposal
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.slack import with_slack
from tests.support.desk import BRIVE, TULLE, USSEL, Desk, moved, near

DETOURS = [
    (TULLE, "Ussel 4", "Tulle 2"),
    (near(TULLE, 8), "Bort 2", "Tulle 5"),
    (BRIVE, "Meymac 2", "Brive 8"),
]
"""Where a pothole is, who goes there from the other end of the country, and who is next to it."""


async def proposed(desk: Desk) -> tuple[Proposal, dict[UUID, str], dict[UUID, str]]:
    """Plan three detours, and propose to undo them.

    Returns:
        The proposal; the crew before and after, by incident.
    """
    before, after, moves = {}, {}, {}
    for place, far, close in DETOURS:
        incident = await desk.incident("pothole", place)
        visit = await desk.accept(incident, far)
        before[incident], after[incident], moves[visit["id"]] = far, close, close
    return await desk.propose(moves), before, after


def crews_of(desk: Desk) -> dict[UUID, str]:
    """Return who goes to which incident now."""
    snapshot = desk.snapshot()
    return {
        visit.incident_id: snapshot.crews[str(visit.crew_id)].name
        for visit in snapshot.visits.values()
    }


def state_of(desk: Desk, proposal: Proposal) -> str:
    with desk.world.look() as session:
        return session.get_one(Proposal, proposal.id).state


async def test_a_proposal_taken_whole_is_the_plan(either_desk: Desk) -> None:
    desk = either_desk
    proposal, before, after = await proposed(desk)
    assert crews_of(desk) == before
    assert len(proposal.lines) == 3
    assert proposal.summary["crews_changed"] >= 2

    answer = await desk.http.post(f"/api/v1/proposals/{proposal.id}/accept", json={})
    await desk.world.settle()

    assert answer.status_code == 200, answer.text
    assert answer.json()["plan_version"] == desk.snapshot().plan_number
    assert crews_of(desk) == after
    assert state_of(desk, proposal) == "accepted"
    assert desk.breaches() == []


async def test_what_time_to_spare_is_worth_is_not_told_as_a_saving(desk: Desk) -> None:
    moves = {}
    for place, far, close in DETOURS:
        visit = await desk.accept(await desk.incident("pothole", place), far)
        moves[visit["id"]] = close
    snapshot, slack_s = desk.snapshot(), 12 * 3600
    plans = moved(snapshot, moves)
    saved, weighed = (
        cost_of(problem, plans[1]).minutes - cost_of(problem, plans[0]).minutes
        for problem in (snapshot.problem, with_slack(snapshot.problem, slack_s))
    )
    assert abs(saved - weighed) > 10, "the wish to be home early weighs here"

    proposal = await desk.propose(moves, slack_s)

    assert proposal.summary["cost_delta_min"] == round(saved, 1)


@pytest.mark.parametrize("chosen", [c for n in (0, 1, 2) for c in combinations(range(3), n)])
async def test_only_the_lines_taken_are_moved(desk: Desk, chosen: tuple[int, ...]) -> None:
    proposal, before, after = await proposed(desk)
    lines = [proposal.lines[number] for number in chosen]

    answer = await desk.http.post(
        f"/api/v1/proposals/{proposal.id}/accept",
        json={"lines": [line["visit_id"] for line in lines]},
    )
    await desk.world.settle()

    assert answer.status_code == 200, answer.text
    moved = {UUID(line["incident_id"]) for line in lines}
    assert crews_of(desk) == {i: (after if i in moved else before)[i] for i in before}
    assert desk.breaches() == []


async def test_a_line_that_is_not_in_the_proposal_moves_nothing(desk: Desk) -> None:
    proposal, before, _ = await proposed(desk)

    await desk.http.post(
        f"/api/v1/proposals/{proposal.id}/accept", json={"lines": [str(proposal.id)]}
    )

    assert crews_of(desk) == before


async def test_a_proposal_on_an_old_plan_is_refused_and_closed(desk: Desk) -> None:
    proposal, before, _ = await proposed(desk)
    await desk.accept(await desk.incident("lamp_out", USSEL))

    answer = await desk.http.post(f"/api/v1/proposals/{proposal.id}/accept", json={})

    assert (answer.status_code, answer.json()["code"]) == (409, "plan_changed")
    assert before.items() <= crews_of(desk).items()
    assert state_of(desk, proposal) == "stale"


async def test_a_proposal_is_answered_once(desk: Desk) -> None:
    proposal, _, _ = await proposed(desk)
    path = f"/api/v1/proposals/{proposal.id}"
    answers = [
        await desk.http.post(f"{path}/reject", json={"reason": "pas maintenant"}),
        await desk.http.post(f"{path}/accept", json={}),
        await desk.http.post(f"{path}/reject", json={"reason": "encore"}),
    ]

    assert [answer.status_code for answer in answers] == [204, 409, 409]
    assert state_of(desk, proposal) == "rejected"


async def test_a_refusal_keeps_its_reason(desk: Desk) -> None:
    proposal, before, _ = await proposed(desk)
    await desk.http.post(
        f"/api/v1/proposals/{proposal.id}/reject", json={"reason": "équipe promise ailleurs"}
    )

    with desk.world.look() as session:
        kept = session.get_one(Proposal, proposal.id)
    assert kept.reason == "équipe promise ailleurs"
    assert (kept.decided_by or "").startswith("user:")
    assert crews_of(desk) == before


async def test_a_plan_no_better_is_not_proposed(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    far = (await desk.offers(UUID(visit["incident_id"])))["offers"][-1]["crew"]

    with pytest.raises(AssertionError, match="not better"):
        await desk.propose({visit["id"]: far})


async def test_a_work_order_that_waits_can_be_proposed_a_place(desk: Desk) -> None:
    incident = await desk.incident("water_leak_road")
    crew = (await desk.offers(incident))["offers"][0]["crew"]
    (order,) = [k for k, o in desk.snapshot().orders.items() if o.incident_id == incident]
    proposal = await desk.propose({order: crew})
    assert proposal.lines[0]["from"] is None

    await desk.http.post(f"/api/v1/proposals/{proposal.id}/accept", json={})
    await desk.world.settle()

    assert crews_of(desk) == {incident: crew}
    assert desk.orders(incident) == ["assigned"]


async def test_what_happened_meanwhile_is_not_undone_by_a_proposal(desk: Desk) -> None:
    proposal, before, after = await proposed(desk)
    visit = {"id": proposal.lines[0]["visit_id"]}
    gone = UUID(proposal.lines[0]["incident_id"])
    await desk.move(visit, "en_route")

    answer = await desk.http.post(f"/api/v1/proposals/{proposal.id}/accept", json={})
    await desk.world.settle()

    assert answer.status_code == 200, answer.text
    assert desk.visit(visit).state == "en_route"
    assert crews_of(desk) == {i: crew for i, crew in after.items() if i != gone}
    assert desk.crew_of({"crew_id": str(desk.visit(visit).crew_id)}).name == before[gone]


async def test_nobody_is_asked_twice_about_the_same_moves(desk: Desk) -> None:
    proposal, _, _ = await proposed(desk)
    moves = {line["visit_id"]: line["to"]["crew"] for line in proposal.lines}

    with pytest.raises(AssertionError, match="not better"):
        await desk.propose(moves)


async def test_a_proposal_that_does_not_exist_is_not_found(desk: Desk) -> None:
    name = "01900000-0000-7000-8000-000000000000"
    answer = await desk.http.post(f"/api/v1/proposals/{name}/accept", json={})
    assert answer.status_code == 404
