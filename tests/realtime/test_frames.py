"""The fast path exists behind this uvicorn, is left when it must be, and says the same thing."""

import asyncio
import json

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from realtime.frames import (
    AsgiWriter,
    Message,
    Send,
    TransportWriter,
    Writer,
    payloads,
    text_frame,
    writer_for,
)
from tests.support.live_server import serve

GONE = (
    "uvicorn no longer lets realtime/frames.py reach its transport: every delivery now costs two "
    "to three times the CPU. Find the new way to it, or pin uvicorn."
)


@given(st.integers(0, 70_000))
def test_a_frame_is_what_the_websockets_library_would_send(size):
    payload = b"x" * size
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)


@given(st.lists(st.binary(max_size=300) | st.just(b"y" * 70_000), max_size=5))
def test_joined_frames_come_apart_again(parts):
    assert list(payloads(b"".join(map(text_frame, parts)))) == parts


class Probe:
    """An application that notes which writer it gets and says hello through it."""

    def __init__(self) -> None:
        self.writer: Writer | None = None

    async def __call__(self, scope, receive, send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.writer = writer_for(send)
        self.writer.write(text_frame(b'{"hello":1}') + text_frame(b'{"hello":2}'))
        while (await receive())["type"] == "websocket.receive":
            pass


async def _hello(probe: Probe, app=None, **options: object) -> list[object]:
    compression = "deflate" if options.get("ws_per_message_deflate") else None
    async with (
        serve(app or probe, **options) as address,
        connect(address, compression=compression) as socket,
    ):
        return [json.loads(await socket.recv()) for _ in range(2)]


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_the_fast_path_is_there_and_works(loop):
    probe = Probe()
    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(_hello(probe)) == [{"hello": 1}, {"hello": 2}]
    assert isinstance(probe.writer, TransportWriter), GONE


async def test_the_fast_path_survives_a_framework_around_it_when_mounted_in_front():
    probe = Probe()

    class InFront:
        def __init__(self, app) -> None:
            self.app = app

        async def __call__(self, scope, receive, send) -> None:
            await (probe if scope["type"] == "websocket" else self.app)(scope, receive, send)

    app = Starlette()
    app.add_middleware(InFront)
    assert await _hello(probe, app) == [{"hello": 1}, {"hello": 2}]
    assert isinstance(probe.writer, TransportWriter), GONE


async def test_a_connection_that_agreed_on_compression_goes_through_send():
    probe = Probe()
    assert await _hello(probe, ws_per_message_deflate=True) == [{"hello": 1}, {"hello": 2}]
    assert isinstance(probe.writer, AsgiWriter)


async def test_another_protocol_implementation_goes_through_send():
    probe = Probe()

    async def wrapped(scope, receive, send) -> None:
        async def outer(message: Message) -> None:
            await send(message)

        await probe(scope, receive, outer)

    assert await _hello(probe, wrapped) == [{"hello": 1}, {"hello": 2}]
    assert isinstance(probe.writer, AsgiWriter)


class Gate:
    """A `send` that waits until it is opened, or fails."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.sent: list[str] = []
        self.failure: Exception | None = None

    @property
    def send(self) -> Send:
        async def send(message: Message) -> None:
            await self.open.wait()
            if self.failure:
                raise self.failure
            self.sent.append(message["text"])

        return send


async def _let_run() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_slow_path_counts_what_waits():
    gate = Gate()
    writer = AsgiWriter(gate.send)
    writer.write(text_frame(b"{}"))
    writer.write(text_frame(b'{"a":1}'))
    await _let_run()
    assert writer.buffered() == len(text_frame(b"{}")) + len(text_frame(b'{"a":1}'))
    gate.open.set()
    await _let_run()
    assert gate.sent == ["{}", '{"a":1}']
    assert writer.buffered() == 0


@pytest.mark.parametrize("failure", [OSError("gone"), RuntimeError("gone")])
async def test_the_slow_path_outlives_a_client_that_left(failure):
    gate = Gate()
    gate.failure = failure
    gate.open.set()
    writer = AsgiWriter(gate.send)
    writer.write(text_frame(b"{}"))
    await _let_run()
    writer.write(text_frame(b"{}"))
    await _let_run()
    assert gate.sent == []


async def test_an_aborted_slow_path_forgets_what_waits():
    gate = Gate()
    writer = AsgiWriter(gate.send)
    writer.write(text_frame(b"{}"))
    await _let_run()
    writer.abort()
    gate.open.set()
    await _let_run()
    assert gate.sent == []
    assert writer.buffered() == 0
