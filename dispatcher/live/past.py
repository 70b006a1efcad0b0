"""The board as it was: what everybody saw at an instant, from the tables and the event log.

Events carry the states they led to (docs/adr/0011), so the past needs no replay: what has not
changed since is on the board now, and what has changed is found in the last event before.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from dispatcher import event_log
from dispatcher.errors import InvalidInput
from dispatcher.live.feed import SINGLE, board_item, key_of
from dispatcher.live.views import board_images
from dispatcher.models import EventRow
from realtime.protocol import Item

Json = dict[str, Any]
PAGE = 500


def seq_at(session: Session, at: datetime) -> int:
    """Return the last event told at or before an instant of service time; 0 when there is none.

    The log is in order of time, so this halves it again and again instead of reading it.
    """
    low, high = 0, event_log.head(session).seq
    while low < high:
        middle = (low + high + 1) // 2
        told_at = session.exec(select(EventRow.at).where(EventRow.seq == middle)).one()
        low, high = (middle, high) if told_at <= at else (low, middle - 1)
    return low


def board_at(session: Session, org: str, at: datetime) -> tuple[int, list[Item]]:
    """Return the position in the log and what the operators' board held at an instant.

    Args:
        session: One consistent snapshot.
        org: The authority.
        at: Aware, service time.

    Raises:
        InvalidInput: Nothing had been recorded yet.
    """
    seq = seq_at(session, at)
    if seq == 0:
        raise InvalidInput("nothing is known of that time", field="at")
    changed = _changed_since(session, org, seq)
    images = {key_of(image): image for image in board_images(session, org)}
    for key in changed:
        images.pop(key, None)
    wanted = {key for key, image in changed.items() if not _is_new(image)}
    images |= _last_before(session, org, seq, wanted)
    # The clock of a screen that looks back is the screen's own.
    images.pop("clock", None)
    items = (board_item(image) for image in images.values())
    return seq, [item for item in items if item.data is not None]


def _changed_since(session: Session, org: str, seq: int) -> dict[str, Json]:
    """Return the first image after a position of each key that changed."""
    first: dict[str, Json] = {}
    while events := event_log.events_after(session, seq, PAGE):
        for event in events:
            if event.org == org:
                for image in event.after:
                    first.setdefault(key_of(image), image)
        seq = events[-1].seq
        session.expunge_all()
    return first


def _is_new(image: Json) -> bool:
    return image["ver"] == 1 and image["kind"] not in SINGLE


def _last_before(session: Session, org: str, seq: int, wanted: set[str]) -> dict[str, Json]:
    """Return the last image up to a position of each key that has one."""
    found: dict[str, Json] = {}
    if not wanted:
        return found
    for event in _backwards(session, seq):
        if event.org == org:
            # Of one event the last image of a key is the one that held.
            for image in reversed(event.after):
                key = key_of(image)
                if key in wanted and key not in found:
                    found[key] = image
        if len(found) == len(wanted):
            break
    return found


def _backwards(session: Session, seq: int) -> Iterator[EventRow]:
    while True:
        query = select(EventRow).where(EventRow.seq <= seq).order_by(col(EventRow.seq).desc())
        events = event_log.placed(session, session.exec(query.limit(PAGE)).all())
        yield from events
        if len(events) < PAGE:
            return
        seq = events[-1].seq - 1
        session.expunge_all()
