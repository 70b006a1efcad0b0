"""An application in a few lines: a log in memory that real-time tests write to and recover from."""

import asyncio
from dataclasses import dataclass, field

from realtime.hub import Hub
from realtime.protocol import Item, JsonObject, Publication, Snapshot


@dataclass(slots=True)
class MemoryLog:
    """A log of publications with the state they lead to: the `Source` of tests.

    Attributes:
        kept: Publications of a topic that `history` can still give; None for all.
        reads: How often the log was asked, by method.
    """

    kept: int | None = None
    seq: int = 0
    published: dict[str, list[Publication]] = field(default_factory=dict)
    state: dict[str, dict[str, Item]] = field(default_factory=dict)
    reads: dict[str, int] = field(default_factory=lambda: {"snapshot": 0, "history": 0})
    _sent: int = 0
    _order: list[tuple[str, Publication]] = field(default_factory=list)

    def write(self, topic: str, **changes: JsonObject | None) -> Publication:
        """Commit one event that sets keys of a topic (None removes one)."""
        self.seq += 1
        held = self.state.setdefault(topic, {})
        items = [
            Item(key, held[key].ver + 1 if key in held else self.seq, data)
            for key, data in changes.items()
        ]
        for item in items:
            held[item.key] = item
        first, *also = items
        publication = Publication(
            offset=self.seq,
            id=f"event-{self.seq}",
            type="thing.changed",
            key=first.key,
            ver=first.ver,
            at="2026-11-22T08:00:00Z",
            data=None if first.data is None else changes[first.key],
            also=tuple(also),
        )
        self.published.setdefault(topic, []).append(publication)
        self._order.append((topic, publication))
        return publication

    @property
    def length(self) -> int:
        """Events written so far, on all topics."""
        return len(self._order)

    def publish(self, hub: Hub, after: int) -> int:
        """Publish the events after the first `after` ones; return how many there are now."""
        for topic, publication in self._order[after:]:
            hub.publish(topic, publication)
        return len(self._order)

    def relay(self, hub: Hub) -> None:
        """Publish what was written since the last time."""
        self._sent = self.publish(hub, self._sent)

    async def snapshot(self, topic: str) -> Snapshot:
        """Return all keys of a topic."""
        self.reads["snapshot"] += 1
        await asyncio.sleep(0)
        held = self.state.get(topic, {}).values()
        return Snapshot(self.seq, [item for item in held if item.data is not None])

    async def history(self, topic: str, after: int, limit: int) -> list[Publication] | None:
        """Return what came after an offset, or None when that is not all there."""
        self.reads["history"] += 1
        await asyncio.sleep(0)
        if after > self.seq:
            return None
        everything = self.published.get(topic, [])
        forgotten = 0 if self.kept is None else max(0, len(everything) - self.kept)
        newer = [one for one in everything if one.offset > after]
        if len(newer) > limit or any(one.offset > after for one in everything[:forgotten]):
            return None
        return newer
