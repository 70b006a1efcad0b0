"""Photos sent with the report form: kept through every question, attached once, or refused."""

import html
import io
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from dispatcher.models import Attachment, Incident, Report
from dispatcher.models import Request as Followed
from tests.support.desk import TULLE
from tests.support.pictures import bomb, photo
from tests.support.world import World

TYPED = {"text": "Nid-de-poule devant la mairie", "commune": "Tulle", "address": "place Jean Tavé"}
File = tuple[str, tuple[str, bytes, str]]


def files(*pictures: bytes) -> list[File]:
    return [("photos", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(pictures)]


def hidden(page: httpx.Response) -> dict[str, Any]:
    """Return what the form of a page sends again by itself."""
    found: dict[str, Any] = {}
    for name, value in re.findall(
        r'<input type="(?:hidden|checkbox)" name="(\w+)" value="([^"]*)"', page.text
    ):
        found.setdefault(name, []).append(html.unescape(value))
    return {name: one if len(one) > 1 else one[0] for name, one in found.items()}


def stored(world: World) -> list[Attachment]:
    with world.look() as session:
        return list(session.exec(select(Attachment)).all())


def folder(world: World) -> list[Path]:
    path = world.settings.attachments_path
    return list(path.iterdir()) if path.is_dir() else []


async def test_photos_go_with_the_report_and_lose_where_they_were_taken(world: World) -> None:
    async with world.client() as citizen:
        sent = await citizen.post(
            "/signaler", data=TYPED, files=files(photo((800, 600)), photo((60, 40)))
        )

    assert sent.status_code == 303
    rows = stored(world)
    assert [(row.kind, row.author) for row in rows] == [("photo", "citizen")] * 2
    with world.look() as session:
        request = session.exec(select(Followed)).one()
        incident = session.exec(select(Incident)).one()
    assert {row.request_id for row in rows} == {request.id}
    assert {row.incident_id for row in rows} == {incident.id}
    for path in folder(world):
        assert dict(Image.open(io.BytesIO(path.read_bytes())).getexif()) == {}


async def test_a_form_sent_twice_keeps_each_photo_once(world: World) -> None:
    async with world.client() as citizen:
        form = await citizen.get("/signaler")
        key = hidden(form)["key"]
        for _ in range(2):
            await citizen.post(
                "/signaler", data={**TYPED, "key": key}, files=files(photo((60, 40)))
            )

    assert len(stored(world)) == 1
    assert len(folder(world)) == 2, "the double's file is gone"


async def test_a_photo_survives_a_fault_elsewhere_in_the_form(world: World) -> None:
    async with world.client() as citizen:
        wrong = await citizen.post(
            "/signaler", data={**TYPED, "commune": "Paris"}, files=files(photo((60, 40)))
        )
        again = {**TYPED, **hidden(wrong)}
        assert wrong.status_code == 422
        assert "data:image/jpeg;base64," in wrong.text
        assert stored(world) == []
        sent = await citizen.post("/signaler", data=again, files=[])

    assert sent.status_code == 303
    assert len(stored(world)) == 1


async def test_a_photo_survives_the_question_about_danger_and_the_one_about_what_is_known(
    world: World,
) -> None:
    place = {"lat": str(TULLE["lat"]), "lon": str(TULLE["lon"])}
    await world.incident("fuite d’eau sur la chaussée", category="water_leak_road", place=TULLE)
    async with world.client() as citizen:
        known = await citizen.post(
            "/signaler",
            data={"text": "fuite d’eau sur la route", **place},
            files=files(photo((60, 40))),
        )
        assert 'name="joins"' in known.text
        followed = await citizen.post("/signaler", data=hidden(known))
        danger = await citizen.post(
            "/signaler",
            data={**TYPED, "text": "odeur de gaz, feu dans la rue"},
            files=files(photo((70, 40))),
        )
        assert "112" in danger.text
        warned = await citizen.post("/signaler", data=hidden(danger))

    assert (followed.status_code, warned.status_code) == (303, 303)
    assert len(stored(world)) == 2


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ([b"<svg onload=alert(1)>"], "n’est pas une photo JPEG"),
        ([photo((60, 40))[:200]], "n’a pas pu être lue"),
        ([bomb()], "trop grande"),
        ([photo((60 + n, 40)) for n in range(4)], "Trois photos au plus"),
    ],
)
async def test_what_is_wrong_with_a_photo_is_said_and_the_text_is_still_there(
    world: World, sent: list[bytes], sentence: str
) -> None:
    async with world.client() as citizen:
        page = await citizen.post("/signaler", data=TYPED, files=files(*sent))

    assert page.status_code == 422
    assert sentence in page.text
    assert TYPED["text"] in page.text
    with world.look() as session:
        assert session.exec(select(Report)).all() == []


async def test_a_forged_receipt_attaches_nothing(world: World) -> None:
    async with world.client() as citizen:
        wrong = await citizen.post(
            "/signaler", data={**TYPED, "commune": "Paris"}, files=files(photo((60, 40)))
        )
        receipt = hidden(wrong)["kept"]
        forged = [receipt[:-2] + "AA", receipt.split(".")[0] + ".", "é.é", "x", receipt[3:]]
        sent = await citizen.post("/signaler", data={**TYPED, "kept": forged})

    assert sent.status_code == 303
    assert stored(world) == []


async def test_too_large_a_form_is_refused_in_words(sqlite_copy: str) -> None:
    world = World(sqlite_copy, max_upload_bytes=65_536, max_body_bytes=65_536)
    world.service.store.start()
    async with world.client() as citizen:
        page = await citizen.post("/signaler", data=TYPED, files=files(b"\xff\xd8\xff" * 40_000))
    world.service.store.stop()

    assert page.status_code == 413
    assert "votre texte est encore là" in page.text
    assert page.headers["content-type"].startswith("text/html")


async def test_somebody_who_floods_with_photos_is_told_to_wait(world: World) -> None:
    async with world.client() as citizen:
        for number in range(13):
            page = await citizen.post(
                "/signaler",
                data={**TYPED, "commune": "Paris"},
                files=files(photo((60 + number, 40))),
            )
    assert "dans une minute" in page.text


async def test_a_robot_that_fills_the_hidden_field_leaves_no_photo(world: World) -> None:
    async with world.client() as citizen:
        await citizen.post(
            "/signaler", data={**TYPED, "website": "x"}, files=files(photo((60, 40)))
        )
    assert folder(world) == []
