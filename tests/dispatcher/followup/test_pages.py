"""What somebody does on his tracking page, without a script: add, answer, ask, stop."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import select

from dispatcher.models import Attachment, CitizenWord, EventRow, Visit, WishedTime
from tests.support.citizens import CONTACT, Citizen, report
from tests.support.desk import TULLE, Desk
from tests.support.pictures import photo
from tests.support.world import World

FILES = [("photos", ("a.jpg", photo((60, 40)), "image/jpeg"))]


@pytest.fixture
async def odette(desk: Desk) -> AsyncIterator[Citizen]:
    """Somebody who reported a pothole and left her address."""
    async with desk.world.client() as http:
        yield await report(desk.world, http, **CONTACT)


def event_types(world: World) -> list[str]:
    with world.look() as session:
        return list(session.exec(select(EventRow.type).order_by(EventRow.seq)).all())  # type: ignore[arg-type]


async def test_a_detail_and_a_photo_are_added_and_seen_again(odette: Citizen) -> None:
    said = await odette.act("ajouter", text="Le portail est vert", files=FILES)
    page = await odette.page()

    assert said.headers["location"].endswith("?fait=added#actions")
    assert "Le portail est vert" in page
    assert "/photos/" in page
    assert "citizen.spoke" in event_types(odette.world)
    assert "attachment.added" in event_types(odette.world)


async def test_the_same_words_and_photo_sent_twice_are_there_once(odette: Citizen) -> None:
    for _ in range(2):
        await odette.act("ajouter", text="Le portail est vert", files=FILES)
    with odette.world.look() as session:
        assert len(session.exec(select(CitizenWord)).all()) == 1
        assert len(session.exec(select(Attachment)).all()) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "Écrivez quelque chose"), ("x" * 2001, "2 000 caractères"), ("a\x00b", "Écrivez")],
)
async def test_a_refused_detail_is_explained_and_keeps_its_photo(
    odette: Citizen, text: str, sentence: str
) -> None:
    files = FILES if text else None
    answer = await odette.act("ajouter", status=422, text=text, files=files)
    assert sentence in answer.text
    if text:
        assert "data:image/jpeg;base64," in answer.text


async def test_nobody_sees_a_photo_of_somebody_else(odette: Citizen) -> None:
    await odette.act("ajouter", files=FILES, text="")
    with odette.world.look() as session:
        photo_id = session.exec(select(Attachment.id)).one()
    other = await report(odette.world, odette.http, text="Lampadaire éteint", commune="Ussel")
    own = await odette.http.get(f"{odette.link}/photos/{photo_id}")
    foreign = await odette.http.get(f"{other.link}/photos/{photo_id}")

    assert (own.status_code, foreign.status_code) == (200, 404)


async def test_a_question_of_the_desk_is_answered_on_the_page(desk: Desk, odette: Citizen) -> None:
    asked = await desk.http.post(
        f"/api/v1/incidents/{odette.incident_id}/reply",
        json={"text": "Le portail est-il ouvert ?", "asks": True},
    )
    assert asked.status_code == 201, asked.text
    page = await odette.page()
    assert "Une question pour vous" in page
    question = page.split('name="question" value="')[1].split('"')[0]
    await odette.act("ajouter", text="Oui, tout le jour", question=question)

    assert "Vous avez répondu : Oui, tout le jour" in await odette.page()
    told = (await desk.http.get(f"/api/v1/incidents/{odette.incident_id}/followers")).json()
    assert told["followers"][0]["words"][0]["text"] == "Oui, tout le jour"
    assert told["followers"][0]["words"][0]["message_id"] == question


async def test_an_answer_to_no_question_of_ours_is_refused(odette: Citizen) -> None:
    await odette.act("ajouter", status=422, text="oui", question=str(odette.incident_id))


async def test_another_time_is_asked_for_only_while_a_visit_is_planned(
    desk: Desk, odette: Citizen
) -> None:
    assert "autre-moment" not in await odette.page()
    await desk.accept(odette.incident_id)
    await desk.world.settle()
    page = await odette.page()
    assert "/autre-moment" in page
    assert "2026-11-25-am" in page

    await odette.act("autre-moment", slot="2026-11-25-pm", why="je travaille")

    assert "Vous avez demandé : demain après-midi" in await odette.page()
    assert odette.incident.asks == 1
    await odette.act("autre-moment", status=422, slot="2026-11-24-am")
    await odette.act("autre-moment", status=422, slot="whenever")


async def test_an_accepted_time_is_where_the_visit_goes(desk: Desk, odette: Citizen) -> None:
    await desk.accept(odette.incident_id)
    await desk.world.settle()
    await odette.act("autre-moment", slot="2026-11-25-pm")
    told = (await desk.http.get(f"/api/v1/incidents/{odette.incident_id}/followers")).json()
    wish = told["followers"][0]["wishes"][0]
    decided = await desk.http.post(f"/api/v1/wishes/{wish['id']}/decision", json={"accept": True})
    again = await desk.http.post(f"/api/v1/wishes/{wish['id']}/decision", json={"accept": False})
    await desk.world.settle()

    assert (decided.status_code, again.status_code) == (200, 409)
    incident = odette.incident
    assert (incident.asks, incident.wished_from) != (1, None)
    with desk.world.look() as session:
        states = session.exec(select(Visit.state)).all()
    assert list(states) == ["cancelled"]
    assert "Heure acceptée : demain après-midi" in await odette.page()

    # The engine offers no other time: today every crew is out of the window.
    today = await desk.offers(odette.incident_id)
    assert today["offers"] == []
    desk.world.clock.advance(timedelta(hours=22))
    await desk.world.settle()
    offered = await desk.offers(odette.incident_id)
    starts = [one["start_at"] for one in offered["offers"]]
    assert all("2026-11-25T12:00" <= start < "2026-11-25T16:00" for start in starts)


async def test_a_refused_time_changes_nothing_but_is_told(desk: Desk, odette: Citizen) -> None:
    await desk.accept(odette.incident_id)
    await desk.world.settle()
    await odette.act("autre-moment", slot="2026-11-26-am")
    with desk.world.look() as session:
        wish_id = session.exec(select(WishedTime.id)).one()
    await desk.http.post(f"/api/v1/wishes/{wish_id}/decision", json={"accept": False})
    await desk.world.settle()

    page = await odette.page()
    assert "Heure refusée" in page
    assert "Une équipe va venir" in page


async def test_messages_are_stopped_and_taken_up_again(odette: Citizen) -> None:
    await odette.act("messages", stop="1")
    assert odette.request.muted_at is not None
    assert "Vous ne recevez plus de message" in await odette.page()
    await odette.act("messages", night="1")
    assert (odette.request.muted_at, odette.request.night_ok) == (None, True)


async def test_a_look_at_the_link_that_stops_messages_stops_nothing(odette: Citizen) -> None:
    looked = await odette.http.get(f"{odette.link}/stop")
    assert (looked.status_code, odette.request.muted_at) == (303, None)
    await odette.act("stop", **{"List-Unsubscribe": "One-Click"})
    assert odette.request.muted_at is not None


async def test_the_page_has_a_code_to_scan_and_says_how_many_homes(odette: Citizen) -> None:
    await report(odette.world, odette.http, joins=str(odette.incident_id))
    page = await odette.page()
    assert 'class="qr" src="data:image/svg+xml' in page
    assert "2 foyers concernés" in page
    assert "2 households concerned" in await odette.page("en")


@pytest.mark.parametrize("what", ["ajouter", "autre-moment", "repare", "messages", "stop"])
async def test_a_wrong_link_changes_nothing(odette: Citizen, what: str) -> None:
    fields = {"text": "x", "slot": "2026-11-25-am", "fixed": "non", "stop": "1"}
    answer = await odette.http.post(f"/suivi/{'x' * 43}/{what}", data=fields)
    assert answer.status_code == 404


async def test_a_known_problem_says_when_the_crew_is_due_before_anything_is_sent(
    desk: Desk,
) -> None:
    known = await desk.incident("water_leak_road")
    await desk.accept(known)
    await desk.world.settle()
    place = {"lat": str(TULLE["lat"]), "lon": str(TULLE["lon"])}
    async with desk.world.client() as http:
        asked = await http.post(
            "/signaler", data={"text": "fuite d’eau sur la route", "commune": "Tulle", **place}
        )
        joined = await report(
            desk.world, http, text="fuite d’eau sur la route", joins=str(known), **place
        )

    assert f'name="joins" value="{known}"' in asked.text
    assert "Une équipe est attendue aujourd’hui, entre" in asked.text
    assert joined.incident_id == known
