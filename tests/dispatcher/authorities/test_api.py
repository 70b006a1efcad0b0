"""Competence over HTTP: the body that the rules name, what it answers, one thread for citizens."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from dispatcher.authorities.rules import road_of
from dispatcher.models import EventRow
from tests.support.desk import TULLE, Desk
from tests.support.world import World

Json = dict[str, Any]


@pytest.fixture
async def desk(either_world: World) -> AsyncIterator[Desk]:
    """An operator's desk, on each kind of store."""
    async with either_world.client("operator") as http:
        yield Desk(either_world, http)


async def reported(desk: Desk, category: str, address: str) -> tuple[UUID, str]:
    told = await desk.world.report(
        desk.http, category, category=category, place={**TULLE, "address": address}
    )
    await desk.world.settle()
    path = told["tracking_url"].removeprefix(desk.world.settings.origin)
    return UUID(told["incident"]["id"]), path


async def competence(desk: Desk, incident: UUID, query: str = "") -> Json:
    answer = await desk.http.get(f"/api/v1/incidents/{incident}/competence{query}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def state_of(desk: Desk, incident: UUID) -> str:
    return str((await desk.http.get(f"/api/v1/incidents/{incident}")).json()["state"])


async def test_the_body_is_found_with_what_proves_it(desk: Desk) -> None:
    road, _ = await reported(desk, "pothole", "D1089, sortie nord")
    street, _ = await reported(desk, "street_furniture", "place Jean Tavé")
    water, _ = await reported(desk, "water_leak_road", "12 rue Jean Jaurès")

    found = (await competence(desk, road))["found"]
    assert (found["level"], found["rule"]) == ("departement", "departmental_road")
    assert found["params"]["road"] == "departmental"
    assert "L131-1" in found["source"]
    found = (await competence(desk, street))["found"]
    assert (found["level"], found["name"]) == ("commune", "Tulle")
    found = (await competence(desk, water))["found"]
    assert found["level"] == "epci"
    assert found["name"] not in {"", found["authority"]}
    assert (await competence(desk, street, "?road=motorway"))["found"][
        "rule"
    ] == "motorway_operator"


@pytest.mark.parametrize(
    ("place", "road"),
    [
        ("A89 sens Brive", "motorway"),
        ("RN 120", "national"),
        ("D940E", "departmental"),
        ("RD1089", "departmental"),
        ("12 rue du Dauphin", None),
        (None, None),
    ],
)
def test_a_road_is_known_by_its_name(place: str | None, road: str | None) -> None:
    assert road_of(place) == road


async def test_passed_on_accepted_and_closed_on_one_link(desk: Desk) -> None:
    incident, page = await reported(desk, "pothole", "place Jean Tavé")
    body = {"level": "commune", "authority": "19272", "name": "Tulle", "rule": "commune_by_default"}

    asked = await desk.http.post(f"/api/v1/incidents/{incident}/claims", json=body)
    await desk.world.settle()

    assert (asked.status_code, asked.json()["state"]) == (201, "asked")
    assert await state_of(desk, incident) == "transferred"
    assert desk.snapshot().orders == {}
    async with desk.world.client() as citizen:
        shown = (await citizen.get(page)).text
    assert "Nous l’avons transmis" in shown
    assert "Ceci relève de : Tulle" in shown
    path = f"/api/v1/claims/{asked.json()['id']}/answer"
    assert (await desk.http.post(path, json={"answer": "closed"})).status_code == 409
    for answer in ("accepted", "closed"):
        assert (await desk.http.post(path, json={"answer": answer})).json()["state"] == answer
    assert await state_of(desk, incident) == "closed"


async def test_a_refusal_needs_a_motive_and_brings_it_back(desk: Desk) -> None:
    incident, _ = await reported(desk, "pothole", "place Jean Tavé")
    body = {"level": "commune", "name": "Tulle"}
    claim = (await desk.http.post(f"/api/v1/incidents/{incident}/claims", json=body)).json()
    again = await desk.http.post(f"/api/v1/incidents/{incident}/claims", json=body)
    assert again.status_code == 409
    path = f"/api/v1/claims/{claim['id']}/answer"

    assert (await desk.http.post(path, json={"answer": "refused"})).status_code == 422
    refused = {"answer": "refused", "motive": "route départementale"}
    assert (await desk.http.post(path, json=refused)).json()["motive"] == "route départementale"
    await desk.world.settle()

    assert await state_of(desk, incident) == "reopened"
    assert len(desk.snapshot().orders) == 1


async def test_handed_over_to_the_next_body_without_losing_the_thread(desk: Desk) -> None:
    incident, page = await reported(desk, "pothole", "place Jean Tavé")
    body = {"level": "commune", "name": "Tulle"}
    claim = (await desk.http.post(f"/api/v1/incidents/{incident}/claims", json=body)).json()
    path = f"/api/v1/claims/{claim['id']}/answer"
    nowhere = {"answer": "handed_over", "motive": "pas à nous"}
    assert (await desk.http.post(path, json=nowhere)).status_code == 422

    to = {"level": "departement", "authority": "19", "name": "Département"}
    following = (await desk.http.post(path, json={**nowhere, "to": to})).json()

    assert (following["name"], following["state"]) == ("Département", "asked")
    assert await state_of(desk, incident) == "transferred"
    states = [one["state"] for one in (await competence(desk, incident))["claims"]]
    assert states == ["handed_over", "asked"]
    async with desk.world.client() as citizen:
        assert "Ceci relève de : Département" in (await citizen.get(page)).text


async def test_administrators_keep_the_rules_and_mistakes_are_refused(desk: Desk) -> None:
    incident, _ = await reported(desk, "pothole", "place Jean Tavé")
    path = "/api/v1/competence/rules"
    text = '[[rule]]\nid = "all_ours"\nlevel = "departement"\nname = "19"\n'
    assert (await desk.http.put(path, json={"text": text})).status_code == 403
    async with desk.world.client("admin") as admin:
        for bad in ("", "[[rule", '[[rule]]\nid = "X"\nlevel = "moon"\n'):
            assert (await admin.put(path, json={"text": bad})).status_code == 422
        assert (await admin.put(path, json={"text": text})).json()["rules"] == 1

    assert (await competence(desk, incident))["found"]["rule"] == "all_ours"
    assert (await desk.http.get(path)).json()["text"] == text


async def test_rules_are_tried_on_a_place_a_kind_and_an_hour(desk: Desk) -> None:
    text = (await desk.http.get("/api/v1/competence/rules")).json()["text"]
    body = {"text": text, "category": "pothole", "place": "D1120, sortie de Saint-Privat"}

    found = (await desk.http.post("/api/v1/competence/try", json=body)).json()

    assert (found["commune"], found["road"]) == ("Saint-Privat", "departmental")
    assert found["found"]["rule"] == "departmental_road"
    steps = [(one["rule"]["id"], one["failed"]) for one in found["tried"]]
    assert steps[:2] == [("motorway_operator", "roads"), ("power_network", "categories")]
    assert steps[-1] == ("departmental_road", None)
    assert text.splitlines()[found["tried"][-1]["rule"]["line"] - 1] == "[[rule]]"

    night = {**body, "category": "water_leak_road", "at": "2026-11-24T23:30:00+01:00"}
    found = (await desk.http.post("/api/v1/competence/try", json=night)).json()
    assert (found["open"], found["found"]["rule"]) == (False, "water_out_of_hours")
    day = {**night, "at": "2026-11-24T10:30:00+01:00"}
    found = (await desk.http.post("/api/v1/competence/try", json=day)).json()
    assert (found["open"], found["found"]["rule"]) == (True, "water_epci")


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ('[[rule]]\nid = "a"\nlevel = "moon"\n', 3, "literal_error"),
        ('[[rule]]\nid = "a"\nlevel = "state"\n\ncategories = ["potole"]', 5, "unknown_categories"),
        (
            '[[rule]]\nid = "a"\nlevel = "state"\ncommunes = [\n"19272",\n"1"]',
            6,
            "unknown_communes",
        ),
        ('[[rule]]\nid = "a"\nlevel = "state"\n[[rule]]\nid = "a"\nlevel = "state"', 5, "same_id"),
        ('[[rule]]\nid = "a', 2, "not_toml"),
        ("", 1, "no_rule"),
    ],
)
async def test_a_mistake_in_the_rules_names_its_line(
    world: World, text: str, line: int, code: str
) -> None:
    async with world.client("council") as council:
        found = (await council.post("/api/v1/competence/check", json={"text": text})).json()
        put = await council.put("/api/v1/competence/rules", json={"text": text})
    told = [(one["line"], one["code"]) for one in found["problems"] if one["refuses"]]
    assert (found["valid"], told[0]) == (False, (line, code))
    assert (put.status_code, put.json()["params"]["line"]) == (422, line)


async def test_rules_that_decide_nothing_for_some_are_a_doubt_not_a_refusal(world: World) -> None:
    some = '[[rule]]\nid = "a"\nlevel = "state"\nroads = ["national"]\n'
    rest = '[[rule]]\nid = "b"\nlevel = "commune"\n'
    async with world.client("observer") as http:
        for text, code in ((some, "no_default"), (rest + some, "unreached"), (some + rest, None)):
            found = (await http.post("/api/v1/competence/check", json={"text": text})).json()
            assert found["valid"]
            assert [one["code"] for one in found["problems"]] == ([code] if code else [])


async def test_adopted_rules_are_in_the_log_and_what_was_asked_before_keeps_its_own(
    desk: Desk,
) -> None:
    before, _ = await reported(desk, "pothole", "place Jean Tavé")
    now, _ = await reported(desk, "street_furniture", "rue Carnot")
    body = {"level": "commune", "authority": "19272", "name": "Tulle", "rule": "commune_by_default"}
    await desk.http.post(f"/api/v1/incidents/{before}/claims", json=body)
    desk.world.clock.advance(timedelta(minutes=5))
    text = '[[rule]]\nid = "all_ours"\nlevel = "departement"\nname = "19"\n'
    path = "/api/v1/competence/rules"
    async with desk.world.client("council") as council:
        kept = await council.put(path, json={"text": text, "note": "convention", "replaces": 1})
        late = await council.put(path, json={"text": text, "note": "convention", "replaces": 1})

    assert (kept.json()["version"], late.status_code) == (2, 409)
    old, new = await competence(desk, before), await competence(desk, now)
    assert (old["rules_version"], old["found"]["rule"]) == (1, "commune_by_default")
    assert (new["rules_version"], new["found"]["rule"]) == (2, "all_ours")
    versions = (await desk.http.get(f"{path}/versions")).json()
    assert [(one["version"], one["note"]) for one in versions] == [(2, "convention"), (1, "")]
    with desk.world.look() as session:
        row = session.exec(
            select(EventRow).where(EventRow.type == "competence_rules.adopted")
        ).one()
    told = [row.data[name] for name in ("version", "rules", "note")]
    assert told == [2, 1, "convention"]
    assert row.actor == desk.world.actor("council").label
