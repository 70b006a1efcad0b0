"""A worker frozen past its lease, a clock that steps back."""

import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlmodel import select

from dispatcher import event_log, jobs
from dispatcher.clock import FrozenClock, SystemClock, monotonic_s
from dispatcher.database import Clocks, Store
from dispatcher.errors import Conflict
from dispatcher.models import Job
from tests.support.project import ROOT
from tests.support.stores import SERVICE, fact, log_of, marks
from tests.support.world import TUESDAY

FROZEN = """
import sys
from tests.support.broken import VARIANTS
for variant in sys.argv[2:]:
    VARIANTS[variant]()
from datetime import timedelta
from dispatcher import event_log, jobs
from dispatcher.clock import SystemClock
from dispatcher.database import Clocks, Store
from dispatcher.errors import Conflict
from tests.support.stores import SERVICE, mark
clock = SystemClock()
store = Store(sys.argv[1], Clocks(clock, clock), event_log.append)
store.start()
ttl = timedelta(seconds=0.3)
held = store.submit_wait(lambda tx: jobs.lease(tx, ["frozen"], "sleeper", ttl), SERVICE)
print("held", held.fence, flush=True)
sys.stdin.readline()
def late(tx):
    mark("late write")(tx)
    jobs.finish(tx, held)
try:
    store.submit_wait(late, SERVICE)
    print("stored", flush=True)
except Conflict:
    print("refused", flush=True)
store.stop()
"""


def what_a_frozen_worker_says(either_store: str, *broken: str) -> tuple[str, bool]:
    """Freeze a worker past its lease and wake it; return what it says and whether it wrote."""
    clock = SystemClock()
    store = Store(either_store, Clocks(clock, clock), event_log.append)
    store.start()
    store.submit_wait(lambda tx: jobs.put(tx, "frozen", "k"), SERVICE)
    sleeper = subprocess.Popen(
        [sys.executable, "-c", FROZEN, either_store, *broken],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert sleeper.stdout is not None
    assert sleeper.stdout.readline().startswith("held")
    sleeper.send_signal(signal.SIGSTOP)
    until_s = monotonic_s() + 20
    lease = None
    while lease is None:
        assert monotonic_s() < until_s, "the lease never ended"
        lease = store.submit_wait(lambda tx: jobs.lease(tx, ["frozen"], "other"), SERVICE)
    sleeper.send_signal(signal.SIGCONT)
    said, _ = sleeper.communicate("go on\n", timeout=30)
    with store.read() as session:
        wrote = "late write" in marks(session)
    if not broken:
        taken = lease
        store.submit_wait(lambda tx: jobs.finish(tx, taken), SERVICE)
        with store.read() as session:
            assert session.exec(select(Job).where(Job.kind == "frozen")).all() == []
    store.stop()
    return said.strip(), wrote


def test_a_worker_frozen_past_its_lease_writes_nothing_when_it_wakes(either_store: str) -> None:
    assert what_a_frozen_worker_says(either_store) == ("refused", False)


def test_without_a_fence_the_late_write_is_seen(sqlite_copy: str) -> None:
    assert what_a_frozen_worker_says(sqlite_copy, "no_fence") == ("stored", True)


def test_a_clock_that_steps_back_breaks_neither_order_nor_leases(either_store: str) -> None:
    clock = FrozenClock(TUESDAY)
    store = Store(either_store, Clocks(clock, clock), event_log.append)
    store.start()
    store.submit_wait(lambda tx: jobs.put(tx, "stepped", "k"), SERVICE)
    held = store.submit_wait(lambda tx: jobs.lease(tx, ["stepped"], "one"), SERVICE)
    for step in (0, -3600, 1800, -7200, 60):
        clock.set(TUESDAY + timedelta(seconds=step))
        store.submit_wait(fact, SERVICE)
        if step <= 0:
            assert store.submit_wait(lambda tx: jobs.lease(tx, ["stepped"], "two"), SERVICE) is None
    again = store.submit_wait(lambda tx: jobs.lease(tx, ["stepped"], "two"), SERVICE)
    with pytest.raises(Conflict):
        store.submit_wait(lambda tx: jobs.finish(tx, held), SERVICE)
    store.submit_wait(lambda tx: jobs.finish(tx, again), SERVICE)
    with store.read() as session:
        seqs = [event.seq for event in log_of(session)]
        assert seqs == list(range(1, len(seqs) + 1))
        assert list(event_log.broken_links(session)) == []
    store.stop()
