"""What the sensors of a suspected burst say now, beside what they said when it was found."""

from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.incidents.schemas import BurstOut, MeasureOut
from dispatcher.models import Sensor, SensorReading, SuspectedBurst


def burst_of(session: Session, incident_id: UUID) -> BurstOut | None:
    """Return why an incident is suspected to be a burst main, None when it is not."""
    row = session.get(SuspectedBurst, incident_id)
    if row is None:
        return None
    sensors = session.exec(
        select(Sensor).where(col(Sensor.code).in_(row.sensors)).order_by(col(Sensor.code))
    ).all()
    return BurstOut(
        sector=row.sector,
        calls=row.calls,
        first_at=row.first_at,
        last_at=row.last_at,
        drop=row.drop,
        sensors=[_measure(session, sensor, row.simulated) for sensor in sensors],
    )


def _measure(session: Session, sensor: Sensor, simulated: bool) -> MeasureOut:
    last = session.exec(
        select(SensorReading)
        .where(SensorReading.sensor == sensor.code, col(SensorReading.simulated).is_(simulated))
        .order_by(col(SensorReading.at).desc())
        .limit(1)
    ).first()
    return MeasureOut(
        sensor=sensor.name,
        metric=sensor.metric,
        unit=sensor.unit,
        low=sensor.low,
        high=sensor.high,
        value=last.value if last else None,
        at=last.at if last else None,
    )
