"""Every point at which something can die: an index of the tests, and the points of the writer.

`POINTS` names the test of each row; what has no better home is tested here, by a process that kills
itself with SIGKILL at exactly that point.
"""

import signal
import subprocess
import sys
from typing import Any

import pytest
from sqlmodel import select

from dispatcher import event_log
from dispatcher.clock import SystemClock
from dispatcher.database import Clocks, Store, Tx
from dispatcher.idempotency import once
from dispatcher.models import Cursor
from tests.support.project import ROOT
from tests.support.stores import SERVICE, fact, log_of, mark

HERE = "chaos/test_crash_points.py"
PRODUCTION = "journeys/test_production.py"
DELIVERIES = "dispatcher/notifications/test_deliveries.py"

POINTS = {
    "before COMMIT": (HERE, "test_a_process_killed_before_commit_stored_nothing"),
    "after COMMIT, before the answer": (HERE, "test_a_repeat_after_a_kill_gets_the_first_answer"),
    "after the answer, before the hint": (HERE, "test_what_no_hint_told_is_in_the_log"),
    "socket sent half": (
        "chaos/test_network.py",
        "test_watchers_behind_a_rough_network_see_each_change_once_and_in_order",
    ),
    "delivery sent, not marked": (
        DELIVERIES,
        "test_a_sender_that_dies_after_sending_is_replaced_and_the_id_stays",
    ),
    "solver mid-solve": (
        PRODUCTION,
        "test_a_worker_that_freezes_or_dies_loses_its_job_to_another",
    ),
    "late write of a frozen worker": (
        "chaos/test_databases.py",
        "test_a_worker_frozen_past_its_lease_writes_nothing_when_it_wakes",
    ),
    "web process killed": (
        PRODUCTION,
        "test_a_killed_web_process_is_replaced_by_the_other_at_once",
    ),
    "PostgreSQL killed": (PRODUCTION, "test_a_killed_database_refuses_and_loses_nothing"),
    "PostgreSQL killed at COMMIT": (
        "chaos/test_killed_database.py",
        "test_a_killed_database_loses_and_doubles_nothing",
    ),
    "Redis killed": (PRODUCTION, "test_without_redis_everything_works_and_says_so"),
    "power": (
        "chaos/test_power.py",
        "test_whatever_the_cut_history_is_a_beginning_of_what_was_answered",
    ),
    "disk full": (
        "chaos/test_power.py",
        "test_a_full_disk_refuses_and_loses_nothing_and_goes_on_when_there_is_room",
    ),
    "holder of an office cut off": (
        "dispatcher/test_offices.py",
        "test_losing_the_connection_is_losing_the_office",
    ),
}

DYING = """
import os, signal, sys
from dispatcher import database
from tests.chaos.test_crash_points import keyed, opened
from tests.support.stores import SERVICE
point = sys.argv[2]
commit = database.Session.commit
def die():
    os.kill(os.getpid(), signal.SIGKILL)
def dying(session):
    if point == "before":
        die()
    commit(session)
    if point == "after":
        die()
store = opened(sys.argv[1])
store.on_commit(lambda seq: die() if point == "answered" else None)
database.Session.commit = dying
store.submit_wait(keyed("first"), SERVICE)
"""


def opened(url: str) -> Store:
    """Open a store on the wall clock."""
    clock = SystemClock()
    store = Store(url, Clocks(clock, clock), event_log.append)
    store.start()
    return store


def keyed(who: str) -> Any:
    """Return a keyed write that answers who ran it."""

    def run(tx: Tx) -> dict[str, Any]:
        mark("crash point")(tx)
        fact(tx)
        return {"by": who}

    return lambda tx: once(tx, "crash", "0123456789abcdef", "print", lambda: run(tx))


def after_a_kill(url: str, point: str) -> tuple[int, int, dict[str, Any]]:
    """Kill a writer at a point; return its rows, its events, and the answer to a repeat."""
    store = opened(url)
    with store.read() as session:
        before = len(log_of(session))
    died = subprocess.run([sys.executable, "-c", DYING, url, point], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    with store.read() as session:
        rows = len(session.exec(select(Cursor).where(Cursor.name == "crash point")).all())
        events = len(log_of(session)) - before
    answer = store.submit_wait(keyed("second"), SERVICE)
    with store.read() as session:
        assert len(session.exec(select(Cursor).where(Cursor.name == "crash point")).all()) == 1
        assert len(log_of(session)) == before + 1, "stored once, whatever the point"
        assert list(event_log.broken_links(session)) == []
    store.stop()
    return rows, events, answer


def test_a_process_killed_before_commit_stored_nothing(either_store: str) -> None:
    assert after_a_kill(either_store, "before") == (0, 0, {"by": "second"})


def test_a_repeat_after_a_kill_gets_the_first_answer(either_store: str) -> None:
    assert after_a_kill(either_store, "after") == (1, 1, {"by": "first"})


def test_what_no_hint_told_is_in_the_log(either_store: str) -> None:
    """Whoever polls the log finds it: relays do so each second, hint or not."""
    assert after_a_kill(either_store, "answered") == (1, 1, {"by": "first"})


@pytest.mark.parametrize("point", sorted(POINTS))
def test_every_point_has_its_test(point: str) -> None:
    path, name = POINTS[point]

    assert f"def {name}(" in (ROOT / "tests" / path).read_text(encoding="utf-8")
