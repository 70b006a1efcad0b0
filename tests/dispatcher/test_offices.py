"""What only one process does at a time, on a real PostgreSQL: taken, kept, lost, never doubled."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from dispatcher.database import Store, Tx
from dispatcher.errors import Unavailable
from dispatcher.models import Cursor
from dispatcher.offices import AT_WORK, HELD, OfficeLost, Offices
from tests.support.stores import SERVICE, open_store
from tests.support.world import TUESDAY

pytestmark = pytest.mark.postgres

OFFICE = "test"


@pytest.fixture
def two(postgres_store: Store) -> Iterator[tuple[Offices, Offices]]:
    """The offices of two processes on one database."""
    pair = Offices(postgres_store.url), Offices(postgres_store.url)
    yield pair
    for offices in pair:
        offices.resign()


def cut_holders(url: str) -> None:
    """End every connection that holds an office, as a failing network does."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks "
                "WHERE locktype = 'advisory' AND classid = :held"
            ),
            {"held": HELD},
        )
    engine.dispose()


def check(store: Store, offices: Offices) -> None:
    store.submit_wait(lambda tx: offices.check(tx, OFFICE), SERVICE)


def test_one_of_two_holds_an_office_until_it_resigns(
    postgres_store: Store, two: tuple[Offices, Offices]
) -> None:
    first, second = two
    assert first.hold(OFFICE)
    assert first.hold(OFFICE), "it keeps what it has"
    assert not second.hold(OFFICE)
    assert second.hold("another"), "each office is its own"
    check(postgres_store, first)
    with pytest.raises(OfficeLost):
        check(postgres_store, second)

    first.resign()

    assert second.hold(OFFICE)
    with pytest.raises(OfficeLost):
        check(postgres_store, first)
    check(postgres_store, second)


def test_losing_the_connection_is_losing_the_office(
    postgres_store: Store, two: tuple[Offices, Offices]
) -> None:
    first, second = two
    assert first.hold(OFFICE)
    cut_holders(postgres_store.url)

    with pytest.raises(OfficeLost):
        check(postgres_store, first)
    assert second.hold(OFFICE)
    assert not first.hold(OFFICE), "it notices"
    assert not first.hold(OFFICE), "and does not get it back"


def test_a_successor_waits_for_what_its_predecessor_has_begun(
    postgres_store: Store, two: tuple[Offices, Offices]
) -> None:
    first, second = two
    assert first.hold(OFFICE)
    entered, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        first.check(tx, OFFICE)
        entered.set()
        go_on.wait(10)

    working = threading.Thread(target=lambda: postgres_store.submit_wait(slow, SERVICE))
    working.start()
    entered.wait(10)
    cut_holders(postgres_store.url)
    assert second.hold(OFFICE)
    with open_store(postgres_store.url, TUESDAY) as elsewhere:
        with pytest.raises(OfficeLost):
            check(elsewhere, second)
        go_on.set()
        working.join()
        check(elsewhere, second)


def test_two_processes_never_work_at_once_however_often_their_connections_are_cut(
    postgres_store: Store,
) -> None:
    """A lost update would show two at work: each reads a counter, waits, and writes it back."""
    done = [0, 0]
    stop = threading.Event()

    def step(tx: Tx, offices: Offices) -> None:
        offices.check(tx, OFFICE)
        counter = tx.session.get_one(Cursor, "counter")
        seen = counter.seq
        time.sleep(0.002)
        counter.seq = seen + 1

    def work(which: int) -> None:
        offices = Offices(postgres_store.url)
        with open_store(postgres_store.url, TUESDAY) as store:
            while not stop.is_set():
                if not offices.hold(OFFICE):
                    time.sleep(0.001)
                    continue
                try:
                    store.submit_wait(lambda tx: step(tx, offices), SERVICE)
                    done[which] += 1
                except (OfficeLost, Unavailable):
                    continue
        offices.resign()

    postgres_store.submit_wait(lambda tx: tx.session.add(Cursor(name="counter", seq=0)), SERVICE)
    threads = [threading.Thread(target=work, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for _ in range(12):
        time.sleep(0.1)
        cut_holders(postgres_store.url)
    stop.set()
    for thread in threads:
        thread.join()
    with postgres_store.read() as session:
        assert session.get_one(Cursor, "counter").seq == sum(done)
    assert sum(done) > 12


def test_a_sqlite_service_is_one_process_and_holds_every_office(sqlite_copy: str) -> None:
    offices = Offices(sqlite_copy)
    with open_store(sqlite_copy, TUESDAY) as store:
        assert offices.hold(OFFICE)
        check(store, offices)
        offices.resign()
    assert HELD != AT_WORK
