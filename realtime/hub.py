"""Who listens to what in this process, and what happens to those who cannot keep up.

`publish` is called by the relay, on the event loop, in the order of the log; it never waits.
Whoever falls behind is caught up from the topic's ring, is told to resync when it fell off, and is
closed when it does not read at all. The hub knows topics and principals by name only.
"""

import asyncio
from dataclasses import dataclass

from realtime.fanout import Feed, Link, Pace, Scheduler, Subscription, Timer
from realtime.history import Depth, History, Ring, Source
from realtime.laggards import Laggards
from realtime.protocol import (
    CloseCode,
    CommandError,
    ErrorCode,
    Position,
    Publication,
    Subscribed,
    disconnect_push,
)

REVOKED_S = 30.0
"""How long a principal that was sent away for good is remembered: longer than letting in takes."""


@dataclass(frozen=True, slots=True)
class HubStats:
    """What the hub did so far, for metrics."""

    connections: int
    topics: int
    lagging: int
    publications: int
    writes: int
    resyncs: int
    cut: int


class Hub:
    """Topics, their subscribers and their fan-out in one process.

    Attributes:
        epoch: The log's incarnation; clients of another one get a snapshot.
        position: How far the relay has read the log.
        accepting: Whether new connections are welcome.
        window_ms: Time within which those sent away by `drain` should come back.
    """

    def __init__(
        self, source: Source, pace: Pace | None = None, depth: Depth | None = None
    ) -> None:
        self.epoch = ""
        self.position = 0
        self.accepting = False
        self.window_ms = 0
        self._source = source
        self._pace = pace or Pace()
        self._depth = depth or Depth()
        self._clock: Scheduler | None = None
        self._behind: Laggards | None = None
        self._links: set[Link] = set()
        self._principals: dict[str, set[Link]] = {}
        self._addresses: dict[str, int] = {}
        self._accounts: dict[str, int] = {}
        self._revoked: dict[str, float] = {}
        self._feeds: dict[str, Feed] = {}
        self._heartbeat: Timer | None = None
        self._publications = self._writes = 0

    # -- the log's side ----------------------------------------------------------------------------

    def open(self, epoch: str, position: int, clock: Scheduler | None = None) -> None:
        """Begin to serve, from where the relay stands.

        A ring made later claims to hold everything after `position`, so the relay's cursor and this
        position must be the same number.

        Args:
            epoch: The log's incarnation.
            position: Last offset that the relay will not publish any more.
            clock: The running loop when absent.
        """
        self._clock = clock or asyncio.get_running_loop()
        self._behind = Laggards(
            self._pace, self._clock, lambda: Position(self.epoch, self.position)
        )
        self.epoch, self.position = epoch, position
        self.accepting = True

    def publish(self, topic: str, publication: Publication) -> None:
        """Tell a topic's subscribers; free when nobody has asked for the topic lately.

        All topics of one event must be published without an `await` in between, else a subscriber
        that arrives there could believe that the event is behind it. Repeats are dropped.
        """
        self.position = max(self.position, publication.offset)
        feed = self._feeds.get(topic)
        if feed is not None:
            self._publications += 1
            feed.publish(publication)

    def advance(self, offset: int) -> None:
        """Note that the relay has read the log up to `offset`, published or not."""
        self.position = max(self.position, offset)

    def reset(self, epoch: str, position: int) -> None:
        """Begin anew after the log was replaced (a restore): everybody is told to resync."""
        feeds, self._feeds = self._feeds, {}
        self.epoch, self.position = epoch, position
        for feed in feeds.values():
            feed.stop()
            for subscription in list(feed.subscriptions.values()):
                self._laggards.resync(subscription, "epoch")

    # -- the connections' side ---------------------------------------------------------------------

    def join(self, link: Link) -> None:
        """Know a connection, before it is authenticated."""
        self._links.add(link)
        self._addresses[link.address] = self._addresses.get(link.address, 0) + 1
        if self._heartbeat is None:
            self._heartbeat = self._scheduler.call_later(self._pace.heartbeat_s, self._beat)

    def identify(self, link: Link, principal_id: str, account: str | None = None) -> int:
        """Note who a connection belongs to; return how many connections that person has now.

        Args:
            link: The connection.
            principal_id: Name by which `close_principal` finds it, such as a session's.
            account: Whose connections are counted together; the principal when absent.
        """
        link.principal_id = principal_id
        link.account = principal_id if account is None else account
        self._principals.setdefault(principal_id, set()).add(link)
        self._accounts[link.account] = count = self._accounts.get(link.account, 0) + 1
        if principal_id in self._revoked:
            link.peer.close(CloseCode.INVALID_TOKEN, "revoked")
        return count

    def leave(self, link: Link) -> None:
        """Forget a connection and all that is kept for it; harmless when repeated."""
        link.closing = True
        self._laggards.discard(link)
        for topic in list(link.subscriptions):
            self.unsubscribe(link, topic)
        if link not in self._links:
            return
        self._links.discard(link)
        _count_down(self._addresses, link.address)
        if link.account is not None:
            _count_down(self._accounts, link.account)
        mine = self._principals.get(link.principal_id or "")
        if mine is not None:
            mine.discard(link)
            if not mine:
                del self._principals[link.principal_id or ""]

    def connections_from(self, address: str) -> int:
        """Return how many connections an address has."""
        return self._addresses.get(address, 0)

    def register(self, link: Link, topic: str) -> Subscription:
        """Put a connection on a topic, silent for now.

        Registering comes before asking whether it may and before reading what it lacks. That closes
        two races: a publication during the read stays in the ring after the offset returned, and a
        right withdrawn during the question takes this subscription away.

        Raises:
            CommandError: The connection is going away, or asks for more than it reads; temporary.
        """
        if link.closing or link.buffered() > self._pace.swamped:
            raise CommandError(ErrorCode.UNAVAILABLE, "not while so much waits to be read")
        self.unsubscribe(link, topic)
        feed = self._feeds.get(topic)
        if feed is None:
            ring = Ring(topic, self.position, self._depth)
            lag = self._laggards.add
            feed = Feed(History(ring, self._source), self._pace, self._scheduler, lag)
            self._feeds[topic] = feed
        return feed.subscribe(link)

    async def load(self, subscription: Subscription, held: Position | None) -> Subscribed:
        """Return what a registered connection must get before `go_live`.

        Raises:
            CommandError: The topic was reset or withdrawn, or moves too fast; temporary.
        """
        answer = await self._answer(subscription.feed, held)
        topic = subscription.feed.ring.topic
        if subscription.link.subscriptions.get(topic) is not subscription:
            raise CommandError(ErrorCode.UNAVAILABLE, "the topic was reset")
        subscription.offset = answer.position.offset
        return answer

    async def _answer(self, feed: Feed, held: Position | None) -> Subscribed:
        topic, epoch = feed.ring.topic, self.epoch
        known = held is not None and held.epoch == epoch
        if held is not None and known and await feed.history.reach(held.offset, self.position):
            # The position is read after the log: the relay went on meanwhile.
            reached = Position(epoch, max(held.offset, self.position))
            return Subscribed(topic, reached, True, True, feed.ring.bodies(held.offset))
        snapshot = await feed.history.snapshot()
        begin = Position(epoch, snapshot.offset)
        return Subscribed(topic, begin, held is not None, False, snapshot.items)

    def go_live(self, link: Link, topic: str) -> None:
        """Let pushes of a loaded topic through, beginning with what the load left out."""
        subscription = link.subscriptions.get(topic)
        if subscription is not None:
            subscription.live = True
            if not link.lagging:
                self._laggards.catch_up(link)

    def unsubscribe(self, link: Link, topic: str) -> None:
        """Stop pushing a topic to a connection."""
        subscription = link.subscriptions.get(topic)
        if subscription is not None:
            feed = subscription.feed
            feed.unsubscribe(link)
            if not feed.subscriptions and not len(feed.ring):
                # Nothing to remember: else asking for made-up topics would fill the memory.
                self._drop(feed)

    def close_principal(self, principal_id: str) -> int:
        """Close every connection of a principal for good (logout, revocation); return how many.

        Whoever arrives under this name within the next seconds is closed too.
        """
        mine = list(self._principals.get(principal_id, ()))
        # Somebody may have been looked up just before, and knock just after.
        if self._clock is not None:
            self._revoked[principal_id] = self._clock.time() + REVOKED_S
        for link in mine:
            link.peer.close(CloseCode.INVALID_TOKEN, "revoked")
        return len(mine)

    def withdraw(self, principal_id: str, topic: str) -> None:
        """Take a topic away from a principal: it hears `resync` and is refused if it asks again."""
        for link in list(self._principals.get(principal_id, ())):
            subscription = link.subscriptions.get(topic)
            if subscription is not None:
                self._laggards.resync(subscription, "revoked")

    def stats(self) -> HubStats:
        """Return figures for metrics."""
        return HubStats(
            connections=len(self._links),
            topics=len(self._feeds),
            lagging=len(self._behind) if self._behind is not None else 0,
            publications=self._publications,
            writes=self._writes + sum(feed.written for feed in self._feeds.values()),
            resyncs=self._behind.resyncs if self._behind is not None else 0,
            cut=self._behind.cut if self._behind is not None else 0,
        )

    # -- leaving -----------------------------------------------------------------------------------

    async def drain(self, per_s: int = 200) -> None:
        """Refuse new connections, tell everybody to come back within a window, close in batches.

        Args:
            per_s: Connections closed each second; the window told is as long as closing all takes.
        """
        self.accepting = False
        links = list(self._links)
        self.window_ms = max(1000, len(links) * 1000 // per_s)
        notice = disconnect_push(CloseCode.SHUTDOWN, "shutdown", self.window_ms)
        for link in links:
            link.say(notice)
        batch = max(1, per_s // 10)
        for start in range(0, len(links), batch):
            await asyncio.sleep(0.1)
            for link in links[start : start + batch]:
                link.peer.close(CloseCode.RESTART, "restart")

    def stop(self) -> None:
        """Cancel every timer and cut what is still connected."""
        self.accepting = False
        for link in list(self._links):
            self.leave(link)
            link.abort()
        for feed in self._feeds.values():
            feed.stop()
        self._feeds.clear()
        self._laggards.stop()
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = None

    # -- inside ------------------------------------------------------------------------------------

    @property
    def _scheduler(self) -> Scheduler:
        if self._clock is None:
            raise CommandError(ErrorCode.UNAVAILABLE, "not open yet")
        return self._clock

    @property
    def _laggards(self) -> Laggards:
        if self._behind is None:
            raise CommandError(ErrorCode.UNAVAILABLE, "not open yet")
        return self._behind

    def _drop(self, feed: Feed) -> None:
        feed.stop()
        self._writes += feed.written
        if self._feeds.get(feed.ring.topic) is feed:
            del self._feeds[feed.ring.topic]

    def _beat(self) -> None:
        now = self._scheduler.time()
        for link in list(self._links):
            link.peer.tick(now)
        for feed in list(self._feeds.values()):
            if not feed.subscriptions and now - feed.idle_since > self._pace.linger_s:
                self._drop(feed)
        for name in [name for name, until in self._revoked.items() if until <= now]:
            del self._revoked[name]
        busy = self._links or self._feeds or self._revoked
        self._heartbeat = (
            self._scheduler.call_later(self._pace.heartbeat_s, self._beat) if busy else None
        )


def _count_down(counts: dict[str, int], name: str) -> None:
    counts[name] -= 1
    if not counts[name]:
        del counts[name]
