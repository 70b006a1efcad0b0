"""Who is signed in, for how long, and what is left when he leaves."""

from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlmodel import col, delete, select

from dispatcher.auth import sessions
from dispatcher.clock import FrozenClock
from dispatcher.models import User, UserSession
from tests.support.world import ORIGIN, PASSWORD, TUESDAY, World

ME = "/api/v1/auth/me"
LOGIN = "/api/v1/auth/login"


@pytest.fixture
def wall(world: World) -> FrozenClock:
    """The wall clock of the world, in the test's hand."""
    world.service.clocks.wall = clock = FrozenClock(TUESDAY)
    return clock


async def log_in(client: httpx.AsyncClient, name: str = "dispatcher") -> httpx.Response:
    answer = await client.post(LOGIN, json={"username": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return answer


async def test_signing_in_says_who_and_where_the_work_is(world: World) -> None:
    async with world.client() as client:
        answer = (await log_in(client)).json()
        me = (await client.get(ME)).json()

    assert (answer["user"]["role"], answer["home"]) == ("dispatcher", "/tableau")
    assert me["user"] == answer["user"]


@pytest.mark.parametrize(
    ("name", "home"),
    [("crew", "/equipe"), ("oncall_manager", "/astreintes"), ("admin", "/tableau")],
)
async def test_everybody_starts_at_the_page_of_his_work(world: World, name: str, home: str) -> None:
    async with world.client() as client:
        assert (await log_in(client, name)).json()["home"] == home


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    async with world.client() as client:
        answer = await log_in(client)

    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert morsel["httponly"]
    assert morsel["samesite"] == "lax"
    assert morsel["path"] == "/"
    assert not morsel["domain"]
    assert int(morsel["max-age"]) == world.settings.session_hours * 3600


async def test_over_https_the_cookie_is_secure_and_bound_to_its_host(sqlite_copy: str) -> None:
    world = World(sqlite_copy, public_url="https://cpo.test")
    world.service.store.start()
    transport = httpx.ASGITransport(world.front)
    origin = {"Origin": "https://cpo.test"}
    async with httpx.AsyncClient(
        transport=transport, base_url="https://cpo.test", headers=origin
    ) as client:
        answer = await log_in(client)
    world.service.store.stop()

    assert answer.headers["set-cookie"].startswith("__Host-cpo=")
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


async def test_only_a_hash_of_the_secret_is_stored(world: World) -> None:
    token = await world.sign_in("dispatcher")

    with world.look() as session:
        (kept,) = session.exec(select(UserSession)).all()
    assert kept.token_hash == sessions.token_hash(token)
    assert token not in str(kept.model_dump())
    assert "." not in token, "an opaque secret, not a token that says who it is"


async def test_a_session_ends_when_nobody_uses_it(world: World, wall: FrozenClock) -> None:
    idle = timedelta(minutes=world.settings.session_idle_minutes)
    async with world.client("dispatcher") as client:
        wall.advance(idle - timedelta(seconds=1))
        assert (await client.get(ME)).status_code == 200
        wall.advance(idle)
        assert (await client.get(ME)).status_code == 401


async def test_use_keeps_a_session_awake_until_its_last_hour(
    world: World, wall: FrozenClock
) -> None:
    end = TUESDAY + timedelta(hours=world.settings.session_hours)
    async with world.client("dispatcher") as client:
        while wall.advance(timedelta(minutes=29)) < end:
            assert (await client.get(ME)).status_code == 200
        assert (await client.get(ME)).status_code == 401


async def test_a_day_that_runs_fast_signs_nobody_out(world: World, wall: FrozenClock) -> None:
    async with world.client("dispatcher") as client:
        world.clock.advance(timedelta(days=3))
        assert (await client.get(ME)).status_code == 200


async def test_signing_out_ends_the_session_at_once(world: World) -> None:
    async with world.client() as client:
        await log_in(client)
        stolen = dict(client.cookies)
        left = await client.post("/api/v1/auth/logout")
    assert left.status_code == 204
    assert 'cpo=""' in left.headers["set-cookie"]
    async with world.client() as thief:
        thief.cookies.update(stolen)
        assert (await thief.get(ME)).status_code == 401


async def test_signing_out_leaves_other_sessions_of_the_person(world: World) -> None:
    async with world.client("dispatcher") as here, world.client("dispatcher") as there:
        await here.post("/api/v1/auth/logout")
        assert (await here.get(ME)).status_code == 401
        assert (await there.get(ME)).status_code == 200


async def test_all_sessions_of_a_person_can_be_ended_at_once(world: World) -> None:
    async with (
        world.client("dispatcher") as here,
        world.client("dispatcher") as there,
        world.client("operator") as other,
    ):
        assert (await here.post("/api/v1/auth/logout-everywhere")).status_code == 204
        assert (await here.get(ME)).status_code == 401
        assert (await there.get(ME)).status_code == 401
        assert (await other.get(ME)).status_code == 200


async def test_each_signing_in_gives_a_new_secret(world: World) -> None:
    assert await world.sign_in("dispatcher") != await world.sign_in("dispatcher")


async def test_a_person_who_was_shut_out_is_out_at_once(world: World) -> None:
    async with world.client("dispatcher") as client:
        await world.do(_deactivate)
        assert (await client.get(ME)).status_code == 401
    async with world.client() as client:
        answer = await client.post(LOGIN, json={"username": "dispatcher", "password": PASSWORD})
        assert answer.status_code == 401


def _deactivate(tx) -> None:
    tx.session.exec(select(User).where(User.username == "dispatcher")).one().active = False


@pytest.mark.parametrize("cookie", ["", "x", "é", "a" * 5000, "' OR 1=1 --", "\x00"])
async def test_a_made_up_cookie_is_nobody(world: World, cookie: str) -> None:
    async with world.client() as client:
        header = f"cpo={cookie}".encode("latin-1")
        answer = await client.get(ME, headers=[(b"cookie", header)])
    assert answer.status_code == 401


async def test_a_removed_row_is_a_session_that_ended(world: World) -> None:
    async with world.client("dispatcher") as client:
        await world.do(
            lambda tx: tx.session.execute(
                delete(UserSession).where(col(UserSession.user_id).is_not(None))
            )
        )
        assert (await client.get(ME)).status_code == 401


async def test_a_refused_name_and_a_refused_password_look_alike(world: World) -> None:
    async with world.client() as client:
        unknown = await client.post(LOGIN, json={"username": "nobody", "password": "wrong"})
        known = await client.post(LOGIN, json={"username": "dispatcher", "password": "wrong"})

    assert unknown.status_code == known.status_code == 401
    assert "set-cookie" not in known.headers
    first, second = unknown.json(), known.json()
    first.pop("trace_id"), second.pop("trace_id")
    assert first == second


async def test_the_name_tried_is_not_written_in_the_log(world: World) -> None:
    from tests.support.stores import log_of

    async with world.client() as client:
        await client.post(LOGIN, json={"username": "my-password-by-mistake", "password": "wrong"})
    with world.look() as session:
        told = log_of(session)[-1]
    assert told.type == "user.sign_in_refused"
    assert "mistake" not in str(told.model_dump())


async def test_signing_in_from_another_site_is_refused(world: World) -> None:
    async with world.client() as client:
        body = {"username": "dispatcher", "password": PASSWORD}
        answer = await client.post(LOGIN, json=body, headers={"Origin": "https://evil.test"})
    assert answer.status_code == 403
    assert ORIGIN != "https://evil.test"
