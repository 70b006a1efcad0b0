"""From the log to the hub: one reader a process, with its own cursor, woken by hints and by the
second.

Hints may be lost, doubled or late; the log is read anyway each second, so nothing depends on them.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool

from dispatcher import event_log
from dispatcher.auth.sessions import public_name
from dispatcher.database import Store
from dispatcher.events.account_facts import UserSignedOut
from dispatcher.live.feed import Audience, publications
from dispatcher.live.views import audience_of
from dispatcher.models import EventRow
from realtime.broker import Broker
from realtime.hub import Hub

log = logging.getLogger("cpo.relay")

SIGNED_OUT = UserSignedOut.model_fields["type"].default
POLL_S = 1.0
BATCH = 500


class Relay:
    """Reads the log's tail and publishes it, in order."""

    def __init__(self, store: Store, hub: Hub, broker: Broker, org: str) -> None:
        """Prepare; nothing runs before `start()`."""
        self._store = store
        self._hub = hub
        self._broker = broker
        self._org = org
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the hub where the log stands and begin to follow it."""
        head = await run_in_threadpool(self._head)
        self._hub.open(head.epoch, head.seq)
        self._loop = asyncio.get_running_loop()
        self._store.on_commit(self._told)
        self._tasks = [
            asyncio.create_task(self._follow(), name="relay"),
            asyncio.create_task(self._listen(), name="relay-hints"),
        ]

    async def stop(self) -> None:
        """Stop following."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _told(self, seq: int) -> None:
        # Called from the writer's thread, which may outlive the loop at shutdown.
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._committed, seq)

    def _committed(self, seq: int) -> None:
        self._woken.set()
        self._tasks.append(asyncio.create_task(self._broker.wake(seq)))
        self._tasks = [task for task in self._tasks if not task.done()]

    async def _listen(self) -> None:
        async for _seq in self._broker.listen():
            self._woken.set()

    async def _follow(self) -> None:
        while True:
            try:
                while await self._step():
                    pass
            except Exception:  # the edge of a job: the log keeps what was not told
                log.exception("relay_failed")
                await asyncio.sleep(POLL_S)
            # Not `wait_for`: before Python 3.12 it swallows a cancellation that arrives together
            # with the wake-up, and `stop` then waits for ever.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._woken.wait()
            self._woken.clear()

    async def _step(self) -> bool:
        events, audience = await run_in_threadpool(self._read, self._hub.position)
        for event in events:
            # No await between the topics of one event: see Hub.publish.
            for topic, publication in publications(event, audience):
                self._hub.publish(topic, publication)
            if event.type == SIGNED_OUT and event.data.get("session"):
                ended = public_name(event.data["user_id"], event.data["session"])
                self._hub.close_principal(ended)
            self._hub.advance(event.seq)
        return len(events) == BATCH

    def _read(self, after: int) -> tuple[Sequence[EventRow], Audience]:
        with self._store.read() as session:
            events = event_log.events_after(session, after, BATCH)
            session.expunge_all()
            return events, audience_of(session, self._org, events)

    def _head(self) -> event_log.Head:
        with self._store.read() as session:
            return event_log.head(session)
