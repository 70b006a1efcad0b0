"""Every refusal is a problem document (RFC 9457) in the reader's language, never a traceback."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from dispatcher.edge.problems import MEDIA_TYPE
from tests.support.world import ORIGIN, World

REPORTS = "/api/v1/reports"
KEY = {"Idempotency-Key": "0123456789abcdef"}
JSON = {"Content-Type": "application/json"}


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check a problem document and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    document: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "code", "trace_id"} <= document.keys()
    assert (document["status"], document["code"]) == (status, code)
    assert document["trace_id"] == answer.headers["x-request-id"]
    assert document["title"], "a title in words"
    assert "Traceback" not in answer.text
    return document


async def send(world: World, content: bytes, **headers: str) -> httpx.Response:
    async with world.client() as client:
        return await client.post(REPORTS, content=content, headers={**KEY, **JSON, **headers})


async def test_an_address_without_anything_is_404(world: World) -> None:
    async with world.client() as client:
        is_problem(await client.get("/api/v1/nothing"), 404, "not_found")


async def test_a_wrong_method_is_405_and_says_which_are_right(world: World) -> None:
    async with world.client() as client:
        answer = await client.delete(REPORTS)
    is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "content",
    [b"{", b"nonsense", b"{'text': 1}", b'{"text": "a"', b"\x00", b"[" * 500, b"\xff\xfe"],
)
async def test_a_body_that_is_no_json_is_400(world: World, content: bytes) -> None:
    is_problem(await send(world, content), 400, "unreadable")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"text": 7}',
        b'{"text": "a", "place": {"lat": NaN}}',
        b'{"text": "a", "place": {"lat": 1e999}}',
        b'{"text": "a", "place": {"lat": 91}}',
        b'{"text": "a", "place": {"lat": "45"}, "x": 1}',
        b'{"text": "a", "place": {"lat": 1' + b"0" * 400 + b"}}",
        b'{"text": "a", "place": {"insee": "1927"}}',
        b'{"text": "a", "priority": "P1"}',
        b'{"text": "a", "category": "no_such_category"}',
        b'{"text": "a", "channel": "sensor"}',
        b'{"text": "\\ud800"}',
        b'{"text": "a", "\\ud800": 1}',
        b'{"text": "a", "\\u0000": 1}',
        b'{"text": "a", "contact": {"phone": "\\udfff"}}',
        b'{"text": "a", "contact": {"email": "@"}}',
    ],
)
async def test_a_body_that_cannot_be_is_422(world: World, content: bytes) -> None:
    document = is_problem(await send(world, content), 422, "invalid_input")
    assert document.get("errors") or document.get("params")


async def test_very_deep_json_is_refused_and_does_no_harm(world: World) -> None:
    for content in (b"[" * 100_000, b'{"a":' * 100_000, b'{"text":' + b"[" * 100_000):
        answer = await send(world, content)
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == MEDIA_TYPE
    assert (await send(world, b'{"text": "still here"}')).status_code == 201


async def test_a_number_of_ten_thousand_digits_is_refused(world: World) -> None:
    answer = await send(world, b'{"text": "a", "place": {"lat": ' + b"9" * 10_000 + b"}}")

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == MEDIA_TYPE


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "text/xml", "multipart/form-data; boundary=x", "image/png", "", "\\", "a/b/c"],
)
async def test_a_body_of_another_kind_is_refused(world: World, kind: str) -> None:
    answer = await send(world, b'{"text": "a"}', **{"Content-Type": kind})

    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == MEDIA_TYPE


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "application/merge-patch+json"]
)
async def test_json_by_any_of_its_names_is_read(world: World, kind: str) -> None:
    assert (await send(world, b'{"text": "a"}', **{"Content-Type": kind})).status_code == 201


async def test_what_is_wrong_is_named_by_its_place(world: World) -> None:
    answer = await send(world, b'{"text": "", "place": {"lat": 100}}')

    places = {error["at"] for error in answer.json()["errors"]}
    assert places == {"body/text", "body/place/lat"}


async def test_what_was_sent_is_not_sent_back(world: World) -> None:
    answer = await send(world, b'{"text": 7, "contact": {"phone": "call my neighbour Ursule"}}')

    assert "Ursule" not in answer.text


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("fr", "Connectez-vous d’abord."),
        ("en-GB", "Sign in first."),
        ("de", "Connectez-vous d’abord."),
    ],
)
async def test_a_title_speaks_the_readers_language(world: World, language: str, title: str) -> None:
    async with world.client() as client:
        answer = await client.get("/api/v1/auth/me", headers={"Accept-Language": language})
    assert is_problem(answer, 401, "not_signed_in")["title"] == title
    assert answer.headers["www-authenticate"].startswith("Cookie")


async def test_a_language_once_chosen_wins(world: World) -> None:
    async with world.client() as client:
        client.cookies.set("cpo_locale", "en")
        answer = await client.get("/api/v1/auth/me", headers={"Accept-Language": "fr"})
    assert answer.json()["title"] == "Sign in first."


@pytest.fixture
async def bold(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client that gets the answer of a request that broke, not its exception."""
    transport = httpx.ASGITransport(world.front, raise_app_exceptions=False)
    headers = {"Origin": ORIGIN}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
        yield client


async def test_what_breaks_is_a_500_that_tells_nothing(
    world: World, bold: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    world.service.parts["degradations"] = {"broken": lambda: 1 / 0}

    document = is_problem(await bold.get("/health/ready"), 500, "internal")

    assert "ZeroDivision" not in json.dumps(document)
    assert any(record.message == "request_failed" for record in caplog.records)


async def test_a_database_that_cannot_be_read_is_503_and_says_when_to_come_back(
    world: World, bold: httpx.AsyncClient
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    event.listen(world.service.store.reading, "before_cursor_execute", gone)

    answer = await bold.get("/api/v1/reference/categories")

    is_problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


async def test_more_readers_than_the_pool_holds_are_refused_not_broken(
    world: World, bold: httpx.AsyncClient
) -> None:
    pool = world.service.store.reading.pool
    pool._timeout = 0.01
    held = [world.service.store.reading.connect() for _ in range(12)]
    try:
        answer = await bold.get("/api/v1/reference/categories")
    finally:
        for connection in held:
            connection.close()

    is_problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
