"""A store in a test's hand: opened on a database, its writer held so that a group forms."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from dispatcher import event_log
from dispatcher.actors import Actor, system
from dispatcher.clock import FrozenClock, monotonic_s
from dispatcher.database import Append, Clocks, Store, Tx
from dispatcher.events.facts import CrewChanged
from dispatcher.models import Cursor, EventRow

ORG = "correze"
SERVICE: Actor = system(ORG)


@contextmanager
def open_store(
    url: str, at: datetime, append: Append = event_log.append, **options: Any
) -> Iterator[Store]:
    """Run a store on a migrated database, with one frozen clock for service and wall."""
    clock = FrozenClock(at)
    store = Store(url, Clocks(clock, clock), append, **options)
    store.start()
    try:
        yield store
    finally:
        store.stop()


@asynccontextmanager
async def writer_held(store: Store) -> AsyncIterator[None]:
    """Keep the writer busy for the time of the block: what comes meanwhile makes one group."""
    started, release = threading.Event(), threading.Event()

    def hold(_tx: Tx) -> None:
        started.set()
        release.wait(10)

    holding = asyncio.create_task(store.submit(hold, SERVICE))
    await until(started.is_set)
    try:
        yield
    finally:
        release.set()
        await asyncio.gather(holding, return_exceptions=True)


async def until(holds: Any, within_s: float = 10.0) -> None:
    """Return as soon as something holds; fail when it does not in time."""
    deadline_s = monotonic_s() + within_s
    while not holds():
        assert monotonic_s() < deadline_s, "it never came to hold"
        await asyncio.sleep(0)


async def as_one_group(store: Store, *commands: Any) -> list[Any]:
    """Return the answers (or errors) of commands that wait for the writer together."""
    async with writer_held(store):
        tasks = [asyncio.create_task(store.submit(command, SERVICE)) for command in commands]
        await until(lambda: store.waiting == len(commands))
    return await asyncio.gather(*tasks, return_exceptions=True)


def mark(name: str, seq: int = 0) -> Any:
    """Return a command that stores a row of that name."""

    def command(tx: Tx) -> str:
        tx.session.add(Cursor(name=name, seq=seq))
        return name

    return command


def fact(tx: Tx, state: str = "available") -> None:
    """Record a small fact."""
    tx.record(CrewChanged(crew_id=tx.new_id(), state=state))


def marks(session: Session) -> set[str]:
    """Return the names of the rows stored by `mark`."""
    return set(session.exec(select(Cursor.name)).all())


def log_of(session: Session) -> Sequence[EventRow]:
    """Return the whole log in order."""
    return session.exec(select(EventRow).order_by(col(EventRow.seq))).all()
