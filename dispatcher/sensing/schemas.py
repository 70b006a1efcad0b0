"""Readings and sensors as they go over the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from dispatcher.sensing.trend import Direction, SensorState
from dispatcher.wire import In, Out

MOST = 1000
"""Readings in one batch."""


class ReadingIn(In):
    """One measure; the same id sent again is taken once.

    Attributes:
        id: The sender's own, unique for ever, e.g. device and counter.
        sensor: Code of the sensor in the reference data.
        value: In the sensor's unit.
        at: When it was measured, with its time zone.
    """

    id: str = Field(min_length=1, max_length=80)
    sensor: str = Field(min_length=1, max_length=40)
    value: float = Field(ge=-1e9, le=1e9)
    at: AwareDatetime


Row = Annotated[ReadingIn | Any, Field(union_mode="left_to_right")]


class ReadingsIn(In):
    """A batch; a row that is no reading is answered for itself and harms no other."""

    readings: list[Row] = Field(min_length=1, max_length=MOST)


class ReadingOut(Out):
    """What became of one row.

    Attributes:
        row: Its place in the batch, from 0.
        id: The sender's; None when the row has none that can be read.
        state: `stored`; `known` when it was sent before; or `refused`, with code and detail.
        code: `invalid_input`, `unknown_sensor`, `in_future`, `too_old` or `other_content`.
        detail: In English, for the log of the sender.
    """

    row: int
    id: str | None
    state: Literal["stored", "known", "refused"]
    code: str | None = None
    detail: str | None = None


class ReadingsOut(Out):
    """What became of a batch.

    Attributes:
        stored: New readings.
        known: Readings sent before.
        refused: Rows that were not taken.
        rows: Only what was not simply stored, in the order of the batch.
        bursts: Incidents that are suspected bursts since.
    """

    stored: int
    known: int
    refused: int
    rows: list[ReadingOut]
    bursts: list[UUID]


class PointOut(Out):
    """One point of a sensor's curve."""

    at: datetime
    value: float


class SensorIncidentOut(Out):
    """The incident still followed in which a sensor speaks."""

    id: UUID
    ref: str
    title: str
    priority: str


class SensorOut(Out):
    """A sensor with its last reading; `is_low` and `is_high` say on which side of normal it is.

    Attributes:
        age_min: Minutes since its last reading, when this was asked.
        state: `normal`, `low`, `high`; `stale` when its last reading is too old to say anything
            about now (`sensor.max_age_min` of the policy); `silent` when it never sent one.
        trend: Over the hour before its last reading; None when it sent too little, or is stale.
        change_per_hour: In its unit; None likewise.
        recent: Its curve over six hours, oldest first, a point every ten minutes at most.
        incident: The suspected burst that it speaks in, while that is followed.
    """

    code: str
    name: str
    metric: str
    unit: str
    low: float | None
    high: float | None
    sector: str
    communes: list[str]
    lat: float
    lon: float
    synthetic: bool
    value: float | None = None
    at: datetime | None = None
    is_low: bool = False
    is_high: bool = False
    age_min: int | None = None
    state: SensorState = "silent"
    trend: Direction | None = None
    change_per_hour: float | None = None
    recent: list[PointOut] = Field(default_factory=list)
    incident: SensorIncidentOut | None = None
