"""Token buckets that all processes of a service share, in Redis.

When Redis does not answer, each process goes on with buckets of its own, which were counted all the
while: limits become those of one process, never none.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable
from contextlib import suppress
from typing import Final, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from dispatcher.auth.limits import OwnLimits, refusal
from dispatcher.clock import monotonic_s

log = logging.getLogger("cpo.limits")

CALL_S: Final = 0.5
RETRY_S: Final = 1.0

# Server time, so that processes with different clocks agree; a bucket that filled up is forgotten.
_TAKE: Final = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1000000
local burst, per_s = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or burst, tonumber(kept[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * per_s)
local granted = tokens >= 1
if granted then tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / per_s * 1000) + 1000)
return {granted and 1 or 0, tostring(tokens)}
"""
_REFUND: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HINCRBYFLOAT', KEYS[1], 'tokens', 1) end
return {1, '0'}
"""


class SharedLimits:
    """Buckets in Redis, with those of this process underneath."""

    def __init__(self, url: str, prefix: str = "cpo") -> None:
        """Connect lazily."""
        self._client: Redis = Redis.from_url(
            url,
            socket_timeout=CALL_S,
            socket_connect_timeout=CALL_S,
            decode_responses=True,
            retry=Retry(NoBackoff(), 0),
        )
        self._prefix = prefix
        self._own = OwnLimits()
        self._degraded: str | None = None
        self._retry_at_s = 0.0

    @property
    def degraded(self) -> str | None:
        """Why each process counts on its own at the moment, or None when all is well."""
        return self._degraded

    async def take(self, purpose: str, caller: str, *, burst: int, per_s: float) -> None:
        """Take one token; raises TooMany when there is none."""
        # One process alone never lets more through than all together.
        await self._own.take(purpose, caller, burst=burst, per_s=per_s)
        answer = await self._ask(_TAKE, purpose, caller, burst, per_s)
        if answer is not None and not int(answer[0]):
            raise refusal(float(answer[1]), per_s)

    async def refund(self, purpose: str, caller: str) -> None:
        """Give a token back."""
        await self._own.refund(purpose, caller)
        await self._ask(_REFUND, purpose, caller)

    async def aclose(self) -> None:
        """Close the connections."""
        with suppress(RedisError, OSError):
            await self._client.aclose()

    async def _ask(
        self, script: str, purpose: str, caller: str, *arguments: float
    ) -> list[str] | None:
        """Run a script on a bucket; None while Redis is away, which is tried once a second."""
        if self._degraded and monotonic_s() < self._retry_at_s:
            return None
        # Addresses and names people typed do not stand in Redis as they are.
        named = hashlib.sha256(caller.encode()).hexdigest()[:32]
        key = f"{self._prefix}:limit:{purpose}:{named}"
        call = cast("Awaitable[list[str]]", self._client.eval(script, 1, key, *map(str, arguments)))
        # A task that can be left alone: redis-py 8.1 loses cancellations while it connects.
        task = asyncio.ensure_future(call)
        await asyncio.wait({task}, timeout=CALL_S)
        if not task.done():
            task.add_done_callback(_ignore)
            task.cancel()
            self._down("TimeoutError")
            return None
        try:
            answer = task.result()
        except (RedisError, OSError) as error:
            self._down(type(error).__name__)
            return None
        if self._degraded is not None:
            log.info("limits_shared_again")
        self._degraded = None
        return answer

    def _down(self, reason: str) -> None:
        if self._degraded is None:
            log.warning("limits_not_shared", extra={"reason": reason})
        self._degraded = f"redis: {reason}"
        self._retry_at_s = monotonic_s() + RETRY_S


def _ignore(task: "asyncio.Future[list[str]]") -> None:
    """Take note of how an abandoned command ended, so that nothing warns about it."""
    if not task.cancelled():
        task.exception()
