"""The screens of `end_to_end.py`: sockets on the board that check every frame they get.

Orders on standard input: `again` cuts all and resumes from the positions held, `stop` prints one
JSON line. Of every tenth socket it notes when an incident was first seen.
"""

import asyncio
import json
import re
import sys
from contextlib import suppress
from time import monotonic_ns

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from picows.common import WSError

AT_ONCE = 50
PER_ADDRESS = 150
SAMPLED = 10
PUBLICATION = re.compile(rb'"pub":\{"offset":(\d+),"prev":(\d+)')
OPENED = re.compile(rb'"type":"incident\.opened","key":"incident:([0-9a-f-]+)"')
ANSWER = re.compile(
    rb'"epoch":"([^"]+)","offset":(\d+),"was_recovering":(?:true|false),"recovered":(true|false)'
)


class Seen:
    """What all sockets saw."""

    def __init__(self) -> None:
        self.delivered = 0
        self.frames = 0
        self.gaps = 0
        self.doubles = 0
        self.snapshots = 0
        self.resumed = 0
        self.first_ns: dict[str, list[int]] = {}


class Screen(WSListener):  # type: ignore[misc]
    """One socket; outlives its connections."""

    def __init__(self, number: int, topic: str, seen: Seen) -> None:
        self.number = number
        self.topic = topic
        self.seen = seen
        self.epoch = ""
        self.offset = 0
        self.transport: WSTransport | None = None
        self.ready = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Say what is wanted, and from where."""
        self.transport = transport
        held = {"epoch": self.epoch, "offset": self.offset} if self.epoch else {}
        hello = {"v": 1, "name": "bench", "subs": {self.topic: held}}
        transport.send(WSMsgType.TEXT, json.dumps({"id": 1, "connect": hello}).encode())

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Check the order, note the instant."""
        body = frame.get_payload_as_bytes()
        found = PUBLICATION.search(body, 0, 200)
        if found is not None and not body.startswith(b'{"id"'):
            self._publication(body, int(found[1]), int(found[2]))
        elif body == b"{}":
            transport.send(WSMsgType.TEXT, b"{}")
        elif (answer := ANSWER.search(body)) is not None:
            self.epoch, self.offset = answer[1].decode(), int(answer[2])
            recovered = answer[3] == b"true"
            self.seen.resumed += recovered
            self.seen.snapshots += not recovered
            self.ready.set_result(None)

    def _publication(self, body: bytes, offset: int, previous: int) -> None:
        seen = self.seen
        seen.gaps += previous > self.offset
        seen.doubles += offset <= self.offset
        self.offset = offset
        seen.delivered += 1
        if self.number % SAMPLED == 0 and (opened := OPENED.search(body, 0, 300)) is not None:
            seen.first_ns.setdefault(opened[1].decode(), []).append(monotonic_ns())


async def _open(url: str, screen: Screen, cookie: str, gate: asyncio.Semaphore) -> None:
    origin = url.replace("ws", "http", 1).partition("/api")[0]
    screen.ready = asyncio.get_running_loop().create_future()
    async with gate:
        while not screen.ready.done():
            try:
                await ws_connect(
                    lambda: screen,
                    url,
                    websocket_handshake_timeout=60,
                    extra_headers={"Cookie": cookie, "Origin": origin},
                    local_addr=(f"127.0.0.{2 + screen.number // PER_ADDRESS}", 0),
                )
                await screen.ready
            except WSError:  # 503: no room at the moment
                await asyncio.sleep(1)


async def main(port: int, clients: int, topic: str, cookies: list[str]) -> None:
    """Connect, obey, report."""
    seen, gate = Seen(), asyncio.Semaphore(AT_ONCE)
    url = f"ws://127.0.0.1:{port}/api/v1/live"
    screens = [Screen(number, topic, seen) for number in range(clients)]

    async def connect_all() -> None:
        opening = (_open(url, one, cookies[one.number % len(cookies)], gate) for one in screens)
        await asyncio.gather(*opening)
        print("ready", flush=True)

    await connect_all()
    loop = asyncio.get_running_loop()
    while (order := (await loop.run_in_executor(None, sys.stdin.readline)).strip()) != "stop":
        if order == "again":
            for screen in screens:
                with suppress(AttributeError):
                    screen.transport.disconnect()
            await asyncio.sleep(2)
            await connect_all()
    figures = {name: getattr(seen, name) for name in vars(seen)}
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    said = json.loads(sys.stdin.readline())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(said["port"], said["clients"], said["topic"], said["cookies"]))
