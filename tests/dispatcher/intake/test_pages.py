"""The citizens' pages: complete without JavaScript, in both languages, and safe to send twice."""

import re

import httpx
import pytest
from sqlmodel import func, select

from dispatcher.intake import forms
from dispatcher.intake.api import library_of
from dispatcher.models import Incident, Person, Report
from tests.support.desk import TULLE, Desk
from tests.support.world import World
from ui import DIST

TYPED = {"text": "Nid-de-poule devant la mairie", "commune": "Tulle", "address": "place Jean Tavé"}


def stored(world: World, kind: type = Report) -> int:
    with world.look() as session:
        return session.exec(select(func.count()).select_from(kind)).one()


def key_in(page: httpx.Response) -> str:
    found = re.search(r'name="key"[^>]*value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def test_a_form_becomes_a_report_and_leads_to_its_page(world: World) -> None:
    async with world.client() as citizen:
        form = await citizen.get("/signaler")
        sent = await citizen.post("/signaler", data={**TYPED, "key": key_in(form)})
        page = await citizen.get(sent.headers["location"])

    assert (sent.status_code, page.status_code) == (303, 200)
    assert sent.headers["location"].startswith("/suivi/")
    assert "2026-00001" in page.text
    with world.look() as session:
        incident = session.exec(select(Incident)).one()
    assert (incident.category, incident.commune) == ("pothole", "Tulle")
    assert incident.place_label == "place Jean Tavé"


async def test_a_form_sent_twice_is_stored_once_and_leads_to_the_same_page(world: World) -> None:
    async with world.client() as citizen:
        key = key_in(await citizen.get("/signaler"))
        places = [
            (await citizen.post("/signaler", data={**TYPED, "key": key})).headers["location"]
            for _ in range(2)
        ]

    assert places[0] == places[1]
    assert stored(world) == 1


async def test_each_form_has_a_key_of_its_own(world: World) -> None:
    async with world.client() as citizen:
        keys = {key_in(await citizen.get("/signaler")) for _ in range(3)}
    assert len(keys) == 3


@pytest.mark.parametrize("key", ["", "short", "<script>", "k" * 500])
async def test_a_key_that_is_none_is_replaced(world: World, key: str) -> None:
    async with world.client() as citizen:
        sent = await citizen.post("/signaler", data={**TYPED, "key": key})
    assert sent.status_code == 303


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"text": ""}, "Décrivez ce que vous voyez."),
        ({"text": "   "}, "Décrivez ce que vous voyez."),
        ({"text": "x" * 4001}, "caractères au plus"),
        ({"commune": "Paris"}, "n’est pas dans notre secteur"),
        ({"phone": "call me"}, "Ce numéro n’est pas complet."),
        ({"email": "nobody"}, "Cette adresse e-mail n’est pas complète."),
    ],
)
async def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    world: World, change: dict[str, str], sentence: str
) -> None:
    async with world.client() as citizen:
        answer = await citizen.post("/signaler", data={**TYPED, **change})

    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#39;", "'")
    assert "place Jean Tavé" in answer.text
    assert stored(world) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"text": "a\x00b"},
        {"lat": "91", "lon": "1"},
        {"lat": "nan", "lon": "nan"},
        {"lat": "1e400", "lon": "1"},
        {"address": "x" * 201},
        {"name": "x" * 121, "phone": "0600000000"},
    ],
)
async def test_what_cannot_be_stored_is_refused_with_the_form(
    world: World, change: dict[str, str]
) -> None:
    async with world.client() as citizen:
        answer = await citizen.post("/signaler", data={**TYPED, **change})
    assert answer.status_code == 422
    assert "<form" in answer.text


@pytest.mark.parametrize("category", ["dragons", "", "<b>"])
async def test_a_kind_that_does_not_exist_is_left_to_the_reader(
    world: World, category: str
) -> None:
    async with world.client() as citizen:
        answer = await citizen.post("/signaler", data={**TYPED, "category": category})
    assert answer.status_code == 303


async def test_where_life_is_at_stake_a_call_comes_first(world: World) -> None:
    danger = {"text": "Odeur de gaz très forte, un homme ne respire plus"}
    async with world.client() as citizen:
        asked = await citizen.post("/signaler", data=danger)
        assert asked.status_code == 200
        assert "tel:112" in asked.text
        assert stored(world) == 0
        sent = await citizen.post("/signaler", data={**danger, "danger_seen": "1"})
    assert sent.status_code == 303
    assert stored(world) == 1


async def test_a_robot_is_thanked_and_nothing_is_kept(world: World) -> None:
    async with world.client() as robot:
        answer = await robot.post("/signaler", data={**TYPED, forms.TRAP: "http://spam.test"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signaler")
    assert stored(world) == 0


async def test_a_contact_left_on_the_form_is_kept_apart(world: World) -> None:
    async with world.client() as citizen:
        await citizen.post("/signaler", data={**TYPED, "phone": "06 11 22 33 44"})
    assert stored(world, Person) == 1


async def test_what_was_typed_comes_back_escaped(world: World) -> None:
    async with world.client() as citizen:
        answer = await citizen.post(
            "/signaler", data={"text": '"><script>alert(1)</script>', "commune": "Paris"}
        )
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_every_kind_shown_with_a_picture_is_in_the_catalogue(world: World) -> None:
    library = library_of(world.service)

    assert [code for code, _ in forms.CHOICES if code not in library.categories] == []
    assert len(forms.choices(library, "fr")) == len(forms.CHOICES)


@pytest.mark.parametrize(
    ("typed", "insee"),
    [
        ("Tulle", "19272"),
        ("tulle", "19272"),
        (" TULLE ", "19272"),
        ("Égletons", "19073"),
        ("egletons", "19073"),
        ("Brive la Gaillarde", "19031"),
        ("Brive-la-Gaillarde", "19031"),
        ("Paris", None),
        ("", None),
    ],
)
def test_a_commune_is_found_as_people_write_it(world: World, typed: str, insee: str | None) -> None:
    assert forms.commune_code(library_of(world.service), typed) == insee


@pytest.mark.parametrize(("language", "words"), [("fr", "Signaler"), ("en", "Report a problem")])
async def test_a_language_is_chosen_and_remembered(world: World, language: str, words: str) -> None:
    async with world.client() as citizen:
        chosen = await citizen.get(f"/signaler?lang={language}")
        assert words in chosen.text
        assert f'lang="{language}"' in chosen.text
        assert words in (await citizen.get("/signaler")).text, "the cookie remembers"
    assert f"cpo_locale={language}" in chosen.headers["set-cookie"]


@pytest.mark.parametrize("language", ["de", "", "../etc", "%00"])
async def test_a_language_nobody_speaks_is_french(world: World, language: str) -> None:
    async with world.client() as citizen:
        answer = await citizen.get(f"/signaler?lang={language}")
    assert answer.status_code == 200
    assert 'lang="fr"' in answer.text
    assert "set-cookie" not in answer.headers


async def test_the_page_follows_the_crew_to_the_end(world: World) -> None:
    async with world.client() as citizen, world.client("dispatcher") as http:
        told = await world.report(citizen, "Nid-de-poule", category="pothole", place=TULLE)
        desk = Desk(world, http)
        (item,) = (await http.get("/api/v1/incidents")).json()["items"]
        visit = await desk.accept(item["id"])
        titles = []
        for target in ("acknowledged", "en_route", "on_site", "completed"):
            await desk.move(visit, target)
            page = await citizen.get(told["tracking_url"])
            found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
            assert found is not None
            titles.append(re.sub(r"<[^>]+>", "", found[1]).strip())

    assert len(set(titles)) == 4
    assert titles[-1] == "C’est réparé"


async def test_the_statement_says_that_nothing_is_declared_yet(world: World) -> None:
    async with world.client() as citizen:
        answer = await citizen.get("/accessibilite")
    assert answer.status_code == 200
    assert "RGAA" in answer.text


NEAR = {"lat": TULLE["lat"] + 0.002, "lon": TULLE["lon"]}
PRECISE = {"lat": "45.2670", "lon": "1.7710", "category": "pothole"}


async def test_what_may_be_known_is_shown_before_it_is_sent(world: World) -> None:
    await world.incident("un trou dans la rue", category="pothole", place=NEAR)
    async with world.client() as citizen:
        key = key_in(await citizen.get("/signaler"))
        asked = await citizen.post("/signaler", data={**TYPED, **PRECISE, "key": key})
        assert asked.status_code == 200
        assert "C’est peut-être déjà connu" in asked.text
        assert stored(world) == 1
        ids = re.findall(r'name="joins" value="([^"]+)"', asked.text)
        again = {**TYPED, **PRECISE, "key": key_in(asked), "known_seen": "1", "joins": ids[0]}
        followed = await citizen.get(
            (await citizen.post("/signaler", data=again)).headers["location"]
        )

    assert "2026-00001" in followed.text
    assert "Réuni avec d’autres signalements" in followed.text
    with world.look() as session:
        incident = session.exec(select(Incident).where(Incident.ref == "2026-00001")).one()
    assert incident.report_count == 2


async def test_who_says_that_it_is_something_else_has_a_request_of_his_own(world: World) -> None:
    await world.incident("un trou dans la rue", category="pothole", place=NEAR)
    async with world.client() as citizen:
        key = key_in(await citizen.get("/signaler"))
        typed = {**TYPED, **PRECISE, "key": key, "known_seen": "1", "joins": "nonsense"}
        page = await citizen.get((await citizen.post("/signaler", data=typed)).headers["location"])

    assert "2026-00002" in page.text
    assert "Réuni avec" not in page.text


TYPING = "/signaler/connu"
SEEN = {"text": TYPED["text"], "commune": "Tulle", **PRECISE}


async def test_what_may_be_known_is_offered_while_typing_and_followed(world: World) -> None:
    await world.incident("un trou dans la rue", category="pothole", place=NEAR)
    async with world.client() as citizen:
        piece = await citizen.post(TYPING, data=SEEN)
        (found,) = re.findall(r'name="joins" value="([0-9a-f-]{36})"', piece.text)
        key = key_in(await citizen.get("/signaler"))
        sent = await citizen.post(
            "/signaler", data={**TYPED, **PRECISE, "key": key, "joins": found}
        )
        page = await citizen.get(sent.headers["location"])

    assert sent.status_code == 303, "who has answered is not asked again"
    assert "Réuni avec d’autres signalements" in page.text


async def test_what_is_offered_while_typing_tells_nothing_of_others(world: World) -> None:
    await world.incident(
        "un trou devant chez Mme Rebière, code 4512",
        category="pothole",
        place={**NEAR, "address": "12 rue du Trech"},
        contact={"name": "Ursule Lagarde", "phone": "06 39 98 22 11"},
    )
    async with world.client() as citizen:
        piece = (await citizen.post(TYPING, data=SEEN)).text

    assert "joins" in piece
    for secret in ("Rebière", "4512", "Ursule", "06 39", "2026-00001", "P3", "Trech", "score"):
        assert secret not in piece


async def test_nothing_known_and_nothing_readable_offer_nothing(world: World) -> None:
    async with world.client() as citizen:
        for typed in (SEEN, {}, {"text": "x", "commune": "Nulle-Part"}, {"text": "a" * 5000}):
            answer = await citizen.post(TYPING, data={**typed, "joins": "nonsense"})
            assert (answer.status_code, answer.text.strip()) == (200, "")
    assert stored(world) == 0


async def test_typing_is_limited_by_address_and_leaves_reports_alone(sqlite_copy: str) -> None:
    world = World(sqlite_copy, typing_per_minute=3)
    world.service.store.start()
    async with world.client() as citizen:
        codes = [(await citizen.post(TYPING, data=SEEN)).status_code for _ in range(5)]
        key = key_in(await citizen.get("/signaler"))
        sent = await citizen.post("/signaler", data={**TYPED, "key": key})
    world.service.store.stop()

    assert codes == [200, 200, 200, 429, 429]
    assert sent.status_code == 303


async def test_a_danger_keeps_what_the_citizen_said_is_the_same(world: World) -> None:
    known = await world.incident("un trou dans la rue", category="pothole", place=NEAR)
    async with world.client() as citizen:
        key = key_in(await citizen.get("/signaler"))
        typed = {
            **TYPED,
            **PRECISE,
            "text": "câble électrique à terre, ça brûle",
            "joins": str(known),
        }
        asked = await citizen.post("/signaler", data={**typed, "key": key})

    assert f'name="joins" value="{known}"' in asked.text


def test_the_citizens_scripts_stay_under_two_kilobytes() -> None:
    scripts = list((DIST / "assets").glob("citizen-*.js"))

    assert len(scripts) >= 2, "the pages are built by `make setup`"
    assert [one.name for one in scripts if one.stat().st_size >= 2000] == []
