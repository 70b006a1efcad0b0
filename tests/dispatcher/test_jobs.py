"""One holder per job: lease, heartbeat, fence, on each kind of store."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from dispatcher import jobs
from dispatcher.clock import FrozenClock
from dispatcher.database import Store, Tx
from dispatcher.errors import Conflict
from dispatcher.jobs import LEASE, MAX_ATTEMPTS, Lease
from dispatcher.models import Job
from tests.support.stores import SERVICE, mark, marks, open_store
from tests.support.world import TUESDAY

KIND = "test"


class Desk:
    """The jobs of one store, with its clock in hand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        clock = store.clocks.wall
        assert isinstance(clock, FrozenClock)
        self.clock = clock

    def put(self, key: str = "one", payload: dict | None = None, **options: object) -> None:
        self.store.submit_wait(lambda tx: jobs.put(tx, KIND, key, payload, **options), SERVICE)

    def lease(self, worker: str = "anna") -> Lease | None:
        return self.store.submit_wait(lambda tx: jobs.lease(tx, [KIND], worker), SERVICE)

    def held(self, worker: str = "anna") -> Lease:
        found = self.lease(worker)
        assert found is not None
        return found

    def do(self, act: object, held: Lease) -> None:
        self.store.submit_wait(lambda tx: act(tx, held), SERVICE)

    def rows(self) -> list[Job]:
        with self.store.read() as session:
            return list(session.exec(select(Job).order_by(col(Job.key))).all())


@pytest.fixture
def desk(either: Store) -> Desk:
    return Desk(either)


def test_a_job_is_held_by_one_worker(desk: Desk) -> None:
    desk.put(payload={"why": "rain"})

    held = desk.held("anna")

    assert held.payload == {"why": "rain"}
    assert desk.lease("ben") is None


def test_requests_that_wait_under_one_key_become_one_job(desk: Desk) -> None:
    for reason in ("first", "second", "third"):
        desk.put("same", {"why": reason})
    desk.put("other")

    assert [(row.key, row.payload) for row in desk.rows()] == [
        ("other", {}),
        ("same", {"why": "third"}),
    ]


def test_a_request_made_while_the_job_runs_is_not_lost(desk: Desk) -> None:
    desk.put()
    held = desk.held()
    desk.put()
    desk.do(jobs.finish, held)

    assert desk.lease() is not None


def test_a_job_put_by_a_refused_command_does_not_exist(desk: Desk) -> None:
    def refused(tx: Tx) -> None:
        jobs.put(tx, KIND, "ghost")
        raise Conflict

    with pytest.raises(Conflict):
        desk.store.submit_wait(refused, SERVICE)

    assert desk.lease() is None


def test_a_delayed_job_waits_for_its_hour(desk: Desk) -> None:
    desk.put(delay=timedelta(seconds=10))

    assert desk.lease() is None
    desk.clock.advance(timedelta(seconds=10))
    assert desk.lease() is not None


def test_the_oldest_job_goes_first(desk: Desk) -> None:
    desk.put("late", delay=timedelta(seconds=2))
    desk.put("early", delay=timedelta(seconds=1))
    desk.clock.advance(timedelta(seconds=3))

    assert [desk.held().key, desk.held().key] == ["early", "late"]


def test_jobs_of_other_kinds_are_left_alone(desk: Desk) -> None:
    desk.store.submit_wait(lambda tx: jobs.put(tx, "other", "one"), SERVICE)

    assert desk.lease() is None


def test_a_silent_holder_loses_the_job_when_the_lease_ends(desk: Desk) -> None:
    desk.put()
    desk.held("anna")
    desk.clock.advance(LEASE)
    assert desk.lease("ben") is None

    desk.clock.advance(timedelta(seconds=1))
    assert desk.held("ben").fence == 2


def test_a_heartbeat_prolongs_the_lease(desk: Desk) -> None:
    desk.put()
    held = desk.held()
    desk.clock.advance(LEASE)
    desk.do(jobs.heartbeat, held)
    desk.clock.advance(LEASE)

    assert desk.lease("ben") is None


@pytest.mark.parametrize("act", [jobs.finish, jobs.heartbeat])
def test_a_worker_that_slept_past_its_lease_is_refused(desk: Desk, act: object) -> None:
    desk.put()
    late = desk.held("anna")
    desk.clock.advance(LEASE + timedelta(seconds=1))
    current = desk.held("ben")

    with pytest.raises(Conflict):
        desk.do(act, late)
    desk.do(jobs.finish, current)
    assert desk.rows() == []


def test_what_a_late_worker_found_is_not_stored(desk: Desk) -> None:
    desk.put()
    late = desk.held("anna")
    desk.clock.advance(LEASE + timedelta(seconds=1))
    desk.held("ben")

    def store_result(tx: Tx) -> None:
        mark("late result")(tx)
        jobs.finish(tx, late)

    with pytest.raises(Conflict):
        desk.store.submit_wait(store_result, SERVICE)
    with desk.store.read() as session:
        assert "late result" not in marks(session)


def test_a_finished_job_cannot_be_finished_again(desk: Desk) -> None:
    desk.put()
    held = desk.held()
    desk.do(jobs.finish, held)

    with pytest.raises(Conflict):
        desk.do(jobs.finish, held)


def test_a_failed_job_is_tried_again_later_and_says_why(desk: Desk) -> None:
    desk.put()
    held = desk.held()
    desk.store.submit_wait(lambda tx: jobs.fail(tx, held, "no solver"), SERVICE)

    (row,) = desk.rows()
    assert (row.state, row.error, row.worker) == ("waiting", "no solver", None)
    assert desk.lease() is None
    desk.clock.advance(timedelta(seconds=5))
    assert desk.held().fence == 2


def test_a_job_that_keeps_failing_is_given_up(desk: Desk) -> None:
    desk.put()
    for _ in range(MAX_ATTEMPTS):
        held = desk.held()
        desk.store.submit_wait(lambda tx, held=held: jobs.fail(tx, held, "again"), SERVICE)
        desk.clock.advance(timedelta(seconds=5))

    assert desk.lease() is None
    assert [row.state for row in desk.rows()] == ["failed"]


def test_a_job_whose_holders_all_vanish_is_given_up_and_blocks_nobody(desk: Desk) -> None:
    desk.put("deadly")
    for _ in range(MAX_ATTEMPTS):
        desk.held()
        desk.clock.advance(LEASE + timedelta(seconds=1))
    desk.put("harmless")

    assert desk.held().key == "harmless"
    assert [(row.key, row.state) for row in desk.rows()] == [
        ("deadly", "failed"),
        ("harmless", "leased"),
    ]


@pytest.mark.postgres
def test_two_processes_never_hold_the_same_job(postgres_store: Store) -> None:
    here = Desk(postgres_store)
    for number in range(20):
        here.put(f"job {number:02}")
    with open_store(postgres_store.url, TUESDAY) as store:
        there = Desk(store)
        taken = [
            desk.held(name).key for _ in range(10) for desk, name in ((here, "a"), (there, "b"))
        ]
    assert sorted(taken) == [f"job {number:02}" for number in range(20)]
