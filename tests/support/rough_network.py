"""A network that misbehaves on purpose: a relay on loopback that delays, trickles, hangs or cuts
what passes.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

Mood = Literal["calm", "slow", "trickle", "silent"]

SLOW_S = 0.05
CHUNK = 64 * 1024


class RoughNetwork:
    """Relays a port to another, or to a Unix socket, in its own thread.

    Attributes:
        port: Where clients connect.
        mood: `calm` passes everything, `slow` delays each piece, `trickle` passes small pieces,
            `silent` keeps connections open and passes nothing (half-open).
    """

    def __init__(self, target: int | Path, port: int = 0) -> None:
        """Prepare a relay to a port or socket of this machine, on a given port or on any."""
        self.port = port
        self.mood: Mood = "calm"
        self.passed = 0
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Begin to relay."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)

    def cut(self) -> None:
        """Reset every connection."""
        self._loop.call_soon_threadsafe(self._abort)

    def stop(self) -> None:
        """End every connection and the relay."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _relay(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            far, onward = await self._reach()
        except OSError:
            back.transport.abort()
            self._tasks.discard(task)
            return
        self._writers |= {back, onward}
        ways = [
            asyncio.create_task(self._pass(near, onward)),
            asyncio.create_task(self._pass(far, back)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for writer in (back, onward):
                writer.transport.abort()
                self._writers.discard(writer)
            self._tasks.discard(task)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, Path):
            return await asyncio.open_unix_connection(self._target)
        return await asyncio.open_connection("127.0.0.1", self._target)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(CHUNK if self.mood != "trickle" else 16):
                while self.mood == "silent":  # noqa: ASYNC110 - set from another thread
                    await asyncio.sleep(SLOW_S)
                if self.mood != "calm":
                    await asyncio.sleep(SLOW_S if self.mood == "slow" else 0.001)
                target.write(piece)
                await target.drain()
                self.passed += len(piece)

    def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _end(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextlib.contextmanager
def rough_network(target: int | Path, port: int = 0) -> Iterator[RoughNetwork]:
    """Run a relay for the time of the block."""
    relay = RoughNetwork(target, port)
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()
