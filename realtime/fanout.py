"""How one topic's frames reach its subscribers: each holds one offset, nobody holds a queue.

A flush walks the subscribers and gives each the joined frames after its offset; those at the same
offset share one `bytes` object. A connection whose transport holds too much is left where it stands
and caught up later from the same ring (`hub.py`), so a slow client costs the others nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from realtime.frames import Writer, text_frame
from realtime.history import Chunk, History
from realtime.protocol import CloseCode, Publication


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Make it never happen."""
        ...


class Scheduler(Protocol):
    """The event loop's clock; tests hold their own in hand."""

    def time(self) -> float:
        """Return seconds of a clock that never steps back."""
        ...

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Timer:
        """Call once, `delay` seconds from now."""
        ...


class Peer(Protocol):
    """The keeper of one connection."""

    def tick(self, now: float) -> None:
        """Let a second pass: pings, deadlines."""
        ...

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the connection soon, without waiting; harmless when repeated."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """When frames leave and when a client counts as slow; bytes and seconds.

    Attributes:
        tick_s: How long a flush waits for company on a busy topic. 20 ms divided the CPU of a burst
            of 100 events/s by 2.7, and its p99 by 4.
        rest: On a busy topic a flush is followed by a rest this many times as long as it took, so
            that flushing never takes more than a quarter of the loop.
        longest_tick_s: No rest is longer.
        busy_gap_s: A topic is busy when its publications come closer than this on average, or
            than the rest that its last flush has earned.
        slice: Subscribers written to before other work of the loop gets its turn.
        high: A transport that holds more is lagging and gets nothing more.
        low: Below this it is caught up from the ring.
        swamped: A connection that has not read this much of what it asked for may not ask again.
        sweep_s: How often laggards are looked at.
        stuck_s: A laggard that drained less than `progress` bytes in this time is closed.
        progress: See `stuck_s`.
        heartbeat_s: Resolution of pings and deadlines.
        linger_s: How long the ring of a topic without subscribers is kept for those who come back.
    """

    tick_s: float = 0.02
    rest: float = 3.0
    longest_tick_s: float = 0.15
    busy_gap_s: float = 0.05
    slice: int = 500
    high: int = 256 * 1024
    low: int = 64 * 1024
    swamped: int = 8 * 1024 * 1024
    sweep_s: float = 0.05
    stuck_s: float = 30.0
    progress: int = 16 * 1024
    heartbeat_s: float = 1.0
    linger_s: float = 120.0


class Link:
    """One connection as the hub sees it."""

    __slots__ = (
        "abort",
        "account",
        "address",
        "buffered",
        "closing",
        "lag_left",
        "lag_since",
        "lagging",
        "peer",
        "principal_id",
        "subscriptions",
        "write",
    )

    def __init__(self, writer: Writer, peer: Peer, address: str) -> None:
        # The writer's methods are copied: one attribute look-up less for each delivery.
        self.write = writer.write
        self.buffered = writer.buffered
        self.abort = writer.abort
        self.peer = peer
        self.address = address
        self.principal_id: str | None = None
        self.account: str | None = None
        self.subscriptions: dict[str, Subscription] = {}
        self.closing = False
        self.lagging = False
        self.lag_since = 0.0
        self.lag_left = 0

    def say(self, payload: bytes) -> None:
        """Write one JSON text, unless the connection is going away."""
        if not self.closing:
            # uvloop: the socket is gone and its keeper has not heard of it yet.
            with suppress(RuntimeError):
                self.write(text_frame(payload))


class Subscription:
    """One connection on one topic; `offset` is the last one written to it."""

    __slots__ = ("feed", "link", "live", "offset")

    def __init__(self, feed: "Feed", link: Link) -> None:
        self.feed = feed
        self.link = link
        self.live = False
        self.offset = 0


class Feed:
    """A topic in this process: its history and its subscribers."""

    __slots__ = (
        "_begun_s",
        "_gap_s",
        "_lag",
        "_last_s",
        "_pace",
        "_scheduler",
        "_timer",
        "_took_s",
        "history",
        "idle_since",
        "ring",
        "subscriptions",
        "written",
    )

    def __init__(
        self, history: History, pace: Pace, scheduler: Scheduler, lag: Callable[[Link], None]
    ) -> None:
        self.history = history
        self.ring = history.ring
        self.subscriptions: dict[Link, Subscription] = {}
        self.idle_since = scheduler.time()
        self.written = 0
        self._pace = pace
        self._scheduler = scheduler
        self._lag = lag
        self._timer: Timer | None = None
        self._gap_s = pace.busy_gap_s * 4
        self._last_s = 0.0
        self._begun_s = self._took_s = 0.0

    def subscribe(self, link: Link) -> Subscription:
        """Register a connection; nothing is written to it before it is live."""
        subscription = Subscription(self, link)
        self.subscriptions[link] = subscription
        link.subscriptions[self.ring.topic] = subscription
        return subscription

    def unsubscribe(self, link: Link) -> None:
        """Forget a connection."""
        gone = self.subscriptions.pop(link, None)
        if gone is not None:
            gone.live = False
            link.subscriptions.pop(self.ring.topic, None)
            self.idle_since = self._scheduler.time()

    def publish(self, publication: Publication) -> None:
        """Hold a publication and see that a flush is due."""
        if not self.ring.append(publication):
            return
        now = self._scheduler.time()
        gap_s = min(now - self._last_s, self._pace.busy_gap_s * 4)
        self._gap_s += (gap_s - self._gap_s) / 8
        self._last_s = now
        if self._timer is None and self.subscriptions:
            self._arm()

    def stop(self) -> None:
        """Cancel what is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def next_chunk(self, offset: int) -> Chunk | None:
        """Return what a subscriber at `offset` gets next; None when it fell off the ring."""
        return self.ring.chunk(offset, self._pace.high)

    def _arm(self) -> None:
        pace, wait_s = self._pace, 0.0
        rest_s = pace.rest * self._took_s
        if self._gap_s < max(pace.busy_gap_s, rest_s):
            wait_s = min(max(pace.tick_s, rest_s), pace.longest_tick_s)
        self._timer = self._scheduler.call_later(wait_s, self._flush)

    def _flush(self) -> None:
        self._begun_s = self._scheduler.time()
        self._write_slice(list(self.subscriptions.values()), 0, self.ring.head)

    def _write_slice(self, batch: list[Subscription], start: int, begun_at: int) -> None:
        """Write to some subscribers, then let the loop do something else, then to the rest.

        Positions are per subscriber, so subscribers may come and go between slices. What is
        published meanwhile waits for the end: the slower the flushes, the more each one merges, so
        a process that is behind does less for each event instead of falling further behind.
        """
        head, high = self.ring.head, self._pace.high
        chunks: dict[int, Chunk | None] = {}
        end, written = start + self._pace.slice, 0
        for subscription in batch[start:end]:
            offset, link = subscription.offset, subscription.link
            if offset >= head or link.lagging or not subscription.live:
                continue
            if offset in chunks:
                chunk = chunks[offset]
            else:
                chunk = chunks[offset] = self.next_chunk(offset)
            if chunk is None or link.buffered() > high:
                self._lag(link)
                continue
            frames, subscription.offset = chunk
            written += 1
            try:
                link.write(frames)
            except RuntimeError:  # as in `Link.say`
                subscription.live = False
                continue
            if subscription.offset < head:
                self._lag(link)
        self.written += written
        self._timer = None
        if end < len(batch):
            onward = partial(self._write_slice, batch, end, begun_at)
            self._timer = self._scheduler.call_later(0.0, onward)
            return
        self._took_s = self._scheduler.time() - self._begun_s
        if self.ring.head > begun_at and self.subscriptions:
            self._arm()
