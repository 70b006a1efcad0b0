"""One action on many incidents: each served or refused alone, and given back by one request."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlmodel import select

from dispatcher.models import EventRow, Incident, Visit
from tests.support.desk import BRIVE, TULLE, USSEL, Desk, near

Json = dict[str, Any]
keys = iter(range(1_000_000))


async def bulk(desk: Desk, action: Json, *ids: UUID, key: str | None = None) -> httpx.Response:
    return await desk.http.post(
        "/api/v1/board/bulk",
        json={"action": action, "incidents": [str(one) for one in ids]},
        headers={"Idempotency-Key": key or f"bulk-test-key-{next(keys):06}"},
    )


async def undo(desk: Desk, told: Json) -> httpx.Response:
    return await desk.http.post(f"/api/v1/board/bulk/{told['id']}/undo")


async def three_leaks(desk: Desk) -> list[UUID]:
    return [await desk.incident("water_leak_road", near(TULLE, number)) for number in range(3)]


def states(desk: Desk, ids: list[UUID]) -> list[str]:
    return [desk.incident_row(one).state for one in ids]


async def test_all_are_given_to_their_best_crew_and_taken_back_at_once(either_desk: Desk) -> None:
    desk = either_desk
    ids = [await desk.incident("pothole", place) for place in (TULLE, BRIVE, USSEL)]
    answer = await bulk(desk, {"kind": "assign"}, *ids)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["done"], told["refused"], told["may_undo"]) == (3, 0, True)
    with desk.world.look() as session:
        visits = session.exec(select(Visit).where(Visit.state == "assigned")).all()
    assert {visit.incident_id for visit in visits} == set(ids)
    assert all(item["crew"] for item in told["items"])
    assert [breach for breach in desk.breaches() if breach.rule != "churn"] == []

    back = await undo(desk, told)
    assert (back.status_code, back.json()["done"]) == (200, 3)
    with desk.world.look() as session:
        assert session.exec(select(Visit).where(Visit.state == "assigned")).all() == []
    assert (await undo(desk, told)).status_code == 409


async def test_what_is_refused_alone_leaves_the_others_done(either_desk: Desk) -> None:
    desk = either_desk
    first, second, gone = await three_leaks(desk)
    path = f"/api/v1/incidents/{gone}/transitions"
    await desk.http.post(path, json={"to": "cancelled"})
    stranger = uuid4()
    answer = await bulk(desk, {"kind": "hold", "reason": "orage"}, first, gone, stranger, second)
    assert answer.status_code == 207
    told = answer.json()
    assert [item["status"] for item in told["items"]] == [200, 409, 404, 200]
    assert told["items"][1]["code"] == "illegal_move"
    assert told["items"][1]["params"] == {"source": "cancelled", "target": "on_hold"}
    assert told["items"][2]["ref"] is None
    assert states(desk, [first, second, gone]) == ["on_hold", "on_hold", "cancelled"]
    assert desk.incident_row(first).hold_reason == "orage"
    with desk.world.look() as session:
        moved = session.exec(select(EventRow).where(EventRow.type == "incident.moved")).all()
    assert [event.data["incident_id"] for event in moved] == [str(gone), str(first), str(second)]


async def test_undoing_refuses_what_moved_on_and_gives_back_the_rest(either_desk: Desk) -> None:
    desk = either_desk
    ids = await three_leaks(desk)
    told = (await bulk(desk, {"kind": "hold", "reason": "orage"}, *ids)).json()
    await desk.world.settle()
    await desk.http.post(f"/api/v1/incidents/{ids[1]}/transitions", json={"to": "cancelled"})
    back = await undo(desk, told)
    assert back.status_code == 207
    assert (back.json()["done"], back.json()["refused"]) == (2, 1)
    assert states(desk, ids) == ["triaged", "cancelled", "triaged"]


async def test_repeated_with_its_key_it_answers_the_same_and_does_nothing_again(
    either_desk: Desk,
) -> None:
    desk = either_desk
    ids = await three_leaks(desk)
    first = await bulk(desk, {"kind": "hold", "reason": "orage"}, *ids, key="one-bulk-key-123456")
    again = await bulk(desk, {"kind": "hold", "reason": "orage"}, *ids, key="one-bulk-key-123456")
    assert again.json() == first.json()
    other = await bulk(desk, {"kind": "hold", "reason": "neige"}, *ids, key="one-bulk-key-123456")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    missing = await desk.http.post(
        "/api/v1/board/bulk", json={"action": {"kind": "assign"}, "incidents": [str(ids[0])]}
    )
    assert missing.json()["code"] == "idempotency_key_missing"


async def test_many_become_one_and_are_parted_again(either_desk: Desk) -> None:
    desk = either_desk
    ids = await three_leaks(desk)
    told = (await bulk(desk, {"kind": "merge", "into": str(ids[0])}, *ids)).json()
    assert told["done"] == 2
    assert states(desk, ids)[1:] == ["merged", "merged"]
    assert desk.incident_row(ids[0]).report_count == 3
    assert (await undo(desk, told)).json()["done"] == 2
    assert desk.incident_row(ids[0]).report_count == 1
    assert "merged" not in states(desk, ids)


async def test_the_class_is_set_by_hand_and_what_was_there_before_comes_back(
    either_desk: Desk,
) -> None:
    desk = either_desk
    ids = await three_leaks(desk)
    first = {"kind": "override", "priority": "P1", "reason": "école"}
    await bulk(desk, first, ids[0])
    told = (await bulk(desk, {"kind": "override", "priority": "P2", "reason": "crue"}, *ids)).json()
    assert [desk.incident_row(one).override_priority for one in ids] == ["P2"] * 3
    await undo(desk, told)
    rows = [desk.incident_row(one) for one in ids]
    assert [row.override_priority for row in rows] == ["P1", None, None]
    assert rows[0].override_reason == "école"


async def test_everybody_is_answered_and_what_was_read_cannot_be_unsaid(either_desk: Desk) -> None:
    desk = either_desk
    ids = await three_leaks(desk)
    told = (await bulk(desk, {"kind": "reply", "template": "taken_up"}, *ids)).json()
    assert (told["done"], told["may_undo"]) == (3, False)
    detail = (await desk.http.get(f"/api/v1/incidents/{ids[2]}")).json()
    assert [message["author"] for message in detail["messages"]] == ["Dispatcher"]
    assert (await undo(desk, told)).status_code == 409
    none = await bulk(desk, {"kind": "reply", "template": "nothing_here"}, *ids)
    assert {item["status"] for item in none.json()["items"]} == {422}


async def test_a_colleague_gets_them_and_gives_them_back(either_desk: Desk) -> None:
    desk = either_desk
    ids = await three_leaks(desk)
    known = (await desk.http.get("/api/v1/board/colleagues")).json()
    operator = next(one for one in known if one["role"] == "operator")
    assert {one["role"] for one in known} == {
        "operator",
        "dispatcher",
        "oncall_manager",
        "admin",
    }
    await desk.http.post(f"/api/v1/incidents/{ids[0]}/acknowledge")
    mine = desk.incident_row(ids[0]).acknowledged_by
    told = (await bulk(desk, {"kind": "hand_over", "to": operator["id"]}, *ids)).json()
    assert {desk.incident_row(one).acknowledged_by for one in ids} == {operator["name"]}
    assert states(desk, ids) == ["triaged"] * 3
    await undo(desk, told)
    assert [desk.incident_row(one).acknowledged_by for one in ids] == [mine, None, None]


async def test_operators_may_not_assign_and_observers_may_do_nothing(either_desk: Desk) -> None:
    desk = either_desk
    ids = await three_leaks(desk)
    async with desk.world.client("operator") as http:
        refused = await bulk(Desk(desk.world, http), {"kind": "assign"}, *ids)
        assert {item["status"] for item in refused.json()["items"]} == {403}
    async with desk.world.client("expert") as http:
        assert (await bulk(Desk(desk.world, http), {"kind": "assign"}, *ids)).status_code == 403


@pytest.mark.parametrize("count", [0, 51])
async def test_none_and_too_many_are_refused(desk: Desk, count: int) -> None:
    answer = await bulk(desk, {"kind": "assign"}, *(uuid4() for _ in range(count)))
    assert answer.status_code == 422


async def test_an_incident_named_twice_is_served_once(desk: Desk) -> None:
    one = await desk.incident("pothole", TULLE)
    told = (await bulk(desk, {"kind": "hold", "reason": "neige"}, one, one)).json()
    assert (told["done"], told["refused"]) == (1, 0)
    with desk.world.look() as session:
        assert session.get_one(Incident, one).state == "on_hold"
