"""How often somebody may knock: token buckets, in the process and shared between processes."""

from dataclasses import dataclass
from typing import Protocol

from dispatcher.clock import monotonic_s
from dispatcher.errors import TooMany

FULL = 20_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limits(Protocol):
    """Token buckets by (purpose, caller)."""

    @property
    def degraded(self) -> str | None:
        """Why processes count on their own at the moment, or None when all is well."""
        ...

    async def take(self, purpose: str, caller: str, *, burst: int, per_s: float) -> None:
        """Take one token.

        Args:
            purpose: What is limited, e.g. `report`.
            caller: Address or account.
            burst: Tokens of a full bucket.
            per_s: Tokens that come back each second.

        Raises:
            TooMany: The bucket is empty; `retry_after` says in how many seconds to come back.
        """
        ...

    async def refund(self, purpose: str, caller: str) -> None:
        """Give a token back: a good login does not count against its address."""
        ...

    async def aclose(self) -> None:
        """Free connections."""
        ...


def refusal(tokens: float, per_s: float) -> TooMany:
    """Return what is told to somebody whose bucket holds less than one token."""
    return TooMany(retry_after=max(1, round((1 - tokens) / per_s)))


class OwnLimits:
    """Buckets of one process, on the monotonic clock; forgets the oldest beyond 20,000 callers."""

    degraded: str | None = None

    def __init__(self) -> None:
        """Start with every bucket full."""
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    async def take(self, purpose: str, caller: str, *, burst: int, per_s: float) -> None:
        """Take one token; raises TooMany when there is none."""
        now = monotonic_s()
        key = (purpose, caller)
        bucket = self._buckets.pop(key, None) or _Bucket(float(burst), now)
        bucket.tokens = min(float(burst), bucket.tokens + (now - bucket.at) * per_s)
        bucket.at = now
        self._buckets[key] = bucket
        if len(self._buckets) > FULL:
            self._buckets.pop(next(iter(self._buckets)))
        if bucket.tokens < 1:
            raise refusal(bucket.tokens, per_s)
        bucket.tokens -= 1

    async def refund(self, purpose: str, caller: str) -> None:
        """Give a token back: a good login does not count against its address."""
        bucket = self._buckets.get((purpose, caller))
        if bucket is not None:
            bucket.tokens += 1

    async def aclose(self) -> None:
        """Do nothing: there is nothing to free."""
