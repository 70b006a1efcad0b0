"""What applies without asking, and the way back."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from dispatcher.database import Tx
from dispatcher.models import EventRow, Plan, Proposal
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.applying import SHOWN_FOR, apply_allowed, tidy
from dispatcher.planning.rows import Scope
from dispatcher.planning.snapshot import Snapshot
from dispatcher.planning.tuning import tuning_of
from dispatcher.planning.visits import plan_in_force
from tests.dispatcher.planning.test_proposals import crews_of, proposed, state_of
from tests.support.desk import Desk

Json = dict[str, Any]
SETTINGS = "/api/v1/plan/settings"


async def tune(desk: Desk, classes: list[str], sectors: list[str], **more: Any) -> Json:
    known = (await desk.http.get(SETTINGS)).json()
    body = {
        "auto_classes": classes,
        "auto_sectors": sectors,
        "churn_max": None,
        "freeze_minutes": 0,
        "replaces": known["tuned_at"],
        **more,
    }
    answer = await desk.http.put(SETTINGS, json=body)
    assert answer.status_code == 200, answer.text
    await desk.world.settle()
    set_now: Json = answer.json()
    return set_now


async def apply(desk: Desk, proposal: Proposal) -> int:
    """Do what the planner does when it has published."""

    def run(tx: Tx) -> int:
        row = tx.session.get_one(Proposal, proposal.id)
        return apply_allowed(tx, row, tuning_of(tx.session, tx.org, desk.world.settings))

    applied = await desk.world.do(run)
    await desk.world.settle()
    return applied


async def undo(desk: Desk, proposal: Proposal) -> Any:
    answer = await desk.http.post(f"/api/v1/proposals/{proposal.id}/undo")
    await desk.world.settle()
    return answer


async def test_nothing_applies_by_itself_unless_class_and_sector_have_opted_in(desk: Desk) -> None:
    sectors = (await desk.http.get(SETTINGS)).json()["sectors"]
    for classes, names in (([], sectors), (["P3", "P4"], []), (["P1"], sectors)):
        await tune(desk, classes, names)
        if classes != ["P1"]:
            continue
        proposal, before, _ = await proposed(desk)
        assert {line["priority"] for line in proposal.lines} <= {"P3", "P4"}
        assert await apply(desk, proposal) == 0
        assert crews_of(desk) == before
        assert state_of(desk, proposal) == "open"


async def test_what_has_opted_in_applies_is_shown_and_can_be_undone(either_desk: Desk) -> None:
    desk = either_desk
    sectors = (await desk.http.get(SETTINGS)).json()["sectors"]
    await tune(desk, ["P2", "P3", "P4"], sectors)
    proposal, before, after = await proposed(desk)
    assert await apply(desk, proposal) == len(after)

    assert crews_of(desk) == after
    board = (await desk.http.get("/api/v1/board")).json()["items"]
    (shown,) = [i["data"] for i in board if i["key"] == f"proposal:{proposal.id}"]
    assert (shown["state"], shown["applied_by"]) == ("applied", "automatic")
    (plan,) = [i["data"] for i in board if i["key"] == "plan"]
    assert plan["auto_sectors"] == sectors

    assert (await undo(desk, proposal)).status_code == 200
    assert crews_of(desk) == before
    assert desk.breaches() == []
    assert state_of(desk, proposal) == "undone"
    # Whoever undid it is not asked again, and it does not come back by itself.
    again = await desk.world.do(lambda tx: _open_again(tx, proposal.id))
    assert await apply(desk, again) == 0
    assert (await undo(desk, proposal)).status_code == 409


async def test_taking_and_giving_back_look_at_the_crews_concerned_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal, _, _ = await proposed(desk)
    everyone = len(desk.snapshot().crews)
    asked: list[Scope] = []
    take = snapshots.take

    def taken(*given: Any) -> Snapshot:
        asked.append(given[4])
        return take(*given)

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "take", taken)
        await desk.http.post(f"/api/v1/proposals/{proposal.id}/accept", json={})
        assert (await undo(desk, proposal)).status_code == 200

    ends = {UUID(end["crew_id"]) for one in proposal.lines for end in (one["from"], one["to"])}
    given, back = (set(scope.crew_ids or ()) for scope in asked)
    assert ends <= given == back
    assert len(given) < everyone
    assert desk.breaches() == []


async def test_a_proposal_gives_the_same_times_beside_all_crews_and_beside_those_concerned(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal, _, _ = await proposed(desk)
    take = snapshots.take

    async def times() -> dict[str, Any]:
        await desk.http.post(f"/api/v1/proposals/{proposal.id}/accept", json={})
        seen = desk.snapshot()
        given: dict[str, Any] = {
            name: (visit.crew_id, visit.position, visit.depart_at, visit.start_at)
            for name, visit in seen.visits.items()
        }
        told = [(str(i.id), i.window_from, i.window_to) for i in seen.incidents.values()]
        given["told"] = sorted(told)
        assert (await undo(desk, proposal)).status_code == 200
        again = await desk.world.do(lambda tx: _open_again(tx, proposal.id))
        proposal.id = again.id
        return given

    def whole(*given: Any) -> Snapshot:
        return take(*given[:4])

    alone = await times()
    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "take", whole)
        assert await times() == alone


def _open_again(tx: Tx, proposal_id: UUID) -> Proposal:
    row = tx.session.get_one(Proposal, proposal_id)
    new = {
        "id": tx.new_id(),
        "state": "open",
        "version": 1,
        "plan_number": plan_in_force(tx).number,
    }
    copy = Proposal(**{**row.model_dump(), **new})
    tx.session.add(copy)
    return copy


async def test_only_lines_within_sectors_that_opted_in_apply(desk: Desk) -> None:
    proposal, before, after = await proposed(desk)
    (line,) = [one for one in proposal.lines if one["to"]["crew"] == "Brive 8"]
    ends = {line["from"]["crew_id"], line["to"]["crew_id"]}
    crews = desk.snapshot().crews
    await tune(desk, ["P1", "P2", "P3", "P4"], sorted({crews[crew].sector for crew in ends}))
    applied = await apply(desk, proposal)
    moved = {i for i, crew in crews_of(desk).items() if crew != before[i]}
    allowed = {crews[crew].sector for crew in ends}
    names = {crew.name: crew.sector for crew in crews.values()}
    assert len(moved) == applied > 0
    assert all({names[before[i]], names[after[i]]} <= allowed for i in moved)
    assert UUID(line["incident_id"]) in moved


async def test_a_crew_that_has_left_cannot_be_called_back_by_undo(desk: Desk) -> None:
    proposal, _, after = await proposed(desk)
    answer = await desk.http.post(f"/api/v1/proposals/{proposal.id}/accept", json={})
    assert answer.status_code == 200
    await desk.world.settle()
    await desk.move({"id": proposal.lines[0]["visit_id"]}, "en_route")

    refused = await undo(desk, proposal)

    assert (refused.status_code, refused.json()["params"]["reason"]) == (409, "visit_moved_on")
    gone = UUID(proposal.lines[0]["incident_id"])
    left = {incident: crew for incident, crew in after.items() if incident != gone}
    assert crews_of(desk) == left


async def test_a_waiting_order_that_a_proposal_placed_waits_again_after_undo(desk: Desk) -> None:
    incident = await desk.incident("water_leak_road")
    crew = (await desk.offers(incident))["offers"][0]["crew"]
    (order,) = [k for k, o in desk.snapshot().orders.items() if o.incident_id == incident]
    proposal = await desk.propose({order: crew})
    await desk.http.post(f"/api/v1/proposals/{proposal.id}/accept", json={})
    await desk.world.settle()
    assert crews_of(desk) == {incident: crew}

    assert (await undo(desk, proposal)).status_code == 200
    assert crews_of(desk) == {}
    assert desk.orders(incident) == ["open"]


async def test_what_was_applied_leaves_the_board_when_seen_or_after_a_while(desk: Desk) -> None:
    sectors = (await desk.http.get(SETTINGS)).json()["sectors"]
    await tune(desk, ["P2", "P3", "P4"], sectors)
    proposal, _, _ = await proposed(desk)
    await apply(desk, proposal)
    desk.world.clock.advance(SHOWN_FOR * 2)
    await desk.world.do(tidy)
    assert state_of(desk, proposal) == "accepted"
    kept = await desk.http.post(f"/api/v1/proposals/{proposal.id}/keep")
    assert kept.status_code == 204


async def test_settings_are_recorded_with_who_and_what_was_before(desk: Desk) -> None:
    first = await tune(desk, ["P4"], ["Brive"], churn_max=3, freeze_minutes=45, slack_minutes=90)
    assert (first["churn_max"], first["freeze_minutes"], first["tuned_by"]) == (3, 45, "Dispatcher")
    assert first["slack_minutes"] == 90
    await tune(desk, [], [], churn_max=None, freeze_minutes=10)
    with desk.world.look() as session:
        facts = session.exec(select(EventRow).where(EventRow.type == "planning.tuned")).all()
        assert session.exec(select(Plan.freeze_minutes)).one() == 10
    assert facts[-1].data["classes_before"] == ["P4"]
    assert (facts[-1].data["churn_before"], facts[-1].data["freeze_before"]) == (3, 45)
    assert (facts[-1].data["slack_before"], facts[-1].data["slack_minutes"]) == (90, 90)
    assert facts[-1].actor.startswith("user:")


async def test_settings_of_an_unknown_sector_or_read_too_long_ago_are_refused(desk: Desk) -> None:
    body = {
        "auto_classes": [],
        "auto_sectors": ["Atlantide"],
        "churn_max": None,
        "freeze_minutes": 20,
        "replaces": None,
    }
    assert (await desk.http.put(SETTINGS, json=body)).status_code == 422
    await tune(desk, [], [])
    late = await desk.http.put(SETTINGS, json={**body, "auto_sectors": []})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")


async def test_moves_refused_with_a_reason_are_not_proposed_again_at_once(desk: Desk) -> None:
    proposal, _, _ = await proposed(desk)
    path = f"/api/v1/proposals/{proposal.id}/reject"
    await desk.http.post(path, json={"reason": "équipe promise ailleurs"})
    moves = {line["visit_id"]: line["to"]["crew"] for line in proposal.lines}
    with pytest.raises(AssertionError, match="not better"):
        await desk.propose(moves)
