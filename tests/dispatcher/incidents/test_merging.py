"""Two incidents that are one: joined with their reports and followers, and parted as they were."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from dispatcher.models import EventRow, Incident, IncidentMerge, Request
from tests.support.desk import BRIVE, TULLE, USSEL, Desk
from tests.support.world import World

Json = dict[str, Any]
LEAK = "water_leak_road"


@pytest.fixture
async def desk(either_world: World) -> AsyncIterator[Desk]:
    """A dispatcher's desk, on each kind of store."""
    async with either_world.client("dispatcher") as http:
        yield Desk(either_world, http)


async def merge(desk: Desk, source: UUID, into: UUID, **body: Any) -> httpx.Response:
    path = f"/api/v1/incidents/{source}/merge"
    answer = await desk.http.post(path, json={"into": str(into), **body})
    await desk.world.settle()
    return answer


async def unmerge(desk: Desk, source: UUID) -> httpx.Response:
    answer = await desk.http.post(f"/api/v1/incidents/{source}/unmerge")
    await desk.world.settle()
    return answer


async def read(desk: Desk, incident: UUID) -> Json:
    body: Json = (await desk.http.get(f"/api/v1/incidents/{incident}")).raise_for_status().json()
    return body


async def two_leaks(desk: Desk) -> tuple[UUID, UUID]:
    """Return the first incident and a later one, as two citizens told of them."""
    first = await desk.incident(LEAK, TULLE)
    desk.world.clock.advance(timedelta(minutes=10))
    return first, await desk.incident(LEAK, BRIVE)


async def followed(desk: Desk, text: str, place: dict[str, float]) -> tuple[UUID, str]:
    """Report as a citizen; return the incident and the path of the private page."""
    async with desk.world.client() as citizen:
        told = await desk.world.report(citizen, text, category=LEAK, place=place)
    with desk.world.look() as session:
        found = session.exec(select(Incident.id).where(Incident.ref == told["reference"])).one()
    return found, told["tracking_url"].removeprefix(desk.world.settings.origin)


async def test_one_that_joins_another_leaves_the_board_with_its_reports(desk: Desk) -> None:
    first, second = await two_leaks(desk)

    answer = await merge(desk, second, first, reason="même conduite")

    assert answer.status_code == 200, answer.text
    source, target = answer.json()["source"], answer.json()["target"]
    assert (source["state"], source["merged_into"]) == ("merged", str(first))
    assert (target["reports"], len(target["channels"])) == (2, 2)
    seen = await read(desk, first)
    assert len(seen["report_list"]) == 2
    assert [one["id"] for one in seen["merged"]] == [str(second)]
    assert seen["merged"][0]["reports"] == 1
    assert "incident.joined" in [entry["type"] for entry in seen["history"]]
    told = [e for e in (await read(desk, second))["history"] if e["type"] == "incident.merged"]
    assert told[0]["params"]["reason"] == "même conduite"


async def test_more_reports_never_lower_the_score_and_the_earliest_promise_holds(
    desk: Desk,
) -> None:
    first, second = await two_leaks(desk)
    before = await read(desk, second), await read(desk, first)

    after = (await merge(desk, first, second)).json()["target"]

    assert after["score"] >= max(one["score"] for one in before)
    assert after["respond_by"] == min(one["respond_by"] for one in before)


async def test_parting_gives_both_back_as_they_were(desk: Desk) -> None:
    first, second = await two_leaks(desk)
    before = {one: await read(desk, one) for one in (first, second)}
    await merge(desk, second, first)

    answer = await unmerge(desk, second)

    assert answer.status_code == 200, answer.text
    kept = ("state", "reports", "channels", "score", "priority", "respond_by", "merged_into")
    for one in (first, second):
        after = await read(desk, one)
        assert {k: after[k] for k in kept} == {k: before[one][k] for k in kept}
        assert len(after["report_list"]) == 1
        assert after["merged"] == []
    assert desk.orders(second) == ["open"]


async def test_what_was_reported_since_stays_with_the_one_it_was_told_of(desk: Desk) -> None:
    first, second = await two_leaks(desk)
    await merge(desk, second, first)
    desk.world.clock.advance(timedelta(minutes=5))
    again = await desk.world.report(desk.http, "encore la fuite", category=LEAK, place=TULLE)
    await desk.world.settle()

    await unmerge(desk, second)

    assert again["incident"]["id"] == str(first)
    assert (await read(desk, first))["reports"] == 2
    assert (await read(desk, second))["reports"] == 1


async def test_every_reporter_follows_what_is_done_and_is_told_that_they_are_one(
    desk: Desk,
) -> None:
    first, page_one = await followed(desk, "fuite", TULLE)
    second, page_two = await followed(desk, "fuite", BRIVE)
    await merge(desk, second, first)

    async with desk.world.client() as citizen:
        joined = (await citizen.get(page_two)).text
        assert "Réuni avec d’autres signalements" in joined
        assert "Réuni avec" not in (await citizen.get(page_one)).text
        first_ref = (await read(desk, first))["ref"]
        second_ref = (await read(desk, second))["ref"]
        assert first_ref in joined
        assert f"d’abord {second_ref}" in joined
        await desk.accept(first)
        for page in (page_one, page_two):
            assert "Une équipe va venir" in (await citizen.get(page)).text
        await unmerge(desk, second)
        assert "Réuni avec" not in (await citizen.get(page_two)).text
        assert "Une équipe va venir" not in (await citizen.get(page_two)).text


async def test_the_event_reaches_each_followers_topic_at_a_version_he_has_not_seen(
    desk: Desk,
) -> None:
    first, _ = await followed(desk, "fuite", TULLE)
    second, _ = await followed(desk, "fuite", BRIVE)
    for number in range(4):
        await desk.http.post(f"/api/v1/incidents/{second}/notes", json={"text": f"note {number}"})
        await desk.http.post(f"/api/v1/incidents/{second}/acknowledge")
    held = (await read(desk, second))["ver"]
    await merge(desk, second, first)

    with desk.world.look() as session:
        topics = session.exec(select(Request.topic).where(Request.incident_id == first)).all()
        event = session.exec(select(EventRow).where(EventRow.type == "incident.joined")).one()
    assert len(topics) == 2
    (image,) = event.after
    assert image["id"] == str(first)
    assert image["ver"] > held


async def test_the_crew_that_was_to_come_for_it_is_called_off(desk: Desk) -> None:
    first, second = await two_leaks(desk)
    visit = await desk.accept(second)

    await merge(desk, second, first)

    assert desk.visit(visit).state == "cancelled"
    assert desk.breaches() == []
    await unmerge(desk, second)
    assert desk.orders(second) == ["open"]
    assert (await read(desk, second))["progress"]["step"] == "examined"


async def test_what_a_crew_works_on_stays_and_the_other_one_joins_it(desk: Desk) -> None:
    first, second = await two_leaks(desk)
    await desk.move(await desk.accept(second), "en_route")

    assert (await merge(desk, second, first)).json()["code"] == "illegal_move"
    assert (await merge(desk, first, second)).status_code == 200


async def test_chains_are_parted_from_their_end(desk: Desk) -> None:
    first, page = await followed(desk, "fuite", TULLE)
    second, third = await desk.incident(LEAK, BRIVE), await desk.incident(LEAK, USSEL)
    await merge(desk, first, second)
    await merge(desk, second, third)
    assert (await read(desk, third))["reports"] == 3
    async with desk.world.client() as citizen:
        assert f"d’abord {(await read(desk, first))['ref']}" in (await citizen.get(page)).text

    assert (await unmerge(desk, first)).status_code == 409
    assert (await unmerge(desk, second)).status_code == 200
    assert (await unmerge(desk, first)).status_code == 200
    assert [(await read(desk, one))["reports"] for one in (first, second, third)] == [1, 1, 1]


async def test_a_danger_told_again_since_stays(desk: Desk) -> None:
    calm = await desk.incident(LEAK, TULLE)
    grave = UUID(
        (await desk.world.report(desk.http, "fuite, la cave est inondée", place=BRIVE))["incident"][
            "id"
        ]
    )

    def dangers(incident: UUID) -> set[str]:
        return {d["kind"] for d in desk.incident_row(incident).facts["dangers"]}

    assert dangers(calm) == set()
    await merge(desk, grave, calm)
    assert dangers(calm) == dangers(grave) != set()
    desk.world.clock.advance(timedelta(minutes=1))
    await desk.world.report(desk.http, "fuite", category=LEAK, place=TULLE)
    await unmerge(desk, grave)

    assert dangers(calm) == dangers(grave)


async def test_nonsense_is_refused_and_changes_nothing(desk: Desk) -> None:
    first, second = await two_leaks(desk)
    await desk.http.post(f"/api/v1/incidents/{first}/transitions", json={"to": "cancelled"})

    assert (await merge(desk, second, second)).status_code == 422
    assert (await merge(desk, second, first)).status_code == 422
    assert (await unmerge(desk, second)).status_code == 422
    by_hand = {"to": "merged"}
    path = f"/api/v1/incidents/{second}/transitions"
    assert (await desk.http.post(path, json=by_hand)).status_code == 422
    with desk.world.look() as session:
        assert session.exec(select(IncidentMerge)).all() == []
        assert session.exec(select(col(Incident.merged_into))).all() == [None, None]


async def test_likely_duplicates_of_an_incident_are_found_with_why(desk: Desk) -> None:
    first = await desk.incident("pothole", TULLE)
    near = {"lat": TULLE["lat"] + 0.0009, "lon": TULLE["lon"]}
    second = UUID(
        (await desk.world.report(desk.http, "trou", category="pavement", place=near))["incident"][
            "id"
        ]
    )
    await desk.incident("pothole", USSEL)

    found = (await desk.http.get(f"/api/v1/incidents/{second}/duplicates")).json()

    assert [one["incident_id"] for one in found] == [str(first)]
    assert 80 < found[0]["distance_m"] < 120
    assert {reason["trait"] for reason in found[0]["reasons"]} >= {"place"}


async def test_a_caller_who_says_that_it_is_the_same_is_joined_and_can_be_parted(
    desk: Desk,
) -> None:
    first = await desk.incident("pothole", TULLE)
    told = await desk.world.report(
        desk.http, "un trou", category="pothole", place=USSEL, joins=str(first), channel="phone"
    )

    assert told["incident"] | {"score": 0} == {
        **told["incident"],
        "score": 0,
        "id": str(first),
        "joined": True,
    }
    assert told["reference"] == (await read(desk, first))["ref"]
    (joined,) = (await read(desk, first))["merged"]
    assert (await unmerge(desk, UUID(joined["id"]))).status_code == 200


async def test_a_report_that_joins_what_is_over_counts_for_itself(desk: Desk) -> None:
    first = await desk.incident("pothole", TULLE)
    await desk.http.post(f"/api/v1/incidents/{first}/transitions", json={"to": "cancelled"})

    told = await desk.world.report(desk.http, "un trou", place=USSEL, joins=str(first))

    assert told["incident"]["joined"] is False
    assert told["incident"]["id"] != str(first)
