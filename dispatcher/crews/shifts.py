"""Weekly patterns laid out as shifts with instants, right on the days when clocks change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAY_MIN = 24 * 60


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


def breaks_within(pattern: Mapping[str, Any], start_at: datetime) -> Iterator[dict[str, Any]]:
    """Yield the pauses of a shift that began at an instant, as `lay_out` does.

    Hours are counted from the start of the shift, so no time zone is asked for: in a shift during
    which clocks change a pause is an hour off.
    """
    start = _minutes(pattern.get("start", "00:00"))
    for pause in pattern.get("breaks", ()):
        duration = timedelta(minutes=pause["minutes"])
        earliest = start_at + timedelta(minutes=(_minutes(pause["from"]) - start) % DAY_MIN)
        latest_end = start_at + timedelta(minutes=(_minutes(pause["to"]) - start) % DAY_MIN)
        yield {
            "earliest_at": earliest,
            "latest_at": max(earliest, latest_end - duration),
            "duration_s": round(duration.total_seconds()),
        }


def _minutes(written: str) -> int:
    at = time.fromisoformat(written)
    return at.hour * 60 + at.minute


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
