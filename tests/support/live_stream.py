"""A reader of server-sent events that keeps to the standard and believes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.support.live_mirror import JsonDict, Mirror


class EventReader:
    """An open stream; its mirror fails on a hole, a double or disorder.

    Attributes:
        last_id: What a browser would send as `Last-Event-ID`.
        retry_ms: What the service asked browsers to wait.
    """

    def __init__(self, answer: httpx.Response, mirror: Mirror) -> None:
        self.answer = answer
        self.mirror = mirror
        self.last_id = ""
        self.retry_ms = 0
        self._lines = answer.aiter_lines()
        self._data: list[str] = []

    async def frame(self) -> JsonDict:
        """Return the next frame, applied; raises StopAsyncIteration at the end."""
        while (frame := await self._line()) is None:
            pass
        return frame

    async def _line(self) -> JsonDict | None:
        """Take one line; return the frame that it completes, applied."""
        line = await anext(self._lines)
        name, _, value = line.partition(": ")
        if name == "data":
            self._data.append(value)
        elif name == "id":
            self.last_id = value
        elif name == "retry":
            self.retry_ms = int(value)
        elif not line and self._data:
            text, self._data = "\n".join(self._data), []
            return self.mirror.feed(text)
        return None

    async def until(self, found: Callable[[JsonDict], object]) -> JsonDict:
        """Apply frames until one fits; return it."""
        async with asyncio.timeout(10):
            while not found(frame := await self.frame()):
                pass
            return frame

    async def reach(self, topic: str, offset: int) -> None:
        """Apply frames, and the place after them, until a topic has reached an offset."""
        async with asyncio.timeout(10):
            while self.mirror[topic].offset < offset or self.place(topic) < offset:
                await self._line()

    def place(self, topic: str) -> int:
        """Return the offset of a topic in the last id; -1 when it is not there."""
        places = dict(part.split("@") for part in self.last_id.split(",") if part)
        return int(places.get(topic, ":-1").rpartition(":")[2])

    async def ended(self) -> JsonDict | None:
        """Read to the end; return what the service said on parting, if anything."""
        async with asyncio.timeout(10):
            try:
                while True:
                    await self.frame()
            except StopAsyncIteration:
                return self.mirror.disconnect


@asynccontextmanager
async def following(
    http: httpx.AsyncClient,
    path: str,
    mirror: Mirror | None = None,
    *,
    last_id: str = "",
    **params: Any,
) -> AsyncIterator[EventReader]:
    """Open a stream, resuming from an id."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with http.stream("GET", path, params=params, headers=headers) as answer:
        if answer.status_code != 200:
            await answer.aread()
        yield EventReader(answer, mirror or Mirror())


def answered(answer: httpx.Response, mirror: Mirror) -> JsonDict:
    """Apply the answer of a long-poll to a mirror; return its topics."""
    assert answer.status_code == 200, answer.text
    subs: JsonDict = mirror.feed(answer.content)["connect"]["subs"]
    return subs


def since(mirror: Mirror, *topics: str) -> str:
    """Return the positions a mirror holds as a stream takes them."""
    held = [(topic, mirror[topic]) for topic in topics]
    return ",".join(f"{topic}@{at.epoch}:{at.offset}" for topic, at in held if at.offset >= 0)
