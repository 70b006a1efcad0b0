"""The broker of a service that is one process."""

import asyncio
from collections.abc import AsyncIterator, Callable

from realtime.broker import Attendee


class Hints:
    """A mailbox that holds one number: the highest not yet taken."""

    def __init__(self) -> None:
        self._seq: int | None = None
        self._arrived = asyncio.Event()
        self._closed = False

    def put(self, seq: int) -> None:
        """Leave a hint."""
        self._seq = seq if self._seq is None else max(self._seq, seq)
        self._arrived.set()

    def close(self) -> None:
        """End the reader."""
        self._closed = True
        self._arrived.set()

    async def take(self) -> int | None:
        """Wait for a hint; None when closed."""
        await self._arrived.wait()
        self._arrived.clear()
        if self._closed:
            return None
        seq, self._seq = self._seq, None
        return seq or 0


class MemoryBroker:
    """Hints and presence within one event loop."""

    degraded: str | None = None

    def __init__(self, monotonic: Callable[[], float] | None = None) -> None:
        """Take the clock that presence expires by; the running loop's when absent."""
        self._monotonic = monotonic
        self._listeners: set[Hints] = set()
        self._attendees: dict[str, dict[str, tuple[Attendee, float]]] = {}

    async def wake(self, seq: int) -> None:
        """Hint that the log has reached `seq`."""
        for hints in self._listeners:
            hints.put(seq)

    async def listen(self) -> AsyncIterator[int]:
        """Yield the highest seq hinted since the last time; 0 at first."""
        hints = Hints()
        hints.put(0)
        self._listeners.add(hints)
        try:
            while (seq := await hints.take()) is not None:
                yield seq
        finally:
            self._listeners.discard(hints)

    async def attend(self, topic: str, who: Attendee, ttl_s: float) -> list[Attendee]:
        """Note that somebody looks at a topic for `ttl_s`, and return all who do, sorted."""
        now = self._monotonic() if self._monotonic else asyncio.get_running_loop().time()
        self._attendees.setdefault(topic, {})[who.id] = (who, now + ttl_s)
        for name, people in list(self._attendees.items()):
            for gone in [person for person, (_, until) in people.items() if until <= now]:
                del people[gone]
            if not people:
                del self._attendees[name]
        return sorted(person for person, _ in self._attendees.get(topic, {}).values())

    async def aclose(self) -> None:
        """End every listener."""
        for hints in self._listeners:
            hints.close()
