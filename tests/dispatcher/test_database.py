"""The one way to change anything: what a caller may rely on, on each kind of store."""

import asyncio
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, create_engine, select

from dispatcher import event_log
from dispatcher.database import Pending, Store, Tx
from dispatcher.errors import Conflict, InvalidInput, Unavailable
from dispatcher.models import Cursor, Plan
from dispatcher.models.base import touch
from tests.support.stores import (
    SERVICE,
    as_one_group,
    fact,
    log_of,
    mark,
    marks,
    open_store,
    until,
    writer_held,
)
from tests.support.world import TUESDAY


async def test_an_answer_comes_after_the_commit(either: Store) -> None:
    answer = await either.submit(mark("kept"), SERVICE)

    stranger = create_engine(either.url)
    with Session(stranger) as session:
        assert answer in marks(session)
    stranger.dispose()


async def test_what_waits_together_is_committed_together(either_store: str) -> None:
    groups: list[int] = []

    def counting(session: Session, pending: list[Pending], wall: object) -> int:
        groups.append(len(pending))
        return event_log.append(session, pending, TUESDAY)

    with open_store(either_store, TUESDAY, counting) as store:
        await as_one_group(store, fact, fact, fact)

    assert groups == [3]


async def test_a_refused_command_rolls_back_alone(either: Store) -> None:
    def refused(tx: Tx) -> None:
        tx.session.add(Cursor(name="refused", seq=0))
        tx.session.flush()
        fact(tx, "refused")
        raise InvalidInput("no")

    first, second, third = await as_one_group(either, mark("first"), refused, mark("third"))

    assert (first, third) == ("first", "third")
    assert isinstance(second, InvalidInput)
    with either.read() as session:
        assert {"first", "third"} <= marks(session)
        assert "refused" not in marks(session)
        assert all(row.data["state"] != "refused" for row in log_of(session) if "state" in row.data)


async def test_an_exploding_command_fails_alone_and_the_writer_lives_on(either: Store) -> None:
    def exploding(tx: Tx) -> None:
        tx.session.add(Cursor(name="half done", seq=0))
        raise ZeroDivisionError

    first, second = await as_one_group(either, exploding, mark("mate"))

    assert isinstance(first, ZeroDivisionError)
    assert second == "mate"
    assert await either.submit(mark("later"), SERVICE) == "later"
    with either.read() as session:
        assert "half done" not in marks(session)


async def test_the_same_row_twice_in_a_group_refuses_the_second(either: Store) -> None:
    first, second, third = await as_one_group(either, mark("one"), mark("one", 7), mark("two"))

    assert (first, third) == ("one", "two")
    assert isinstance(second, Conflict)
    with either.read() as session:
        assert session.get_one(Cursor, "one").seq == 0


async def test_a_change_of_a_row_that_moved_on_is_a_conflict(either: Store) -> None:
    def make(tx: Tx) -> None:
        tx.session.add(Plan(id=tx.new_id(), org=tx.org, updated_at=tx.now))

    def overtaken(tx: Tx) -> None:
        plan = tx.session.exec(select(Plan)).one()
        tx.session.execute(text("UPDATE plan SET version = version + 1, number = 9"))
        plan.number = 2
        touch(plan, tx.now)

    await either.submit(make, SERVICE)
    with pytest.raises(Conflict):
        await either.submit(overtaken, SERVICE)
    with either.read() as session:
        assert session.exec(select(Plan.number)).one() == 1


async def test_an_event_that_cannot_be_written_spoils_nothing_but_its_own_command(
    either_store: str,
) -> None:
    runs: list[str] = []

    def picky(session: Session, pending: list[Pending], wall: object) -> int:
        if any(getattr(item.event, "state", "") == "unwritable" for item in pending):
            raise TypeError("unwritable")
        return event_log.append(session, pending, TUESDAY)

    def poisoned(tx: Tx) -> None:
        fact(tx, "unwritable")

    def refused(_tx: Tx) -> None:
        runs.append("refused")
        raise InvalidInput("no")

    with open_store(either_store, TUESDAY, picky) as store:
        bad, no, good = await as_one_group(store, poisoned, refused, mark("good"))

        assert isinstance(bad, TypeError)
        assert isinstance(no, InvalidInput)
        assert good == "good"
        # Whoever was told no must not be run again and perhaps succeed unheard.
        assert runs == ["refused"]
        with store.read() as session:
            assert "good" in marks(session)


async def test_a_command_that_waits_too_long_is_refused_and_never_run(either: Store) -> None:
    async with writer_held(either):
        with pytest.raises(Unavailable):
            await either.submit(mark("late"), SERVICE, deadline_s=0.01)

    await either.submit(mark("next"), SERVICE)
    with either.read() as session:
        assert "late" not in marks(session)


def test_a_thread_that_waits_too_long_is_refused_too(either: Store) -> None:
    started, release = threading.Event(), threading.Event()

    def hold(_tx: Tx) -> None:
        started.set()
        release.wait(10)

    holder = threading.Thread(target=either.submit_wait, args=(hold, SERVICE))
    holder.start()
    started.wait(10)
    with pytest.raises(Unavailable):
        either.submit_wait(mark("late"), SERVICE, deadline_s=0.01)
    release.set()
    holder.join(10)
    assert either.submit_wait(mark("next"), SERVICE) == "next"
    with either.read() as session:
        assert "late" not in marks(session)


async def test_a_full_queue_refuses_at_once(sqlite_copy: str) -> None:
    with open_store(sqlite_copy, TUESDAY, queue_size=1) as store:
        async with writer_held(store):
            queued = asyncio.create_task(store.submit(mark("queued"), SERVICE))
            await until(lambda: store.waiting == 1)
            with pytest.raises(Unavailable, match="full"):
                await store.submit(mark("one too many"), SERVICE)
        assert await queued == "queued"


async def test_a_caller_who_gives_up_does_not_disturb_the_writer(either: Store) -> None:
    async with writer_held(either):
        leaving = asyncio.create_task(either.submit(mark("abandoned"), SERVICE))
        await until(lambda: either.waiting == 1)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)

    assert await either.submit(mark("later"), SERVICE) == "later"


@pytest.mark.parametrize("turns", range(4))
async def test_a_cancellation_that_meets_the_answer_is_not_swallowed(
    either: Store, turns: int
) -> None:
    leaving = asyncio.create_task(either.submit(mark("met"), SERVICE))
    await asyncio.sleep(0)
    either.submit_wait(mark("follows"), SERVICE)  # the loop stands still, the answer is on its way
    for _ in range(turns):
        await asyncio.sleep(0)
    if leaving.cancel():
        with pytest.raises(asyncio.CancelledError):
            await leaving
    else:
        assert leaving.result() == "met"


async def test_a_reader_sees_one_snapshot_however_long_it_looks(either: Store) -> None:
    with either.read() as session:
        before = marks(session)
        await either.submit(mark("meanwhile"), SERVICE)
        assert marks(session) == before
    with either.read() as session:
        assert marks(session) == before | {"meanwhile"}


def test_a_reading_session_cannot_write(either: Store) -> None:
    with either.read() as session:
        session.add(Cursor(name="smuggled", seq=0))
        with pytest.raises(DBAPIError):
            session.flush()


async def test_a_dead_writer_fails_everybody_who_waits_at_once(either: Store) -> None:
    def deadly(_tx: Tx) -> None:
        raise SystemExit

    async with asyncio.timeout(5):
        answers = await as_one_group(either, mark("before"), deadly, mark("after"))
        assert [type(answer) for answer in answers] == [Unavailable] * 3
        with pytest.raises(Unavailable, match="died"):
            await either.submit(mark("later"), SERVICE)
    assert either.failure is not None
    with either.read() as session:
        assert "before" not in marks(session)


async def test_listeners_hear_the_last_number_of_a_commit(either: Store) -> None:
    heard: list[int] = []
    either.on_commit(heard.append)

    await either.submit(fact, SERVICE)
    await either.submit(mark("without an event"), SERVICE)

    with either.read() as session:
        assert heard == [event_log.head(session).seq]


async def test_a_listener_that_fails_does_not_stop_the_writer(either: Store) -> None:
    def deaf(_seq: int) -> None:
        raise RuntimeError("Event loop is closed")

    either.on_commit(deaf)
    await either.submit(fact, SERVICE)

    assert await either.submit(mark("later"), SERVICE) == "later"


async def test_stopping_commits_what_waits(sqlite_copy: str) -> None:
    with open_store(sqlite_copy, TUESDAY) as store:
        async with writer_held(store):
            waiting = asyncio.create_task(store.submit(mark("last"), SERVICE))
            await until(lambda: store.waiting == 1)
        store.stop()
        assert await waiting == "last"
        with pytest.raises(Unavailable):
            await store.submit(mark("after"), SERVICE)


async def test_there_is_one_writer_however_often_it_is_started(either: Store) -> None:
    before = threading.active_count()
    either.start()

    assert threading.active_count() == before
    assert await either.submit(mark("later"), SERVICE) == "later"


def test_sqlite_writes_survive_a_power_cut(sqlite_copy: str) -> None:
    with open_store(sqlite_copy, TUESDAY) as store:
        modes = store.submit_wait(
            lambda tx: [
                tx.session.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ],
            SERVICE,
        )
    assert modes == ["wal", 2, 1]


@pytest.mark.postgres
async def test_a_lost_connection_fails_its_group_and_no_other(
    postgres_store: Store,
) -> None:
    def cut(tx: Tx) -> None:
        tx.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    answers = await as_one_group(postgres_store, mark("lost"), cut)

    assert [type(answer) for answer in answers] == [Unavailable] * 2
    assert await postgres_store.submit(mark("later"), SERVICE) == "later"
    with postgres_store.read() as session:
        assert "lost" not in marks(session)


@pytest.mark.postgres
async def test_two_writers_that_wait_for_each_other_both_get_their_way(
    postgres_store: Store,
) -> None:
    await postgres_store.submit(mark("a"), SERVICE)
    await postgres_store.submit(mark("b"), SERVICE)
    meeting = threading.Barrier(2)

    def crossing(*names: str) -> object:
        met: list[bool] = []

        def command(tx: Tx) -> str:
            tx.session.execute(text("SET LOCAL deadlock_timeout = '20ms'"))
            for name in names:
                row = tx.session.get_one(Cursor, name, with_for_update=True)
                row.seq += 1
                tx.session.flush()
                if not met:
                    met.append(True)
                    meeting.wait(10)
            return names[0]

        return command

    with open_store(postgres_store.url, TUESDAY) as other:
        answers = await asyncio.gather(
            postgres_store.submit(crossing("a", "b"), SERVICE),
            other.submit(crossing("b", "a"), SERVICE),
        )
    assert answers == ["a", "b"]
    with postgres_store.read() as session:
        assert session.get_one(Cursor, "a").seq == 2
        assert session.get_one(Cursor, "b").seq == 2
