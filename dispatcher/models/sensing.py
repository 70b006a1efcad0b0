"""Sensors of the network, what they measured, and which incidents are suspected to be a burst."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from dispatcher.models.base import Row, json_column


class Sensor(SQLModel, table=True):
    """One measuring point: what it measures, what is normal there, and where its network leads.

    `communes` are those that its pressure zone (`sector`) feeds; `low` and `high` are the normal
    range, None where any value is normal.
    """

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    code: str = Field(unique=True)
    name: str
    metric: str
    unit: str
    low: float | None = None
    high: float | None = None
    sector: str = Field(index=True)
    communes: list[str] = Field(sa_column=json_column())
    lat: float
    lon: float
    synthetic: bool = True


class SensorReading(Row, table=True):
    """One measure, once: `id` is the one its sender gave it."""

    __tablename__ = "sensor_reading"
    __table_args__ = (Index("ix_sensor_reading_sensor_at", "sensor", "at"),)

    org: str = Field(primary_key=True)
    id: str = Field(primary_key=True, max_length=80)
    sensor: str = Field(foreign_key="sensor.code")
    value: float
    at: datetime = Field(index=True)
    received_at: datetime
    simulated: bool = False


class SuspectedBurst(SQLModel, table=True):
    """An incident that is suspected to be a burst main, with the evidence.

    `drop` is the deepest fall of the pressure, as a share of the lowest normal value.
    """

    __tablename__ = "suspected_burst"

    incident_id: UUID = Field(primary_key=True, foreign_key="incident.id")
    org: str = Field(index=True)
    sector: str = Field(index=True)
    sensors: list[str] = Field(sa_column=json_column())
    calls: int
    first_at: datetime
    last_at: datetime
    drop: float
    found_at: datetime
    simulated: bool = False
