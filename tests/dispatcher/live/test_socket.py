"""The live socket of a real service: who may follow what, and how soon they know."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from dispatcher.live.wiring import Live
from tests.support.live_server import client, serve
from tests.support.world import ORG, ORIGIN, World

BOARD = f"board:{ORG}"


@asynccontextmanager
async def following(world: World) -> AsyncIterator[str]:
    """Serve the world on a real port with its relay, and without its other loops."""
    live: Live = world.service.parts["live"]
    await live.relay.start()
    try:
        async with serve(world.front) as address:
            yield f"{address}/api/v1"
    finally:
        await live.relay.stop()
        live.hub.stop()
        await live.broker.aclose()


def cookie_of(http: httpx.AsyncClient) -> str:
    return "; ".join(f"{name}={value}" for name, value in http.cookies.items())


async def test_an_operator_sees_a_report_as_soon_as_it_is_stored(either_world: World) -> None:
    world = either_world
    async with (
        following(world) as address,
        world.client("operator") as http,
        client(address, cookie=cookie_of(http), origin=ORIGIN) as board,
    ):
        await board.connect(BOARD, name="board")
        told = await world.report(http, "fuite rue Carnot à Tulle", channel="phone")
        key = f"incident:{told['incident']['id']}"
        await board.until(lambda _: key in board.mirror[BOARD].values)
        shown = board.mirror[BOARD].values[key]
    assert shown["ref"] == told["reference"]
    assert shown["state"] == "received"


async def test_the_board_over_http_is_where_the_socket_goes_on(world: World) -> None:
    async with following(world) as address, world.client("observer") as http:
        picture = (await http.get("/api/v1/board")).json()
        await world.incident("Nid-de-poule rue Carnot à Tulle")
        async with client(address, cookie=cookie_of(http), origin=ORIGIN) as board:
            held = board.mirror[BOARD]
            held.epoch, held.offset = picture["epoch"], picture["offset"]
            held.items = {one["key"]: (one["ver"], one["data"]) for one in picture["items"]}
            reply = await board.connect(BOARD)
            assert reply["connect"]["subs"][BOARD]["recovered"]
            fresh = (await http.get("/api/v1/board")).json()
            await board.reach(BOARD, fresh["offset"])
    assert held.values == {one["key"]: one["data"] for one in fresh["items"]}


@pytest.mark.parametrize(
    ("who", "open_topics"),
    [
        ("observer", {"board", "rota"}),
        ("operator", {"board", "rota", "crew"}),
        ("crew", {"own crew"}),
    ],
)
async def test_roles_open_topics(world: World, who: str, open_topics: set[str]) -> None:
    topics = {
        "board": BOARD,
        "rota": f"rota:{ORG}",
        "own crew": f"crew:{world.crew('tulle-1').id}",
        "crew": f"crew:{world.crew('brive-1').id}",
        "other board": "board:elsewhere",
        "citizen": "request:whatever",
        "nonsense": "nonsense:x",
    }
    if who == "operator":
        open_topics = open_topics | {"own crew"}
    async with (
        following(world) as address,
        world.client(who) as http,
        client(address, cookie=cookie_of(http), origin=ORIGIN) as socket,
    ):
        subs = (await socket.connect(*topics.values()))["connect"]["subs"]
    opened = {name for name, topic in topics.items() if "error" not in subs[topic]}
    assert opened == open_topics


async def test_a_citizen_follows_his_own_request_with_a_token_that_works_once(
    world: World,
) -> None:
    async with following(world) as address, world.client() as citizen:
        told = await world.report(citizen, "Lampadaire éteint place de la Mairie à Brive")
        other = await world.report(citizen, "Nid-de-poule rue Carnot à Tulle")
        path = told["tracking_url"].removeprefix(ORIGIN)
        foreign = (await citizen.post(other["tracking_url"].removeprefix(ORIGIN) + "/live")).json()
        given = (await citizen.post(f"{path}/live")).json()
        async with client(address, who=None, origin=ORIGIN) as page:
            reply = await page.connect(given["topic"], foreign["topic"], token=given["token"])
            subs = reply["connect"]["subs"]
            assert subs[foreign["topic"]]["error"]["code"] == 103
            assert page.mirror[given["topic"]].values["request"]["step"] == "received"
            async with world.client("operator") as desk:
                found = (await desk.get("/api/v1/incidents")).json()["items"]
                ref = told["reference"]
                incident = next(one["id"] for one in found if one["ref"] == ref)
                moved = {"to": "answered", "reason": "C'est réparé"}
                await desk.post(f"/api/v1/incidents/{incident}/transitions", json=moved)
            step = page.mirror[given["topic"]]
            await page.until(lambda _: step.values["request"]["step"] == "answered")
        async with client(address, who=None, origin=ORIGIN) as again:
            await again.socket.send(
                '{"id":1,"connect":{"v":1,"token":"%s"}}' % given["token"]  # noqa: UP031
            )
            assert await again.closed() == 3500


async def test_signing_out_closes_the_sockets_of_that_session_only(world: World) -> None:
    async with (
        following(world) as address,
        world.client("operator") as here,
        world.client("operator") as elsewhere,
        client(address, cookie=cookie_of(here), origin=ORIGIN) as mine,
        client(address, cookie=cookie_of(elsewhere), origin=ORIGIN) as other,
    ):
        await mine.connect(BOARD)
        await other.connect(BOARD)
        assert (await here.post("/api/v1/auth/logout")).status_code == 204
        assert await mine.closed() == 3500
        await world.incident("Nid-de-poule rue Carnot à Tulle")
        await other.until(lambda frame: "pub" in frame)


@pytest.mark.parametrize("way", ["logout", "logout-everywhere"])
async def test_signing_out_on_one_process_closes_the_sockets_on_another(
    either_world: World, way: str
) -> None:
    here, there = either_world, World(either_world.service.store.url)
    there.service.store.start()
    async with (
        following(there) as address,
        here.client("operator") as http,
        here.client("operator") as same_person,
        client(address, cookie=cookie_of(http), origin=ORIGIN) as mine,
        client(address, cookie=cookie_of(same_person), origin=ORIGIN) as other,
    ):
        await mine.connect(BOARD)
        await other.connect(BOARD)
        assert (await http.post(f"/api/v1/auth/{way}")).status_code == 204
        assert await mine.closed() == 3500
        if way == "logout":
            await here.incident("Nid-de-poule rue Carnot à Tulle")
            await other.until(lambda frame: "pub" in frame)
        else:
            assert await other.closed() == 3500
    there.service.store.stop()


@pytest.mark.parametrize("cookie", ["nothing=1", "cpo_session=invented", "a=b; c", None])
async def test_without_a_valid_session_the_socket_is_closed_for_good(
    world: World, cookie: str | None
) -> None:
    async with (
        following(world) as address,
        client(address, who=None, cookie=cookie, origin=ORIGIN) as stranger,
    ):
        await stranger.socket.send('{"id":1,"connect":{"v":1}}')
        assert await stranger.closed() == 3500


async def test_presence_names_colleagues_by_their_user_not_by_their_session(world: World) -> None:
    async with (
        following(world) as address,
        world.client("operator") as http,
        client(address, cookie=cookie_of(http), origin=ORIGIN) as socket,
    ):
        await socket.connect(BOARD)
        reply = await socket.command("presence", topic=BOARD)
    user = world.actor("operator")
    assert reply["presence"]["present"] == [{"id": str(user.id), "label": user.name}]


async def test_another_process_on_the_same_database_tells_its_clients_too(
    either_store: str,
) -> None:
    first, second = World(either_store), World(either_store)
    for world in (first, second):
        world.service.store.start()
    try:
        async with (
            following(second) as address,
            second.client("operator") as http,
            client(address, cookie=cookie_of(http), origin=ORIGIN) as board,
        ):
            await board.connect(BOARD)
            # No hint travels between these two: the relay's own look, once a second, finds it.
            incident = await first.incident("Nid-de-poule rue Carnot à Tulle")
            await board.until(lambda _: f"incident:{incident}" in board.mirror[BOARD].values)
    finally:
        for world in (first, second):
            world.service.store.stop()
