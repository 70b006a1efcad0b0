"""What happened, in commit order, without gaps and without a way to change it unseen.

`seq` comes from one counter row, locked last in the transaction: auto-increment order is not
commit order (a reader once saw event 2, then never 1). Each row carries the SHA-256 of itself and
of the row before, so `cpo doctor --verify-log` names the first row that somebody altered. Where
people were stands beside the log, where it can be forgotten without breaking a link (ADR 0031).
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import delete, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from dispatcher.bulk import Encoded, insert_rows
from dispatcher.clock import new_id, secret_token
from dispatcher.database import Pending
from dispatcher.events.states import CrewState
from dispatcher.models import EventPosition, EventRow, LogHead
from dispatcher.unit_of_work import table_of

HEAD_ID = 1
GENESIS = "0" * 64
_LOCK_HEAD = select(LogHead.seq, LogHead.hash).where(LogHead.id == HEAD_ID).with_for_update()
_MOVE_HEAD = update(LogHead).where(col(LogHead.id) == HEAD_ID)
_COLUMNS = tuple(EventRow.model_fields)
_BESIDE = tuple(EventPosition.model_fields)
PERSONAL = frozenset({"crew"})
"""Sources of a position that tells of people: a depot and a simulation do not."""
FORGET_AT_MOST = 5000
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands: `(epoch, seq)` is a position that clients can resume from."""

    epoch: str
    seq: int


def found_log(session: Session) -> None:
    """Create the head of an empty log with a new epoch; does nothing when there is one."""
    if session.get(LogHead, HEAD_ID) is None:
        session.add(LogHead(id=HEAD_ID, seq=0, hash=GENESIS, epoch=secret_token()[:8]))


def head(session: Session) -> Head:
    """Return the log's epoch and last seq on this snapshot."""
    row = session.exec(select(LogHead).where(LogHead.id == HEAD_ID)).one()
    return Head(row.epoch, row.seq)


def append(session: Session, pending: list[Pending], wall: datetime) -> int:
    """Number the events of a group, chain them, write them; return the last seq.

    Must be the last thing before COMMIT: it holds the counter row.
    """
    connection = session.connection()
    locked = connection.execute(_LOCK_HEAD).one_or_none()
    if locked is None:
        found_log(session)
        session.flush()
        locked = connection.execute(_LOCK_HEAD).one()
    seq, last_hash = int(locked[0]), str(locked[1])
    rows: list[dict[str, Any]] = []
    encoded: dict[int, str] = {}
    beside: list[dict[str, Any]] = []
    for item in pending:
        seq += 1
        row = _row(seq, item, wall, encoded)
        last_hash = row["hash"] = _linked(last_hash, row, row["data"], row["after"])
        rows.append(row)
        beside += _beside(row, item)
    # By the tables, not the mapped classes: rows go in as they are, without the ORM's bookkeeping.
    insert_rows(connection, table_of(EventRow), _COLUMNS, rows)
    if beside:
        insert_rows(connection, table_of(EventPosition), _BESIDE, beside)
    connection.execute(_MOVE_HEAD, {"seq": seq, "hash": last_hash})
    return seq


def _row(seq: int, item: Pending, wall: datetime, encoded: dict[int, str]) -> dict[str, Any]:
    """Return an event's row, its JSON as text; `encoded` has the images told in this group."""
    data = item.event.model_dump(mode="json")
    kind = data.pop("type")
    incident = data.get("incident_id")
    for image in item.images:
        if id(image) not in encoded:
            encoded[id(image)] = _text(_public(image))
    return {
        "seq": seq,
        "id": new_id(),
        "org": item.actor.org,
        "type": kind,
        "at": item.at,
        "recorded_at": wall,
        "actor": item.actor.label,
        "incident_id": UUID(incident) if isinstance(incident, str) else None,
        "data": Encoded(_text(data)),
        "after": Encoded(f"[{','.join([encoded[id(image)] for image in item.images])}]"),
        "simulated": item.actor.simulated,
    }


def _tells_where(image: BaseModel) -> bool:
    if not isinstance(image, CrewState) or image.position is None:
        return False
    return image.position.source in PERSONAL


def _public(image: BaseModel) -> dict[str, Any]:
    """Return an image as the log keeps it: without where people are."""
    values = image.model_dump(mode="json")
    return values | {"position": None} if _tells_where(image) else values


def _beside(row: dict[str, Any], item: Pending) -> Iterator[dict[str, Any]]:
    """Yield where each crew of an event was: the last image of a crew is the one that held."""
    last = {i.id: i for i in item.images if isinstance(i, CrewState) and _tells_where(i)}
    for crew in last.values():
        assert crew.position is not None  # noqa: S101 - `_tells_where`
        position = Encoded(_text(crew.position.model_dump(mode="json")))
        yield {
            "seq": row["seq"],
            "crew_id": crew.id,
            "org": row["org"],
            "at": row["at"],
            "position": position,
        }


def chain_hash(previous: str, row: dict[str, Any]) -> str:
    """Return the SHA-256 that a row must carry after the row with hash `previous`, as 64 hex
    digits.

    It is of the previous hash and the row as canonical JSON: sorted names, no spaces, UTF-8.
    """
    return _linked(previous, row, _text(row["data"]), _text(row["after"]))


def _linked(previous: str, row: dict[str, Any], data: str, after: str) -> str:
    # The names in order, by hand: the two long texts are needed for the columns as well.
    text = (
        f'{previous}{{"actor":{_quoted(row["actor"])},"after":{after},'
        f'"at":"{_instant(row["at"])}","data":{data},"id":"{row["id"]}",'
        f'"incident_id":"{row["incident_id"]}","org":{_quoted(row["org"])},'
        f'"recorded_at":"{_instant(row["recorded_at"])}","seq":{row["seq"]},'
        f'"simulated":{"true" if row["simulated"] else "false"},"type":{_quoted(row["type"])}}}'
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Any) -> str:
    text = _canonical(value)
    # Whole numbers that are no integers are rare: only a text that may have one is gone through.
    return _canonical(_plain(value)) if _MAYBE_WHOLE.search(text) else text


_MAYBE_WHOLE = re.compile(r"(?:\.0|e\+\d+)[,}\]]")
"""How Python writes a float without a fraction, wherever JSON may have a number."""


_DEEP = frozenset({dict, list, float})


def _plain(value: Any) -> Any:
    """Return JSON with every whole number as an integer: PostgreSQL gives -0.0 back as 0.0 and 1e22
    as an integer, and a row must have the same hash wherever it was stored.
    """
    match value:
        case dict():
            return {k: _plain(v) if type(v) in _DEEP else v for k, v in value.items()}
        case list():
            return [_plain(v) if type(v) in _DEEP else v for v in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


@lru_cache(maxsize=256)
def _quoted(word: str) -> str:
    return _canonical(word)


# The events of a group were recorded at one instant, and those of a command happened at one.
@lru_cache(maxsize=64)
def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def events_after(session: Session, seq: int, limit: int = 500) -> Sequence[EventRow]:
    """Return the events that follow `seq` (exclusive), in order, at most `limit`."""
    return placed(session, session.exec(_after(seq, limit)).all())


def _after(seq: int, limit: int) -> SelectOfScalar[EventRow]:
    return select(EventRow).where(EventRow.seq > seq).order_by(col(EventRow.seq)).limit(limit)


def placed(session: Session, rows: Sequence[EventRow]) -> Sequence[EventRow]:
    """Return rows of the log with the positions that are still known put back in their images."""
    wanted = [
        row.seq
        for row in rows
        if any(one["kind"] == "crew" and one["position"] is None for one in row.after)
    ]
    if not wanted:
        return rows
    found = session.exec(select(EventPosition).where(col(EventPosition.seq).in_(wanted))).all()
    known = {(one.seq, str(one.crew_id)): one.position for one in found}
    for row in rows:
        images = [
            one | {"position": known[row.seq, one["id"]]}
            if one["kind"] == "crew" and (row.seq, one["id"]) in known
            else one
            for one in row.after
        ]
        # Not a change of the row: nothing may ever be written back into the log.
        set_committed_value(row, "after", images)
    return rows


def forget_positions(session: Session, org: str, before: datetime) -> int:
    """Delete where crews were at events before an instant, at most 5000; return how many went.

    Source: CNIL, délibération 2015-165: two months, longer only for stated ends.
    """
    old = session.exec(
        select(EventPosition.seq, EventPosition.crew_id)
        .where(EventPosition.org == org, col(EventPosition.at) < before)
        .order_by(col(EventPosition.at))
        .limit(FORGET_AT_MOST)
    ).all()
    if old:
        seqs = {seq for seq, _ in old}
        session.execute(
            delete(EventPosition).where(
                col(EventPosition.seq).in_(seqs), col(EventPosition.at) < before
            )
        )
    return len(old)


def history_of(session: Session, incident_id: UUID, limit: int = 200) -> Sequence[EventRow]:
    """Return the last events of an incident, oldest first, at most `limit`."""
    rows = session.exec(
        select(EventRow)
        .where(EventRow.incident_id == incident_id)
        .order_by(col(EventRow.seq).desc())
        .limit(limit)
    ).all()
    return list(reversed(rows))


def broken_links(session: Session, page: int = 1000) -> Iterator[int]:
    """Yield the seq of every row whose hash, number or place in the chain is wrong.

    The chain goes on from the stored hash after a bad row, so one changed row is named alone.
    """
    previous, expected = GENESIS, 1
    while True:
        # As stored: positions beside the log are no part of the chain.
        query = _after(expected - 1, page).execution_options(populate_existing=True)
        rows = session.exec(query).all()
        for row in rows:
            if row.seq != expected or chain_hash(previous, row.model_dump()) != row.hash:
                yield row.seq
            previous, expected = row.hash, row.seq + 1
        if len(rows) < page:
            break
        session.expunge_all()
    last = session.exec(select(LogHead).where(LogHead.id == HEAD_ID)).one()
    if last.seq != expected - 1 or last.hash != previous:
        yield last.seq
