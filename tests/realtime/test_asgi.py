"""Real sockets behind a real uvicorn: doors, limits, bad input, slow and dead peers, the end."""

import asyncio
import json
import socket

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from realtime.fanout import Pace
from realtime.hub import Hub
from realtime.protocol import Snapshot
from realtime.session import Limits
from tests.realtime.test_protocol import MALFORMED
from tests.support.live_log import MemoryLog
from tests.support.live_mirror import Mirror
from tests.support.live_server import ORIGIN, LiveClient, Service, client, eventually, live

TOPIC = "board:cd19"


@pytest.fixture
def service() -> Service:
    return Service()


async def test_connect_brings_a_snapshot_and_then_what_happens(service):
    service.happen(TOPIC, 3)
    async with live(service) as address, client(address) as anna:
        reply = await anna.connect(TOPIC, name="board")
        assert reply["connect"]["ping"] == 25
        assert len(reply["connect"]["subs"][TOPIC]["snapshot"]) == 3
        service.happen(TOPIC, 5)
        await anna.reach(TOPIC, 8)
        assert anna.mirror[TOPIC].applied == [4, 5, 6, 7, 8]


async def test_a_client_that_comes_back_resumes_in_one_round_trip(service):
    mirror = Mirror()
    async with live(service) as address:
        async with client(address, mirror) as anna:
            await anna.connect(TOPIC)
            service.happen(TOPIC, 2)
            await anna.reach(TOPIC, 2)
        service.happen(TOPIC, 4)
        async with client(address, mirror) as anna:
            reply = await anna.connect(TOPIC)
            assert reply["connect"]["subs"][TOPIC]["recovered"]
    assert mirror[TOPIC].applied == [1, 2, 3, 4, 5, 6]
    assert mirror[TOPIC].snapshots == 1


async def test_a_server_that_insists_on_compression_delivers_the_same(service):
    async with (
        live(service, ws_per_message_deflate=True) as address,
        client(address, compression="deflate") as anna,
    ):
        await anna.connect(TOPIC)
        service.happen(TOPIC, 50, size=1000)
        await anna.reach(TOPIC, 50)
        assert anna.mirror[TOPIC].applied == list(range(1, 51))
        service.hub.close_principal("anna")
        assert await anna.closed() == 3500


async def test_kicks_under_load_lose_and_double_nothing():
    services = [Service(), Service()]
    log = services[1].log = services[0].log
    services[1].hub._source = log
    sent = [0, 0]

    def relay() -> None:
        for number, service in enumerate(services):
            sent[number] = log.publish(service.hub, sent[number])

    async def write() -> None:
        for number in range(150):
            log.write(TOPIC, **{f"k{number % 9}": {"n": number}})
            relay()
            await asyncio.sleep(0.002)

    async def follow(number: int, addresses: list[str]) -> Mirror:
        mirror, turn = Mirror(), number
        while mirror[TOPIC].offset < 150:
            async with client(addresses[turn % 2], mirror, who=f"p{number}") as one:
                await one.connect(TOPIC)
                await one.reach(TOPIC, min(150, mirror[TOPIC].offset + 5 + number))
            turn += 1
        return mirror

    async with live(services[0]) as first, live(services[1]) as second:
        writing = asyncio.ensure_future(write())
        mirrors = await asyncio.gather(*(follow(number, [first, second]) for number in range(10)))
        await writing
    fresh = {item.key: item.data for item in (await log.snapshot(TOPIC)).items}
    assert [mirror[TOPIC].values for mirror in mirrors] == [fresh] * 10
    assert [mirror[TOPIC].snapshots for mirror in mirrors] == [1] * 10


# -- doors


@pytest.mark.parametrize(
    "origin",
    ["null", "https://evil.test", "http://cpo.test", ORIGIN + ".evil.test", ORIGIN + ":81"],
)
async def test_a_page_of_another_origin_is_refused_at_the_handshake(service, origin):
    async with live(service) as address:
        with pytest.raises(InvalidStatus) as refusal:
            async with client(address, origin=origin):
                pass
    assert refusal.value.response.status_code == 403


async def test_without_an_origin_a_cookie_does_not_count_but_a_token_does(service):
    async with live(service) as address:
        async with client(address, origin=None) as stranger:
            await stranger.socket.send('{"id":1,"connect":{"v":1}}')
            assert await stranger.closed() == 3500
        async with client(address, origin=None, who=None) as device:
            assert "connect" in await device.connect(token="machine")


async def test_an_unknown_person_is_closed_for_good(service):
    service.guard.unknown.add("anna")
    async with live(service) as address, client(address) as anna:
        await anna.socket.send('{"id":1,"connect":{"v":1}}')
        assert await anna.closed() == 3500


async def test_who_does_not_say_who_they_are_is_closed():
    service = Service(limits=Limits(connect_s=0.2))
    service.hub = service.endpoint.hub = Hub(service.log, Pace(heartbeat_s=0.05))
    async with live(service) as address, client(address) as silent:
        assert await silent.closed() == 3502


async def test_a_topic_that_is_not_theirs_is_refused_and_the_rest_goes_on(service):
    service.guard.shut.add("crew:7")
    async with live(service) as address, client(address) as anna:
        reply = await anna.connect(TOPIC, "crew:7")
        assert reply["connect"]["subs"]["crew:7"]["error"]["code"] == 103
        assert (await anna.command("subscribe", topic="crew:7"))["error"]["temporary"] is False
        service.happen("crew:7")
        service.happen(TOPIC)
        await anna.reach(TOPIC, 2)
        assert anna.mirror["crew:7"].applied == []


async def test_a_right_lost_meanwhile_is_lost_in_the_replay_too(service):
    mirror = Mirror()
    async with live(service) as address:
        async with client(address, mirror) as anna:
            await anna.connect(TOPIC)
        service.happen(TOPIC, 3)
        service.guard.shut.add(TOPIC)
        async with client(address, mirror) as anna:
            reply = await anna.connect(TOPIC)
            assert reply["connect"]["subs"][TOPIC]["error"]["code"] == 103
    assert mirror[TOPIC].applied == []


async def test_revocation_closes_the_socket_at_once(service):
    async with live(service) as address, client(address) as anna:
        await anna.connect(TOPIC)
        assert service.hub.close_principal("anna") == 1
        service.happen(TOPIC)
        assert await anna.closed() == 3500
        assert anna.mirror[TOPIC].applied == []


async def test_a_failing_source_is_a_temporary_error_of_one_topic(caplog):
    class Broken(MemoryLog):
        async def snapshot(self, topic: str) -> Snapshot:
            if topic != TOPIC:
                raise ConnectionError("database away")
            return await super().snapshot(topic)

    service = Service(Broken())
    async with live(service) as address, client(address) as anna:
        await anna.connect(TOPIC)
        refusal = (await anna.command("subscribe", topic="crew:7"))["error"]
        assert refusal == {"code": 100, "message": "internal error", "temporary": True}
        service.happen(TOPIC)
        await anna.reach(TOPIC, 1)
    assert "live_load_failed" in caplog.text


async def test_failing_doors_send_the_client_away_for_a_while(service, caplog):
    async def broken(credentials):
        raise ConnectionError("database away")

    service.endpoint.doors = type("Broken", (), {"authenticate": staticmethod(broken)})()
    async with live(service) as address, client(address) as anna:
        await anna.socket.send('{"id":1,"connect":{"v":1}}')
        assert await anna.closed() == 3001
    assert "live_command_failed" in caplog.text


# -- limits


async def test_one_person_has_a_limited_number_of_connections():
    service = Service(per_principal=1)
    async with live(service) as address, client(address) as first, client(address) as second:
        await first.connect(TOPIC)
        await second.socket.send('{"id":1,"connect":{"v":1}}')
        assert await second.closed() == 3504
        service.happen(TOPIC)
        await first.reach(TOPIC, 1)


async def _refused(address: str) -> tuple[int, str | None]:
    with pytest.raises(InvalidStatus) as refusal:
        async with client(address):
            pass
    response = refusal.value.response
    return response.status_code, response.headers.get("Retry-After")


async def test_one_address_has_a_limited_number_of_connections():
    service = Service(per_address=1)
    async with live(service) as address:
        async with client(address):
            assert await _refused(address) == (503, "2")
        async with client(address) as again:
            await again.connect()


async def test_too_many_handshakes_are_told_to_come_back_later():
    service = Service(handshakes_per_s=0.5)
    async with live(service) as address:
        for _ in range(2):
            async with client(address):
                pass
        assert await _refused(address) == (503, "2")


async def test_malformed_input_closes_that_client_and_no_other():
    service = Service(per_principal=100)
    async with live(service) as address, client(address) as good:
        await good.connect(TOPIC)
        for text in [*MALFORMED, '{"id":1,"connect":{"v":1}} '.ljust(17_000)]:
            async with client(address) as bad:
                await bad.connect(TOPIC)
                await bad.socket.send(text)
                assert await bad.closed() in (3501, 1009), text[:50]
            service.happen(TOPIC)
            await good.reach(TOPIC, service.log.seq)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (Frame(Opcode.BINARY, b"\x00\x01").serialize(mask=True), 3501),
        (bytes.fromhex("81830000000000ffff"), 1007),  # not UTF-8
        (bytes.fromhex("f180000000 00".replace(" ", "")), 1002),  # reserved bits
        (bytes.fromhex("8100"), 1002),  # a client must mask
        (bytes.fromhex("c38000000000"), 1002),  # unknown opcode
        (bytes.fromhex("81ff7fffffffffffffff00000000"), 1009),  # announces eight exabytes
    ],
    # The mask is random: parallel workers must still agree on the names.
    ids=["binary", "not_utf8", "reserved_bits", "unmasked", "unknown_opcode", "eight_exabytes"],
)
async def test_broken_frames_close_that_client_and_no_other(service, frame, code):
    async with live(service) as address, client(address) as good, client(address) as bad:
        await good.connect(TOPIC)
        await bad.connect(TOPIC)
        bad.socket.transport.write(frame)
        assert await bad.closed() in (code, None)
        service.happen(TOPIC)
        await good.reach(TOPIC, 1)


# -- slow and dead peers


@pytest.mark.slow
async def test_stalled_sockets_of_a_crowd_delay_nobody_and_are_caught_up_or_resynced():
    service = Service(per_principal=100)
    count, stalled = 100, 5
    async with live(service) as address:
        opened = [client(address, who=f"p{number}") for number in range(count)]
        crowd = [await one.__aenter__() for one in opened]
        for one in crowd:
            await one.connect(TOPIC)
        for one in crowd[:stalled]:
            one.socket.transport.pause_reading()
        for _ in range(60):
            service.happen(TOPIC, 5, size=20_000)  # 6 MB for each client in all
            await asyncio.gather(*(one.reach(TOPIC, service.log.seq) for one in crowd[stalled:]))
        assert 0 < service.hub.stats().lagging <= stalled
        assert all(
            link.buffered() <= 2 * 256 * 1024 + 20_100 * 5 for link in list(service.hub._links)
        )
        for one in crowd[:stalled]:
            one.socket.transport.resume_reading()
            await one.until(
                lambda frame, one=one: (
                    one.mirror[TOPIC].resyncs or one.mirror[TOPIC].offset >= service.log.seq
                )
            )
            if one.mirror[TOPIC].resyncs:
                await one.command("subscribe", topic=TOPIC)
            assert one.mirror[TOPIC].values == crowd[-1].mirror[TOPIC].values
        for one in opened:
            await one.__aexit__(None, None, None)


async def test_a_socket_that_never_reads_is_cut():
    service = Service()
    service.hub = service.endpoint.hub = Hub(service.log, Pace(stuck_s=0.2, sweep_s=0.02))
    async with live(service) as address, client(address) as stalled:
        await stalled.connect(TOPIC)
        stalled.socket.transport.pause_reading()
        # Told at the pace of flushes: what falls off the ring at once is a resync, not a full pipe.
        for _ in range(500):
            if service.hub.stats().cut:
                break
            service.happen(TOPIC, 1, size=100_000)
            await asyncio.sleep(0.03)
        await eventually(lambda: not service.hub.stats().connections)
        assert service.hub.stats().cut == 1
        stalled.socket.transport.resume_reading()
        with pytest.raises(ConnectionClosed):
            await stalled.until(lambda _: False)


async def test_a_peer_that_never_answers_a_ping_is_closed_and_one_that_does_is_not():
    service = Service(limits=Limits(ping_s=0.1, pong_s=0.2))
    service.hub = service.endpoint.hub = Hub(service.log, Pace(heartbeat_s=0.02))
    async with live(service) as address, client(address) as good, client(address) as dead:
        await good.connect(TOPIC)
        await dead.connect(TOPIC)

        async def answer() -> None:
            while True:
                await good.until(lambda frame: frame == {})
                await good.socket.send("{}")

        answering = asyncio.ensure_future(answer())
        assert await dead.closed() == 3012
        answering.cancel()
        assert good.mirror.pings >= 2
        assert service.hub.stats().connections == 1


# -- presence, the end, leaks


async def test_presence_names_who_looks_at_the_same_thing(service):
    async with (
        live(service) as address,
        client(address, who="anna") as anna,
        client(address, who="bruno") as bruno,
    ):
        await anna.connect()
        await bruno.connect()
        await anna.command("presence", topic="incident:42")
        reply = await bruno.command("presence", topic="incident:42")
        assert reply["presence"] == {
            "topic": "incident:42",
            "present": [{"id": "id-anna", "label": "Anna"}, {"id": "id-bruno", "label": "Bruno"}],
        }
        service.guard.shut.add("incident:43")
        assert (await anna.command("presence", topic="incident:43"))["error"]["code"] == 103


async def test_an_expired_admission_sends_the_client_back(service):
    service.guard.lifetime_s = 0.1
    service.hub = service.endpoint.hub = Hub(service.log, Pace(heartbeat_s=0.05))
    async with live(service) as address, client(address) as anna:
        await anna.connect(TOPIC)
        assert await anna.closed() == 3005


async def test_a_deploy_tells_everybody_a_window_and_closes_in_batches(service):
    async with live(service) as address:
        opened = [client(address, who=f"p{number}") for number in range(12)]
        crowd: list[LiveClient] = [await one.__aenter__() for one in opened]
        for one in crowd:
            await one.connect(TOPIC)
        ends = [asyncio.ensure_future(one.closed()) for one in crowd]
        draining = asyncio.ensure_future(service.hub.drain(per_s=50))
        await asyncio.sleep(0)
        assert await _refused(address) == (503, "2")
        await draining
        assert await asyncio.gather(*ends) == [1012] * 12
        advice = crowd[0].mirror.disconnect
        assert advice == {
            "code": 3001, "reason": "shutdown", "reconnect": True, "within_ms": 1000
        }  # fmt: skip
        for one in opened:
            await one.__aexit__(None, None, None)


async def test_connections_that_come_and_go_in_every_way_leave_nothing_behind():
    service = Service(limits=Limits(), handshakes_per_s=10_000)
    async with live(service) as address:
        base = len(asyncio.all_tasks())

        async def come_and_go(number: int) -> None:
            async with client(address, who=f"p{number}") as one:
                if number % 4:
                    await one.connect(TOPIC)
                if number % 4 == 2:
                    one.socket.transport.abort()
                if number % 4 == 3:
                    await one.socket.send("nonsense")
                    await one.closed()

        for start in range(0, 200, 20):
            await asyncio.gather(*(come_and_go(number) for number in range(start, start + 20)))
            service.happen(TOPIC)
        await eventually(lambda: not service.hub.stats().connections)
        await eventually(lambda: len(asyncio.all_tasks()) <= base)
        assert service.hub._principals == {}
        assert service.hub._addresses == {}
        assert service.endpoint._farewells == set()


async def test_a_client_that_leaves_during_the_handshake_harms_nobody(service):
    async with live(service) as address:
        host, port = address.removeprefix("ws://").split(":")
        for _ in range(5):
            raw = socket.create_connection((host, int(port)))
            raw.sendall(
                b"GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            raw.close()
        async with client(address) as anna:
            assert json.dumps(await anna.connect(TOPIC))
