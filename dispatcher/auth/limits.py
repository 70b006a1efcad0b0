"""How often somebody may knock: token buckets in the process, on the wall clock."""

from dataclasses import dataclass

from dispatcher.clock import monotonic_s
from dispatcher.errors import TooMany

FULL = 20_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limits:
    """Token buckets by (purpose, caller); forgets the oldest beyond 20,000 callers."""

    def __init__(self) -> None:
        """Start with every bucket full."""
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, purpose: str, caller: str, *, burst: int, per_s: float) -> None:
        """Take one token.

        Args:
            purpose: What is limited, e.g. `report`.
            caller: Address or account.
            burst: Tokens of a full bucket.
            per_s: Tokens that come back each second.

        Raises:
            TooMany: The bucket is empty; `retry_after` says in how many seconds to come back.
        """
        now = monotonic_s()
        key = (purpose, caller)
        bucket = self._buckets.pop(key, None) or _Bucket(float(burst), now)
        bucket.tokens = min(float(burst), bucket.tokens + (now - bucket.at) * per_s)
        bucket.at = now
        self._buckets[key] = bucket
        if len(self._buckets) > FULL:
            self._buckets.pop(next(iter(self._buckets)))
        if bucket.tokens < 1:
            raise TooMany(retry_after=max(1, round((1 - bucket.tokens) / per_s)))
        bucket.tokens -= 1

    def refund(self, purpose: str, caller: str) -> None:
        """Give a token back: a good login does not count against its address."""
        bucket = self._buckets.get((purpose, caller))
        if bucket is not None:
            bucket.tokens += 1
