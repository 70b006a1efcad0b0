"""Files of an incident over HTTP: who may add, see and delete, and what a repeat does."""

import io
import logging
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from dispatcher.attachments import commands, keeping
from dispatcher.attachments.commands import MOST_OF_INCIDENT
from dispatcher.models import Attachment, EventRow
from tests.support.desk import Desk
from tests.support.pictures import bomb, photo, signature, voice
from tests.support.world import World

KEY = "photo-key-{:08d}"


async def send(
    http: httpx.AsyncClient,
    place: str,
    data: bytes,
    number: int = 1,
    kind: str = "photo",
    media: str = "image/jpeg",
    **said: str,
) -> httpx.Response:
    return await http.post(
        f"/api/v1/{place}/attachments",
        params={"kind": kind, **said},
        content=data,
        headers={"Content-Type": media, "Idempotency-Key": KEY.format(number)},
    )


def folder_files(world: World) -> list[Path]:
    path = world.settings.attachments_path
    return sorted(path.iterdir()) if path.is_dir() else []


async def test_a_photo_of_an_incident_is_listed_and_read_without_its_place(
    either_desk: Desk,
) -> None:
    incident = await either_desk.incident("pothole")
    sent = await send(either_desk.http, f"incidents/{incident}", photo(), caption="le trou")
    listed = (await either_desk.http.get(f"/api/v1/incidents/{incident}/attachments")).json()
    whole = await either_desk.http.get(sent.json()["url"])
    small = await either_desk.http.get(sent.json()["small_url"])

    assert sent.status_code == 201, sent.text
    assert [(one["kind"], one["author"], one["caption"]) for one in listed] == [
        ("photo", "desk", "le trou")
    ]
    assert whole.headers["content-type"] == "image/jpeg"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in whole.headers["content-security-policy"]
    image = Image.open(io.BytesIO(whole.content))
    assert dict(image.getexif()) == {}
    assert Image.open(io.BytesIO(small.content)).size == (320, 240)


async def test_everybody_who_looks_at_the_incident_is_told(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    before = (await desk.http.get(f"/api/v1/incidents/{incident}")).json()["ver"]
    await send(desk.http, f"incidents/{incident}", photo((40, 30)))

    with desk.world.look() as session:
        row = session.exec(select(EventRow).where(EventRow.type == "attachment.added")).one()
    assert row.after[0]["id"] == str(incident)
    assert row.after[0]["ver"] == before + 1
    assert (row.data["attachment"], row.data["author"]) == ("photo", "desk")


async def test_the_same_key_stores_one_photo_and_gives_one_answer(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    answers = [await send(desk.http, f"incidents/{incident}", photo((40, 30))) for _ in range(3)]
    reused = await send(desk.http, f"incidents/{incident}", photo((60, 30)))

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert reused.json()["code"] == "idempotency_key_reused"
    listed = (await desk.http.get(f"/api/v1/incidents/{incident}/attachments")).json()
    assert len(listed) == 1
    # The refused upload of the reused key waits for the sweeper; repeats leave nothing.
    assert len(folder_files(desk.world)) == 4


async def test_a_crew_adds_to_its_own_visit_and_sees_what_citizens_sent(desk: Desk) -> None:
    world = desk.world
    incident = await desk.incident("water_leak_road")
    visit = (await desk.accept(incident, "Tulle 1"))["id"]
    other = (await desk.accept(await desk.incident("pothole")))["id"]
    await send(desk.http, f"incidents/{incident}", photo((40, 30)), 9)
    async with world.client("crew") as crew:
        signed = await send(
            crew, f"visits/{visit}", signature(), 1, kind="signature", media="image/png"
        )
        spoken = await send(crew, f"visits/{visit}", voice(), 2, kind="audio", media="audio/webm")
        foreign = await send(crew, f"visits/{other}", photo((40, 30)), 3)
        listed = (await crew.get(f"/api/v1/visits/{visit}/attachments")).json()
        heard = await crew.get(spoken.json()["url"])

    assert (signed.status_code, spoken.status_code, foreign.status_code) == (201, 201, 404)
    assert [(one["kind"], one["author"], one["visit_id"]) for one in listed] == [
        ("photo", "desk", None),
        ("signature", "crew", visit),
        ("audio", "crew", visit),
    ]
    assert (heard.headers["content-type"], heard.content) == ("audio/webm", voice())


async def test_a_crew_sees_no_photo_of_an_incident_it_does_not_visit(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    url = (await send(desk.http, f"incidents/{incident}", photo((40, 30)))).json()["url"]
    async with desk.world.client("crew") as crew, desk.world.client("council") as council:
        assert (await crew.get(url)).status_code == 404
        assert (await council.get(url)).status_code == 403
    async with desk.world.client("observer") as observer, desk.world.client() as stranger:
        assert (await observer.get(url)).status_code == 200
        assert (await stranger.get(url)).status_code == 401


async def test_photos_follow_an_incident_that_joins_another(desk: Desk) -> None:
    one, two = await desk.incident("pothole"), await desk.incident("lamp_out")
    await send(desk.http, f"incidents/{one}", photo((40, 30)))
    await desk.http.post(f"/api/v1/incidents/{one}/merge", json={"into": str(two)})

    listed = (await desk.http.get(f"/api/v1/incidents/{two}/attachments")).json()
    assert len(listed) == 1


async def test_a_deleted_photo_is_gone_from_the_disk(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    url = (await send(desk.http, f"incidents/{incident}", photo((40, 30)))).json()["url"]
    refused = await desk.http.request("DELETE", url, json={"reason": ""})
    gone = await desk.http.request("DELETE", url, json={"reason": "un visage se voit"})

    assert (refused.status_code, gone.status_code) == (422, 204)
    assert (await desk.http.get(url)).status_code == 404
    assert folder_files(desk.world) == []


@pytest.mark.parametrize(
    ("data", "kind", "status", "code"),
    [
        (b"", "photo", 422, "invalid_input"),
        (b"<svg onload=alert(1)>", "photo", 415, "unsupported_media"),
        (bomb(), "photo", 413, "too_large"),
        (voice(7_000_000), "audio", 413, "too_large"),
        (photo()[:300], "photo", 422, "invalid_input"),
        (photo((40, 30)), "film", 422, "invalid_input"),
    ],
)
async def test_what_cannot_be_kept_is_refused_in_a_problem_document(
    desk: Desk, data: bytes, kind: str, status: int, code: str
) -> None:
    incident = await desk.incident("pothole")
    answer = await send(desk.http, f"incidents/{incident}", data, kind=kind)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert folder_files(desk.world) == []


async def test_a_body_over_the_limit_is_not_read_to_its_end(sqlite_copy: str) -> None:
    world = World(sqlite_copy, max_upload_bytes=65_536, max_body_bytes=65_536)
    world.service.store.start()
    read = 0

    async def endless():  # type: ignore[no-untyped-def]
        nonlocal read
        for _ in range(10_000):
            read += 10_000
            yield b"\xff\xd8\xff" + b"x" * 9_997

    incident = await world.incident("nid-de-poule à Tulle")
    async with world.client("dispatcher") as http:
        answer = await http.post(
            f"/api/v1/incidents/{incident}/attachments",
            content=endless(),
            headers={"Idempotency-Key": KEY.format(1)},
        )
    world.service.store.stop()

    assert answer.status_code == 413
    assert read < 100 * 65_536


async def test_an_incident_takes_only_so_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_OF_INCIDENT >= 20
    monkeypatch.setattr(commands, "MOST_OF_INCIDENT", 1)
    incident = await desk.incident("pothole")
    first = await send(desk.http, f"incidents/{incident}", photo((40, 30)), 1)
    second = await send(desk.http, f"incidents/{incident}", photo((40, 30)), 2)
    assert (first.status_code, second.status_code) == (201, 422)


async def test_photos_are_forgotten_when_their_time_is_over(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    url = (await send(desk.http, f"incidents/{incident}", photo((40, 30)))).json()["url"]
    kept = timedelta(days=30)
    assert await desk.world.do(lambda tx: commands.forget(tx, kept)) == []
    desk.world.clock.advance(timedelta(days=31))

    names = await desk.world.do(lambda tx: commands.forget(tx, kept))

    assert len(names) == 1
    assert (await desk.http.get(url)).status_code == 404
    with desk.world.look() as session:
        assert session.exec(select(Attachment)).all() == []
    assert keeping.sweep(desk.world.service) == 0, "a file is swept a day after it was written"


async def test_no_log_names_a_file(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    incident = await desk.incident("pothole")
    answer = await send(desk.http, f"incidents/{incident}", photo((40, 30)))
    assert UUID(answer.json()["id"])
    name = next(path.name for path in folder_files(desk.world))[:32]
    assert name not in caplog.text
