"""A real uvicorn in the test's own event loop, and real clients of the live protocol."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from realtime.asgi import Credentials, LiveEndpoint, Policy
from realtime.broker import Attendee
from realtime.hub import Hub
from realtime.memory import MemoryBroker
from tests.support.live_log import MemoryLog
from tests.support.live_mirror import JsonDict, Mirror

ORIGIN = "https://cpo.test"


@dataclass(frozen=True, slots=True)
class Person:
    """A principal of tests."""

    id: str
    attendee: Attendee
    expires_in_s: float | None = None


@dataclass(slots=True)
class Guard:
    """Doors of tests: the cookie or token is the person's name; some topics are shut."""

    shut: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    lifetime_s: float | None = None

    async def authenticate(self, credentials: Credentials) -> Person | None:
        """Let in whoever gives a name that is not unknown."""
        name = credentials.token or (credentials.cookie or "").removeprefix("who=")
        if not name or name in self.unknown:
            return None
        return Person(name, Attendee(f"id-{name}", name.title()), self.lifetime_s)

    async def authorise(self, principal: Person, topic: str) -> bool:
        """Refuse the topics that are shut."""
        return topic not in self.shut


class Service:
    """A whole push service: log, hub, doors, endpoint."""

    def __init__(self, log: MemoryLog | None = None, **policy: Any) -> None:
        self.log = log or MemoryLog()
        self.hub = Hub(self.log)
        self.guard = Guard()
        self.broker = MemoryBroker()
        chosen = Policy(origins=frozenset({ORIGIN, "null"}), **policy)
        self.endpoint = LiveEndpoint(self.hub, self.guard, self.broker, chosen)

    def happen(self, topic: str, count: int = 1, size: int = 1) -> None:
        """Commit events and relay them."""
        for _ in range(count):
            self.log.write(topic, **{f"k{self.log.seq % 7}": {"n": self.log.seq, "x": "x" * size}})
        self.log.relay(self.hub)


@asynccontextmanager
async def serve(app: Any, **options: Any) -> AsyncIterator[str]:
    """Serve an ASGI application on a free port; yield its ws:// address."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings: dict[str, Any] = {
        "ws": "websockets-sansio",
        "ws_per_message_deflate": False,
        "ws_ping_interval": None,
        "ws_max_size": 16 * 1024,
        "lifespan": "off",
        "log_config": None,
        "timeout_graceful_shutdown": 1,
    } | options
    server = uvicorn.Server(uvicorn.Config(app, **settings))
    running = asyncio.ensure_future(server.serve(sockets=[listener]))
    while not server.started:
        assert not running.done(), "uvicorn did not start"
        await asyncio.sleep(0)
    try:
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def live(service: Service, **options: Any) -> AsyncIterator[str]:
    """Serve a push service, opened where its log stands."""
    service.hub.open("k3Qz", service.log.seq)
    try:
        async with serve(service.endpoint, **options) as address:
            yield address
    finally:
        service.hub.stop()


async def eventually(holds: Callable[[], object]) -> None:
    """Return as soon as something holds; fail when it does not within five seconds."""
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to hold")


class LiveClient:
    """A client on a real socket, with a mirror that checks every frame."""

    def __init__(self, socket: ClientConnection, mirror: Mirror) -> None:
        self.socket = socket
        self.mirror = mirror
        self._numbers = iter(range(1, 10**6))

    async def command(self, word: str, **body: Any) -> JsonDict:
        """Send a command and return its reply."""
        number = next(self._numbers)
        await self.socket.send(json.dumps({"id": number, word: body}))
        return await self.until(lambda frame: frame.get("id") == number)

    async def connect(self, *topics: str, **body: Any) -> JsonDict:
        """Say `connect`, resuming each topic from what the mirror holds."""
        subs = {topic: self.mirror[topic].position for topic in topics}
        return await self.command("connect", v=1, subs=subs, **body)

    async def until(self, found: Callable[[JsonDict], object]) -> JsonDict:
        """Apply frames until one fits; return it."""
        async with asyncio.timeout(10):
            while True:
                frame = self.mirror.feed(await self.socket.recv())
                if found(frame):
                    return frame

    async def reach(self, topic: str, offset: int) -> None:
        """Apply frames until a topic has reached an offset."""
        if self.mirror[topic].offset < offset:
            await self.until(lambda _: self.mirror[topic].offset >= offset)

    async def closed(self) -> int | None:
        """Apply frames until the end; return the close code, None when the connection was cut."""
        try:
            frame = await self.until(lambda _: False)
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else None
        raise AssertionError(frame)


@asynccontextmanager
async def client(
    address: str,
    mirror: Mirror | None = None,
    *,
    who: str | None = "anna",
    cookie: str | None = None,
    origin: str | None = ORIGIN,
    **options: Any,
) -> AsyncIterator[LiveClient]:
    """Open a socket at `address`/live, with a cookie: a given one, or one that says who."""
    given = cookie or (f"who={who}" if who else None)
    headers = {"Cookie": given} if given else {}
    settings: dict[str, Any] = {"compression": None, "ping_interval": None, "max_size": None}
    if origin is not None:
        settings["origin"] = Origin(origin)
    settings |= options
    async with connect(f"{address}/live", additional_headers=headers, **settings) as socket:
        yield LiveClient(socket, mirror or Mirror())
