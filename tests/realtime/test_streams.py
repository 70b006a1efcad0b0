"""Topics without a socket: the same frames from the same rings, by events or waiting answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.broker import Attendee
from realtime.fanout import Pace
from realtime.history import Depth
from realtime.hub import Hub
from realtime.protocol import CloseCode, Position
from realtime.streams import Poll, RefusedError, Stream, positions_of, positions_text
from tests.support.live_log import MemoryLog
from tests.support.live_mirror import Mirror
from tests.support.live_server import Person, Service, client, eventually, serve
from tests.support.live_stream import answered, following, since

TOPIC = "board:cd19"
CREW = "crew:7"


class StreamApp:
    """The socket at its path, and both readers at theirs, as plain ASGI; `?who=` is the person."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        endpoint = self.service.endpoint
        if scope["type"] == "websocket":
            await endpoint(scope, receive, send)
            return
        asked = parse_qs(scope["query_string"].decode())
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        name = asked.get("who", ["anna"])[0]
        person = Person(name, Attendee(name, name), self.service.guard.lifetime_s)
        held = positions_of(headers.get("last-event-id") or asked.get("since", [""])[0])
        try:
            if scope["path"] == "/sse":
                stream = Stream(endpoint, person, "192.0.2.9")
                await stream.open(asked["topic"], held, "sse")
                await stream.serve(receive, send)
                return
            hold_s = float(asked.get("timeout", ["5"])[0])
            poll = Poll(endpoint, person, "192.0.2.9")
            body, status = await poll.answer(asked["topic"], held, hold_s, receive), 200
        except RefusedError as refusal:
            body, status = str(int(refusal.code)).encode(), 403
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def open_to(service: Service, epoch: str = "k3Qz") -> AsyncIterator[httpx.AsyncClient]:
    service.hub.open(epoch, service.log.seq)
    try:
        async with serve(StreamApp(service)) as address:
            url = address.replace("ws", "http", 1)
            async with httpx.AsyncClient(base_url=url, timeout=20) as http:
                http.headers["x-socket"] = address
                yield http
    finally:
        service.hub.stop()


@pytest.fixture
def service() -> Service:
    return Service()


# -- events


async def test_events_bring_a_snapshot_and_then_what_happens(service: Service) -> None:
    service.happen(TOPIC, 3)
    async with open_to(service) as http, following(http, "/sse", topic=TOPIC) as events:
        assert events.answer.headers["content-type"].startswith("text/event-stream")
        assert events.answer.headers["x-accel-buffering"] == "no"
        first = await events.frame()
        assert len(first["connect"]["subs"][TOPIC]["snapshot"]) == 3
        service.happen(TOPIC, 5)
        await events.reach(TOPIC, 8)
        assert events.mirror[TOPIC].applied == [4, 5, 6, 7, 8]
        assert events.last_id == f"{TOPIC}@k3Qz:8"


async def test_the_last_event_id_resumes_after_a_restart_of_the_process(service: Service) -> None:
    mirror = Mirror()
    service.happen(TOPIC, 2)
    async with open_to(service) as http, following(http, "/sse", mirror, topic=TOPIC) as events:
        service.happen(TOPIC, 2)
        await events.reach(TOPIC, 4)
        last_id = events.last_id
    again = Service(service.log)
    service.log.write(TOPIC, k1={"n": 99})
    async with (
        open_to(again) as http,
        following(http, "/sse", mirror, topic=TOPIC, last_id=last_id) as events,
    ):
        first = await events.frame()
        assert first["connect"]["subs"][TOPIC]["recovered"]
    assert mirror[TOPIC].applied == [3, 4, 5]
    assert mirror[TOPIC].snapshots == 1


async def test_several_topics_share_a_stream_and_each_keeps_its_place(service: Service) -> None:
    mirror = Mirror()
    async with open_to(service) as http:
        async with following(http, "/sse", mirror, topic=[TOPIC, CREW]) as events:
            await events.frame()
            service.happen(TOPIC, 2)
            service.happen(CREW, 1)
            await events.reach(TOPIC, 2)
            await events.reach(CREW, 3)
            assert positions_of(events.last_id) == {
                TOPIC: Position("k3Qz", 2),
                CREW: Position("k3Qz", 3),
            }
            last_id = events.last_id
        service.happen(CREW, 1)
        async with following(http, "/sse", mirror, topic=[TOPIC, CREW], last_id=last_id) as events:
            subs = (await events.frame())["connect"]["subs"]
    assert [subs[topic]["recovered"] for topic in (TOPIC, CREW)] == [True, True]
    assert mirror[CREW].applied == [3, 4]


async def test_an_id_of_another_log_or_nobody_brings_a_snapshot(service: Service) -> None:
    service.happen(TOPIC, 3)
    async with open_to(service) as http:
        for last_id in (f"{TOPIC}@old:3", f"{TOPIC}@k3Qz:77", "nonsense", f"{TOPIC}@k3Qz:x,,@"):
            async with following(http, "/sse", topic=TOPIC, last_id=last_id) as events:
                body = (await events.frame())["connect"]["subs"][TOPIC]
            assert not body["recovered"]
            assert len(body["snapshot"]) == 3


async def test_a_topic_that_is_not_theirs_is_refused_and_the_rest_goes_on(service: Service) -> None:
    service.guard.shut.add(CREW)
    async with open_to(service) as http, following(http, "/sse", topic=[TOPIC, CREW]) as events:
        subs = (await events.frame())["connect"]["subs"]
        assert subs[CREW]["error"]["code"] == 103
        service.happen(TOPIC)
        await events.reach(TOPIC, 1)


async def test_who_is_revoked_hears_why_and_the_stream_ends(service: Service) -> None:
    async with open_to(service) as http, following(http, "/sse", topic=TOPIC) as events:
        await events.frame()
        service.hub.close_principal("anna")
        told = await events.ended()
    assert told is not None
    assert (told["code"], told["reconnect"]) == (3500, False)
    assert service.hub.stats().connections == 0


async def test_a_topic_that_must_be_read_afresh_ends_the_stream(service: Service) -> None:
    service.hub = service.endpoint.hub = Hub(service.log, Pace(heartbeat_s=0.05))
    async with open_to(service) as http, following(http, "/sse", topic=TOPIC) as events:
        await events.frame()
        service.hub.reset("after-a-restore", service.log.seq)
        told = await events.ended()
        assert events.mirror[TOPIC].resyncs == ["epoch"]
    assert told is not None
    assert told["reconnect"]


async def test_a_drain_sends_streams_away_within_the_window(service: Service) -> None:
    async with open_to(service) as http, following(http, "/sse", topic=TOPIC) as events:
        await events.frame()
        await service.hub.drain()
        await events.ended()
        told = events.mirror.disconnect
        assert told is not None
        assert told["reconnect"]
        assert 1000 <= events.retry_ms <= 1000 + service.hub.window_ms
        refused = await http.get("/sse", params={"topic": TOPIC})
    assert (refused.status_code, refused.text) == (403, "3001")


async def test_a_stream_counts_as_a_connection_of_its_person_and_address() -> None:
    service = Service(per_principal=2, per_address=3)
    async with open_to(service) as http:
        async with (
            following(http, "/sse", topic=TOPIC) as first,
            following(http, "/sse", topic=TOPIC) as second,
        ):
            await first.frame()
            await second.frame()
            third = await http.get("/sse", params={"topic": TOPIC})
            assert third.text == str(int(CloseCode.CONNECTION_LIMIT))
            async with following(http, "/sse", topic=TOPIC, who="bruno") as other:
                await other.frame()
                crowded = await http.get("/sse", params={"topic": TOPIC, "who": "carla"})
                assert crowded.text == str(int(CloseCode.SHUTDOWN))
        await eventually(lambda: service.hub.stats().connections == 0)
        async with following(http, "/sse", topic=TOPIC) as again:
            await again.frame()


@pytest.mark.parametrize("topic", ["", "nonsense", "Board:x", "a:" + "x" * 200])
async def test_an_ill_formed_topic_is_refused(service: Service, topic: str) -> None:
    async with open_to(service) as http:
        refused = await http.get("/sse", params={"topic": [TOPIC, topic or "-"]})
    assert refused.text == str(int(CloseCode.BAD_REQUEST))


async def test_a_stream_is_pinged_and_needs_no_answer() -> None:
    service = Service()
    service.hub = service.endpoint.hub = Hub(service.log, Pace(heartbeat_s=0.02))
    async with open_to(service) as http, following(http, "/sse", topic=TOPIC) as events:
        await events.frame()
        for link in service.hub._links:
            link.peer._session._ping_at = 0.0  # type: ignore[attr-defined]
        await events.until(lambda frame: frame == {})
        service.happen(TOPIC)
        await events.reach(TOPIC, 1)


async def test_a_stream_that_is_not_read_is_bounded_resynced_and_harms_nobody() -> None:
    service = Service(log := MemoryLog())
    pace = Pace(high=32 * 1024, low=8 * 1024, heartbeat_s=0.05)
    service.hub = service.endpoint.hub = Hub(log, pace, Depth(frames=50))
    async with open_to(service) as http, client(http.headers["x-socket"]) as healthy:
        await healthy.connect(TOPIC)
        async with following(http, "/sse", topic=TOPIC) as stalled:
            await stalled.frame()
            for turn in range(1, 61):
                service.happen(TOPIC, 5, size=20_000)
                await healthy.reach(TOPIC, turn * 5)
                waiting = [link.buffered() for link in service.hub._links]
                assert max(waiting) < 32 * 1024 + 5 * 21_000
            told = await stalled.ended()
            assert stalled.mirror[TOPIC].resyncs == ["slow"]
            assert told is not None
            assert told["reconnect"]
        assert healthy.mirror[TOPIC].applied == list(range(1, 301))


# -- waiting answers


async def poll(http: httpx.AsyncClient, mirror: Mirror, *topics: str, hold_s: float = 5) -> Any:
    place = {"topic": topics, "since": since(mirror, *topics), "timeout": hold_s}
    return answered(await http.get("/poll", params=place), mirror)


async def test_a_waiting_answer_comes_with_what_happens(service: Service) -> None:
    mirror = Mirror()
    service.happen(TOPIC, 3)
    async with open_to(service) as http:
        assert not (await poll(http, mirror, TOPIC))[TOPIC]["recovered"]
        waiting = asyncio.ensure_future(poll(http, mirror, TOPIC))
        await eventually(lambda: service.hub.stats().connections == 1)
        await asyncio.sleep(0.05)
        assert not waiting.done()
        service.happen(TOPIC, 2)
        await waiting
        assert mirror[TOPIC].applied == [4, 5]
        service.happen(TOPIC, 1)
        await poll(http, mirror, TOPIC)
        assert mirror[TOPIC].applied == [4, 5, 6]
        assert service.hub.stats().connections == 0


async def test_a_waiting_answer_is_empty_when_its_time_is_over(service: Service) -> None:
    mirror = Mirror()
    async with open_to(service) as http:
        await poll(http, mirror, TOPIC)
        service.happen(CREW, 3)
        body = (await poll(http, mirror, TOPIC, hold_s=0.05))[TOPIC]
    assert (body["recovered"], body["publications"], body["offset"]) == (True, [], 3)


async def test_whoever_asks_again_and_again_misses_and_doubles_nothing(service: Service) -> None:
    mirror = Mirror()

    async def write() -> None:
        for number in range(60):
            service.happen((TOPIC, CREW)[number % 2])
            await asyncio.sleep(0.01)

    async with open_to(service) as http:
        await poll(http, mirror, TOPIC, CREW)
        writing = asyncio.ensure_future(write())
        while mirror[CREW].offset < 60:
            await poll(http, mirror, TOPIC, CREW)
        await writing
    assert mirror[TOPIC].applied == list(range(1, 60, 2))
    assert mirror[CREW].applied == list(range(2, 61, 2))
    assert mirror[TOPIC].snapshots == 1


async def test_who_is_revoked_while_waiting_is_refused_at_once(service: Service) -> None:
    mirror = Mirror()
    async with open_to(service) as http:
        await poll(http, mirror, TOPIC)
        place = {"topic": TOPIC, "since": since(mirror, TOPIC), "timeout": 30}
        waiting = asyncio.ensure_future(http.get("/poll", params=place))
        await eventually(lambda: service.hub.stats().connections == 1)
        service.hub.close_principal("anna")
        assert (await waiting).text == "3500"


async def test_a_client_that_goes_away_while_waiting_leaves_nothing(service: Service) -> None:
    mirror = Mirror()
    async with open_to(service) as http:
        await poll(http, mirror, TOPIC)
        waiting = asyncio.ensure_future(poll(http, mirror, TOPIC, hold_s=30))
        await eventually(lambda: service.hub.stats().connections == 1)
        waiting.cancel()
        await eventually(lambda: service.hub.stats().connections == 0)


# -- positions


names = st.from_regex(r"[a-z]{1,8}:[A-Za-z0-9_-]{1,20}", fullmatch=True)
places = st.builds(
    Position, st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True), st.integers(0, 2**53 - 1)
)


@given(st.dictionaries(names, places))
def test_positions_survive_their_text(held: dict[str, Position]) -> None:
    assert positions_of(positions_text(held)) == held


@given(st.text())
def test_any_text_at_all_is_read(text: str) -> None:
    assert isinstance(positions_of(text), dict)


def test_the_reader_of_these_tests_sees_what_is_wrong() -> None:
    mirror = Mirror()
    held = mirror[TOPIC]
    held.epoch, held.offset = "k", 5
    for offset, prev in ((9, 7), (5, 4), (3, 2)):
        frame = {"topic": TOPIC, "pub": {"offset": offset, "prev": prev}}
        with pytest.raises(AssertionError):
            mirror.feed(str(frame).replace("'", '"'))
