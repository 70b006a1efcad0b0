"""One incident, from a phone call to every screen, over HTTP with the clock in hand."""

import json
from datetime import timedelta

import pytest

from tests.support.world import World

CARNOT = {"lat": 45.2670, "lon": 1.7710, "address": "14 rue Carnot"}


async def test_a_call_becomes_a_scored_incident_that_a_crew_finishes(either_world: World) -> None:
    world = either_world
    async with world.client("operator") as operator, world.client("dispatcher") as desk:
        told = await world.report(
            operator, "fuite rue Carnot à Tulle, eau partout", channel="phone", place=CARNOT
        )
        incident_id = told["incident"]["id"]
        before = (await desk.get(f"/api/v1/incidents/{incident_id}")).json()
        assert before["state"] == "received"
        assert before["category"] == "water_leak_road"
        assert {"danger", "category"} <= {reason["rule"] for reason in before["reasons"]}
        assert sum(reason["points"] for reason in before["reasons"]) == before["score"]

        offers = (await desk.get(f"/api/v1/incidents/{incident_id}/offers")).json()
        best = offers["offers"][0]
        assert offers["refusals"], "some crews lack the skill, and it is said"
        accepted = await desk.post(
            f"/api/v1/incidents/{incident_id}/accept",
            json={"crew_id": best["crew_id"], "plan_version": offers["plan_version"]},
        )
        assert accepted.status_code == 200, accepted.text
        visit = accepted.json()["visit"]
        await world.settle()

        tracking = told["tracking_url"].removeprefix(world.settings.origin)
        for state, step in [
            ("acknowledged", "planned"),
            ("en_route", "en_route"),
            ("on_site", "on_site"),
            ("completed", "done"),
        ]:
            world.clock.advance(timedelta(minutes=10))
            moved = await desk.post(f"/api/v1/visits/{visit['id']}/transitions", json={"to": state})
            assert moved.status_code == 200, moved.text
            await world.settle()
            followed = (await operator.get(f"{tracking}/etat")).json()
            assert followed["step"] == step
        after = (await desk.get(f"/api/v1/incidents/{incident_id}")).json()
        assert after["state"] == "resolved"
        types = [entry["type"] for entry in after["history"]]
        assert types[:2] == ["incident.opened", "report.received"]
        assert types.count("visit.moved") == 5


async def test_an_offer_taken_on_an_old_plan_is_refused(world: World) -> None:
    first = await world.incident("Nid-de-poule rue Carnot à Tulle")
    second = await world.incident("Lampadaire éteint place de la Mairie à Brive")
    async with world.client("dispatcher") as desk:
        offers = (await desk.get(f"/api/v1/incidents/{first}/offers")).json()
        body = {
            "crew_id": offers["offers"][0]["crew_id"],
            "plan_version": offers["plan_version"],
        }
        assert (await desk.post(f"/api/v1/incidents/{first}/accept", json=body)).status_code == 200
        other = (await desk.get(f"/api/v1/incidents/{second}/offers")).json()["offers"][0]
        late = body | {"crew_id": other["crew_id"]}
        refused = await desk.post(f"/api/v1/incidents/{second}/accept", json=late)
    assert refused.status_code == 409
    assert refused.json()["code"] == "plan_changed"


async def test_an_assignment_can_be_undone(world: World) -> None:
    incident = await world.incident("Nid-de-poule rue Carnot à Tulle")
    async with world.client("dispatcher") as desk:
        offers = (await desk.get(f"/api/v1/incidents/{incident}/offers")).json()
        body = {"crew_id": offers["offers"][0]["crew_id"], "plan_version": offers["plan_version"]}
        visit = (await desk.post(f"/api/v1/incidents/{incident}/accept", json=body)).json()["visit"]
        undone = await desk.post(f"/api/v1/visits/{visit['id']}/unassign")
        assert undone.status_code == 200
        again = (await desk.get(f"/api/v1/incidents/{incident}/offers")).json()
    assert len(again["offers"]) == len(offers["offers"])


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "un\x00deux", "un\ud800deux"])
async def test_a_text_that_no_store_can_keep_is_refused_with_a_reason(
    world: World, text: str
) -> None:
    async with world.client() as citizen:
        answer = await citizen.post(
            "/api/v1/reports",
            content=json.dumps({"text": text}),
            headers={"Idempotency-Key": "k" * 20, "Content-Type": "application/json"},
        )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]
