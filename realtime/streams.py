"""The same topics without a socket: server-sent events, and one answer that waits (long-poll).

For networks that let no WebSocket through, and for clients of a few lines. Both are connections of
the hub like any other: the same rings, frames, rights and limits. They only read: what a client of
the socket would ask for is said when the stream is opened, and a topic that must be read afresh
ends the stream, so that the client comes back and gets a snapshot.
"""

import asyncio
import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from realtime.asgi import Connection, Credentials, LiveEndpoint, Principal, Receive
from realtime.frames import Message, Send, payloads
from realtime.protocol import CloseCode, Position, RealtimeError, Subscribed, disconnect_push
from realtime.session import Authenticate, Load, Outcome, Say

P = TypeVar("P", bound=Principal)

HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx would keep events back until its buffer is full.
    (b"x-accel-buffering", b"no"),
)
RETRY_MS = 1000
SPREAD_MS = 4000
GATHER_S = 0.2
"""How long a waiting answer, once there is something to say, waits for what comes right behind it:
else a client that asks again at once would ask for every single event of a burst."""


class RefusedError(RealtimeError):
    """A stream that is not opened, and the close code that a socket would have got."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        """Keep the code and a short English reason."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


def positions_of(text: str) -> dict[str, Position]:
    """Return the positions in a `Last-Event-ID` or `since`; what cannot be read is left out.

    Left out means a snapshot: a client with an id that nobody understands must not be stuck.

    >>> positions_of("board:cd19@k3Qz:812,crew:7@k3Qz:9,nonsense")["crew:7"]
    Position(epoch='k3Qz', offset=9)
    """
    held = {}
    for part in text.split(","):
        topic, _, position = part.strip().partition("@")
        epoch, _, offset = position.rpartition(":")
        if topic and epoch and offset.isascii() and offset.isdigit() and len(offset) < 17:
            held[topic] = Position(epoch, int(offset))
    return held


def positions_text(held: Mapping[str, Position]) -> str:
    """Return positions as `positions_of` reads them."""
    return ",".join(f"{topic}@{at.epoch}:{at.offset}" for topic, at in held.items())


def _connect_text(topics: Sequence[str], held: Mapping[str, Position], name: str) -> str:
    """Return the `connect` that a socket would have been sent."""
    subs: dict[str, object] = {}
    for topic in topics:
        at = held.get(topic)
        subs[topic] = {} if at is None else {"epoch": at.epoch, "offset": at.offset}
    return json.dumps({"id": 1, "connect": {"v": 1, "name": name, "subs": subs}})


@lru_cache(maxsize=8)
def _events(frames: bytes) -> bytes:
    """Return ready frames as events; the hub gives the same object to all, so it is made once."""
    return b"".join(b"data: " + payload + b"\n\n" for payload in payloads(frames))


class EventWriter:
    """Takes the hub's frames and sends them as events, each write followed by where it leads."""

    def __init__(self, place: Callable[[], str]) -> None:
        """Ask `place` for the positions held after each write."""
        self._place = place
        self._pending: deque[bytes] = deque()
        self._buffered = 0
        self._news = asyncio.Event()
        self._over = False

    def write(self, frames: bytes) -> None:
        """Take whole text frames; the hub bounds what waits by `buffered`."""
        self.put(_events(frames) + b"id: " + self._place().encode() + b"\n\n")

    def put(self, lines: bytes) -> None:
        """Take ready lines."""
        self._pending.append(lines)
        self._buffered += len(lines)
        self._news.set()

    def buffered(self) -> int:
        """Return the bytes that the server has not taken yet."""
        return self._buffered

    def end(self) -> None:
        """Stop once everything is sent."""
        self._over = True
        self._news.set()

    def abort(self) -> None:
        """Forget what waits, and stop."""
        self._pending.clear()
        self._buffered = 0
        self.end()

    async def pour(self, send: Send) -> None:
        """Send what comes until the end."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._pending:
                lines = b"".join(self._pending)
                self._pending.clear()
                await send(_body(lines, more=True))
                self._buffered = max(0, self._buffered - len(lines))
            if self._over:
                await send(_body(b"", more=False))
                return


class _Reader(Connection[P], ABC):
    """A connection that says everything at once and then only listens."""

    def __init__(
        self, endpoint: LiveEndpoint[P], principal: P, address: str, writer: "EventWriter | Bell"
    ) -> None:
        super().__init__(endpoint, Credentials(None, None, address), _no_send, writer)
        self._reader = principal
        self._topics: tuple[str, ...] = ()
        self.refused: RefusedError | None = None

    async def open(self, topics: Sequence[str], held: Mapping[str, Position], name: str) -> None:
        """Follow topics, or raise.

        Raises:
            RefusedError: As many connections as allowed are open, or what is asked is ill-formed.
        """
        if not self._endpoint.has_room(self._credentials.address):
            raise RefusedError(CloseCode.SHUTDOWN, "no room at the moment")
        hub = self._endpoint.hub
        self._topics = tuple(dict.fromkeys(topics))
        hub.join(self._link)
        try:
            text = _connect_text(self._topics, held, name)
            for effect in self._session.receive(text, self._now()):
                await self._carry_out(effect)
        except BaseException:
            hub.leave(self._link)
            raise
        if self.refused is not None:
            raise self.refused

    def close(self, code: CloseCode, reason: str) -> None:
        """End soon, without waiting."""
        if not self._link.closing:
            self.refused = RefusedError(code, reason)
            self._endpoint.hub.leave(self._link)
            self._ended()

    @abstractmethod
    def _ended(self) -> None:
        """Pass on that the connection is at its end; `refused` says why."""

    async def _find(self, _effect: Authenticate) -> P | None:
        return self._reader


class Stream(_Reader[P]):
    """Topics as server-sent events."""

    def __init__(self, endpoint: LiveEndpoint[P], principal: P, address: str) -> None:
        """Prepare for somebody who was let in."""
        self._writer = EventWriter(self._place)
        self._followed: tuple[str, ...] = ()
        super().__init__(endpoint, principal, address, self._writer)
        self._writer.put(b"retry: %d\n\n" % self._pause_ms(SPREAD_MS))

    async def serve(self, receive: Receive, send: Send) -> None:
        """Send events until the client or the service leaves; the stream must be open."""
        tasks = {
            asyncio.ensure_future(self._pour(send)),
            asyncio.ensure_future(_until_gone(receive)),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._endpoint.hub.leave(self._link)
            self._writer.abort()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def tick(self, now: float) -> None:
        """Let a second pass.

        Nobody can answer a ping here: that the server took what was written must do. Pings tell
        the client that the stream lives, and TCP that the client does not.
        """
        super().tick(now)
        if not self._link.buffered():
            self._session.receive("{}", now)
        if any(topic not in self._link.subscriptions for topic in self._followed):
            self.close(CloseCode.RESTART, "a topic must be read afresh")

    async def _pour(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
        await self._writer.pour(send)

    async def _load(self, effect: Load) -> None:
        await super()._load(effect)
        self._followed = tuple(self._link.subscriptions)

    def _ended(self) -> None:
        told = self.refused
        # Who does not read would not read this either.
        if told is not None and told.code not in (CloseCode.SLOW, CloseCode.NO_PONG):
            pause_ms = self._pause_ms(self._endpoint.hub.window_ms or SPREAD_MS)
            push = disconnect_push(told.code, told.reason, pause_ms)
            self._writer.put(b"retry: %d\ndata: %s\n\n" % (pause_ms, push))
            self._writer.end()
        else:
            self._writer.abort()

    def _pause_ms(self, window_ms: int) -> int:
        """Return when to come back: spread over the window, because browsers know no jitter."""
        return RETRY_MS + self._serial * 619 % window_ms

    def _place(self) -> str:
        epoch = self._endpoint.hub.epoch
        followed = self._link.subscriptions.items()
        return positions_text({topic: Position(epoch, at.offset) for topic, at in followed})


class Bell:
    """A writer that keeps nothing: it only rings when there is something to say."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    def write(self, _frames: bytes) -> None:
        """Ring."""
        self.rung.set()

    def buffered(self) -> int:
        """Return that nothing waits."""
        return 0

    def abort(self) -> None:
        """Ring for the last time."""
        self.rung.set()


class Poll(_Reader[P]):
    """One answer: what is missed, or the first thing that happens within a time."""

    def __init__(self, endpoint: LiveEndpoint[P], principal: P, address: str) -> None:
        """Prepare for somebody who was let in."""
        self._bell = Bell()
        self._hold_s = 0.0
        self._answer = b""
        super().__init__(endpoint, principal, address, self._bell)

    async def answer(
        self, topics: Sequence[str], held: Mapping[str, Position], hold_s: float, receive: Receive
    ) -> bytes:
        """Return the reply that a socket's `connect` would get, as soon as it says anything.

        Args:
            topics: What is followed.
            held: From where; without a position the answer is a snapshot, at once.
            hold_s: How long to wait for something to happen.
            receive: Tells when the client goes away.

        Raises:
            RefusedError: See `open`; or the reader was sent away while waiting.
        """
        self._hold_s = hold_s
        asking = asyncio.ensure_future(self.open(topics, held, "poll"))
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await asyncio.wait({asking, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise RefusedError(CloseCode.SHUTDOWN, "the client left")
            await asking
            return self._answer
        finally:
            asking.cancel()
            gone.cancel()
            await asyncio.gather(asking, gone, return_exceptions=True)
            self._endpoint.hub.leave(self._link)

    async def _load(self, effect: Load) -> None:
        outcomes = await self._outcomes(effect)
        if all(_is_quiet(outcome) for outcome in outcomes) and not self._bell.rung.is_set():
            for topic, _ in effect.wanted:
                self._endpoint.hub.go_live(self._link, topic)
            await self._wait()
            if self.refused is not None:
                return
            outcomes = await self._outcomes(effect)
        for onward in self._session.loaded(effect, outcomes, self._now()):
            if isinstance(onward, Say):
                self._answer = onward.payload

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._hold_s):
                await self._bell.rung.wait()
        except TimeoutError:
            return
        if self.refused is None:
            await asyncio.sleep(GATHER_S)

    def tick(self, _now: float) -> None:
        """Let a second pass: the answer has its own deadline."""

    def _ended(self) -> None:
        self._bell.abort()


def _is_quiet(outcome: Outcome) -> bool:
    return isinstance(outcome, Subscribed) and outcome.recovered and outcome.items == b"[]"


def _body(lines: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": lines, "more_body": more}


async def _no_send(_message: Message) -> None:
    """Readers write through their own writer."""


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
