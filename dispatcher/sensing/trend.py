"""What a sensor's last readings say together: its state, whether it rises or falls, a short curve.

Pure functions of readings and an instant; nothing is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SensorState = Literal["normal", "low", "high", "stale", "silent"]
Direction = Literal["rising", "falling", "steady"]

SHOWN = timedelta(hours=6)
"""How far back the curve goes."""
STEP = timedelta(minutes=10)
"""One point of the curve for each step: the last reading in it."""
_TREND_OVER = timedelta(hours=1)
_LEAST_SPAN = timedelta(minutes=15)
_STEADY_SHARE = 0.05
"""A change over the hour below this share of the normal range is none."""


@dataclass(frozen=True, slots=True)
class Point:
    """One reading: when it was measured and what, in the sensor's unit."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Range:
    """What is normal for a sensor; None where any value is."""

    low: float | None
    high: float | None

    @property
    def width(self) -> float | None:
        """The span of the normal range, its one bound if it has no other, None without any."""
        if self.low is not None and self.high is not None:
            return self.high - self.low
        bound = self.low if self.low is not None else self.high
        return abs(bound) if bound is not None else None


def state_of(
    last: Point | None, normal: Range, now: datetime, stale_after: timedelta
) -> SensorState:
    """Return what a sensor says now.

    Args:
        last: Its last reading; None if it never sent one.
        normal: What is normal for it.
        now: Present instant.
        stale_after: Age from which a reading says nothing about now.
    """
    if last is None:
        return "silent"
    if now - last.at > stale_after:
        return "stale"
    if normal.low is not None and last.value < normal.low:
        return "low"
    return "high" if normal.high is not None and last.value > normal.high else "normal"


def trend_of(points: Sequence[Point], normal: Range) -> tuple[Direction | None, float | None]:
    """Return where a sensor is going and its change per hour, in its unit.

    A straight line is laid through the readings of the hour before the last one (least squares),
    so that one odd reading turns nothing round.

    Args:
        points: Readings, oldest first.
        normal: What is normal for it; without a range a change counts from a twentieth of the
            mean.

    Returns:
        None twice when the readings cover less than a quarter of an hour.
    """
    near = [one for one in points if points[-1].at - one.at <= _TREND_OVER]
    if not near or near[-1].at - near[0].at < _LEAST_SPAN:
        return None, None
    hours = [(one.at - near[0].at) / timedelta(hours=1) for one in near]
    middle, mean = sum(hours) / len(hours), sum(one.value for one in near) / len(near)
    spread = sum((hour - middle) ** 2 for hour in hours)
    slope = (
        sum((hour - middle) * (one.value - mean) for hour, one in zip(hours, near, strict=True))
        / spread
    )
    least = _STEADY_SHARE * (normal.width or abs(mean))
    if abs(slope) <= least:
        return "steady", round(slope, 3)
    return ("rising" if slope > 0 else "falling"), round(slope, 3)


def curve_of(points: Sequence[Point], now: datetime) -> list[Point]:
    """Return at most one point for each step of the time shown, oldest first."""
    kept: dict[int, Point] = {}
    for one in points:
        if now - one.at <= SHOWN:
            kept[int(one.at.timestamp() // STEP.total_seconds())] = one
    return [kept[step] for step in sorted(kept)]
