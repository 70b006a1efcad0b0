"""The broker of a service that is several processes: hints and presence through Redis.

Redis holds no truth. When it dies nobody is disconnected and nothing is lost: this process goes on
with its in-process twin, says `degraded`, and comes back by itself. Pub/Sub drops messages while it
reconnects and does not say so (2 of 600 with a killed connection, no error seen), which is why a
message is only a hint, why every reconnection gives a hint, and why relays poll besides.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from typing import Final, TypeVar, cast

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from realtime.broker import Attendee
from realtime.memory import MemoryBroker

log = logging.getLogger("realtime.redis")
T = TypeVar("T")

CALL_S: Final = 1.0
IDLE_S: Final = 1.0
RETRY_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0)

# Server time, so that processes with different clocks agree on who is gone.
_ATTEND: Final = """
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[2]))
return redis.call('ZRANGE', KEYS[1], 0, -1)
"""


class RedisBroker:
    """Hints and presence between processes, with the in-process twin underneath."""

    def __init__(self, url: str, prefix: str = "cpo") -> None:
        """Connect lazily.

        Args:
            url: Such as `redis://host:6379/0` or `unix:///path`.
            prefix: Namespace of the channel and keys, for several services on one Redis.
        """
        self._client: Redis = Redis.from_url(
            url,
            socket_timeout=CALL_S,
            socket_connect_timeout=CALL_S,
            decode_responses=True,
            retry=Retry(NoBackoff(), 0),
        )
        self._prefix = prefix
        self._twin = MemoryBroker()
        self._reader: asyncio.Task[None] | None = None
        self._degraded: str | None = None
        self._retry_at = 0.0
        self._closed = False

    @property
    def degraded(self) -> str | None:
        """Why Redis is not used at the moment, or None."""
        return self._degraded

    async def wake(self, seq: int) -> None:
        """Hint that the log has reached `seq`, here at once and elsewhere through Redis."""
        await self._twin.wake(seq)
        with suppress(_DownError):
            await self._call(self._client.publish(self._channel, str(seq)))

    async def listen(self) -> AsyncIterator[int]:
        """Yield the highest seq hinted since the last time; 0 at first and after a reconnection."""
        if self._reader is None:
            self._reader = asyncio.get_running_loop().create_task(self._read())
        async for seq in self._twin.listen():
            yield seq

    async def attend(self, topic: str, who: Attendee, ttl_s: float) -> list[Attendee]:
        """Note that somebody looks at a topic for `ttl_s`, and return all who do, sorted."""
        here = await self._twin.attend(topic, who, ttl_s)
        key, member = f"{self._prefix}:presence:{topic}", json.dumps([who.id, who.label, who.at])
        call = self._client.eval(_ATTEND, 1, key, member, str(int(ttl_s * 1000)))
        try:
            members = await self._call(cast("Awaitable[list[str]]", call))
        except _DownError:
            return here
        # Oldest first: of the places somebody told, the last one counts.
        told = (Attendee(*json.loads(member)) for member in members)
        return sorted({one.id: one for one in told}.values())

    async def aclose(self) -> None:
        """End every listener and the connections."""
        self._closed = True
        if self._reader is not None:
            # redis-py 8.1 can lose a cancellation that meets its own clean-up: hence the flag.
            self._reader.cancel()
            await asyncio.wait({self._reader})
        await self._twin.aclose()
        with suppress(RedisError, OSError):
            await self._client.aclose()

    @property
    def _channel(self) -> str:
        return f"{self._prefix}:wake"

    async def _call(self, command: "Awaitable[T]") -> T:
        """Await a command within a second; while Redis is down try only once a second."""
        if self._degraded and asyncio.get_running_loop().time() < self._retry_at:
            _discard(command)
            raise _DownError
        # A task that can be left alone: redis-py 8.1 lost the cancellation of `asyncio.timeout`
        # while it was connecting to a frozen server, and waited three times as long.
        task = asyncio.ensure_future(command)
        await asyncio.wait({task}, timeout=CALL_S)
        if not task.done():
            task.add_done_callback(_ignore)
            task.cancel()
            self._down(TimeoutError())
            raise _DownError
        try:
            answer = task.result()
        except (RedisError, OSError) as error:
            self._down(error)
            raise _DownError from None
        self._up()
        return answer

    async def _read(self) -> None:
        attempt = 0
        while not self._closed:
            pubsub = self._client.pubsub()
            try:
                await pubsub.subscribe(self._channel)
                self._up()
                attempt = 0
                await self._twin.wake(0)
                await self._forward(pubsub)
            except (RedisError, OSError, TimeoutError) as error:
                self._down(error)
            finally:
                with suppress(RedisError, OSError):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
            attempt += 1

    async def _forward(self, pubsub: PubSub) -> None:
        asked = False
        while not self._closed:
            message = await pubsub.get_message(timeout=IDLE_S)
            if message is None:
                # A cut network looks like silence: ask, and hear the answer within a second.
                if asked:
                    raise TimeoutError
                asked = True
                async with asyncio.timeout(CALL_S):
                    await pubsub.ping()
                continue
            asked = False
            text = message.get("data")
            if isinstance(text, str) and text.isascii() and text.isdigit():
                await self._twin.wake(int(text))

    def _down(self, error: Exception) -> None:
        if self._degraded is None:
            log.warning("redis_lost", extra={"reason": type(error).__name__})
        self._degraded = f"redis: {type(error).__name__}"
        self._retry_at = asyncio.get_running_loop().time() + CALL_S

    def _up(self) -> None:
        if self._degraded is not None:
            log.info("redis_back")
        self._degraded = None


class _DownError(Exception):
    """Redis does not answer at the moment."""


def _ignore(task: "asyncio.Future[T]") -> None:
    """Take note of how an abandoned command ended, so that nothing warns about it."""
    if not task.cancelled():
        task.exception()


def _discard(command: "Awaitable[T]") -> None:
    close = getattr(command, "close", None)
    if close is not None:
        close()
