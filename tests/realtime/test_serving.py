"""A deploy under load: told to stop, the server sends its clients away in turn; nothing is lost."""

import asyncio
import socket

import pytest
import uvicorn

from realtime.serving import DrainingServer
from tests.support.live_mirror import Mirror
from tests.support.live_server import Service, client, eventually, live

TOPIC = "board:cd19"


def _config(app, **options: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
        **options,
    )


async def test_a_deploy_under_load_loses_nothing_and_spreads_the_clients():
    old, new = Service(), Service()
    log = new.log = new.hub._source = old.log
    sent = [0, 0]
    old.hub.open("k", 0)
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"ws://127.0.0.1:{listener.getsockname()[1]}"
    server = DrainingServer(_config(old.endpoint), lambda: old.hub.drain(per_s=100))
    running = asyncio.ensure_future(server.serve(sockets=[listener]))
    await eventually(lambda: server.started)
    count, events = 30, 120

    async def write() -> None:
        for number in range(events):
            log.write(TOPIC, **{f"k{number % 7}": {"n": number}})
            for turn, service in enumerate((old, new)):
                sent[turn] = log.publish(service.hub, sent[turn])
            if number == events // 3:
                server.should_exit = True
            await asyncio.sleep(0.005)

    async def follow(number: int, later: str) -> Mirror:
        mirror = Mirror()
        async with client(address, mirror, who=f"p{number}") as one:
            await one.connect(TOPIC)
            assert await one.closed() == 1012
        async with client(later, mirror, who=f"p{number}") as one:
            await one.connect(TOPIC)
            await one.reach(TOPIC, events)
        return mirror

    async with live(new) as later:
        following = [asyncio.ensure_future(follow(number, later)) for number in range(count)]
        await eventually(lambda: old.hub.stats().connections == count)
        writing = asyncio.ensure_future(write())
        mirrors = await asyncio.gather(*following)
        await writing
        await running
    fresh = {item.key: item.data for item in (await log.snapshot(TOPIC)).items}
    assert [mirror[TOPIC].values for mirror in mirrors] == [fresh] * count
    assert all(mirror.disconnect and mirror.disconnect["reconnect"] for mirror in mirrors)
    assert all(mirror[TOPIC].applied[-1] == events for mirror in mirrors)


@pytest.mark.parametrize("hangs", [True, False])
async def test_a_second_signal_ends_the_wait(hangs, caplog):
    started = asyncio.Event()

    async def drain() -> None:
        started.set()
        if hangs:
            await asyncio.Event().wait()

    listener = socket.create_server(("127.0.0.1", 0))
    server = DrainingServer(_config(Service().endpoint), drain)
    running = asyncio.ensure_future(server.serve(sockets=[listener]))
    await eventually(lambda: server.started)
    server.should_exit = True
    await started.wait()
    server.force_exit = hangs
    async with asyncio.timeout(5):
        await running
    assert ("drain_cut_short" in caplog.text) is hangs


async def test_a_client_that_acknowledges_nothing_more_is_given_up():
    # A full window stands for a machine that is gone: to TCP both are silence.
    gone = asyncio.Event()

    async def app(_scope, receive, send):
        async def watch():
            while (await receive())["type"] != "http.disconnect":
                pass
            gone.set()

        watching = asyncio.ensure_future(watch())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not gone.is_set():
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
            await asyncio.sleep(0)
        await watching

    listener = socket.create_server(("127.0.0.1", 0))
    server = DrainingServer(_config(app), _nothing, unheard_s=0.5)
    running = asyncio.ensure_future(server.serve(sockets=[listener]))
    await eventually(lambda: server.started)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(listener.getsockname())
        deaf.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(20):
            await gone.wait()
    server.should_exit = True
    await running


async def _nothing() -> None:
    pass
