"""How far each consumer has read the log: a position of its own, moved in the transaction of its
work.
"""

from collections.abc import Callable, Sequence

from sqlmodel import select

from dispatcher import event_log
from dispatcher.database import Tx
from dispatcher.models import Cursor, EventRow

BATCH = 100


def follow(tx: Tx, name: str, act: Callable[[Sequence[EventRow]], None]) -> int:
    """Give a consumer the events after its cursor and move the cursor; return how many it got.

    The cursor's row is locked first, so several workers never act twice on one event: either the
    whole step commits with the new position, or nothing of it does.
    """
    cursor = tx.session.exec(select(Cursor).where(Cursor.name == name).with_for_update()).first()
    if cursor is None:
        cursor = Cursor(name=name, seq=0)
        tx.session.add(cursor)
        tx.session.flush()
    events = event_log.events_after(tx.session, cursor.seq, BATCH)
    if events:
        act(events)
        cursor.seq = events[-1].seq
    return len(events)
