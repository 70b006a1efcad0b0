"""How often somebody may knock, and what he hears when it was too often."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dispatcher.auth.limits import FULL, Limits, OwnLimits
from dispatcher.auth.shared_limits import SharedLimits
from dispatcher.errors import TooMany
from tests.support.redis_server import OwnRedis, RedisServer
from tests.support.world import PASSWORD, World

LOGIN = "/api/v1/auth/login"


@asynccontextmanager
async def limited(url: str, **options: object) -> AsyncIterator[World]:
    """A world with limits that a test can reach."""
    world = World(url, **options)
    world.service.store.start()
    yield world
    world.service.store.stop()


async def knock(
    limits: Limits, caller: str = "192.0.2.1", burst: int = 3, per_s: float = 0.01
) -> None:
    await limits.take("test", caller, burst=burst, per_s=per_s)


@pytest.fixture(params=["own", "shared"])
async def limits(request: pytest.FixtureRequest) -> AsyncIterator[Limits]:
    """Limits of either kind, with every bucket full."""
    if request.param == "own":
        yield OwnLimits()
        return
    made = SharedLimits(request.getfixturevalue("redis_url"))
    yield made
    await made.aclose()


async def test_a_burst_is_let_through_and_no_more(limits: Limits) -> None:
    for _ in range(3):
        await knock(limits)

    with pytest.raises(TooMany):
        await knock(limits)


async def test_the_refusal_says_when_to_come_back(limits: Limits) -> None:
    await knock(limits, burst=1, per_s=0.01)

    with pytest.raises(TooMany) as refused:
        await knock(limits, burst=1, per_s=0.01)
    assert 99 <= refused.value.params["retry_after"] <= 100


async def test_tokens_come_back_with_time(limits: Limits) -> None:
    # A million a second: the next look at the clock finds the bucket full again.
    for _ in range(50):
        await knock(limits, burst=1, per_s=1e9)


async def test_callers_and_purposes_do_not_use_up_each_others_tokens(limits: Limits) -> None:
    await knock(limits, "192.0.2.1", burst=1)
    await knock(limits, "192.0.2.2", burst=1)
    await limits.take("another", "192.0.2.1", burst=1, per_s=0.01)


async def test_a_refund_gives_a_token_back(limits: Limits) -> None:
    await knock(limits, burst=1)
    await limits.refund("test", "192.0.2.1")
    await knock(limits, burst=1)
    await limits.refund("test", "never came")


async def test_memory_is_bounded_and_the_oldest_caller_is_forgotten() -> None:
    limits = OwnLimits()
    for number in range(FULL + 10):
        await knock(limits, str(number), burst=1)

    await knock(limits, "0", burst=1)
    with pytest.raises(TooMany):
        await knock(limits, str(FULL), burst=1)


@asynccontextmanager
async def two_processes(url: str) -> AsyncIterator[tuple[SharedLimits, SharedLimits]]:
    """The limits of two processes of one service."""
    pair = SharedLimits(url), SharedLimits(url)
    yield pair
    for limits in pair:
        await limits.aclose()


async def test_processes_share_their_buckets(redis_url: str) -> None:
    async with two_processes(redis_url) as (here, there):
        await knock(here, burst=2)
        await knock(there, burst=2)
        for limits in (here, there):
            with pytest.raises(TooMany) as refused:
                await knock(limits, burst=2)
            assert 99 <= refused.value.params["retry_after"] <= 101


async def test_what_stands_in_redis_names_nobody(redis_server: RedisServer, redis_url: str) -> None:
    async with two_processes(redis_url) as (here, _):
        await knock(here, "ursule.lagarde")
    assert "ursule" not in str(redis_server.execute("KEYS", "*"))


@pytest.mark.parametrize("end", ["kill", "freeze"])
async def test_without_redis_each_process_counts_alone_and_says_so(
    own_redis: OwnRedis, end: str
) -> None:
    async with two_processes(own_redis.url) as (here, there):
        await knock(here, burst=2)
        assert here.degraded is None
        getattr(own_redis, end)()
        await knock(here, burst=2)
        assert here.degraded
        with pytest.raises(TooMany):
            await knock(here, burst=2)
        await knock(there, burst=2)
        own_redis.thaw() if end == "freeze" else own_redis.start()
        here._retry_at_s = 0.0
        await knock(here, "192.0.2.9")
        assert here.degraded is None


async def test_a_citizen_who_sends_too_much_is_told_when_to_come_back(sqlite_copy: str) -> None:
    async with limited(sqlite_copy, reports_per_minute=2) as world, world.client() as citizen:
        for number in range(3):
            answer = await citizen.post(
                "/api/v1/reports",
                json={"text": "fuite"},
                headers={"Idempotency-Key": f"0123456789abcdef{number}"},
            )
    assert answer.status_code == 429
    assert answer.json()["code"] == "too_many"
    assert 1 <= int(answer.headers["Retry-After"]) <= 30


async def test_the_desk_is_never_limited(sqlite_copy: str) -> None:
    options = {"reports_per_minute": 1}
    async with limited(sqlite_copy, **options) as world, world.client("operator") as operator:
        for _ in range(5):
            await world.report(operator, "fuite", channel="phone")


async def test_the_form_is_limited_with_the_api(sqlite_copy: str) -> None:
    async with limited(sqlite_copy, reports_per_minute=1) as world, world.client() as citizen:
        await world.report(citizen, "fuite")
        answer = await citizen.post("/signaler", data={"text": "fuite"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


async def test_guesses_at_one_account_are_limited_from_wherever_they_come(
    sqlite_copy: str,
) -> None:
    async with limited(sqlite_copy, behind_proxy=True) as world, world.client() as thief:
        answers = [
            await thief.post(
                LOGIN,
                json={"username": "dispatcher", "password": "wrong"},
                headers={"X-Forwarded-For": f"192.0.2.{number}"},
            )
            for number in range(6)
        ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) <= 180


async def test_a_made_up_forwarding_header_does_not_make_a_new_caller(sqlite_copy: str) -> None:
    async with limited(sqlite_copy, logins_per_quarter_hour=2) as world, world.client() as thief:
        answers = [
            await thief.post(
                LOGIN,
                json={"username": f"guess-{number}", "password": "wrong"},
                headers={"X-Forwarded-For": f"192.0.2.{number}"},
            )
            for number in range(3)
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 429]


async def test_behind_the_proxy_the_last_address_named_counts(sqlite_copy: str) -> None:
    options = {"logins_per_quarter_hour": 1, "behind_proxy": True}
    async with limited(sqlite_copy, **options) as world, world.client() as thief:
        answers = [
            await thief.post(
                LOGIN,
                json={"username": f"guess-{number}", "password": "wrong"},
                headers={"X-Forwarded-For": f"203.0.113.{number}, 192.0.2.1"},
            )
            for number in range(2)
        ]
    assert [answer.status_code for answer in answers] == [401, 429]


async def test_signing_in_rightly_does_not_count(sqlite_copy: str) -> None:
    async with limited(sqlite_copy, logins_per_quarter_hour=1) as world, world.client() as client:
        body = {"username": "dispatcher", "password": PASSWORD}
        for _ in range(3):
            assert (await client.post(LOGIN, json=body)).status_code == 200
