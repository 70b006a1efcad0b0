"""Reports over HTTP: what is stored, what is answered to whom, and what joins what."""

from typing import Any

import pytest
from sqlmodel import func, select

from dispatcher.actors import Actor
from dispatcher.intake.api import Keyed, submit_report
from dispatcher.intake.schemas import ReportIn
from dispatcher.models import Incident, Person, Report, Request, WorkOrder
from tests.support.desk import BRIVE, TULLE
from tests.support.stores import ORG, log_of
from tests.support.world import World

CONTACT = {"name": "Ursule Lagarde", "phone": "06 11 22 33 44", "email": "ursule@example.fr"}
LEAK = "fuite d'eau rue Carnot, la chaussée est inondée"


def count(world: World, kind: Any) -> int:
    with world.look() as session:
        return session.exec(select(func.count()).select_from(kind)).one()


def rows(world: World, kind: Any) -> list[Any]:
    with world.look() as session:
        return list(session.exec(select(kind)).all())


async def test_a_report_opens_an_incident_with_its_work_and_its_link(either_world: World) -> None:
    world = either_world
    async with world.client("operator") as operator:
        told = await world.report(operator, LEAK, place=TULLE, channel="phone")

    (incident,), (report,), (order,), (request,) = (
        rows(world, kind) for kind in (Incident, Report, WorkOrder, Request)
    )
    assert told["incident"]["id"] == str(incident.id)
    assert told["reference"] == incident.ref == "2026-00001"
    assert (report.incident_id, report.text, report.channel) == (incident.id, LEAK, "phone")
    assert (order.state, order.due_at) == ("open", incident.respond_by)
    assert request.report_id == report.id
    assert incident.commune == "Tulle"
    with world.look() as session:
        assert [row.type for row in log_of(session)][-2:] == ["incident.opened", "report.received"]


async def test_a_citizen_learns_his_reference_and_no_score(world: World) -> None:
    async with world.client() as citizen:
        told = await world.report(citizen, LEAK)

    assert set(told) == {"reference", "tracking_url", "incident"}
    assert told["incident"] is None


async def test_who_reports_is_kept_apart_from_what_he_reports(world: World) -> None:
    async with world.client() as citizen:
        await world.report(citizen, LEAK, contact=CONTACT)

    (person,) = rows(world, Person)
    (report,) = rows(world, Report)
    assert (person.name, person.phone, person.email) == tuple(CONTACT.values())
    assert report.person_id == person.id
    elsewhere = [row.model_dump() for row in (*rows(world, Incident), report)]
    with world.look() as session:
        elsewhere += [row.model_dump() for row in log_of(session)]
    assert "Ursule" not in str(elsewhere)
    assert "06 11" not in str(elsewhere)


@pytest.mark.parametrize("contact", [None, {}, {"name": None, "phone": None}])
async def test_who_leaves_no_contact_leaves_no_row(world: World, contact: object) -> None:
    async with world.client() as citizen:
        await world.report(citizen, LEAK, contact=contact)

    assert count(world, Person) == 0


async def test_references_count_up_without_gaps_even_where_reports_are_refused(
    world: World,
) -> None:
    async with world.client() as citizen:
        first = await world.report(citizen, "fuite un")
        for bad in ({"text": ""}, {"text": "a", "category": "dragons"}):
            await citizen.post(
                "/api/v1/reports", json=bad, headers={"Idempotency-Key": "refused-0123456789"}
            )
        second = await world.report(citizen, "lampadaire deux")

    assert [first["reference"], second["reference"]] == ["2026-00001", "2026-00002"]


async def test_a_second_call_about_the_same_leak_joins_the_first(world: World) -> None:
    async with world.client("operator") as operator:
        first = await world.report(operator, LEAK, place=TULLE)
        again = await world.report(operator, LEAK + " encore", place=TULLE)

    assert again["incident"]["joined"]
    assert again["reference"] == first["reference"]
    assert again["incident"]["score"] >= first["incident"]["score"]
    (incident,) = rows(world, Incident)
    assert incident.report_count == 2
    assert count(world, Report) == count(world, Request) == 2
    assert count(world, WorkOrder) == 1


async def test_what_a_later_caller_adds_is_added(world: World) -> None:
    async with world.client("operator") as operator:
        first = await world.report(operator, LEAK, place=TULLE, category="water_leak_road")
        more = LEAK + ", danger: un câble électrique est tombé dans l'eau"
        again = await world.report(operator, more, place=TULLE, category="water_leak_road")

    assert again["incident"]["joined"]
    assert again["incident"]["score"] > first["incident"]["score"]
    (incident,), (order,) = rows(world, Incident), rows(world, WorkOrder)
    assert order.due_at == incident.respond_by, "the crew is asked for by the new hour"


@pytest.mark.parametrize(
    ("place", "category"),
    [(BRIVE, "water_leak_road"), (TULLE, "pothole"), ({"insee": "19272"}, "water_leak_road")],
)
async def test_another_place_or_kind_or_only_a_commune_is_another_incident(
    world: World, place: dict[str, Any], category: str
) -> None:
    async with world.client("operator") as operator:
        await world.report(operator, LEAK, place=TULLE, category="water_leak_road")
        other = await world.report(operator, LEAK, place=place, category=category)

    assert not other["incident"]["joined"]
    assert count(world, Incident) == 2


async def test_what_is_over_is_not_joined(world: World) -> None:
    async with world.client("operator") as operator:
        first = await world.report(operator, LEAK, place=TULLE)
        path = f"/api/v1/incidents/{first['incident']['id']}/transitions"
        await operator.post(path, json={"to": "answered"})
        other = await world.report(operator, LEAK, place=TULLE)

    assert not other["incident"]["joined"]


async def test_an_invented_report_never_joins_a_real_one(world: World) -> None:
    async with world.client("operator") as operator:
        await world.report(operator, LEAK, place=TULLE)
    body = ReportIn.model_validate({"text": LEAK, "place": TULLE})
    player = Actor("simulation", ORG)
    await submit_report(world.service, player, body, Keyed("simulation", "k" * 20))

    assert sorted(incident.simulated for incident in rows(world, Incident)) == [False, True]


async def test_each_caller_of_a_joined_incident_has_a_link_of_his_own(world: World) -> None:
    async with world.client() as citizen:
        first = await world.report(citizen, LEAK, place=TULLE)
        again = await world.report(citizen, LEAK, place=TULLE)
        states = [
            (await citizen.get(told["tracking_url"] + "/etat")).json() for told in (first, again)
        ]

    assert first["tracking_url"] != again["tracking_url"]
    assert states[0]["ref"] == states[1]["ref"]
    assert states[0]["reports"] == 2


async def test_a_place_outside_the_territory_is_kept_without_a_commune(world: World) -> None:
    async with world.client("operator") as operator:
        await world.report(operator, "nid-de-poule", place={"lat": 48.85, "lon": 2.35})

    (incident,) = rows(world, Incident)
    assert (incident.lat, incident.lon, incident.insee) == (48.85, 2.35, None)


async def test_a_commune_that_is_not_served_is_refused(world: World) -> None:
    async with world.client() as citizen:
        answer = await citizen.post(
            "/api/v1/reports",
            json={"text": "fuite", "place": {"insee": "75056"}},
            headers={"Idempotency-Key": "0123456789abcdef"},
        )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


# -- while it is typed


async def test_a_preview_says_what_would_be_stored_and_stores_nothing(world: World) -> None:
    async with world.client("operator") as operator:
        body = {"text": LEAK, "place": TULLE}
        seen = (await operator.post("/api/v1/reports/preview", json=body)).json()
        assert count(world, Incident) == 0
        told = await world.report(operator, LEAK, place=TULLE)

    assert seen["assessment"]["priority"] == told["incident"]["priority"]
    assert seen["assessment"]["score"] == told["incident"]["score"]
    assert seen["place"]["commune"] == "Tulle"
    assert seen["duplicates"] == []


async def test_every_span_of_a_preview_lies_in_the_text(world: World) -> None:
    text = "🚰 Fuite d'eau à Égletons, câble électrique tombé près de l'école"
    async with world.client("operator") as operator:
        seen = (await operator.post("/api/v1/reports/preview", json={"text": text})).json()

    assert {span["kind"] for span in seen["spans"]} >= {"category", "place"}
    for span in (*seen["spans"], *seen["danger"]):
        assert 0 <= span["start"] < span["end"] <= len(text)
    (place,) = [s for s in seen["spans"] if s["kind"] == "place"][:1]
    assert "Égletons" in text[place["start"] : place["end"]]


async def test_a_preview_shows_what_it_may_be_a_repeat_of(world: World) -> None:
    async with world.client("operator") as operator:
        told = await world.report(operator, LEAK, place=TULLE)
        body = {"text": LEAK, "place": TULLE}
        seen = (await operator.post("/api/v1/reports/preview", json=body)).json()

    (twin,) = seen["duplicates"]
    assert twin["incident_id"] == told["incident"]["id"]
    assert 0.85 <= twin["likeness"] <= 1
    assert twin["distance_m"] == 0


async def test_an_empty_text_has_an_empty_preview(world: World) -> None:
    async with world.client("operator") as operator:
        seen = (await operator.post("/api/v1/reports/preview", json={"text": ""})).json()

    assert (seen["category"], seen["place"], seen["assessment"]) == (None, None, None)
