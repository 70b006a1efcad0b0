"""How bytes reach a client: straight into the transport if the server lets us, else through ASGI.

Building one frame and giving the same `bytes` object to every transport costs 2 to 3 times less CPU
for each delivery than `await send(...)` a client (`python -m benchmarks.fanout`). It reaches an
attribute that ASGI does not promise, so it is detected by feature, and
`tests/realtime/test_frames.py` fails when an upgrade of uvicorn takes it away. It needs uvicorn's
`websockets-sansio` without permessage-deflate.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any, Protocol

# The one place where ASGI's own loose types enter.
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_TEXT = 0x81  # FIN and opcode 1; a server never masks (RFC 6455, section 5.2)


class Writer(Protocol):
    """Where ready text frames go, without ever waiting."""

    def write(self, frames: bytes) -> None:
        """Take one or more whole text frames."""
        ...

    def buffered(self) -> int:
        """Return the bytes taken and not yet passed to the kernel."""
        ...

    def abort(self) -> None:
        """Drop the connection and all that waits."""
        ...


def text_frame(payload: bytes) -> bytes:
    """Return an unmasked, unfragmented WebSocket text frame."""
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 65536:
        return bytes((_TEXT, 126)) + size.to_bytes(2, "big") + payload
    return bytes((_TEXT, 127)) + size.to_bytes(8, "big") + payload


def header_size(frame: bytes, at: int = 0) -> int:
    """Return how many bytes of the frame that starts at `at` precede its payload."""
    return {126: 4, 127: 10}.get(frame[at + 1], 2)


def payloads(frames: bytes) -> Iterator[bytes]:
    """Yield the payloads of joined frames made by `text_frame`."""
    at = 0
    while at < len(frames):
        head = header_size(frames, at)
        size = frames[at + 1] if head == 2 else int.from_bytes(frames[at + 2 : at + head], "big")
        yield frames[at + head : at + head + size]
        at += head + size


class TransportWriter:
    """The fast path: methods of the transport itself, no Python frame in between."""

    __slots__ = ("abort", "buffered", "write")

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        """Borrow the transport's methods."""
        self.write: Callable[[bytes], None] = transport.write
        self.buffered: Callable[[], int] = transport.get_write_buffer_size
        self.abort: Callable[[], None] = transport.abort


class AsgiWriter:
    """The promised path: a task per connection that drains what waits through `send`."""

    __slots__ = ("_buffered", "_pending", "_send", "_task")

    def __init__(self, send: Send) -> None:
        """Write through an ASGI send callable."""
        self._send = send
        self._pending: deque[bytes] = deque()
        self._buffered = 0
        self._task: asyncio.Task[None] | None = None

    def write(self, frames: bytes) -> None:
        """Queue whole text frames; the hub bounds the queue by `buffered`."""
        self._pending.append(frames)
        self._buffered += len(frames)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._drain())

    def buffered(self) -> int:
        """Return the bytes that `send` has not taken yet."""
        return self._buffered

    def abort(self) -> None:
        """Forget what waits; ASGI has no way to cut a connection that does not read."""
        self._pending.clear()
        self._buffered = 0
        if self._task is not None:
            self._task.cancel()

    async def _drain(self) -> None:
        try:
            while self._pending:
                frames = self._pending.popleft()
                for payload in payloads(frames):
                    await self._send({"type": "websocket.send", "text": payload.decode()})
                self._buffered -= len(frames)
        except (OSError, RuntimeError):  # the client left: servers say it in either way
            self._pending.clear()
        finally:
            self._task = None


def writer_for(send: Send) -> Writer:
    """Return the fastest writer that this server's `send` allows."""
    server = getattr(send, "__self__", None)
    transport: Any = getattr(server, "transport", None)
    agreed = getattr(getattr(server, "conn", None), "extensions", None)
    methods = ("write", "get_write_buffer_size", "abort")
    if agreed == [] and all(callable(getattr(transport, name, None)) for name in methods):
        return TransportWriter(transport)
    return AsgiWriter(send)
