"""Weekly patterns laid out as shifts with instants, right on the days when clocks change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class LaidShift:
    """One shift of a pattern, in UTC; start inclusive, end exclusive."""

    start_at: datetime
    end_at: datetime
    breaks: tuple[dict[str, Any], ...]


def lay_out(
    pattern: Mapping[str, Any], first: date, days: int, zone: ZoneInfo
) -> Iterator[LaidShift]:
    """Yield the shifts that start on `days` local days from `first` on.

    Args:
        pattern: `days` (1 Monday to 7 Sunday), `start`, `end` and `breaks` in local time; an end at
            or before the start is on the next day.
        first: First local day.
        days: How many.
        zone: Civil time of the service.
    """
    start, end = time.fromisoformat(pattern["start"]), time.fromisoformat(pattern["end"])
    for number in range(days):
        day = first + timedelta(days=number)
        if day.isoweekday() not in pattern["days"]:
            continue
        begin = _instant(day, start, start, zone)
        yield LaidShift(
            begin,
            _instant(day, end, start, zone, is_end=True),
            tuple(_break(pause, day, start, zone) for pause in pattern.get("breaks", ())),
        )


def _break(pause: Mapping[str, Any], day: date, start: time, zone: ZoneInfo) -> dict[str, Any]:
    """Return a pause of `duration_s` that may start between two instants, both inclusive."""
    earliest = _instant(day, time.fromisoformat(pause["from"]), start, zone)
    latest_end = _instant(day, time.fromisoformat(pause["to"]), start, zone)
    duration = timedelta(minutes=pause["minutes"])
    return {
        "earliest_at": earliest.isoformat(),
        "latest_at": max(earliest, latest_end - duration).isoformat(),
        "duration_s": round(duration.total_seconds()),
    }


def _instant(day: date, at: time, start: time, zone: ZoneInfo, *, is_end: bool = False) -> datetime:
    """Return a local hour of a shift as UTC; hours before its start belong to the next day."""
    is_next_day = at < start or (is_end and at <= start)
    local = datetime.combine(day + timedelta(days=1) if is_next_day else day, at, zone)
    return local.astimezone(UTC)
