"""The endpoint on bare ASGI, without a server: what real servers seldom do."""

import asyncio
import json
from typing import Any

import pytest

from realtime import asgi
from realtime.asgi import Credentials
from tests.support.live_server import ORIGIN, Guard, Person, Service, eventually

TOPIC = "board:cd19"
CONNECT = json.dumps({"id": 1, "connect": {"v": 1, "token": "anna", "subs": {TOPIC: {}}}})


class Wire:
    """A websocket as an ASGI server presents it; `stuck` makes `send` wait for ever."""

    def __init__(self, service: Service, *headers: tuple[bytes, bytes], **scope: Any) -> None:
        self.sent: list[dict[str, Any]] = []
        self.stuck = False
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._scope = {"type": "websocket", "headers": list(headers), **scope}
        service.hub.open("k", service.log.seq)
        self.task = asyncio.ensure_future(service.endpoint(self._scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        return await self._inbox.get()

    async def _send(self, message: Any) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        self.sent.append(message)

    def say(self, text: str) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", "text": text})

    async def leave(self) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await self.task

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.sent]


@pytest.fixture
def service() -> Service:
    return Service()


async def test_a_session_works_without_a_transport_to_reach(service):
    wire = Wire(service, (b"origin", ORIGIN.encode()), client=("192.0.2.7", 5))
    wire.say(CONNECT)
    await eventually(lambda: "websocket.send" in wire.kinds)
    service.happen(TOPIC)
    await eventually(lambda: wire.kinds.count("websocket.send") == 2)
    assert json.loads(wire.sent[-1]["text"])["pub"]["offset"] == 1
    await wire.leave()
    assert service.hub.stats().connections == 0


async def test_two_origins_are_none_of_ours(service):
    wire = Wire(service, (b"origin", ORIGIN.encode()), (b"origin", ORIGIN.encode()))
    await wire.task
    assert wire.kinds == ["websocket.close"]


async def test_a_server_that_cannot_refuse_politely_refuses(service):
    wire = Wire(service)
    service.hub.accepting = False
    await wire.task
    assert wire.kinds == ["websocket.close"]


async def test_a_close_that_cannot_be_said_ends_in_a_cut(service, monkeypatch):
    monkeypatch.setattr(asgi, "FAREWELL_S", 0.01)
    wire = Wire(service)
    wire.say(CONNECT)
    await eventually(lambda: "websocket.send" in wire.kinds)
    wire.stuck = True
    service.hub.close_principal("anna")
    await eventually(lambda: not service.endpoint._farewells)
    assert service.hub.stats().connections == 0
    await wire.leave()


async def test_a_topic_that_takes_too_long_is_refused_for_now(monkeypatch):
    class Slow(Guard):
        async def authorise(self, principal: Person, topic: str) -> bool:
            await asyncio.Event().wait()
            return True

    monkeypatch.setattr(asgi, "LOAD_S", 0.01)
    service = Service()
    service.endpoint.doors = Slow()
    wire = Wire(service)
    wire.say(CONNECT)
    await eventually(lambda: "websocket.send" in wire.kinds)
    error = json.loads(wire.sent[-1]["text"])["connect"]["subs"][TOPIC]["error"]
    assert error == {"code": 108, "message": "took too long", "temporary": True}
    await wire.leave()


async def test_a_client_that_is_sent_away_while_it_says_who_it_is_gets_nothing(service):
    asked = asyncio.Event()
    answer = asyncio.Event()

    class Slow(Guard):
        async def authenticate(self, credentials: Credentials) -> Person | None:
            asked.set()
            await answer.wait()
            return await super().authenticate(credentials)

    service.endpoint.doors = Slow()
    wire = Wire(service)
    wire.say(CONNECT)
    await asked.wait()
    service.hub.stop()
    answer.set()
    wire.say("{}")
    await wire.leave()
    assert wire.kinds == ["websocket.accept"]
    assert service.hub._principals == {}
