"""What happens to a connection that reads more slowly than its topics speak.

It gets nothing more while its transport is full, keeps its offsets, and is caught up from the
rings once it has drained. If a ring has moved on too far it is told to resync; if it does not
drain at all it is cut. Nothing is skipped silently, and nobody else waits.
"""

from collections.abc import Callable
from contextlib import suppress

from realtime.fanout import Link, Pace, Scheduler, Subscription, Timer
from realtime.protocol import CloseCode, Position, resync_push


class Laggards:
    """The connections that are behind, looked at every 50 ms while there are any."""

    def __init__(self, pace: Pace, clock: Scheduler, position: Callable[[], Position]) -> None:
        self.resyncs = 0
        self.cut = 0
        self._pace = pace
        self._clock = clock
        self._position = position
        self._links: set[Link] = set()
        self._timer: Timer | None = None

    def __len__(self) -> int:
        return len(self._links)

    def add(self, link: Link) -> None:
        """Write no more to a connection until it has drained."""
        link.lagging = True
        link.lag_since, link.lag_left = self._clock.time(), link.buffered()
        self._links.add(link)
        if self._timer is None:
            self._timer = self._clock.call_later(self._pace.sweep_s, self._sweep)

    def discard(self, link: Link) -> None:
        """Forget a connection that left or caught up."""
        link.lagging = False
        self._links.discard(link)

    def stop(self) -> None:
        """Cancel what is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def catch_up(self, link: Link) -> None:
        """Write what a connection lacks on its live topics; it stays behind if that is too much."""
        for subscription in list(link.subscriptions.values()):
            ring = subscription.feed.ring
            while subscription.live and subscription.offset < ring.head:
                if link.buffered() > self._pace.high:
                    self.add(link)
                    return
                chunk = subscription.feed.next_chunk(subscription.offset)
                if chunk is None:
                    self.resync(subscription, "slow")
                    break
                subscription.offset = chunk.offset
                with suppress(RuntimeError):  # as in `Link.say`
                    link.write(chunk.frames)
        self.discard(link)

    def resync(self, subscription: Subscription, reason: str) -> None:
        """End a subscription and tell its client to ask for a snapshot when it can take one."""
        self.resyncs += 1
        link, topic = subscription.link, subscription.feed.ring.topic
        subscription.feed.unsubscribe(link)
        link.say(resync_push(topic, reason, self._position()))

    def _sweep(self) -> None:
        self._timer = None
        now = self._clock.time()
        for link in list(self._links):
            left = link.buffered()
            if left <= self._pace.low:
                self.catch_up(link)
            elif left <= link.lag_left - self._pace.progress:
                link.lag_since, link.lag_left = now, left
            elif now - link.lag_since > self._pace.stuck_s:
                self.cut += 1
                self.discard(link)
                link.peer.close(CloseCode.SLOW, "slow")
        if self._links and self._timer is None:
            self._timer = self._clock.call_later(self._pace.sweep_s, self._sweep)
