"""Live topics without a socket, of a real service: same people, same topics, same limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from dispatcher.edge.figures import WAITING
from dispatcher.live.wiring import Live
from tests.support.live_mirror import Mirror
from tests.support.live_server import serve
from tests.support.live_stream import answered, following, since
from tests.support.world import ORG, ORIGIN, World

BOARD = f"board:{ORG}"
SSE, POLL = "/api/v1/live/sse", "/api/v1/live/poll"


@asynccontextmanager
async def running(world: World) -> AsyncIterator[str]:
    """Serve the world on a real port with its relay; yield its http:// address."""
    live: Live = world.service.parts["live"]
    await live.relay.start()
    try:
        async with serve(world.front) as address:
            yield address.replace("ws", "http", 1)
    finally:
        await live.relay.stop()
        live.hub.stop()
        await live.broker.aclose()


@asynccontextmanager
async def at(
    address: str, world: World, who: str | None = "operator"
) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the real port, signed in unless nobody is named."""
    async with httpx.AsyncClient(base_url=address, timeout=20) as http:
        if who is not None:
            async with world.client(who) as signed_in:
                http.cookies.update(signed_in.cookies)
        yield http


async def test_a_report_reaches_a_stream_as_soon_as_it_is_stored(either_world: World) -> None:
    world = either_world
    async with (
        running(world) as address,
        at(address, world) as http,
        following(http, SSE, topic=BOARD) as events,
        world.client("operator") as desk,
    ):
        await events.frame()
        told = await world.report(desk, "fuite rue Carnot à Tulle", channel="phone")
        key = f"incident:{told['incident']['id']}"
        await events.until(lambda _: key in events.mirror[BOARD].values)
        assert events.mirror[BOARD].values[key]["ref"] == told["reference"]


async def test_a_stream_goes_on_after_a_restart_where_its_last_id_says(either_store: str) -> None:
    mirror, last_id = Mirror(), ""
    for number in range(3):
        world = World(either_store)
        world._sent = number * 100  # keys of its own
        world.service.store.start()
        async with running(world) as address, at(address, world) as http:
            async with following(http, SSE, mirror, topic=BOARD, last_id=last_id) as events:
                first = await events.frame()
                assert first["connect"]["subs"][BOARD]["recovered"] == (number > 0)
                incident = await world.incident(f"Nid-de-poule à Tulle, numéro {number}")
                await events.until(lambda _, i=incident: f"incident:{i}" in mirror[BOARD].values)
                await events.reach(BOARD, mirror[BOARD].offset)
                last_id = events.last_id
            # While nobody listens.
            await world.incident(f"Lampadaire éteint à Brive, numéro {number}")
            fresh = (await http.get("/api/v1/board")).json()
        world.service.store.stop()
    assert mirror[BOARD].snapshots == 1
    missing = {one["key"] for one in fresh["items"]} - mirror[BOARD].values.keys()
    assert len(missing) == 1, "what happened after the last stream, and nothing else"


async def test_a_waiting_answer_brings_the_next_report(world: World) -> None:
    mirror = Mirror()

    async def ask(http: httpx.AsyncClient, hold_s: float) -> None:
        place = {"topic": BOARD, "since": since(mirror, BOARD), "timeout": hold_s}
        answered(await http.get(POLL, params=place), mirror)

    async with running(world) as address, at(address, world) as http:
        await ask(http, 0)
        waiting = asyncio.ensure_future(ask(http, 20))
        await asyncio.sleep(0.1)
        incident = await world.incident("Nid-de-poule rue Carnot à Tulle")
        while f"incident:{incident}" not in mirror[BOARD].values:
            await waiting
            waiting = asyncio.ensure_future(ask(http, 1))
        await waiting
    assert mirror[BOARD].snapshots == 1


async def test_a_citizen_follows_his_own_request_by_its_link(world: World) -> None:
    async with running(world) as address, world.client() as citizen:
        told = await world.report(citizen, "Lampadaire éteint place de la Mairie à Brive")
        path = told["tracking_url"].removeprefix(ORIGIN)
        async with at(address, world, None) as http:
            async with following(http, f"{path}/live") as events:
                (topic,) = (await events.frame())["connect"]["subs"]
                assert events.mirror[topic].values["request"]["step"] == "received"
                assert events.mirror[topic].values.keys() == {"request"}
                async with world.client("operator") as desk:
                    found = (await desk.get("/api/v1/incidents")).json()["items"]
                    incident = next(i["id"] for i in found if i["ref"] == told["reference"])
                    moved = {"to": "answered", "reason": "C'est réparé"}
                    await desk.post(f"/api/v1/incidents/{incident}/transitions", json=moved)
                held = events.mirror[topic].values
                await events.until(
                    lambda _: events.mirror[topic].values["request"]["step"] == "answered"
                )
                assert held.keys() == {"request"}
            unknown = await http.get("/suivi/invented/live")
            assert unknown.status_code == 404


async def test_strangers_get_401_and_others_topics_are_refused(world: World) -> None:
    topics = [BOARD, f"crew:{world.crew('brive-1').id}", "board:elsewhere", "request:whatever"]
    async with running(world) as address:
        async with at(address, world, None) as stranger:
            for path in (SSE, POLL):
                assert (await stranger.get(path, params={"topic": BOARD})).status_code == 401
        async with at(address, world, "crew") as http:
            subs = answered(await http.get(POLL, params={"topic": topics}), Mirror())
    assert {topic: body["error"]["code"] for topic, body in subs.items()} == dict.fromkeys(
        topics, 103
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.test"},
    ],
)
async def test_another_sites_page_may_not_listen_with_our_cookie(
    world: World, headers: dict[str, str]
) -> None:
    async with running(world) as address, at(address, world) as http:
        for path in (SSE, POLL):
            refused = await http.get(path, params={"topic": BOARD}, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "foreign_origin")
        ours = await http.get(
            POLL, params={"topic": BOARD}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert ours.status_code == 200


async def test_signing_out_ends_the_streams_of_that_session(world: World) -> None:
    async with (
        running(world) as address,
        world.client("operator") as desk,
        at(address, world, None) as http,
    ):
        http.cookies.update(desk.cookies)
        async with following(http, SSE, topic=BOARD) as events:
            await events.frame()
            assert (await desk.post("/api/v1/auth/logout")).status_code == 204
            told = await events.ended()
        assert told is not None
        assert told["code"] == 3500
        assert (await http.get(SSE, params={"topic": BOARD})).status_code == 401


async def test_more_streams_than_a_person_may_have_are_refused_for_a_while(world: World) -> None:
    live: Live = world.service.parts["live"]
    most = live.endpoint.policy.per_principal
    async with (
        running(world) as address,
        at(address, world) as http,
        at(address, world) as other_session,
    ):
        streams = [
            following((http, other_session)[number % 2], SSE, topic=BOARD) for number in range(most)
        ]
        opened = [await stream.__aenter__() for stream in streams]
        for events in opened:
            await events.frame()
        refused = await http.get(SSE, params={"topic": BOARD})
        for stream in streams:
            await stream.__aexit__(None, None, None)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    assert int(refused.headers["retry-after"]) >= 1


async def test_a_shutting_service_asks_to_come_back(world: World) -> None:
    live: Live = world.service.parts["live"]
    async with running(world) as address, at(address, world) as http:
        live.hub.accepting = False
        refused = await http.get(SSE, params={"topic": BOARD})
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) >= 1


async def test_streams_do_not_count_as_slow_answers(world: World) -> None:
    async with running(world) as address, at(address, world) as http:
        async with following(http, SSE, topic=BOARD) as events:
            await events.frame()
        await http.get("/api/v1/board")
        async with at(address, world, "admin") as admin:
            figures = (await admin.get("/metrics")).text
    assert 'route="/board"' in figures
    assert "live/sse" not in figures


def test_the_routes_that_wait_exist(world: World) -> None:
    there = {path.removeprefix("/api/v1") for path in world.front.api.openapi()["paths"]}
    assert {path for _, path in WAITING} <= there
