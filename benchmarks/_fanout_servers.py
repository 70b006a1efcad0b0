"""The servers that `fanout.py` compares: ours with every guarantee on, and the usual FastAPI loop,
tuned as ours is (`naive`) and as `uvicorn` runs it when nobody sets anything (`default`).

Each prints its port, then waits for `go RATE SECONDS` on its standard input and publishes that many
events of 400 bytes a second. Inside is the instant at which the event was due, so a server that
falls behind cannot hide it.
"""

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic_ns
from typing import Any

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from realtime.asgi import Credentials, LiveEndpoint, Policy
from realtime.broker import Attendee
from realtime.hub import Hub
from realtime.memory import MemoryBroker
from realtime.protocol import Item, Publication, Snapshot

TOPIC = "board:bench"
SIZE = 400

Publish = Callable[[int, int], Awaitable[None]]


NOBODY = Attendee("", "")


@dataclass(frozen=True, slots=True)
class Somebody:
    """Whoever gives a token."""

    id: str
    attendee: Attendee = NOBODY
    expires_in_s: float | None = None


class OpenDoors:
    """Doors that ask, and let in."""

    async def authenticate(self, credentials: Credentials) -> Somebody | None:
        """Return the token's holder."""
        return Somebody(credentials.token) if credentials.token else None

    async def authorise(self, principal: Somebody, topic: str) -> bool:
        """Return whether the topic is the one measured."""
        return topic == TOPIC


class EmptyLog:
    """A log without a past."""

    async def snapshot(self, topic: str) -> Snapshot:
        """Return one key."""
        return Snapshot(0, [Item("incident:1", 0, {"state": "received"})])

    async def history(self, topic: str, after: int, limit: int) -> list[Publication] | None:
        """Return that there is none."""
        return None


def ours() -> tuple[Any, Publish]:
    """Return our endpoint, and how to publish event `n` through its hub."""
    hub = Hub(EmptyLog())
    policy = Policy(frozenset(), per_address=10**6, handshakes_per_s=10**6)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if not hub.accepting:
            hub.open("bench", 0)
        await endpoint(scope, receive, send)

    endpoint = LiveEndpoint(hub, OpenDoors(), MemoryBroker(), policy)

    async def publish(number: int, due_ns: int) -> None:
        data: dict[str, object] = {"t": due_ns, "pad": "x" * (SIZE - 190)}
        hub.publish(
            TOPIC,
            Publication(
                offset=number,
                id="018f2f60-7e3c-7cc1-8000-000000000000",
                type="incident.moved",
                key="incident:1",
                ver=number,
                at="2026-11-22T08:00:00Z",
                data=data,
            ),
        )

    return app, publish


def naive() -> tuple[Any, Publish]:
    """Return what most people write: a set of sockets and a loop of `send_text`."""
    app = FastAPI()
    sockets: set[WebSocket] = set()

    @app.websocket("/live")
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        sockets.add(websocket)
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            sockets.discard(websocket)

    async def publish(number: int, due_ns: int) -> None:
        text = json.dumps(
            {"n": number, "t": due_ns, "pad": "x" * (SIZE - 45)}, separators=(",", ":")
        )
        for websocket in list(sockets):
            with suppress(WebSocketDisconnect, RuntimeError):
                await websocket.send_text(text)

    return app, publish


async def _publish_all(publish: Publish, rate: float, seconds: float) -> None:
    begin_ns = monotonic_ns()
    for number in range(1, int(rate * seconds) + 1):
        due_ns = begin_ns + int(number * 1e9 / rate)
        await asyncio.sleep(max(0.0, (due_ns - monotonic_ns()) / 1e9))
        await publish(number, due_ns)


async def _serve(kind: str) -> None:
    app, publish = ours() if kind == "ours" else naive()
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    tuned: dict[str, Any] = {
        "ws": "websockets-sansio",
        "ws_per_message_deflate": False,
        "ws_ping_interval": None,
    }
    settings = {} if kind == "default" else tuned
    config = uvicorn.Config(app, lifespan="off", log_level="error", **settings)
    serving = asyncio.ensure_future(uvicorn.Server(config).serve(sockets=[listener]))
    print(listener.getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    order = await loop.run_in_executor(None, sys.stdin.readline)
    _, rate, seconds = order.split()
    await _publish_all(publish, float(rate), float(seconds))
    print("done", flush=True)
    await serving


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(sys.argv[1]))
