"""One suite for every broker, then what only Redis can do: die."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace

import pytest

from realtime.broker import Attendee, Broker
from realtime.memory import MemoryBroker
from realtime.redis import RedisBroker
from tests.support.live_server import eventually
from tests.support.redis_server import OwnRedis

ANNA, BRUNO = Attendee("anna", "Anna"), Attendee("bruno", "Bruno Ébène")

Make = Callable[[], Broker]


@pytest.fixture(params=["memory", "redis"])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    made: Broker
    if request.param == "memory":
        made = MemoryBroker()
    else:
        made = RedisBroker(request.getfixturevalue("redis_url"))
    yield made
    await made.aclose()


async def heard(broker: Broker, count: int) -> list[int]:
    """Return the first hints a new listener gets."""
    found: list[int] = []
    async with asyncio.timeout(5), aclosing(broker.listen()) as hints:
        async for seq in hints:
            found.append(seq)
            if len(found) >= count:
                break
    return found


async def _next_above(hints: AsyncIterator[int], seq: int) -> int:
    async for hint in hints:
        if hint > seq:
            return hint
    pytest.fail("the listener ended")


async def hear_until(broker: Broker, seq: int) -> None:
    """Return once a listener has heard of a seq."""
    async with asyncio.timeout(5), aclosing(broker.listen()) as hints:
        async for hint in hints:
            if hint >= seq:
                return


async def test_a_listener_is_first_told_that_it_may_have_missed_something(broker):
    assert await heard(broker, 1) == [0]


async def test_a_hint_reaches_every_listener(broker):
    listening = [asyncio.ensure_future(hear_until(broker, 7)) for _ in range(3)]
    await asyncio.sleep(0)
    await broker.wake(7)
    await asyncio.gather(*listening)


async def test_a_slow_listener_gets_the_newest_hint_not_a_backlog(broker):
    async with asyncio.timeout(5), aclosing(broker.listen()) as hints:
        assert await anext(hints) == 0
        for seq in (3, 5, 4):
            await broker.wake(seq)
        highest = 0
        while highest < 5:
            hint = await anext(hints)
            assert hint >= highest
            highest = hint


async def test_presence_lists_everybody_once_in_order(broker):
    assert await broker.attend("incident:1", BRUNO, 30) == [BRUNO]
    assert await broker.attend("incident:1", ANNA, 30) == [ANNA, BRUNO]
    assert await broker.attend("incident:1", BRUNO, 30) == [ANNA, BRUNO]
    assert await broker.attend("incident:2", ANNA, 30) == [ANNA]


async def test_somebody_who_moves_on_is_seen_once_where_he_went(broker):
    await broker.attend("board:1", replace(ANNA, at="incident:1"), 30)
    await broker.attend("board:1", BRUNO, 30)
    moved = replace(ANNA, at="incident:2")
    await asyncio.sleep(0.002)  # Redis orders by milliseconds
    assert await broker.attend("board:1", moved, 30) == [moved, BRUNO]


async def test_presence_ends_by_itself(broker):
    await broker.attend("incident:1", ANNA, 0.05)

    async def only_bruno() -> bool:
        return await broker.attend("incident:1", BRUNO, 30) == [BRUNO]

    for _ in range(100):
        if await only_bruno():
            return
        await asyncio.sleep(0.01)
    pytest.fail("presence never ended")


async def test_closing_ends_the_listeners(broker):
    listening = asyncio.ensure_future(heard(broker, 10))
    await asyncio.sleep(0)
    await broker.aclose()
    assert await listening in ([], [0])


async def test_memory_presence_follows_the_clock_it_is_given():
    now = 100.0
    broker = MemoryBroker(lambda: now)
    await broker.attend("incident:1", ANNA, 30)
    now = 130.0
    assert await broker.attend("incident:2", BRUNO, 30) == [BRUNO]
    assert await broker.attend("incident:1", BRUNO, 30) == [BRUNO]


# -- Redis


async def test_a_hint_travels_between_processes(redis_url):
    here, there = RedisBroker(redis_url), RedisBroker(redis_url)
    other_service = RedisBroker(redis_url, prefix="other")
    listening = asyncio.ensure_future(hear_until(there, 9))
    elsewhere = asyncio.ensure_future(hear_until(other_service, 9))
    try:
        await there.attend("incident:1", ANNA, 30)
        assert await here.attend("incident:1", BRUNO, 30) == [ANNA, BRUNO]
        while not listening.done():
            await here.wake(9)
            await asyncio.sleep(0.01)
        assert not elsewhere.done()
    finally:
        elsewhere.cancel()
        for broker in (here, there, other_service):
            await broker.aclose()


async def test_without_redis_the_process_goes_on_with_itself_and_says_so():
    broker = RedisBroker("unix:///nowhere/redis.sock")
    listening = asyncio.ensure_future(hear_until(broker, 3))
    await asyncio.sleep(0)
    await broker.wake(3)
    await listening
    assert await broker.attend("incident:1", ANNA, 30) == [ANNA]
    assert broker.degraded == "redis: ConnectionError"
    await broker.aclose()


async def test_a_killed_redis_is_noticed_survived_and_found_again(own_redis: OwnRedis):
    here, there = RedisBroker(own_redis.url), RedisBroker(own_redis.url)
    try:
        async with aclosing(there.listen()) as hints:
            assert await anext(hints) == 0
            assert await there.attend("incident:1", ANNA, 30) == [ANNA]
            await eventually(lambda: there.degraded is None)
            own_redis.kill()
            await here.wake(1)
            await eventually(lambda: there.degraded)
            assert here.degraded
            own_redis.start()
            async with asyncio.timeout(10):
                assert await anext(hints) == 0  # something may have been missed
                listening = asyncio.ensure_future(_next_above(hints, 0))
                while not listening.done():
                    await here.wake(2)
                    await asyncio.sleep(0.02)
            assert await listening == 2
            assert there.degraded is None
    finally:
        await here.aclose()
        await there.aclose()


async def test_a_frozen_redis_delays_nobody_for_long_and_is_noticed(own_redis: OwnRedis):
    broker = RedisBroker(own_redis.url)
    try:
        async with aclosing(broker.listen()) as hints:
            await anext(hints)
            await eventually(lambda: broker.degraded is None)
            own_redis.freeze()
            await eventually(lambda: broker.degraded)
            async with asyncio.timeout(3):
                await broker.wake(5)
                assert await anext(hints) == 5
                # While it is down not every commit pays the timeout.
                for seq in range(6, 100):
                    await broker.wake(seq)
            own_redis.thaw()
            async with asyncio.timeout(10):
                while broker.degraded:
                    await anext(hints)
    finally:
        own_redis.thaw()
        await broker.aclose()
