"""The desk over HTTP: answered at once, or acknowledged and passed on; templates kept by admins."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlmodel import select

from dispatcher.desk.commands import load_templates
from dispatcher.models import Category, EventRow, ReplyTemplate, Request
from tests.support.desk import TULLE, Desk
from tests.support.world import World

Json = dict[str, Any]
NEW = {
    "title_fr": "Panneau : commandé",
    "title_en": "Sign: ordered",
    "text_fr": "Le panneau est commandé.",
    "text_en": "The sign is ordered.",
    "categories": ["road_sign"],
}


@pytest.fixture
async def desk(either_world: World) -> AsyncIterator[Desk]:
    """An operator's desk, on each kind of store."""
    async with either_world.client("operator") as http:
        yield Desk(either_world, http)


async def page_of(desk: Desk, url: str, language: str = "fr") -> str:
    async with desk.world.client() as citizen:
        path = url.removeprefix(desk.world.settings.origin)
        return (await citizen.get(f"{path}?lang={language}")).text


async def test_a_simple_request_is_answered_at_once_in_the_readers_language(desk: Desk) -> None:
    told = await desk.world.report(desk.http, "eau blanche", category="water_quality", place=TULLE)
    path = f"/api/v1/incidents/{told['incident']['id']}"

    sent = await desk.http.post(f"{path}/reply", json={"template": "white_water", "closes": True})
    await desk.world.settle()

    assert (sent.status_code, sent.json()["state"]) == (201, "answered")
    assert "bulles d’air" not in sent.json()["text_fr"]
    for language, words in [("fr", "contient de l’air"), ("en", "holds air")]:
        page = await page_of(desk, told["tracking_url"], language)
        assert words in page
    assert "Nous vous avons répondu" in await page_of(desk, told["tracking_url"])
    assert desk.snapshot().orders == {}
    seen = (await desk.http.get(path)).json()
    assert [m["author"] for m in seen["messages"]] == ["Operator"]


async def test_a_complex_one_is_acknowledged_and_goes_on(desk: Desk) -> None:
    told = await desk.world.report(desk.http, "rupture", category="water_main_burst", place=TULLE)
    path = f"/api/v1/incidents/{told['incident']['id']}"

    sent = await desk.http.post(f"{path}/reply", json={"template": "taken_up"})

    assert sent.json()["state"] == "triaged"
    assert "transmis au service" in await page_of(desk, told["tracking_url"])
    assert len(desk.snapshot().orders) == 1


async def test_the_event_of_a_reply_has_the_followers_but_not_the_words(desk: Desk) -> None:
    told = await desk.world.report(desk.http, "rupture", category="water_main_burst", place=TULLE)
    incident = told["incident"]["id"]
    words = "Le 14 est attendu au portail"
    await desk.http.post(f"/api/v1/incidents/{incident}/reply", json={"text": words})

    with desk.world.look() as session:
        event = session.exec(select(EventRow).where(EventRow.type == "incident.replied")).one()
        followers = session.exec(select(Request)).all()
    assert [image["id"] for image in event.after] == [incident]
    assert [str(one.incident_id) for one in followers] == [incident]
    assert words not in str(event.data) + str(event.after)
    assert words in await page_of(desk, told["tracking_url"])


async def test_what_a_crew_works_on_is_not_closed_by_a_reply(desk: Desk) -> None:
    incident = await desk.incident("water_main_burst", TULLE)
    async with desk.world.client("dispatcher") as http:
        dispatcher = Desk(desk.world, http)
        await dispatcher.move(await dispatcher.accept(incident), "en_route")

    body = {"text": "C’est réglé.", "closes": True}
    answer = await desk.http.post(f"/api/v1/incidents/{incident}/reply", json=body)

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert (await desk.http.get(f"/api/v1/incidents/{incident}")).json()["messages"] == []


@pytest.mark.parametrize("body", [{}, {"template": "nothing_here"}, {"text": "é"}])
async def test_nothing_said_is_refused(desk: Desk, body: Json) -> None:
    incident = await desk.incident("pothole", TULLE)
    answer = await desk.http.post(f"/api/v1/incidents/{incident}/reply", json=body)
    assert answer.status_code == 422


async def test_templates_are_found_by_words_without_accents_category_and_state(desk: Desk) -> None:
    async def codes(query: str) -> list[str]:
        found = (await desk.http.get(f"/api/v1/replies?{query}")).json()
        return [one["code"] for one in found]

    assert await codes("q=degrevement") == ["after_meter"]
    assert await codes("q=bubbles") == ["white_water"]
    leak = await codes("category=water_meter&state=received")
    assert leak[0] == "after_meter"
    assert "lamp_round" not in leak
    assert "taken_up" not in await codes("state=resolved")


async def test_administrators_keep_the_templates_and_nobody_else(desk: Desk) -> None:
    path = "/api/v1/replies/sign_ordered"
    assert (await desk.http.put(path, json=NEW)).status_code == 403
    async with desk.world.client("admin") as admin:
        made = await admin.put(path, json=NEW)
        assert (made.status_code, made.json()["code"]) == (200, "sign_ordered")
        assert (await desk.http.get("/api/v1/replies?q=panneau")).json() == [made.json()]
        await admin.put(path, json={**NEW, "active": False})
    assert (await desk.http.get("/api/v1/replies?q=panneau")).json() == []
    assert len((await desk.http.get("/api/v1/replies?q=panneau&inactive=true")).json()) == 1


async def test_loading_templates_again_keeps_what_people_edited(desk: Desk) -> None:
    async with desk.world.client("admin") as admin:
        await admin.put("/api/v1/replies/after_meter", json={**NEW, "categories": []})

    assert await desk.world.do(load_templates) == 0

    assert (await desk.http.get("/api/v1/replies?q=panneau")).json()[0]["code"] == "after_meter"


def test_every_category_of_a_template_is_in_the_catalogue(world: World) -> None:
    with world.look() as session:
        known = set(session.exec(select(Category.code)).all())
        rows = session.exec(select(ReplyTemplate)).all()
    assert len(rows) >= 9
    assert {code for row in rows for code in row.categories} <= known


async def test_an_expert_is_asked_and_has_answered(desk: Desk) -> None:
    incident = await desk.incident("water_quality", TULLE)
    path = f"/api/v1/incidents/{incident}"

    body = {"needed": True, "question": "Chlore à 0,1 : purger ?"}
    asked = (await desk.http.post(f"{path}/expert", json=body)).json()
    assert asked["needs_expert"] is True
    async with desk.world.client("expert") as expert:
        done = await expert.post(f"{path}/expert", json={"needed": False, "question": "Oui."})
    assert done.json()["needs_expert"] is False
    notes = (await desk.http.get(path)).json()["notes"]
    assert [note["text"] for note in notes] == ["Chlore à 0,1 : purger ?", "Oui."]


async def test_braces_are_filled_for_each_reader_when_it_is_sent(desk: Desk) -> None:
    incident = await desk.incident("road_sign", TULLE)
    seen = (await desk.http.get(f"/api/v1/incidents/{incident}")).json()
    words = {"text_fr": "{category} à {commune}, {reference}.", "text_en": "{reference}: {commune}"}
    async with desk.world.client("council") as council:
        kept = await council.put("/api/v1/replies/sign_ordered", json={**NEW, **words})
    assert kept.status_code == 200, kept.text

    found = await desk.http.get(f"/api/v1/replies?q=panneau&incident_id={incident}")
    sent = await desk.http.post(
        f"/api/v1/incidents/{incident}/reply", json={"template": "sign_ordered"}
    )

    ref = seen["ref"]
    assert sent.json()["text_fr"] == f"{seen['title']} à Tulle, {ref}."
    assert sent.json()["text_en"] == f"{ref}: Tulle"
    assert found.json()[0]["filled_fr"] == sent.json()["text_fr"]
    assert found.json()[0]["text_fr"] == words["text_fr"]


async def test_a_template_that_cannot_be_filled_is_refused_with_its_line(desk: Desk) -> None:
    async with desk.world.client("admin") as admin:
        bad = {**NEW, "text_fr": "Bonjour,\n{nom} est venu", "text_en": "Hello {"}
        answer = await admin.put("/api/v1/replies/sign_ordered", json=bad)
        unknown = await admin.put(
            "/api/v1/replies/sign_ordered", json={**NEW, "categories": ["dragon"]}
        )
    params = answer.json()["params"]
    assert (answer.status_code, params["field"], params["line"]) == (422, "text_fr", 2)
    assert params["word"] == "{nom}"
    assert (unknown.status_code, unknown.json()["params"]["category"]) == (422, "dragon")
    assert (await desk.http.get("/api/v1/replies?q=panneau")).json() == []


async def test_every_edit_is_a_version_in_the_log_and_nobody_overwrites_another(desk: Desk) -> None:
    path = "/api/v1/replies/after_meter"
    (before,) = (await desk.http.get("/api/v1/replies?q=degrevement")).json()
    async with desk.world.client("admin") as admin:
        body = {**NEW, "note": "avis du juriste", "replaces": before["version"]}
        assert (await admin.put(path, json=body)).json()["version"] == 2
        late = await admin.put(path, json=body)
    versions = (await desk.http.get(f"{path}/versions")).json()

    assert (late.status_code, late.json()["params"]["current"]) == (409, 2)
    assert [(one["version"], one["note"]) for one in versions] == [(2, "avis du juriste"), (1, "")]
    assert versions[0]["by"] == "Admin"
    assert (versions[1]["at"], versions[1]["body"]["title_fr"]) == (None, before["title_fr"])
    with desk.world.look() as session:
        row = session.exec(select(EventRow).where(EventRow.type == "reply_template.changed")).one()
    assert (row.data["code"], row.data["version"]) == ("after_meter", 2)
    assert row.actor == desk.world.actor("admin").label


async def test_a_draft_reply_is_seen_with_a_real_incident_and_counted_as_sms(desk: Desk) -> None:
    incident = await desk.incident("road_sign", TULLE)
    ref = (await desk.http.get(f"/api/v1/incidents/{incident}")).json()["ref"]
    body = {
        "text_fr": "Numéro {reference}, pour l’équipe.\n{x}",
        "text_en": "Known.",
        "categories": ["road_sign"],
    }

    found = (await desk.http.post("/api/v1/replies/check", json=body)).json()

    assert (found["ref"], found["fr"]["text"].split(",")[0]) == (ref, f"Numéro {ref}")
    told = [(p["field"], p["code"], p["line"], p["word"]) for p in found["problems"]]
    assert told == [
        ("text_fr", "unknown_placeholder", 2, "{x}"),
        ("text_fr", "only_here", 1, "{reference}"),
    ]
    assert (found["fr"]["sms"]["encoding"], found["fr"]["sms"]["odd"]) == ("ucs2", "’")
    assert (found["en"]["sms"]["encoding"], found["en"]["sms"]["parts"]) == ("gsm7", 1)


async def test_a_council_sees_a_reply_without_the_address_it_is_about(desk: Desk) -> None:
    place = {**TULLE, "address": "12 rue des Lilas"}
    await desk.world.report(desk.http, "panneau", category="road_sign", place=place)
    body = {"text_fr": "Au {place}."}
    staff = (await desk.http.post("/api/v1/replies/check", json=body)).json()
    async with desk.world.client("council") as council:
        shown = (await council.post("/api/v1/replies/check", json=body)).json()

    assert "Lilas" in staff["fr"]["text"]
    assert shown["fr"]["text"] == "Au Tulle."
