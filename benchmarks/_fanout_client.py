"""The load of `fanout.py`: thousands of sockets that check every frame they get.

Prints `ready` when all are connected, and on `stop` one JSON line: deliveries, holes, doubles, and
the latency from the instant an event was due to its reading.
"""

import asyncio
import json
import re
import sys
import zlib
from time import monotonic_ns

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks._fanout_servers import TOPIC

AT_ONCE = 50

# Number, previous number, instant due: three times as fast as decoding the JSON, and the client's
# core is the first to run out.
OURS = re.compile(rb'"offset":(\d+),"prev":(\d+).*?"t":(\d+)')
PLAIN = re.compile(rb'"n":(\d+)(),"t":(\d+)')

# What every browser offers; where the server takes it, each message is compressed for each socket.
COMPRESSION = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
TAIL = b"\x00\x00\xff\xff"


class Count:
    """What all clients saw."""

    def __init__(self) -> None:
        self.delivered = 0
        self.gaps = 0
        self.doubles = 0
        self.ms: list[float] = []


class Client(WSListener):  # type: ignore[misc]
    """One socket."""

    def __init__(self, number: int, count: Count, kind: str) -> None:
        self._number = number
        self._count = count
        self._kind = kind
        self._live = kind == "ours"
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS).decompress
        self._last = 0
        self._shape = OURS if self._live else PLAIN
        self.ready = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Say who one is, if the server wants to know."""
        if not self._live:
            if self._kind != "socket.io":
                self.ready.set_result(None)
            return
        body = {"v": 1, "token": f"p{self._number}", "subs": {TOPIC: {}}}
        transport.send(WSMsgType.TEXT, json.dumps({"id": 1, "connect": body}).encode())

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Check the order, note the latency."""
        now = monotonic_ns()
        body = frame.get_payload_as_bytes()
        if frame.rsv1:
            body = self._inflate(body + TAIL)
        if b'"pad"' in body:
            self._event(body, now)
        elif body == b"{}":
            transport.send(WSMsgType.TEXT, b"{}")
        elif self._kind == "socket.io" and body[:2] != b"40":
            # Engine.io: "0" opens, "2" pings.
            transport.send(WSMsgType.TEXT, b"40" if body[:1] == b"0" else b"3")
        elif not self.ready.done():
            self.ready.set_result(None)

    def _event(self, body: bytes, now: int) -> None:
        found = self._shape.search(body)
        if found is None:
            raise ValueError(body)
        number, previous, sent = (int(group or 0) for group in found.groups())
        if not self._live:
            previous = number - 1
        count = self._count
        count.gaps += previous > self._last
        count.doubles += number <= self._last
        self._last = number
        count.delivered += 1
        count.ms.append((now - sent) / 1e6)


async def _connect(url: str, number: int, count: Count, kind: str, gate: asyncio.Semaphore) -> None:
    async with gate:
        _, client = await ws_connect(
            lambda: Client(number, count, kind),
            url,
            websocket_handshake_timeout=60,
            extra_headers=COMPRESSION if kind == "default" else None,
        )
        await client.ready


async def load(port: int, clients: int, kind: str) -> None:
    """Connect, wait for `stop`, report."""
    count, gate = Count(), asyncio.Semaphore(AT_ONCE)
    path = "socket.io/?EIO=4&transport=websocket" if kind == "socket.io" else "live"
    url = f"ws://127.0.0.1:{port}/{path}"
    await asyncio.gather(*(_connect(url, n, count, kind, gate) for n in range(clients)))
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    ordered = sorted(count.ms) or [0.0]
    print(
        json.dumps(
            {
                "delivered": count.delivered,
                "gaps": count.gaps,
                "doubles": count.doubles,
                "p50_ms": round(ordered[len(ordered) // 2], 1),
                "p99_ms": round(ordered[int(len(ordered) * 0.99)], 1),
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    port, clients, kind = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(load(int(port), int(clients), kind))
