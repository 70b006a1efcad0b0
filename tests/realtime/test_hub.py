"""Fan-out, the subscribe race, laggards, revocation and restore: no socket, time in hand."""

import asyncio
import gc
import weakref

import pytest

from realtime.fanout import Pace
from realtime.history import Depth
from realtime.hub import Hub
from realtime.protocol import CloseCode, CommandError, Position, Snapshot
from tests.support.hand_clock import HandClock
from tests.support.live_log import MemoryLog
from tests.support.live_peer import FakePeer, values

TOPIC = "board:cd19"
PACE = Pace(high=4096, low=1024, progress=512)


class World:
    """A log, one process in front of it, and a clock in hand."""

    def __init__(self, log: MemoryLog | None = None, depth: Depth | None = None) -> None:
        self.clock = HandClock()
        self.log = log or MemoryLog()
        self.hub = Hub(self.log, PACE, depth)
        self.log.relay(self.hub)
        self.hub.open("k3Qz", self.log.seq, self.clock)

    def happen(self, count: int = 1, topic: str = TOPIC, size: int = 1) -> None:
        """Commit events and relay them, 100 ms apart."""
        for _ in range(count):
            self.log.write(topic, **{f"k{self.log.seq % 7}": {"n": self.log.seq, "x": "x" * size}})
            self.log.relay(self.hub)
            self.clock.advance(0.1)

    async def peers(self, count: int) -> list[FakePeer]:
        found = [FakePeer(self.hub, f"p{number}") for number in range(count)]
        for peer in found:
            await peer.subscribe(TOPIC)
        return found

    async def fresh(self) -> dict[str, object]:
        """Return what a client that comes now gets."""
        peer = FakePeer(self.hub)
        await peer.subscribe(TOPIC)
        return dict(peer.mirror[TOPIC].values)


@pytest.fixture
def world() -> World:
    return World()


async def test_every_subscriber_sees_the_same_publications_in_order(world):
    peers = await world.peers(3)
    world.happen(50)
    expected = [publication.offset for publication in world.log.published[TOPIC]]
    assert [peer.mirror[TOPIC].applied for peer in peers] == [expected] * 3
    assert values(peers, TOPIC) == [await world.fresh()] * 3


async def test_all_subscribers_get_the_same_bytes_object(world):
    one, other = await world.peers(2)
    world.happen()
    assert one.writes[-1] is other.writes[-1]


async def test_other_topics_are_not_heard(world):
    [peer] = await world.peers(1)
    world.happen(3, topic="crew:7")
    world.happen(1)
    assert len(peer.mirror[TOPIC].applied) == 1
    assert "crew:7" not in peer.mirror.topics


async def test_events_that_come_together_leave_in_one_write(world):
    [peer] = await world.peers(1)
    for _ in range(10):
        world.log.write(TOPIC, a={"n": world.log.seq})
    world.log.relay(world.hub)
    world.clock.advance()
    assert len(peer.mirror[TOPIC].applied) == 10
    assert len(peer.writes) == 1


async def test_a_single_event_leaves_at_once_and_a_busy_topic_waits_for_company(world):
    [peer] = await world.peers(1)
    world.log.write(TOPIC, a={"n": 0})
    world.log.relay(world.hub)
    world.clock.advance()
    assert len(peer.mirror[TOPIC].applied) == 1
    for number in range(100):
        world.log.write(TOPIC, a={"n": number})
        world.log.relay(world.hub)
        world.clock.advance(0.01)
    world.clock.advance(0.02)
    assert len(peer.mirror[TOPIC].applied) == 101
    assert len(peer.writes) < 60


async def test_a_slice_of_the_subscribers_is_served_before_the_rest(world):
    world.hub._pace = Pace(slice=2)
    peers = [FakePeer(world.hub, f"p{number}") for number in range(5)]
    for peer in peers:
        await peer.subscribe(TOPIC)
    world.happen(3)
    assert [len(peer.mirror[TOPIC].applied) for peer in peers] == [3] * 5


async def test_what_is_published_during_a_slow_flush_is_merged_into_the_next(world):
    world.hub._pace = Pace(slice=1)
    peers = [FakePeer(world.hub, f"p{number}") for number in range(5)]
    for peer in peers:
        await peer.subscribe(TOPIC)
    first, bursts = peers[0].write, iter([20])

    def write(frames: bytes) -> None:
        first(frames)
        for _ in range(next(bursts, 0)):
            world.log.write(TOPIC, a={"n": world.log.seq})
            world.log.relay(world.hub)

    peers[0].link.write = write
    world.happen(1)
    world.clock.advance(0.1)
    assert [peer.mirror[TOPIC].applied for peer in peers] == [list(range(1, 22))] * 5
    assert [len(peer.writes) for peer in peers] == [2, 1, 1, 1, 1]


async def test_a_flush_that_takes_long_is_followed_by_a_rest_and_a_quiet_topic_by_none(world):
    (peer,) = await world.peers(1)
    read = peer.write
    took_s = 0.02

    def write(frames: bytes) -> None:
        read(frames)
        world.clock.spend(took_s)

    peer.link.write = write

    def busy(seconds: float) -> int:
        before, until = len(peer.writes), world.clock.time() + seconds
        while world.clock.time() < until:
            world.log.write(TOPIC, a={"n": world.log.seq})
            world.log.relay(world.hub)
            world.clock.advance(0.005)
        return len(peer.writes) - before

    busy(1)
    assert busy(8) in range(80, 110), "20 ms of writing, 60 ms of rest"
    took_s = 0.5
    busy(2)
    assert busy(13) in range(17, 24), "the longest rest is 150 ms"
    took_s = 0.0
    world.clock.advance(5)
    world.happen(3)
    assert peer.mirror[TOPIC].offset == world.log.seq


async def test_a_topic_that_stops_in_the_middle_of_a_flush_writes_no_more(world):
    world.hub._pace = Pace(slice=1)
    peers = [FakePeer(world.hub, f"p{number}") for number in range(3)]
    for peer in peers:
        await peer.subscribe(TOPIC)
    peers[0].link.write = lambda _frames: world.hub.stop()
    world.happen(1)
    assert [len(peer.writes) for peer in peers] == [0, 0, 0]
    assert world.clock.pending == 0


async def test_what_is_published_while_a_snapshot_is_read_is_neither_lost_nor_doubled(world):
    class Slow(MemoryLog):
        async def snapshot(self, topic: str) -> Snapshot:
            before = await super().snapshot(topic)
            world.happen(5)  # committed and relayed after the read, before the answer
            return before

    world = World(Slow())
    world.log.write(TOPIC, a={"n": 0})
    world.log.relay(world.hub)
    peer = FakePeer(world.hub)
    await peer.subscribe(TOPIC)
    world.clock.advance(1)
    assert len(peer.mirror[TOPIC].applied) == 5
    assert peer.mirror[TOPIC].values == await world.fresh()


async def test_a_snapshot_newer_than_the_relay_swallows_what_the_relay_still_brings(world):
    world.happen(2)
    world.log.write(TOPIC, a={"n": 99})  # committed, not relayed yet
    peer = FakePeer(world.hub)
    answer = await peer.subscribe(TOPIC)
    assert answer.position.offset == 3
    world.log.relay(world.hub)
    world.happen()
    assert peer.mirror[TOPIC].applied == [4]


async def test_a_client_that_comes_back_inside_the_window_gets_what_it_missed(world):
    [first] = await world.peers(1)
    world.happen(5)
    first.leave()
    world.happen(5)
    again = FakePeer(world.hub)
    answer = await again.resume(TOPIC, first)
    assert answer.recovered
    world.happen(5)
    expected = [publication.offset for publication in world.log.published[TOPIC]]
    assert again.mirror[TOPIC].applied == expected


async def test_a_client_that_comes_back_to_another_process_loses_nothing(world):
    [first] = await world.peers(1)
    world.happen(5)
    other = World(world.log)
    first.leave()
    world.happen(3)
    again = FakePeer(other.hub)
    assert (await again.resume(TOPIC, first)).recovered
    other.log.publish(other.hub, after=0)
    other.clock.advance(1)
    assert again.mirror[TOPIC].values == await world.fresh()


async def test_a_client_outside_the_window_is_told_so_and_gets_a_snapshot():
    world = World(MemoryLog(kept=10))
    [first] = await world.peers(1)
    first.leave()
    world.happen(11)
    world.hub.stop()
    restarted = World(world.log)
    again = FakePeer(restarted.hub)
    answer = await again.resume(TOPIC, first)
    assert answer.was_recovering
    assert not answer.recovered
    assert again.mirror[TOPIC].values == await restarted.fresh()


async def test_a_position_of_another_epoch_gets_a_snapshot(world):
    world.happen(3)
    peer = FakePeer(world.hub)
    answer = await peer.subscribe(TOPIC, Position("other", 2))
    assert answer.was_recovering
    assert not answer.recovered


async def test_an_offset_that_the_log_never_reached_gets_a_snapshot(world):
    world.happen(3)
    answer = await FakePeer(world.hub).subscribe(TOPIC, Position("k3Qz", 10**6))
    assert not answer.recovered
    assert answer.position.offset == 3


async def test_a_quiet_topic_tells_the_newest_offset_so_that_a_resume_stays_cheap(world):
    world.happen(1)
    [peer] = await world.peers(1)
    world.happen(1)
    world.happen(500, topic="crew:7")
    held = peer.mirror[TOPIC]
    answer = await FakePeer(world.hub).subscribe(TOPIC, Position(held.epoch, held.offset))
    assert answer.position.offset == 502


async def test_nobody_pays_for_a_topic_nobody_asked_for(world):
    world.happen(100, topic="request:abc")
    assert world.hub.stats().topics == 0
    assert world.hub.stats().publications == 0


async def test_an_event_of_several_keys_is_one_publication(world):
    [peer] = await world.peers(1)
    world.log.write(TOPIC, a={"n": 1}, b={"n": 2}, c=None)
    world.log.relay(world.hub)
    world.clock.advance()
    assert peer.mirror[TOPIC].applied == [1]
    assert peer.mirror[TOPIC].values == {"a": {"n": 1}, "b": {"n": 2}}


# -- slow clients


async def test_a_slow_client_is_caught_up_from_the_ring_without_a_reconnect(world):
    slow, quick = await world.peers(2)
    slow.reading = False
    world.happen(30, size=500)
    assert world.hub.stats().lagging == 1
    assert len(quick.mirror[TOPIC].applied) == 30
    assert slow.buffered() <= PACE.high * 2 + 1000
    slow.reading = True
    slow.drain()
    world.clock.advance(1)
    assert slow.mirror[TOPIC].applied == quick.mirror[TOPIC].applied
    assert slow.mirror[TOPIC].resyncs == []
    assert world.hub.stats().lagging == 0


async def test_a_slow_client_that_fell_off_the_ring_is_told_to_resync():
    world = World(depth=Depth(frames=16))
    slow, quick = await world.peers(2)
    slow.reading = False
    world.happen(60, size=500)
    slow.reading = True
    slow.drain()
    world.clock.advance(1)
    assert slow.mirror[TOPIC].resyncs == ["slow"]
    await slow.subscribe(TOPIC)
    world.happen(3)
    assert slow.mirror[TOPIC].values == quick.mirror[TOPIC].values


async def test_a_client_that_does_not_read_at_all_is_cut_and_its_memory_freed(world):
    [stalled] = await world.peers(1)
    stalled.reading = False
    world.happen(30, size=500)
    world.clock.advance(PACE.stuck_s + 1)
    assert stalled.closed is CloseCode.SLOW
    assert world.hub.stats().connections == 0
    assert world.hub.stats().cut == 1


async def test_a_client_that_reads_slowly_but_steadily_is_not_cut(world):
    [slow] = await world.peers(1)
    slow.reading = False
    for _ in range(20):
        world.happen(8, size=500)
        slow.drain(writes=4)
        world.clock.advance(10)
    assert slow.closed is None


async def test_a_stalled_crowd_costs_the_others_nothing(world):
    peers = await world.peers(40)
    for peer in peers[:5]:
        peer.reading = False
    world.happen(200, size=500)
    expected = [publication.offset for publication in world.log.published[TOPIC]]
    assert all(peer.mirror[TOPIC].applied == expected for peer in peers[5:])
    assert all(peer.buffered() <= PACE.high * 2 + 1000 for peer in peers[:5])


async def test_a_socket_that_is_gone_and_not_yet_missed_harms_nobody(world):
    class Gone(FakePeer):
        def write(self, frames: bytes) -> None:
            raise RuntimeError("the handler is closed")

    gone = Gone(world.hub)
    world.hub.register(gone.link, TOPIC).live = True
    lagging = Gone(world.hub)
    world.hub.register(lagging.link, TOPIC).live = True
    world.hub._laggards.add(lagging.link)
    gone.link.say(b"{}")
    [peer] = await world.peers(1)
    world.happen(3)
    assert peer.mirror[TOPIC].applied == [1, 2, 3]
    assert world.hub.stats().lagging == 0


# -- rights, restore, end


async def test_revoking_a_principal_closes_all_its_connections_for_good(world):
    mine = [FakePeer(world.hub, "anna"), FakePeer(world.hub, "anna")]
    other = FakePeer(world.hub, "bruno")
    assert world.hub.close_principal("anna") == 2
    assert [peer.closed for peer in mine] == [CloseCode.INVALID_TOKEN] * 2
    assert other.closed is None
    assert not CloseCode.INVALID_TOKEN.reconnect


async def test_a_withdrawn_topic_stops_at_once(world):
    [peer] = await world.peers(1)
    world.happen()
    world.hub.withdraw("p0", TOPIC)
    world.happen()
    assert peer.mirror[TOPIC].applied == [1]
    assert peer.mirror[TOPIC].resyncs == ["revoked"]


async def test_a_right_withdrawn_while_the_topic_loads_wins(world):
    peer = FakePeer(world.hub, "anna")
    subscription = world.hub.register(peer.link, TOPIC)
    loading = asyncio.ensure_future(world.hub.load(subscription, None))
    await asyncio.sleep(0)
    world.hub.withdraw("anna", TOPIC)
    with pytest.raises(CommandError):
        await loading
    world.hub.go_live(peer.link, TOPIC)
    world.happen()
    assert peer.mirror[TOPIC].applied == []


async def test_a_restored_log_sends_everybody_for_a_snapshot(world):
    [peer] = await world.peers(1)
    world.happen(5)
    world.log.seq = 2
    world.hub.reset("new", 2)
    assert peer.mirror[TOPIC].resyncs == ["epoch"]
    answer = await peer.subscribe(TOPIC, Position("k3Qz", 5))
    assert not answer.recovered
    assert answer.position == Position("new", 2)
    world.happen()
    assert peer.mirror[TOPIC].offset == 3


async def test_a_closing_connection_cannot_subscribe(world):
    peer = FakePeer(world.hub)
    peer.close(CloseCode.SLOW, "slow")
    with pytest.raises(CommandError):
        world.hub.register(peer.link, TOPIC)


async def test_who_asks_again_and_again_without_reading_is_refused_for_now(world):
    peer = FakePeer(world.hub)
    peer.reading = False
    peer.link.say(b" " * (world.hub._pace.swamped + 1))
    with pytest.raises(CommandError) as refusal:
        await peer.subscribe(TOPIC)
    assert refusal.value.code.temporary


async def test_the_ring_of_a_left_topic_stays_for_those_who_come_back_soon(world):
    [peer] = await world.peers(1)
    world.happen(3)
    peer.leave()
    world.clock.advance(PACE.linger_s - 10)
    assert world.hub.stats().topics == 1
    world.clock.advance(20)
    assert world.hub.stats().topics == 0
    assert world.clock.pending == 0


async def test_made_up_topics_leave_nothing_behind(world):
    peer = FakePeer(world.hub)
    for number in range(100):
        world.hub.register(peer.link, f"request:{number}")
        world.hub.unsubscribe(peer.link, f"request:{number}")
    assert world.hub.stats().topics == 0


async def test_everybody_feels_the_heartbeat(world):
    [peer] = await world.peers(1)
    world.clock.advance(5)
    assert len(peer.ticks) == 5


async def test_what_the_relay_read_and_did_not_publish_counts_as_read(world):
    [peer] = await world.peers(1)
    world.log.seq = 40
    world.hub.advance(40)
    answer = await FakePeer(world.hub).subscribe(TOPIC, Position("k3Qz", 0))
    assert answer.position.offset == 40
    assert peer.mirror[TOPIC].applied == []


async def test_a_hub_that_is_not_open_refuses():
    with pytest.raises(CommandError):
        FakePeer(Hub(MemoryLog()))


async def test_a_hub_that_stops_cuts_all_and_leaves_no_timer(world):
    [peer] = await world.peers(1)
    world.log.write(TOPIC, a={"n": 1})
    world.log.relay(world.hub)
    world.hub.stop()
    assert peer.aborted
    assert world.clock.pending == 0
    assert not world.hub.accepting


async def test_thousands_of_comings_and_goings_leave_nothing_behind(world):
    gone = []
    for number in range(2000):
        peer = FakePeer(world.hub, f"p{number % 7}")
        await peer.subscribe(TOPIC)
        if number % 3 == 0:
            world.happen()
        peer.leave()
        gone.append(weakref.ref(peer))
    del peer
    world.clock.advance(1)
    gc.collect()
    assert not any(ref() for ref in gone)
    assert world.hub.stats().connections == 0
    assert world.hub._principals == {}
    assert world.hub._addresses == {}


async def test_who_was_looked_up_before_being_revoked_and_knocks_after_is_closed(world):
    world.hub.close_principal("anna")
    late, other = FakePeer(world.hub, "anna"), FakePeer(world.hub, "bruno")
    assert late.closed is CloseCode.INVALID_TOKEN
    assert other.closed is None
    world.clock.advance(31)
    assert FakePeer(world.hub, "anna").closed is None
