"""Hundreds or thousands of screens that follow one topic on real sockets and always come back.

Each checks every frame it gets; afterwards each is judged against the log, because a service that
forgot to replay could hide the loss from a client that believes its answers.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from tests.support.live_mirror import JsonDict, Mirror, TopicMirror
from tests.support.live_stream import following

LOST = (OSError, WebSocketException, httpx.HTTPError, StopAsyncIteration, TimeoutError)
OPEN_S = 20.0
SOCKETS_PER_ADDRESS = 150
"""Below what the service allows one address; loopback has many."""


@dataclass(slots=True)
class Ledger(TopicMirror):
    """What a screen holds of its topic, without the values: the order is judged, memory is saved.

    Attributes:
        pictures: Offsets of the snapshots it was given; `applied` goes on from each.
        resumed: How often it went on without a snapshot.
    """

    pictures: list[int] = field(default_factory=list)
    resumed: int = 0

    def answer(self, body: JsonDict) -> None:
        """Take the reply to a subscribe."""
        if body["recovered"]:
            self.resumed += 1
            TopicMirror.answer(self, body)
        else:
            TopicMirror.answer(self, {**body, "snapshot": []})
            self.pictures.append(self.offset)

    def push(self, publication: JsonDict) -> None:
        """Take a publication."""
        TopicMirror.push(self, {**publication, "data": None, "also": ()})


def faults(held: Ledger, shown: Iterable[int], until: int) -> list[str]:
    """Return what is wrong with what a screen was told, in words; empty when all is well.

    Args:
        held: What the screen held.
        shown: Offsets that the log has for its topic.
        until: The screen must have come to this offset.
    """
    told = [f"stopped at {held.offset} of {until}"] if held.offset < until else []
    if held.applied != sorted(set(held.applied)):
        told.append("doubled or out of order")
    first = held.pictures[0] if held.pictures else 0
    due = {offset for offset in shown if first < offset <= until}
    # A later snapshot stands for what came before it.
    lost = {n for n in due - set(held.applied) if not _within_a_leap(n, held)}
    told += [f"lost: {sorted(lost)[:5]}"] if lost else []
    made_up = set(held.applied) - set(shown)
    return told + ([f"made up: {sorted(made_up)[:5]}"] if made_up else [])


def _within_a_leap(offset: int, held: Ledger) -> bool:
    """Whether a later snapshot covers an offset that was never applied."""
    return any(
        max((n for n in held.applied if n <= picture), default=0) < offset <= picture
        for picture in held.pictures[1:]
    )


class Screen:
    """One client: a socket, or a stream of server-sent events."""

    def __init__(self, crowd: "Crowd", number: int) -> None:
        self.mirror = Mirror()
        self.mirror.topics[crowd.topic] = self.held = Ledger()
        self.failure: str | None = None
        self.refusals = 0
        self._crowd = crowd
        self._number = number
        self._chance = Random(number)
        self._socket: ClientConnection | None = None

    async def run(self) -> None:
        """Follow for ever, until something unbelievable is told."""
        failures = 0
        while self.failure is None:
            before = self.held.offset
            try:
                if self._number % 10 < self._crowd.streams_in_ten:
                    await self._stream()
                else:
                    await self._connect()
            except AssertionError as lie:
                self.failure = str(lie)
            except LOST:
                self.refusals += 1
            failures = 0 if self.held.offset > before else failures + 1
            # As the browsers do (live-retry.ts).
            await asyncio.sleep(self._chance.uniform(0, min(20.0, 0.5 * 2.0**failures)))

    @property
    def welcomes(self) -> int:
        """How often it was let in and answered."""
        return self.held.resumed + len(self.held.pictures)

    def cut(self) -> None:
        """Lose the connection without a word."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def _connect(self) -> None:
        crowd = self._crowd
        address = f"127.0.0.{2 + self._number // SOCKETS_PER_ADDRESS}"
        async with connect(
            f"ws://127.0.0.1:{crowd.port}/api/v1/live",
            origin=Origin(f"http://127.0.0.1:{crowd.port}"),
            additional_headers={"Cookie": crowd.cookie(self._number)},
            local_addr=(address, 0),
            compression=None,
            ping_interval=None,
            max_size=None,
            open_timeout=OPEN_S,
            close_timeout=1,
        ) as self._socket:
            await self._follow(self._socket)

    async def _follow(self, socket: ClientConnection) -> None:
        topic = self._crowd.topic
        hello = {"v": 1, "name": "crowd", "subs": {topic: self.held.position}}
        await socket.send(json.dumps({"id": 1, "connect": hello}))
        while True:
            frame = self.mirror.feed(await socket.recv())
            if not frame:
                await socket.send("{}")
            elif "resync" in frame:
                await socket.send(json.dumps({"id": 2, "subscribe": {"topic": topic}}))

    async def _stream(self) -> None:
        crowd, held = self._crowd, self.held
        last_id = f"{crowd.topic}@{held.epoch}:{held.offset}" if held.offset >= 0 else ""
        url = f"http://127.0.0.1:{crowd.port}"
        cookies = {"Cookie": crowd.cookie(self._number)}
        async with (
            httpx.AsyncClient(base_url=url, headers=cookies, timeout=OPEN_S * 2) as http,
            following(
                http, "/api/v1/live/sse", self.mirror, topic=crowd.topic, last_id=last_id
            ) as events,
        ):
            while True:
                await events.frame()


class Crowd:
    """Screens of the same topic; use as an async context."""

    def __init__(
        self, port: int, cookies: Sequence[str], topic: str, size: int, streams_in_ten: int = 0
    ) -> None:
        """Prepare.

        Args:
            port: Where the service listens.
            cookies: Sessions, shared out among the screens.
            topic: What they follow.
            size: How many screens.
            streams_in_ten: How many of ten screens follow by server-sent events.
        """
        self.port = port
        self.topic = topic
        self.streams_in_ten = streams_in_ten
        self.screens = [Screen(self, number) for number in range(size)]
        self._cookies = cookies
        self._tasks: list[asyncio.Task[None]] = []

    def cookie(self, number: int) -> str:
        """Return the session of a screen."""
        return self._cookies[number % len(self._cookies)]

    async def __aenter__(self) -> "Crowd":
        """Begin to follow."""
        self._tasks = [asyncio.create_task(screen.run()) for screen in self.screens]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Cut every socket in the same instant."""
        for screen in self.screens:
            screen.cut()

    async def reach(self, offset: int, within_s: float) -> None:
        """Wait until every screen has reached an offset."""
        async with asyncio.timeout(within_s):
            while self._is_behind(offset):  # noqa: ASYNC110 - thousands of screens tell nobody
                await asyncio.sleep(0.05)

    async def welcomed(self, times: int, within_s: float) -> None:
        """Wait until every screen has been let in and answered so many times."""
        async with asyncio.timeout(within_s):
            while any(  # noqa: ASYNC110 - as above
                one.welcomes < times and one.failure is None for one in self.screens
            ):
                await asyncio.sleep(0.05)

    def _is_behind(self, offset: int) -> bool:
        return any(one.held.offset < offset and one.failure is None for one in self.screens)

    def faults(self, shown: Iterable[int], until: int) -> dict[int, list[str]]:
        """Return what is wrong, by screen; empty when nothing is."""
        known = set(shown)
        found = {
            number: [*faults(one.held, known, until), *filter(None, [one.failure])]
            for number, one in enumerate(self.screens)
        }
        return {number: wrong for number, wrong in found.items() if wrong}
