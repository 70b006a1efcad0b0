"""Reads of the sensors: each with its last reading."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from dispatcher.models import Sensor, SensorReading
from dispatcher.sensing.schemas import SensorOut


def sensors(session: Session, org: str) -> list[SensorOut]:
    """Return the sensors of an authority by sector and code, with what each measured last."""
    rows = session.exec(
        select(Sensor).where(Sensor.org == org).order_by(col(Sensor.sector), col(Sensor.code))
    ).all()
    newest = (
        select(SensorReading.sensor, func.max(SensorReading.at).label("at"))
        .where(SensorReading.org == org)
        .group_by(col(SensorReading.sensor))
        .subquery()
    )
    last = {
        reading.sensor: reading
        for reading in session.exec(
            select(SensorReading).join(
                newest,
                (col(SensorReading.sensor) == newest.c.sensor)
                & (col(SensorReading.at) == newest.c.at),
            )
        ).all()
    }
    return [_out(row, last.get(row.code)) for row in rows]


def _out(row: Sensor, last: SensorReading | None) -> SensorOut:
    value = last.value if last else None
    return SensorOut(
        **row.model_dump(exclude={"id", "org"}),
        value=value,
        at=last.at if last else None,
        is_low=value is not None and row.low is not None and value < row.low,
        is_high=value is not None and row.high is not None and value > row.high,
    )
