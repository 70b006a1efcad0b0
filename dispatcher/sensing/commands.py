"""Take what sensors measured: each reading once, bad ones refused alone, old ones forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlmodel import col, delete, select

from dispatcher.database import Tx
from dispatcher.models import Sensor, SensorReading
from dispatcher.sensing import suspicion
from dispatcher.sensing.schemas import ReadingIn

AHEAD = timedelta(minutes=5)
"""A gateway's clock may be so much ahead of ours."""
State = Literal["stored", "known", "refused"]
Content = tuple[str, float, datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a reading; `code` says why it was refused."""

    state: State
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: outcomes in its order, and incidents suspected since."""

    outcomes: Sequence[Outcome]
    bursts: Sequence[UUID]


def receive(tx: Tx, readings: Sequence[ReadingIn], kept: timedelta) -> Taken:
    """Store readings and look once for bursts in the sectors whose pressure is low.

    Readings make no events of their own: only what they change of an incident is told.

    Args:
        tx: The command's transaction.
        readings: Validated, at most a thousand.
        kept: How long readings are kept; older ones are refused.
    """
    sensors = _sensors(tx, {one.sensor for one in readings})
    known = _known(tx, [one.id for one in readings])
    outcomes = []
    fresh: list[ReadingIn] = []
    for one in readings:
        content = (one.sensor, one.value, one.at)
        if one.id in known:
            same = known[one.id] == content
            outcomes.append(Outcome("known") if same else Outcome("refused", "other_content"))
            continue
        fault = _fault(one, sensors, tx.now, kept)
        outcomes.append(Outcome("refused", fault) if fault else Outcome("stored"))
        if fault is None:
            known[one.id] = content
            fresh.append(one)
            tx.put(_row(tx, one))
    low = {sensors[one.sensor].sector for one in fresh if _is_low(one, sensors[one.sensor])}
    bursts = suspicion.look(tx, low) if low else []
    suspicion.refresh(tx, {one.sensor for one in fresh})
    return Taken(outcomes, bursts)


def forget(tx: Tx, kept: timedelta, most: int = 20_000) -> int:
    """Delete readings measured longer ago than they are kept; return how many.

    Args:
        tx: The command's transaction.
        kept: Since when, back from now.
        most: Rows at once, so that nobody waits for a long transaction.
    """
    old = tx.session.exec(
        select(SensorReading.id)
        .where(SensorReading.org == tx.org, col(SensorReading.at) < tx.now - kept)
        .limit(most)
    ).all()
    for start in range(0, len(old), 500):
        page = old[start : start + 500]
        tx.session.execute(
            delete(SensorReading).where(
                col(SensorReading.org) == tx.org, col(SensorReading.id).in_(page)
            )
        )
    return len(old)


def _sensors(tx: Tx, codes: set[str]) -> dict[str, Sensor]:
    rows = tx.session.exec(
        select(Sensor).where(Sensor.org == tx.org, col(Sensor.code).in_(codes))
    ).all()
    return {row.code: row for row in rows}


def _known(tx: Tx, ids: Sequence[str]) -> dict[str, Content]:
    columns = select(
        SensorReading.id, SensorReading.sensor, SensorReading.value, SensorReading.at
    ).where(SensorReading.org == tx.org, col(SensorReading.id).in_(ids))
    return {row[0]: (row[1], row[2], row[3]) for row in tx.session.exec(columns).all()}


def _fault(
    one: ReadingIn, sensors: Mapping[str, Sensor], now: datetime, kept: timedelta
) -> str | None:
    if one.sensor not in sensors:
        return "unknown_sensor"
    if one.at > now + AHEAD:
        return "in_future"
    return "too_old" if one.at < now - kept else None


def _row(tx: Tx, one: ReadingIn) -> SensorReading:
    return SensorReading(
        org=tx.org,
        id=one.id,
        sensor=one.sensor,
        value=one.value,
        at=one.at,
        received_at=tx.now,
        simulated=tx.actor.simulated,
    )


def _is_low(one: ReadingIn, sensor: Sensor) -> bool:
    return sensor.low is not None and one.value < sensor.low
