"""What every request must satisfy before anybody reads it, and what every answer carries."""

from collections.abc import AsyncIterator

import httpx
import pytest

from dispatcher.edge.guard import CSP, policy_for
from tests.support.world import ORIGIN, PASSWORD, World

REPORTS = "/api/v1/reports"
KEY = {"Idempotency-Key": "0123456789abcdef"}
JSON = {"Content-Type": "application/json"}
BODY = {"text": "fuite rue Carnot"}


async def post(world: World, *, cookie: bool, **headers: str) -> httpx.Response:
    """Send a report with these headers and no others of a browser's."""
    transport = httpx.ASGITransport(world.front)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        if cookie:
            client.cookies.set("cpo", await world.sign_in("operator"))
        return await client.post(REPORTS, json=BODY, headers={**KEY, **headers})


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "null",
        "",
        "http://127.0.0.1",
        "http://127.0.0.1:8001",
        "https://127.0.0.1:8000",
        "http://127.0.0.1:8000.evil.test",
        "http://127.0.0.1:8000@evil.test",
        "HTTP://127.0.0.1:8000",
        "http://127.0.0.1:8000/",
    ],
)
@pytest.mark.parametrize("cookie", [True, False])
async def test_another_sites_page_is_refused(world: World, origin: str, *, cookie: bool) -> None:
    answer = await post(world, cookie=cookie, Origin=origin)

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "foreign_origin"


async def test_our_own_page_is_let_in(world: World) -> None:
    assert (await post(world, cookie=True, Origin=ORIGIN)).status_code == 201


async def test_without_an_origin_a_cookie_is_not_enough(world: World) -> None:
    assert (await post(world, cookie=True)).status_code == 403


async def test_a_program_without_origin_and_cookie_is_let_in(world: World) -> None:
    assert (await post(world, cookie=False)).status_code == 201


@pytest.mark.parametrize(
    ("site", "status"),
    [("same-origin", 201), ("none", 201), ("same-site", 403), ("cross-site", 403)],
)
async def test_a_browser_that_hides_its_origin_still_says_whose_page_it_is(
    world: World, site: str, status: int
) -> None:
    answer = await post(world, cookie=True, **{"Sec-Fetch-Site": site})

    assert answer.status_code == status


async def test_reading_needs_no_origin(world: World) -> None:
    async with world.client("operator") as client:
        answer = await client.get("/api/v1/incidents", headers={"Origin": "https://evil.test"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_a_body_that_says_it_is_too_large_is_not_read(world: World) -> None:
    read = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            read.append(1)
            yield b"x" * 65_536

    headers = {**KEY, **JSON, "Content-Length": str(20 * 1024 * 1024)}
    async with world.client() as client:
        answer = await client.post(REPORTS, content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert read == []


async def test_a_body_that_a_proxy_lets_through_is_heard_out_before_it_is_refused(
    world: World,
) -> None:
    """Cut short, the proxy would call the process broken and send nobody there for a while."""
    pieces = [b"x" * 65_536] * 24
    read: list[int] = []

    async def whole() -> AsyncIterator[bytes]:
        for piece in pieces:
            read.append(1)
            yield piece

    headers = {**KEY, **JSON, "Content-Length": str(24 * 65_536)}
    async with world.client() as client:
        answer = await client.post(REPORTS, content=whole(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert len(read) == len(pieces)


async def test_a_body_without_a_length_is_cut_when_it_grows_too_large(world: World) -> None:
    sent = 0

    async def growing() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"text": "'
        while sent < 20 * 1024 * 1024:
            sent += 65_536
            yield b"x" * 65_536

    async with world.client() as client:
        answer = await client.post(REPORTS, content=growing(), headers={**KEY, **JSON})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert sent <= 2 * world.settings.max_body_bytes + 2 * 65_536


async def test_a_form_that_grows_too_large_is_cut_too(world: World) -> None:
    async def growing() -> AsyncIterator[bytes]:
        yield b"text="
        for _ in range(64):
            yield b"x" * 65_536

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with world.client() as client:
        answer = await client.post("/signaler", content=growing(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "²", "0x10", "9" * 30])
async def test_a_length_that_is_none_is_refused(world: World, length: str) -> None:
    headers = [(b"content-length", length.encode("latin-1")), (b"origin", ORIGIN.encode())]
    async with world.client() as client:
        request = client.build_request("POST", REPORTS, headers=headers)
        answer = await client.send(request)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/signaler",
        "/connexion",
        "/api/v1/auth/me",
        "/health/live",
        "/nothing",
        "/suivi/x",
        "/openapi.json",
    ],
)
async def test_every_answer_carries_what_protects_its_reader(world: World, path: str) -> None:
    async with world.client() as client:
        answer = await client.get(path)

    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "geolocation=(self)" in answer.headers["permissions-policy"]
    assert answer.headers["referrer-policy"] in {"same-origin", "strict-origin"}
    assert answer.headers["x-request-id"]
    assert "no-store" in answer.headers["cache-control"]
    assert "server" not in answer.headers


def test_scripts_run_from_our_own_files_only() -> None:
    rules = dict(part.split(" ", 1) for part in CSP.split("; "))

    assert rules["script-src"] == rules["default-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["form-action"] == "'self'"
    assert "unsafe-eval" not in CSP


def test_a_chosen_tile_server_is_the_only_stranger_that_pages_may_ask() -> None:
    policy = policy_for("https://data.geopf.fr/wmts?LAYER=PLAN&TILEMATRIX={z}&TILEROW={y}")
    rules = dict(part.split(" ", 1) for part in policy.split("; "))
    plain = dict(part.split(" ", 1) for part in CSP.split("; "))

    assert rules.pop("connect-src") == "'self' https://data.geopf.fr"
    assert rules.pop("img-src") == "'self' https://data.geopf.fr data: blob:"
    assert rules == {name: rule for name, rule in plain.items() if name != "img-src"}
    assert policy_for(None) == CSP


async def test_open_data_may_be_kept_by_caches(world: World) -> None:
    async with world.client() as client:
        answer = await client.get("/api/v1/reference/communes.geojson")
    assert answer.headers["cache-control"].startswith("public, max-age=")


async def test_https_is_remembered_only_where_there_is_https(world: World) -> None:
    async with world.client() as client:
        assert "strict-transport-security" not in (await client.get("/health/live")).headers


async def test_a_refusal_names_the_request_as_the_answer_does(world: World) -> None:
    answer = await post(world, cookie=False, Origin="https://evil.test")

    assert answer.json()["trace_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1:8000@evil.test", ""])
async def test_a_made_up_host_does_not_lead_anybody_away(world: World, host: str) -> None:
    async with world.client() as client:
        told = await client.post(REPORTS, json=BODY, headers={**KEY, "Host": host})
        moved = await client.get("/", headers={"Host": host})
    assert told.json()["tracking_url"].startswith(ORIGIN)
    assert moved.headers["location"] == "/signaler"


async def test_signing_in_answers_nothing_to_other_sites(world: World) -> None:
    body = {"username": "operator", "password": PASSWORD}
    async with world.client() as client:
        answer = await client.options(
            "/api/v1/auth/login",
            headers={"Origin": "https://evil.test", "Access-Control-Request-Method": "POST"},
        )
        refused = await client.post(
            "/api/v1/auth/login", json=body, headers={"Origin": "https://evil.test"}
        )
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "set-cookie" not in refused.headers
