"""A connection without a socket: what the hub writes goes into a mirror, when the test says."""

from collections.abc import Iterable

from realtime.fanout import Link
from realtime.frames import payloads
from realtime.hub import Hub
from realtime.protocol import CloseCode, Position, Subscribed, reply
from tests.support.live_mirror import Mirror


class FakePeer:
    """A client and its transport; `reading` False lets bytes pile up."""

    def __init__(self, hub: Hub, principal_id: str = "anna") -> None:
        self.mirror = Mirror()
        self.reading = True
        self.closed: CloseCode | None = None
        self.aborted = False
        self.ticks: list[float] = []
        self.writes: list[bytes] = []
        self._hub = hub
        self._waiting: list[bytes] = []
        self.link = Link(self, self, "192.0.2.1")
        hub.join(self.link)
        hub.identify(self.link, principal_id)

    # -- as the hub's writer

    def write(self, frames: bytes) -> None:
        """Take whole frames."""
        assert self.closed is None, "written to after the close"
        self.writes.append(frames)
        self._waiting.append(frames)
        if self.reading:
            self.drain()

    def buffered(self) -> int:
        """Return what the client has not read."""
        return sum(map(len, self._waiting))

    def abort(self) -> None:
        """Note the cut."""
        self.aborted = True

    # -- as the connection's keeper

    def tick(self, now: float) -> None:
        """Note the heartbeat."""
        self.ticks.append(now)

    def close(self, code: CloseCode, reason: str) -> None:
        """Note the close and leave, as the real keeper does."""
        if self.closed is None:
            self._hub.leave(self.link)
            self.closed = code

    # -- as the client

    def drain(self, writes: int | None = None) -> None:
        """Read what waits: all of it, or the first few writes."""
        taken = self._waiting[:writes]
        del self._waiting[: len(taken)]
        for frames in taken:
            for payload in payloads(frames):
                self.mirror.feed(payload)

    async def subscribe(self, topic: str, held: Position | None = None) -> Subscribed:
        """Register, load, take the reply, go live."""
        answer = await self._hub.load(self._hub.register(self.link, topic), held)
        self.mirror.feed(reply(1, "subscribe", answer.body()))
        self._hub.go_live(self.link, topic)
        return answer

    def leave(self) -> None:
        """Go away."""
        self._hub.leave(self.link)

    async def resume(self, topic: str, other: "FakePeer") -> Subscribed:
        """Go on where another connection of the same client stopped."""
        self.mirror.topics[topic] = held = other.mirror[topic]
        return await self.subscribe(topic, Position(held.epoch, held.offset))


def values(peers: Iterable[FakePeer], topic: str) -> list[object]:
    """Return what each peer holds of a topic."""
    return [peer.mirror[topic].values for peer in peers]
