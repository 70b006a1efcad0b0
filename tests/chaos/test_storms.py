"""Crowds of screens under kicks and kills: all come back, none has a gap, memory stays bounded."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, select

from dispatcher import event_log
from dispatcher.actors import system
from dispatcher.auth import sessions
from dispatcher.clock import new_id
from dispatcher.database import Tx
from dispatcher.engines import connect
from dispatcher.models import User
from tests.support.crowd import Crowd
from tests.support.kills import embedded
from tests.support.topology import Process
from tests.support.world import ORG, World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

BOARD = f"board:{ORG}"
PER_PERSON = 16
MIB = 1024 * 1024
SOCKET_BYTES = 128 * 1024
"""What a socket may cost the service at the worst: far below a queue of its own."""


def cookies_of_observers(database: Path, count: int) -> list[str]:
    """Make people and sign them in before the service starts; return a cookie of each."""
    world = World(f"sqlite:///{database}")
    world.service.store.start()

    def make(tx: Tx) -> list[str]:
        model = tx.session.exec(select(User).where(User.username == "observer")).one()
        made = []
        for number in range(count):
            fields = model.model_dump() | {"id": new_id(), "username": f"watcher-{number}"}
            user = User(**fields)
            tx.session.add(user)
            tx.session.flush()
            made.append(f"cpo={sessions.open_session(tx, user, world.settings)}")
        return made

    try:
        return world.service.store.submit_wait(make, system(ORG))
    finally:
        world.service.store.stop()


@contextmanager
def service_for(database: Path, source: Path, screens: int) -> Iterator[tuple[Process, list[str]]]:
    """Run the real service in a process of its own, with sessions for so many screens."""
    database.write_bytes(source.read_bytes())
    cookies = cookies_of_observers(database, -(-screens // PER_PERSON))
    service = embedded(database)
    service.start()
    try:
        yield service, cookies
    finally:
        service.end(signal.SIGKILL)


@asynccontextmanager
async def reports(port: int, every_s: float) -> AsyncIterator[list[str]]:
    """Report something again and again; what was not answered is asked again."""
    answered: list[str] = []

    async def run() -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
            for number in range(10**6):
                key = f"storm-report-{number:08d}"
                body = {"text": f"Nid-de-poule à Tulle, appel {key}"}
                while len(answered) == number:
                    try:
                        answer = await http.post(
                            "/api/v1/reports", json=body, headers={"Idempotency-Key": key}
                        )
                        if answer.status_code == 201:
                            answered.append(answer.json()["reference"])
                    except httpx.HTTPError:
                        pass
                    await asyncio.sleep(every_s)

    task = asyncio.create_task(run())
    try:
        yield answered
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def more(answered: list[str], count: int) -> None:
    """Wait until so many reports more are answered."""
    wanted = len(answered) + count
    async with asyncio.timeout(60):
        while len(answered) < wanted:  # noqa: ASYNC110 - it is told by nobody
            await asyncio.sleep(0.05)


async def board_offset(port: int, cookie: str) -> int:
    """Return where the board stands now."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        answer = await http.get("/api/v1/board", headers={"Cookie": cookie})
        offset: int = answer.json()["offset"]
        return offset


def memory(service: Process) -> int:
    """Return the resident bytes of the process that serves."""
    held: int = service.server().memory_info().rss
    return held


def shown_on_board(database: Path) -> set[int]:
    """Return the events that the board was told of, from the log itself."""
    engine = connect(f"sqlite:///{database}", read_only=True)
    with Session(engine) as session:
        head = event_log.head(session).seq
        found = {e.seq for e in event_log.events_after(session, 0, head + 1) if e.after}
    engine.dispose()
    return found


async def last_shown(database: Path, port: int, cookie: str) -> int:
    """Return the offset that every screen must come to: the last event that the board shows."""
    stands = await board_offset(port, cookie)
    return max(n for n in await asyncio.to_thread(shown_on_board, database) if n <= stands)


async def test_a_crowd_that_is_kicked_comes_back_at_once_whole_and_in_bounds(
    filled_sqlite: Path, tmp_path: Path, scale: int
) -> None:
    size, patience_s = 200 * scale, 60.0 + 12 * scale
    database = tmp_path / "cpo.sqlite3"
    with service_for(database, filled_sqlite, size) as (service, cookies):
        base = memory(service)
        async with (
            Crowd(service.port, cookies, BOARD, size) as crowd,
            reports(service.port, 0.2) as answered,
        ):
            await crowd.reach(0, patience_s)
            peaks = []
            for kick in range(2, 5):
                crowd.cut()
                await crowd.welcomed(kick, patience_s)
                peaks.append(memory(service))
            service.kill_server()
            await asyncio.to_thread(service.wait_ready)
            await more(answered, 3)
            until = await last_shown(database, service.port, cookies[0])
            await crowd.reach(until, patience_s)
            peaks.append(memory(service))
    assert crowd.faults(shown_on_board(database), until) == {}
    resumed = [screen.held.resumed for screen in crowd.screens]
    assert min(resumed) >= 4, "somebody was never kicked, or had to begin anew"
    assert max(peaks) - base < 64 * MIB + size * SOCKET_BYTES, "memory grew beyond all bounds"


async def test_fifty_screens_see_every_change_once_through_kills(
    filled_sqlite: Path, tmp_path: Path, scale: int
) -> None:
    size, kills = 50, 1 + scale
    database = tmp_path / "cpo.sqlite3"
    with service_for(database, filled_sqlite, size) as (service, cookies):
        async with (
            Crowd(service.port, cookies, BOARD, size, streams_in_ten=2) as crowd,
            reports(service.port, 0.05) as answered,
        ):
            await crowd.reach(0, 60)
            for _ in range(kills):
                await more(answered, 10)
                service.kill_server()
                await asyncio.to_thread(service.wait_ready)
            until = await last_shown(database, service.port, cookies[0])
            await crowd.reach(until, 60)
    assert crowd.faults(shown_on_board(database), until) == {}
    assert len(answered) >= kills * 10
    assert all(screen.held.resumed + len(screen.held.pictures) > 1 for screen in crowd.screens)
