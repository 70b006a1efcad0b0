"""The log and the tables as the hub asks for them: snapshots, and what came after an offset."""

from starlette.concurrency import run_in_threadpool

from dispatcher import event_log
from dispatcher.database import Store
from dispatcher.live.feed import publications
from dispatcher.live.views import audience_of, written_items_of
from realtime.protocol import Publication, Snapshot

REACH = {"board": 2000}
SHORT_REACH = 200
"""Events that a resume may look through. Farther back a snapshot is cheaper for everybody: a crew's
or a citizen's is a few keys, while an hour of a storm is thousands of events to filter, once for
each of them after a deploy.
"""


class LogSource:
    """What `realtime.history` needs of the application."""

    def __init__(self, store: Store, org: str) -> None:
        """Read from a store, for one authority."""
        self._store = store
        self._org = org

    async def snapshot(self, topic: str) -> Snapshot:
        """Return all keys of a topic and the offset at which they were read."""
        return await run_in_threadpool(self.read_snapshot, topic)

    def read_snapshot(self, topic: str) -> Snapshot:
        """Do what `snapshot` does, for threads."""
        with self._store.read() as session:
            return Snapshot(event_log.head(session).seq, written_items_of(session, topic))

    async def history(self, topic: str, after: int, limit: int) -> list[Publication] | None:
        """Return every publication of a topic after an offset, or None when that is too far
        back.
        """
        return await run_in_threadpool(self._history, topic, after, limit)

    def _history(self, topic: str, after: int, limit: int) -> list[Publication] | None:
        with self._store.read() as session:
            last = event_log.head(session).seq
            reach = REACH.get(topic.partition(":")[0], SHORT_REACH)
            if not 0 <= last - after <= reach:
                return None
            events = event_log.events_after(session, after, reach)
            audience = audience_of(session, self._org, events)
            told = [p for e in events for t, p in publications(e, audience) if t == topic]
        return told if len(told) <= limit else None
