"""What time is it, and what is unguessable: the only reader of wall time and entropy in the
product.

Two clocks run in a service. The *service clock* dates what happens in the field; in the demo it is
scaled and can pause. The *wall clock* serves sessions, leases and rate limits, which must never be
scaled.
"""

import os
import secrets
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """Anything that tells the present instant."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's present instant in UTC."""
        return datetime.now(UTC)


class FrozenClock:
    """A clock that only moves when told to: tests hold time in hand."""

    def __init__(self, at: datetime) -> None:
        """Start at an aware instant."""
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant last set."""
        return self._at

    def set(self, at: datetime) -> None:
        """Jump to an instant, forwards or backwards."""
        self._at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> datetime:
        """Move forwards and return the new instant."""
        self._at += by
        return self._at


class ScaledClock:
    """A clock that runs `rate` times as fast as another one, and can pause.

    Never runs backwards: changing the pace keeps the instant reached.
    """

    def __init__(self, base: Clock, start_at: datetime, rate: float = 1.0) -> None:
        """Start at `start_at` and follow `base` at `rate` (0 means paused)."""
        self._base = base
        self._lock = threading.Lock()
        self._origin = base.now()
        self._start = self._last = start_at.astimezone(UTC)
        self._rate = rate

    @property
    def rate(self) -> float:
        """Simulated seconds per real second; 0 while paused."""
        return self._rate

    def now(self) -> datetime:
        """Return the scaled instant in UTC."""
        with self._lock:
            return self._at(self._base.now())

    def set_rate(self, rate: float) -> datetime:
        """Change the pace from now on and return the instant of the change."""
        with self._lock:
            real = self._base.now()
            at = self._at(real)
            self._origin, self._start, self._rate = real, at, rate
            return at

    def _at(self, real: datetime) -> datetime:
        # The base may be set back (a machine's clock is corrected now and then).
        self._last = max(self._last, self._start + (real - self._origin) * self._rate)
        return self._last


def monotonic_s() -> float:
    """Return seconds of a clock that never steps back; only differences mean anything."""
    return time.monotonic()


def step_aside() -> None:
    """Let another thread of this process take its turn, if one waits for it."""
    time.sleep(0)


def cpu_s() -> float:
    """Return the processor seconds this process has used; only differences mean anything."""
    return time.process_time()


def elapsed_ms(since_s: float) -> float:
    """Return the milliseconds passed since a `monotonic_s()` reading."""
    return (time.monotonic() - since_s) * 1000.0


class _Chance:
    """Random bits of the system, drawn in blocks: each draw lets another thread take the turn, and
    a report needs seven ids.
    """

    def __init__(self) -> None:
        self._parts: Iterator[bytes] = iter(())
        # A forked child must not give the ids its parent gives.
        os.register_at_fork(after_in_child=self._forget)

    def take(self) -> bytes:
        """Return ten fresh random bytes."""
        # One `next` of a list's iterator is atomic: no two threads get the same part.
        part = next(self._parts, None)
        while part is None:
            block = os.urandom(10 * 256)
            self._parts = iter([block[at : at + 10] for at in range(0, len(block), 10)])
            part = next(self._parts, None)
        return part

    def _forget(self) -> None:
        self._parts = iter(())


_chance = _Chance()


def new_id() -> UUID:
    """Return a fresh UUIDv7: unique, and sortable by its millisecond of birth.

    Source: RFC 9562 (May 2024), section 5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | int.from_bytes(_chance.take(), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def secret_token() -> str:
    """Return 256 fresh random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def seeded(seed: int | str) -> Random:
    """Return a reproducible source of chance for simulations; never for secrets."""
    return Random(seed)  # noqa: S311 - reproducible on purpose
