"""From the log to the hub: whatever is committed, once, in order; and how far a resume reaches."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest

from dispatcher.database import Tx
from dispatcher.errors import Conflict
from dispatcher.events.facts import CrewChanged
from dispatcher.live.feed import Audience
from dispatcher.live.relay import Relay
from dispatcher.live.source import REACH, SHORT_REACH, LogSource
from dispatcher.models import Crew, EventRow
from dispatcher.models.base import touch
from dispatcher.planning.visits import turn_plan
from realtime.hub import Hub
from realtime.memory import MemoryBroker
from tests.support.live_peer import FakePeer
from tests.support.live_server import eventually
from tests.support.world import ORG, World

BOARD = f"board:{ORG}"


class Stumbling(Relay):
    """A relay whose first readings fail."""

    failures = 0
    readings = 0

    def _read(self, after: int) -> tuple[Sequence[EventRow], Audience]:
        self.readings += 1
        if self.failures:
            self.failures -= 1
            raise ConnectionError("database away")
        return super()._read(after)


class Followed:
    """A world, its relay and a client of the board without a socket."""

    def __init__(self, world: World) -> None:
        self.world = world
        store = world.service.store
        self.source = LogSource(store, ORG)
        self.hub = Hub(self.source)
        self.relay = Stumbling(store, self.hub, MemoryBroker(), ORG)

    async def peer(self, topic: str = BOARD) -> FakePeer:
        peer = FakePeer(self.hub)
        await peer.subscribe(topic)
        return peer

    async def turn(self, times: int = 1) -> int:
        """Change something small; return the log's last number."""
        for _ in range(times):
            await self.world.do(lambda tx: turn_plan(tx, "manual").number)
        return self.source.read_snapshot(BOARD).offset


@pytest.fixture
async def followed(world: World) -> AsyncIterator[Followed]:
    made = Followed(world)
    await made.relay.start()
    yield made
    await made.relay.stop()
    made.hub.stop()


async def test_what_is_committed_is_told_in_order(followed):
    peer = await followed.peer()
    last = await followed.turn(5)
    await eventually(lambda: peer.mirror[BOARD].offset >= last)
    applied = peer.mirror[BOARD].applied
    assert applied == sorted(set(applied))
    assert len(applied) == 5


async def test_what_is_rolled_back_is_never_told(followed):
    peer = await followed.peer()

    def refused(tx: Tx) -> None:
        turn_plan(tx, "manual")
        raise Conflict("no")

    with pytest.raises(Conflict):
        await followed.world.do(refused)
    last = await followed.turn()
    await eventually(lambda: peer.mirror[BOARD].offset >= last)
    assert len(peer.mirror[BOARD].applied) == 1


async def test_a_relay_that_could_not_read_goes_on_where_it_stopped(followed, caplog):
    peer = await followed.peer()
    followed.relay.failures = 1
    last = await followed.turn(3)
    await eventually(lambda: peer.mirror[BOARD].offset >= last)
    assert len(peer.mirror[BOARD].applied) == 3
    assert "relay_failed" in caplog.text


@pytest.mark.parametrize("turns", range(8))
async def test_a_relay_stops_at_any_moment_of_a_wake_up(world, turns):
    broker, store = MemoryBroker(), world.service.store
    relay = Stumbling(store, Hub(LogSource(store, ORG)), broker, ORG)
    await relay.start()
    await eventually(lambda: relay.readings)
    for _ in range(50):  # it has read and rests
        await asyncio.sleep(0)
    await broker.wake(1)
    for _ in range(turns):
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await relay.stop()


async def test_a_client_that_comes_back_after_a_restart_is_served_from_the_log(followed):
    before = await followed.peer()
    await followed.turn(2)
    await followed.relay.stop()
    followed.hub.stop()
    await followed.turn(3)
    again = Followed(followed.world)
    await again.relay.start()
    peer = FakePeer(again.hub)
    answer = await peer.resume(BOARD, before)
    fresh = await again.peer()
    await again.relay.stop()
    again.hub.stop()
    assert answer.recovered
    assert peer.mirror[BOARD].values == fresh.mirror[BOARD].values


async def test_a_resume_reaches_far_on_the_board_and_less_far_elsewhere(world):
    source = LogSource(world.service.store, ORG)
    crew = world.crew("tulle-1")
    start = source.read_snapshot(BOARD).offset

    def much(tx: Tx) -> None:
        touch(tx.session.get_one(Crew, crew.id), tx.now)
        for _ in range(SHORT_REACH + 1):
            tx.record(CrewChanged(crew_id=UUID(int=1), state="off"))

    await world.do(much)
    assert await source.history(BOARD, start, 4096) == []
    assert await source.history(f"crew:{crew.id}", start, 4096) is None
    assert await source.history(f"crew:{crew.id}", start + 1, 4096) == []
    assert REACH["board"] > SHORT_REACH


async def test_a_resume_is_whole_or_refused(world):
    source = LogSource(world.service.store, ORG)
    start = source.read_snapshot(BOARD).offset
    await Followed(world).turn(3)
    told = await source.history(BOARD, start, 3)
    assert told is not None
    assert [publication.key for publication in told] == ["plan"] * 3
    assert await source.history(BOARD, start, 2) is None
    assert await source.history(BOARD, start + 99, 10) is None


async def test_an_unknown_topic_is_empty(world):
    source = LogSource(world.service.store, ORG)
    unknown = ("request:nobody", f"crew:{UUID(int=5)}", "crew:x", "rota:elsewhere", "incident:1")
    for topic in unknown:
        assert (await source.snapshot(topic)).items == []
