"""The ring answers in full or not at all, and asks the log once for many."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.frames import payloads
from realtime.history import Depth, History, Ring
from realtime.protocol import CommandError, Publication, Snapshot
from tests.support.live_log import MemoryLog

TOPIC = "board:cd19"


def publication(offset: int, size: int = 0) -> Publication:
    return Publication(offset, f"e{offset}", "thing.changed", "a", offset, "now", {"x": "é" * size})


def ring_of(*offsets: int, position: int = 0, depth: Depth | None = None) -> Ring:
    ring = Ring(TOPIC, position, depth or Depth())
    for offset in offsets:
        ring.append(publication(offset))
    return ring


def offsets_in(frames: bytes) -> list[tuple[int, int]]:
    pubs = [json.loads(payload)["pub"] for payload in payloads(frames)]
    return [(pub["prev"], pub["offset"]) for pub in pubs]


def test_each_publication_names_the_offset_before_it():
    chunk = ring_of(11, 15, 16, position=10).chunk(10, size=10_000)
    assert chunk is not None
    assert offsets_in(chunk.frames) == [(10, 11), (11, 15), (15, 16)]
    assert chunk.offset == 16


def test_a_repeat_by_the_relay_is_held_once():
    ring = ring_of(11, 12)
    assert not ring.append(publication(12))
    assert not ring.append(publication(11))
    assert len(ring) == 2


def test_a_cold_ring_does_not_answer_for_what_came_before_it():
    ring = ring_of(position=100)
    assert ring.covers(100)
    assert not ring.covers(99)
    assert ring.chunk(99, size=1) is None


def test_a_full_ring_forgets_the_oldest_and_says_so():
    ring = ring_of(*range(1, 101), depth=Depth(frames=10))
    assert 10 <= len(ring) <= 11
    assert ring.chunk(ring.floor - 1, size=1) is None
    chunk = ring.chunk(ring.floor, size=10**6)
    assert chunk is not None
    assert [offset for _, offset in offsets_in(chunk.frames)] == list(range(ring.floor + 1, 101))


def test_a_ring_is_bounded_in_bytes_too():
    ring = Ring(TOPIC, 0, Depth(frames=1000, size=50_000))
    for offset in range(1, 101):
        ring.append(publication(offset, size=2_000))
    chunk = ring.chunk(ring.floor, size=10**9)
    assert chunk is not None
    assert len(chunk.frames) <= 50_000
    assert len(ring) >= 5


def test_one_publication_larger_than_the_ring_is_still_delivered():
    ring = Ring(TOPIC, 0, Depth(frames=10, size=100))
    ring.append(publication(1, size=500))
    chunk = ring.chunk(0, size=1)
    assert chunk is not None
    assert offsets_in(chunk.frames) == [(0, 1)]


def test_a_chunk_is_about_as_large_as_asked():
    ring = ring_of(*range(1, 21))
    chunk = ring.chunk(0, size=300)
    assert chunk is not None
    assert 300 <= len(chunk.frames) < 600
    following = ring.chunk(chunk.offset, size=10**6)
    assert following is not None
    assert following.offset == 20


@given(st.integers(0, 70_000))
def test_bodies_are_the_pushed_publications_whatever_their_size(size):
    ring = Ring(TOPIC, 0, Depth())
    pub = Publication(1, "e1", "thing.changed", "a", 1, "now", {"x": "y" * size})
    ring.append(pub)
    chunk = ring.chunk(0, size=1)
    assert chunk is not None
    [pushed] = [json.loads(payload)["pub"] for payload in payloads(chunk.frames)]
    assert json.loads(ring.bodies(0)) == [pushed]
    assert pushed["data"] == {"x": "y" * size}


async def test_the_ring_grows_backwards_from_the_log():
    log = MemoryLog()
    for number in range(10):
        log.write(TOPIC if number % 2 else "crew:7", a={"n": number})
    history = History(Ring(TOPIC, log.seq, Depth()), log)
    assert await history.reach(3, position=10)
    assert [pub["offset"] for pub in json.loads(history.ring.bodies(3))] == [4, 6, 8, 10]
    assert history.ring.floor == 3


async def test_many_who_come_back_at_once_cost_few_readings():
    log = MemoryLog()
    for number in range(200):
        log.write(TOPIC, a={"n": number})
    history = History(Ring(TOPIC, log.seq, Depth()), log)
    # Each client holds another offset, the luckiest ones arrive first.
    answers = await asyncio.gather(
        *(history.reach(after, position=200) for after in range(199, 99, -1))
    )
    assert all(answers)
    assert log.reads["history"] <= 2


async def test_those_who_come_back_too_late_do_not_ask_one_after_the_other():
    log = MemoryLog(kept=10)
    for number in range(200):
        log.write(TOPIC, a={"n": number})
    history = History(Ring(TOPIC, log.seq, Depth()), log)
    answers = await asyncio.gather(*(history.reach(after, position=200) for after in range(150)))
    assert not any(answers)
    assert log.reads["history"] <= 10
    reads = log.reads["history"]
    assert not await history.reach(100, position=200)
    assert log.reads["history"] == reads
    assert await history.reach(195, position=200)


async def test_more_than_the_ring_holds_is_never_replayed_in_part():
    log = MemoryLog()
    for number in range(11):
        log.write(TOPIC, a={"n": number})
    history = History(Ring(TOPIC, log.seq, Depth(frames=10)), log)
    assert not await history.reach(0, position=11)
    assert await history.reach(1, position=11)
    assert len(history.ring) == 10


async def test_more_bytes_than_the_ring_may_hold_are_not_replayed():
    log = MemoryLog()
    for number in range(10):
        log.write(TOPIC, a={"n": number, "x": "x" * 1000})
    history = History(Ring(TOPIC, log.seq, Depth(size=5000)), log)
    assert not await history.reach(0, position=10)
    assert await history.reach(7, position=10)


def test_nothing_new_is_an_empty_chunk():
    chunk = ring_of(11, 12, position=10).chunk(12, size=100)
    assert chunk is not None
    assert chunk == (b"", 12)


async def test_a_client_ahead_of_this_process_is_believed_only_if_the_log_knows_its_offset():
    log = MemoryLog()
    for number in range(5):
        log.write(TOPIC, a={"n": number})
    history = History(Ring(TOPIC, 3, Depth()), log)
    assert await history.reach(5, position=3)
    assert not await history.reach(6, position=3)


async def test_a_snapshot_is_read_once_for_all_who_ask_together():
    log = MemoryLog()
    log.write(TOPIC, a={"n": 1})
    history = History(Ring(TOPIC, log.seq, Depth()), log)
    snapshots = await asyncio.gather(*(history.snapshot() for _ in range(50)))
    assert log.reads["snapshot"] == 1
    assert {snapshot.offset for snapshot in snapshots} == {1}


async def test_a_snapshot_the_ring_has_moved_away_from_is_read_again():
    log = MemoryLog()
    log.write(TOPIC, a={"n": 1})
    ring = Ring(TOPIC, log.seq, Depth(frames=4))
    history = History(ring, log)
    await history.snapshot()
    for number in range(20):
        ring.append(log.write(TOPIC, a={"n": number}))
    assert (await history.snapshot()).offset == log.seq
    assert log.reads["snapshot"] == 2


async def test_a_source_that_stays_behind_the_ring_is_refused_not_believed():
    class Replica(MemoryLog):
        async def snapshot(self, topic: str) -> Snapshot:
            return Snapshot(1, [])

    history = History(Ring(TOPIC, 9, Depth()), Replica())
    with pytest.raises(CommandError, match="too fast"):
        await history.snapshot()


async def test_a_large_snapshot_is_encoded_beside_the_loop():
    log = MemoryLog()
    log.write(TOPIC, **{f"k{number}": {"n": number} for number in range(300)})
    snapshot = await History(Ring(TOPIC, log.seq, Depth()), log).snapshot()
    assert len(json.loads(snapshot.items)) == 300
