"""What one topic remembers: a bounded ring of ready frames, and the application's log behind it.

The ring is shared by everybody: live push, clients that lag, clients that come back. It answers
"what came after offset n?" or says that it does not reach back that far; it never answers in part.
Offsets are the log's event numbers, so a topic's offsets rise with gaps, and `floor` says from
where on the ring is complete.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from realtime.frames import header_size, text_frame
from realtime.protocol import (
    CommandError,
    ErrorCode,
    Publication,
    Snapshot,
    publication_body,
    push_head,
    snapshot_body,
)

SNAPSHOT_ATTEMPTS = 3
SNAPSHOT_REUSE = 64
ENCODE_INLINE = 256


class Source(Protocol):
    """Where the application keeps what its topics say; both answers come from committed state."""

    async def snapshot(self, topic: str) -> Snapshot:
        """Return all keys of a topic, and the log offset (inclusive) at which they were read."""
        ...

    async def history(self, topic: str, after: int, limit: int) -> list[Publication] | None:
        """Return every publication of a topic with an offset greater than `after`, in order.

        Returns:
            The whole list, up to the end of the log at the time of reading, or None when it cannot
            be whole: more than `limit`, older than what is kept, or `after` beyond the log's end.
        """
        ...


@dataclass(frozen=True, slots=True)
class Depth:
    """How much a ring may hold: frames, and bytes of frames."""

    frames: int = 4096
    size: int = 8 * 1024 * 1024


class Chunk(NamedTuple):
    """Joined frames, and the offset of the last one."""

    frames: bytes
    offset: int


class EncodedSnapshot(NamedTuple):
    """A snapshot as JSON, made once for all who ask."""

    offset: int
    items: bytes


class Ring:
    """The last frames of a topic, oldest first.

    Attributes:
        floor: Every publication with a greater offset is held (until `head`).
        head: Offset of the last publication, or where the log stood when the ring was made.
    """

    __slots__ = ("_frames", "_offsets", "_push_head", "_size", "depth", "floor", "head", "topic")

    def __init__(self, topic: str, position: int, depth: Depth) -> None:
        self.topic = topic
        self.depth = depth
        self.floor = self.head = position
        self._push_head = push_head(topic)
        self._offsets: list[int] = []
        self._frames: list[bytes] = []
        self._size = 0

    def __len__(self) -> int:
        return len(self._frames)

    def append(self, publication: Publication) -> bool:
        """Hold a new publication; False when its offset was held already (the relay repeats)."""
        if publication.offset <= self.head:
            return False
        frame = self._frame(publication, self.head)
        self._offsets.append(publication.offset)
        self._frames.append(frame)
        self._size += len(frame)
        self.head = publication.offset
        self._evict()
        return True

    def prepend(self, after: int, older: Sequence[Publication]) -> bool:
        """Extend the ring backwards to `after` with all that lies between; False without room.

        Args:
            after: The new floor.
            older: Every publication in (`after`, `floor`], in order.
        """
        if len(self) + len(older) > self.depth.frames:
            return False
        frames, prev = [], after
        for publication in older:
            frames.append(self._frame(publication, prev))
            prev = publication.offset
        size = sum(map(len, frames))
        if self._size + size > self.depth.size:
            return False
        self._frames[0:0] = frames
        self._offsets[0:0] = [publication.offset for publication in older]
        self._size += size
        self.floor = after
        return True

    def covers(self, offset: int) -> bool:
        """Return whether everything after `offset` is held."""
        return offset >= self.floor

    def count_after(self, offset: int) -> int:
        """Return how many publications held are newer than `offset`."""
        return len(self._offsets) - bisect_right(self._offsets, offset)

    def chunk(self, after: int, size: int) -> Chunk | None:
        """Return frames after an offset, joined, about `size` bytes at most; None when it fell off.

        At least one frame is returned when there is one.
        """
        if after < self.floor:
            return None
        first = last = bisect_right(self._offsets, after)
        if first == len(self._offsets):
            return Chunk(b"", max(after, self.head))
        total = 0
        while last < len(self._frames) and (last == first or total < size):
            total += len(self._frames[last])
            last += 1
        frames = self._frames[first] if last == first + 1 else b"".join(self._frames[first:last])
        return Chunk(frames, self._offsets[last - 1])

    def bodies(self, after: int) -> bytes:
        """Return the publications after a covered offset as a JSON array."""
        first, start = bisect_right(self._offsets, after), len(self._push_head)
        bodies = (frame[header_size(frame) + start : -1] for frame in self._frames[first:])
        return b"[" + b",".join(bodies) + b"]"

    def _frame(self, publication: Publication, prev: int) -> bytes:
        return text_frame(self._push_head + publication_body(publication, prev) + b"}")

    def _evict(self) -> None:
        """Drop the oldest eighth when the ring is full: dropping costs nothing per frame."""
        slack = self.depth.frames // 8
        if len(self._frames) <= self.depth.frames + slack and self._size <= self.depth.size:
            return
        gone = max(0, len(self._frames) - self.depth.frames)
        size = self._size - sum(map(len, self._frames[:gone]))
        while size > self.depth.size and gone < len(self._frames) - 1:
            size -= len(self._frames[gone])
            gone += 1
        if gone:
            self.floor = self._offsets[gone - 1]
            del self._offsets[:gone], self._frames[:gone]
            self._size = size


class History:
    """A ring that asks the log, once for all who wait, when it does not reach back far enough."""

    def __init__(self, ring: Ring, source: Source) -> None:
        self.ring = ring
        self._source = source
        self._log = asyncio.Lock()
        self._wanted: list[int] = []
        self._unreachable = -1
        self._snapshot: EncodedSnapshot | None = None
        self._reading = asyncio.Lock()

    async def reach(self, after: int, position: int) -> bool:
        """Make the ring cover `after`; False when neither it nor the log can answer in full.

        After a restart hundreds of clients come back at once, each with its own offset: the first
        one to hold the lock reads for all who wait.

        Args:
            after: Offset that a client holds.
            position: How far this process has read the log.
        """
        if after > position:
            # The client was fed by a process that is ahead of this one, or makes the offset up.
            return await self._asked(after) is not None
        self._wanted.append(after)
        try:
            async with self._log:
                if not self._settled(after):
                    await self._settle_waiting()
                return self.ring.covers(after)
        finally:
            self._wanted.remove(after)

    def _settled(self, after: int) -> bool:
        return self.ring.covers(after) or after <= self._unreachable

    async def _settle_waiting(self) -> None:
        """Find out which of the offsets waited for can be reached: one reading if all can.

        Else by halving: 150 clients that come back too late once cost 150 readings.
        """
        asked = sorted({after for after in self._wanted if not self._settled(after)})
        low, high, probe = 0, len(asked), 0
        while low < high:
            if await self._extend(asked[probe]):
                high = probe
            else:
                low = probe + 1
            probe = (low + high) // 2

    async def _asked(self, after: int) -> list[Publication] | None:
        return await self._source.history(self.ring.topic, after, self.ring.depth.frames)

    async def _extend(self, after: int) -> bool:
        ring, floor = self.ring, self.ring.floor
        found = await self._asked(after)
        if found is not None and ring.floor == floor:
            older = [publication for publication in found if publication.offset <= floor]
            if ring.prepend(after, older):
                return True
        # The log only grows and the ring only moves on: what is out of reach now stays so.
        self._unreachable = max(self._unreachable, after)
        return False

    async def snapshot(self) -> EncodedSnapshot:
        """Return a snapshot from which the ring goes on without a hole.

        A recent one is reused: what came since is pushed from the ring, and applies by version.

        Raises:
            CommandError: The ring moved faster than the source could be read.
        """
        async with self._reading:
            for _ in range(SNAPSHOT_ATTEMPTS):
                held = self._snapshot
                if held is not None and self._fresh(held):
                    return held
                self._snapshot = None
                read = await self._source.snapshot(self.ring.topic)
                self._snapshot = EncodedSnapshot(read.offset, await _encoded(read))
            held = self._snapshot
            if held is not None and self.ring.covers(held.offset):
                return held
            raise CommandError(ErrorCode.UNAVAILABLE, "the topic moves too fast")

    def _fresh(self, snapshot: EncodedSnapshot) -> bool:
        return (
            self.ring.covers(snapshot.offset)
            and self.ring.count_after(snapshot.offset) <= SNAPSHOT_REUSE
        )


async def _encoded(snapshot: Snapshot) -> bytes:
    if len(snapshot.items) <= ENCODE_INLINE:
        return snapshot_body(snapshot.items)
    # 5,000 items take about 40 ms: long enough to be felt by every other client of this loop.
    return await asyncio.to_thread(snapshot_body, snapshot.items)
