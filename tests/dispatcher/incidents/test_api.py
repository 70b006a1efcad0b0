"""Incidents over HTTP: found, read, corrected by one person at a time, moved, explained."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from dispatcher.database import Tx
from dispatcher.incidents import commands, scoring
from dispatcher.models import IdempotentAnswer, Incident, WorkOrder
from tests.support.desk import BRIVE, TULLE, USSEL, Desk
from tests.support.world import World

Json = dict[str, Any]


@pytest.fixture
async def desk(world: World) -> AsyncIterator[Desk]:
    """An operator's desk."""
    async with world.client("operator") as http:
        yield Desk(world, http)


async def read(desk: Desk, incident_id: UUID) -> Json:
    answer = await desk.http.get(f"/api/v1/incidents/{incident_id}")
    assert answer.status_code == 200
    return {**answer.json(), "etag": answer.headers["etag"]}


async def patch(desk: Desk, incident_id: UUID, etag: str | None, **body: Any) -> httpx.Response:
    headers = {"If-Match": etag} if etag else {}
    path = f"/api/v1/incidents/{incident_id}"
    return await desk.http.patch(path, json=body, headers=headers)


async def move(desk: Desk, incident_id: UUID, to: str, **body: Any) -> httpx.Response:
    path = f"/api/v1/incidents/{incident_id}/transitions"
    return await desk.http.post(path, json={"to": to, **body})


async def test_an_edit_names_the_version_it_saw_and_gives_the_next(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    seen = await read(desk, incident)

    answer = await patch(desk, incident, seen["etag"], title="Nid-de-poule profond")

    assert answer.status_code == 200
    assert answer.json()["title"] == "Nid-de-poule profond"
    assert answer.headers["etag"] == f'"v{seen["ver"] + 1}"'


async def test_an_edit_that_names_no_version_is_refused(desk: Desk) -> None:
    incident = await desk.incident("pothole")

    answer = await patch(desk, incident, None, title="Autre titre")

    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")


async def test_of_two_people_who_edit_what_they_saw_one_is_told_what_is_current(
    desk: Desk,
) -> None:
    incident = await desk.incident("pothole")
    seen = await read(desk, incident)

    answers = await asyncio.gather(
        patch(desk, incident, seen["etag"], title="Le titre d’Anna"),
        patch(desk, incident, seen["etag"], title="Le titre de Ben"),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 412]
    (taken,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert refused["code"] == "stale_version"
    assert refused["params"]["current"] == taken["ver"]
    assert (await read(desk, incident))["title"] == taken["title"]


async def test_an_edit_that_changes_nothing_leaves_no_trace(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    seen = await read(desk, incident)

    assert (await patch(desk, incident, seen["etag"])).status_code == 200

    assert (await read(desk, incident))["history"] == seen["history"]


async def test_another_category_asks_for_another_crew(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    seen = await read(desk, incident)

    answer = await patch(desk, incident, seen["etag"], category="sewer_overflow")

    changed = answer.json()
    assert (changed["category"], changed["service"]) == ("sewer_overflow", "sewerage")
    assert changed["score"] > seen["score"]
    with desk.world.look() as session:
        order = session.exec(select(WorkOrder)).one()
    assert set(order.skills) == {"sewer", "sewer_jetting"}
    assert order.duration_s == 120 * 60
    assert order.due_at is not None
    assert order.due_at.isoformat() == changed["respond_by"].replace("Z", "+00:00")


async def test_a_category_that_does_not_exist_is_refused(desk: Desk) -> None:
    incident = await desk.incident("pothole")

    answer = await patch(desk, incident, (await read(desk, incident))["etag"], category="dragons")

    assert answer.status_code == 422
    assert answer.json()["params"]["field"] == "category"


async def test_a_class_set_by_hand_needs_a_reason_and_can_be_given_back(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    seen = await read(desk, incident)
    bare = await patch(desk, incident, seen["etag"], override={"priority": "P1"})
    assert bare.status_code == 422

    reason = {"priority": "P1", "reason": "école à côté"}
    raised = (await patch(desk, incident, seen["etag"], override=reason)).json()
    assert (raised["priority"], raised["overridden"]) == ("P1", True)
    assert raised["score"] == seen["score"]
    back = {"priority": None, "reason": "vérifié sur place"}
    etag = f'"v{raised["ver"]}"'
    lowered = (await patch(desk, incident, etag, override=back)).json()
    assert (lowered["priority"], lowered["overridden"]) == (seen["priority"], False)
    told = [e for e in (await read(desk, incident))["history"] if "overridden" in e["type"]]
    assert [entry["params"]["reason"] for entry in told] == ["école à côté", "vérifié sur place"]
    assert [entry["actor"] for entry in told] == ["Operator", "Operator"]


async def test_a_score_explains_itself(desk: Desk) -> None:
    seen = await read(desk, await desk.incident("water_main_burst"))

    assert sum(reason["points"] for reason in seen["reasons"]) == seen["score"]
    assert seen["severity"] + seen["urgency"] == seen["score"]
    assert all(change["priority"] != seen["priority"] for change in seen["counterfactuals"])
    assert seen["policy"]["name"]


async def test_holding_needs_a_reason_that_goes_when_it_goes_on(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    assert (await move(desk, incident, "on_hold")).status_code == 422

    held = (await move(desk, incident, "on_hold", reason="attend l’arrêté de circulation")).json()
    assert held["hold_reason"] == "attend l’arrêté de circulation"
    again = (await move(desk, incident, "triaged")).json()
    assert (again["state"], again["hold_reason"]) == ("triaged", None)


async def test_a_move_that_cannot_follow_changes_nothing(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    seen = await read(desk, incident)

    answer = await move(desk, incident, "closed")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert (await read(desk, incident))["ver"] == seen["ver"]


async def test_taking_an_incident_in_hand_is_signed(desk: Desk) -> None:
    incident = await desk.incident("pothole")

    taken = (await desk.http.post(f"/api/v1/incidents/{incident}/acknowledge")).json()

    assert (taken["state"], taken["acknowledged_by"]) == ("triaged", "Operator")
    assert taken["progress"]["step"] == "examined"


@pytest.mark.parametrize("end", ["cancelled", "answered", "transferred"])
async def test_a_reopened_incident_asks_for_one_crew_not_two(desk: Desk, end: str) -> None:
    incident = await desk.incident("pothole")
    for to in (end, "reopened"):
        assert (await move(desk, incident, to)).status_code == 200
    await desk.world.settle()

    assert desk.orders(incident) == ["open"]


async def test_what_was_repaired_and_comes_back_is_new_work(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    async with desk.world.client("dispatcher") as http:
        dispatcher = Desk(desk.world, http)
        visit = await dispatcher.accept(incident)
        await dispatcher.move(visit, "en_route", "on_site", "completed")
    assert (await move(desk, incident, "reopened")).status_code == 200

    assert desk.orders(incident) == ["done", "open"]


async def test_a_note_is_read_by_the_desk_and_not_kept_in_the_log(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    text = "Le riverain du 14 a la clé du portail"

    made = await desk.http.post(f"/api/v1/incidents/{incident}/notes", json={"text": text})

    assert made.status_code == 201
    seen = await read(desk, incident)
    assert [note["text"] for note in seen["notes"]] == [text]
    assert text not in str(seen["history"])


async def test_a_note_sent_again_with_its_key_is_written_once(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    path, key = f"/api/v1/incidents/{incident}/notes", {"Idempotency-Key": "a-note-of-the-desk"}
    sent = {"text": "Portail fermé"}

    first = await desk.http.post(path, json=sent, headers=key)
    again = await desk.http.post(path, json=sent, headers=key)
    other = await desk.http.post(path, json={"text": "Portail ouvert"}, headers=key)

    assert (first.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert [note["text"] for note in (await read(desk, incident))["notes"]] == ["Portail fermé"]
    with desk.world.service.store.read() as session:
        kept = session.exec(select(IdempotentAnswer)).all()
    assert any(row.key == "a-note-of-the-desk" for row in kept)
    assert "Portail" not in str([row.answer for row in kept])


async def test_the_list_is_read_to_its_end_page_by_page(desk: Desk) -> None:
    made = set()
    for number in range(7):
        place = {"lat": 45.1 + number / 50, "lon": 1.6}
        made.add(str(await desk.incident("lamp_out", place)))
    seen: list[str] = []
    query = "limit=3"
    while True:
        page = (await desk.http.get(f"/api/v1/incidents?{query}")).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"limit=3&cursor={page['next_cursor']}"

    assert len(seen) == len(set(seen))
    assert set(seen) == made


async def test_the_list_is_filtered_by_state_class_and_words(desk: Desk) -> None:
    pothole = await desk.incident("pothole", TULLE)
    burst = await desk.incident("water_main_burst", BRIVE)
    await desk.incident("lamp_out", USSEL)
    await desk.http.post(f"/api/v1/incidents/{pothole}/acknowledge")

    async def found(query: str) -> set[str]:
        items = (await desk.http.get(f"/api/v1/incidents?{query}")).json()["items"]
        return {item["id"] for item in items}

    assert await found("state=triaged") == {str(pothole)}
    assert len(await found("state=triaged&state=received")) == 3
    assert await found("priority=P1&priority=P2") == {str(burst)}
    assert await found("q=brive") == {str(burst)}
    assert await found("q=BRIVE") == {str(burst)}
    assert await found("q=2026-00001") == {str(pothole)}
    assert await found("q=%25") == await found("")


async def test_the_history_names_people_and_the_citizen_nobody(desk: Desk, world: World) -> None:
    async with world.client() as citizen:
        told = await world.report(citizen, "Nid-de-poule à Tulle")
    (item,) = (await desk.http.get("/api/v1/incidents")).json()["items"]
    await desk.http.post(f"/api/v1/incidents/{item['id']}/acknowledge")

    seen = await read(desk, UUID(item["id"]))

    assert told["reference"] == seen["ref"]
    assert [entry["actor"] for entry in seen["history"]] == ["citizen", "citizen", "Operator"]


async def test_waiting_raises_a_score_and_shortens_no_promise(desk: Desk) -> None:
    incident = await desk.incident("water_leak_road")
    before = await read(desk, incident)
    desk.world.clock.advance(timedelta(hours=3))

    def age(tx: Tx) -> None:
        row = tx.session.get_one(Incident, incident)
        commands.rescore(tx, row, scoring.rescored(tx.session, row, tx.now))

    await desk.world.do(age)

    after = await read(desk, incident)
    assert after["score"] > before["score"]
    for promise in ("respond_by", "restore_by"):
        assert after[promise] == before[promise]
