"""Two processes, one log, three clients; writes, stalls, kicks and restarts in any order."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.fanout import Pace
from realtime.history import Depth
from realtime.hub import Hub
from tests.support.hand_clock import HandClock
from tests.support.live_log import MemoryLog
from tests.support.live_peer import FakePeer, values

TOPIC = "board:cd19"

steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 4)),
        st.tuples(st.just("remove"), st.integers(0, 4)),
        st.tuples(st.just("burst"), st.integers(1, 4)),
        st.tuples(st.just("relay"), st.integers(0, 1)),
        st.tuples(st.just("stall"), st.integers(0, 2)),
        st.tuples(st.just("read"), st.integers(0, 2)),
        st.tuples(st.just("kick"), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.integers(0, 3)),
        st.tuples(st.just("restart"), st.integers(0, 1)),
    ),
    max_size=60,
)


class Storm:
    """The processes, the clients and what can happen to them; the mirrors check every frame."""

    def __init__(self) -> None:
        self.log = MemoryLog(kept=12)
        self.clocks = [HandClock(), HandClock()]
        self.sent = [0, 0]
        self.hubs = [self._process(0), self._process(1)]
        self.peers: list[FakePeer] = []

    def _process(self, number: int) -> Hub:
        hub = Hub(self.log, Pace(high=600, low=200), Depth(frames=8))
        hub.open("k", self.log.seq, self.clocks[number])
        self.sent[number] = self.log.length
        return hub

    async def start(self) -> None:
        for number in range(3):
            peer = FakePeer(self.hubs[number % 2])
            await peer.subscribe(TOPIC)
            self.peers.append(peer)

    async def write(self, key: int) -> None:
        self.log.write(TOPIC, **{f"k{key}": {"n": self.log.seq}})

    async def remove(self, key: int) -> None:
        self.log.write(TOPIC, **{f"k{key}": None})

    async def burst(self, size: int) -> None:
        for number in range(size * 4):
            await self.write(number % 3)
            await self.relay(number % 2)
            self.clocks[number % 2].advance(0.06)

    async def relay(self, process: int) -> None:
        self.sent[process] = self.log.publish(self.hubs[process], after=self.sent[process])

    async def stall(self, client: int) -> None:
        self.peers[client].reading = False

    async def read(self, client: int) -> None:
        self.peers[client].reading = True
        self.peers[client].drain()

    async def kick(self, client: int) -> None:
        await self._move(client, to=self.log.seq % 2)

    async def wait(self, ticks: int) -> None:
        for clock in self.clocks:
            clock.advance(ticks * 0.05)

    async def restart(self, process: int) -> None:
        self.hubs[process].stop()
        self.hubs[process] = self._process(process)
        for number, peer in enumerate(self.peers):
            if peer.aborted:
                await self._move(number, to=process)

    async def _move(self, client: int, to: int) -> None:
        old = self.peers[client]
        old.leave()
        self.peers[client] = peer = FakePeer(self.hubs[to])
        await peer.resume(TOPIC, old)

    async def obey_resyncs(self) -> None:
        for peer in self.peers:
            held = peer.mirror[TOPIC]
            if held.resyncs:
                held.resyncs.clear()
                await peer.subscribe(TOPIC)

    async def settle(self) -> None:
        for number in range(3):
            await self.read(number)
        for number in (0, 1):
            await self.relay(number)
        for _ in range(4):
            await self.wait(20)
            await self.obey_resyncs()


@settings(deadline=None, max_examples=200)
@given(steps)
def test_whatever_happens_every_client_ends_with_what_a_fresh_snapshot_says(story):
    async def play() -> None:
        storm = Storm()
        await storm.start()
        for verb, which in story:
            await getattr(storm, verb)(which)
            await storm.obey_resyncs()
        await storm.settle()
        snapshot = await storm.log.snapshot(TOPIC)
        fresh = {item.key: item.data for item in snapshot.items}
        assert values(storm.peers, TOPIC) == [fresh] * 3

    asyncio.run(play())
