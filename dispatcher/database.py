"""Where truth is kept: one writer thread that commits groups of commands, and read-only snapshots.

`await store.submit(command)` returns after COMMIT with fsync. Whatever waits is committed as one
group (at most 64), each command in its own SAVEPOINT, so that a refused one rolls back alone.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

from dispatcher.actors import Actor
from dispatcher.bell import Arrivals, answer_of, answers_together
from dispatcher.clock import Clock, monotonic_s, step_aside
from dispatcher.engines import connect
from dispatcher.errors import Conflict, CpoError, Unavailable
from dispatcher.unit_of_work import Ahead as Ahead
from dispatcher.unit_of_work import Group, GroupSpoilt
from dispatcher.unit_of_work import Pending as Pending
from dispatcher.unit_of_work import Tx as Tx

log = logging.getLogger("cpo.database")
T = TypeVar("T")

GROUP = 64


Command = Callable[[Tx], T]
Append = Callable[[Session, list[Pending], datetime], int]


@dataclass(slots=True)
class _Waiting:
    command: Command[Any]
    actor: Actor
    result: Future[Any]
    deadline_s: float
    ahead: Ahead | None


@dataclass(slots=True)
class _Written:
    """What a commit stored: answers to give, and the last event's number (0 without events)."""

    answers: list[tuple[_Waiting, Any]] = field(default_factory=list)
    last_seq: int = 0


@dataclass(slots=True)
class Clocks:
    """The two clocks of a service (see `clock.py`)."""

    service: Clock
    wall: Clock


class Store:
    """Truth, with one way to change it (`submit`) and one way to look at it (`read`)."""

    def __init__(self, url: str, clocks: Clocks, append: Append, *, queue_size: int = 2000) -> None:
        """Connect; nothing runs before `start()`.

        Args:
            url: SQLAlchemy URL of the database.
            clocks: Service and wall clock.
            append: Numbers the events of a group and writes them; returns the last seq.
            queue_size: Commands that may wait; one more is refused with 503.
        """
        self.url = url
        self.clocks = clocks
        self.writing = connect(url)
        self.reading = connect(url, read_only=True)
        self._append = append
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._arrivals: Arrivals[_Waiting] = Arrivals(self._line_up)
        self._queue_size = queue_size
        self._group: list[_Waiting] = []
        self._thread: threading.Thread | None = None
        self._listeners: list[Callable[[int], None]] = []
        self.failure: str | None = None
        self.info: dict[str, Any] = {}
        """What sessions carry for slices that only see a session (`session.info`)."""

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a read-only session on one consistent snapshot."""
        with Session(self.reading, info=self.info) as session:
            yield session

    def on_commit(self, listener: Callable[[int], None]) -> None:
        """Call `listener(seq)` from the writer thread after each commit that wrote events."""
        self._listeners.append(listener)

    async def submit(
        self,
        command: Command[T],
        actor: Actor,
        *,
        deadline_s: float = 10.0,
        ahead: Ahead | None = None,
    ) -> T:
        """Return the command's result after COMMIT.

        Args:
            command: What to do; it may be run again when another one spoils the group.
            actor: Who asks.
            deadline_s: How long to wait for the answer.
            ahead: What the command will ask for, read in one statement for the whole group.

        Raises:
            CpoError: What the command refused; its changes are undone, others of the group stay.
            Unavailable: The queue is full, the writer is down, or the deadline passed; it may still
                be stored, so repeat it with the same idempotency key.
        """
        waiting = self._wait_for(command, actor, deadline_s, ahead)
        self._arrivals.bring(waiting)
        future: Future[T] = waiting.result
        try:
            async with asyncio.timeout(deadline_s):
                return await answer_of(future)
        except TimeoutError:
            raise Unavailable("the writer did not answer in time") from None

    def submit_wait(self, command: Command[T], actor: Actor, *, deadline_s: float = 10.0) -> T:
        """Do what `submit` does, for threads and command-line tools."""
        waiting = self._wait_for(command, actor, deadline_s, None)
        self._line_up([waiting])
        future: Future[T] = waiting.result
        try:
            return future.result(deadline_s)
        except TimeoutError:
            raise Unavailable("the writer did not answer in time") from None

    def _wait_for(
        self, command: Command[Any], actor: Actor, deadline_s: float, ahead: Ahead | None
    ) -> _Waiting:
        if self._thread is None or not self._thread.is_alive():
            raise Unavailable(self.failure or "the writer is not running")
        if self.waiting >= self._queue_size:
            raise Unavailable("the writer's queue is full", waiting=self.waiting)
        return _Waiting(command, actor, Future(), monotonic_s() + deadline_s, ahead)

    def _line_up(self, arrived: list[_Waiting]) -> None:
        for waiting in arrived:
            self._queue.put(waiting)
        if self._thread is None or not self._thread.is_alive():
            # It ended between our look and our place in the queue.
            self._abandon()

    @property
    def waiting(self) -> int:
        """Commands that nobody has begun to carry out."""
        return self._queue.qsize() + self._arrivals.waiting

    def start(self) -> None:
        """Start the writer thread; a second call changes nothing, for there may be only one."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._thread = threading.Thread(target=self._supervise, name="cpo-writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Commit what waits, then close every connection."""
        if self._thread is not None and self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(timeout=30)
        self._thread = None
        self.writing.dispose()
        self.reading.dispose()

    def _supervise(self) -> None:
        # If the loop itself dies, waiting callers must hear of it and readiness must turn red: a
        # dead writer once left every later request hanging until its own timeout.
        try:
            self._run()
        except BaseException as error:
            self.failure = f"the writer died: {type(error).__name__}"
            log.critical("writer_died", exc_info=error)
        finally:
            self._abandon()

    def _abandon(self) -> None:
        """Tell everybody who waits that nobody will come."""
        reason = self.failure or "the writer is stopping"
        for waiting in self._group:
            _fail(waiting, Unavailable(reason))
        with suppress(queue.Empty):
            while True:
                if (left := self._queue.get_nowait()) is not None:
                    _fail(left, Unavailable(reason))

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                return
            group, stop = self._gathered(first)
            self._group = group
            self._write(group)
            self._group = []
            if stop:
                return

    def _gathered(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """Return the commands that go to one COMMIT, and whether none comes after them."""
        # Whoever is about to submit does so now: one COMMIT for all of them is cheaper than two
        # halves taking turns with the threads that fill the queue. Costs nothing when none is.
        step_aside()
        group = [first]
        while len(group) < GROUP and not self._queue.empty():
            following = self._queue.get_nowait()
            if following is None:
                return group, True
            group.append(following)
        return group, False

    def _write(self, group: list[_Waiting]) -> None:
        alive = [w for w in group if w.result.set_running_or_notify_cancel()]
        alive = [w for w in alive if not _too_late(w)]
        try:
            written = self._commit(alive)
        except Exception as error:  # the edge of the writer: it must outlive every group
            if isinstance(error, OperationalError) and not _is_deadlock(error):
                log.error("commit_failed", exc_info=error)
                for waiting in alive:
                    _fail(waiting, Unavailable("the database refused the commit"))
                return
            # One command spoilt the common COMMIT, or two writers waited for each other: give each
            # its own. Whoever was refused already keeps that answer.
            log.warning("group_split", exc_info=error)
            for single in alive:
                if not single.result.done():
                    self._write_single(single)
            return
        self._tell(written)

    def _write_single(self, waiting: _Waiting) -> None:
        try:
            written = self._commit([waiting])
        except GroupSpoilt as error:
            log.warning("write_race", exc_info=error)
            _fail(waiting, Conflict("another change came first"))
        except DBAPIError as error:
            log.error("commit_failed", exc_info=error)
            _fail(waiting, Unavailable("the database refused the commit"))
        except Exception as error:  # the edge of the writer: the culprit hears of it, alone
            log.exception("commit_failed")
            _fail(waiting, error)
        else:
            self._tell(written)

    def _commit(self, group: list[_Waiting]) -> _Written:
        written = _Written()
        wall = self.clocks.wall.now()
        with Session(self.writing, expire_on_commit=False, info=self.info) as session:
            shared = Group(session)
            shared.read_ahead(waiting.ahead for waiting in group if waiting.ahead is not None)
            for waiting in group:
                outcome = _attempt(waiting, shared, now=self.clocks.service.now(), wall=wall)
                if outcome is not _REFUSED:
                    written.answers.append((waiting, outcome))
            shared.close()
            if shared.pending:
                written.last_seq = self._append(session, shared.pending, wall)
            session.commit()
        return written

    def _tell(self, written: _Written) -> None:
        with answers_together():
            for waiting, answer in written.answers:
                _answer(waiting, answer)
        if not written.last_seq:
            return
        for listener in self._listeners:
            try:
                listener(written.last_seq)
            except Exception:  # the edge of the writer: what is stored is stored
                log.exception("listener_failed")


_REFUSED = object()


def _attempt(waiting: _Waiting, group: Group, *, now: datetime, wall: datetime) -> Any:
    """Run one command, in a SAVEPOINT if it uses the session; answer its waiter at once when it is
    refused.
    """
    try:
        with ExitStack() as savepoint:
            tx = Tx(group, savepoint, waiting.actor, now=now, wall=wall)
            answer = waiting.command(tx)
            if tx.used_session:
                tx.session.flush()
        group.adopt(tx)
        return answer
    except CpoError as refusal:
        _fail(waiting, refusal)
    except (StaleDataError, IntegrityError) as race:
        # Another writer changed or made the same row between our read and our write.
        log.warning("write_race", exc_info=race, extra={"command": _name(waiting.command)})
        _fail(waiting, Conflict("another change came first"))
    except (OperationalError, GroupSpoilt):
        raise
    except Exception as error:  # the edge of the writer: one bad command must not stop the others
        log.exception("command_failed", extra={"command": _name(waiting.command)})
        _fail(waiting, error)
    return _REFUSED


def _name(command: Command[Any]) -> str:
    """Return what a command is called in the code."""
    inner = getattr(command, "func", command)
    return str(getattr(inner, "__qualname__", type(inner).__name__))


def _is_deadlock(error: OperationalError) -> bool:
    """Whether PostgreSQL preferred another writer: the same commands may well succeed now."""
    return getattr(error.orig, "sqlstate", None) in {"40P01", "40001"}


def _too_late(waiting: _Waiting) -> bool:
    if monotonic_s() <= waiting.deadline_s:
        return False
    _fail(waiting, Unavailable("the command waited too long and was not run"))
    return True


def _fail(waiting: _Waiting, error: Exception) -> None:
    # The waiter may have been cancelled meanwhile; the writer must outlive that.
    with suppress(InvalidStateError):
        waiting.result.set_exception(error)


def _answer(waiting: _Waiting, answer: Any) -> None:
    with suppress(InvalidStateError):
        waiting.result.set_result(answer)
