"""Half days that somebody may ask for: from tomorrow on, Monday to Friday, in civil time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = 5
HALVES = {"am": (time(8), time(12)), "pm": (time(13), time(17))}


@dataclass(frozen=True, slots=True)
class Slot:
    """A half day: its code as forms send it, and its ends, aware UTC, end excluded."""

    code: str
    from_at: datetime
    to_at: datetime

    @property
    def half(self) -> str:
        """`am` or `pm`."""
        return self.code[-2:]


def slots(now: datetime, zone: ZoneInfo, days: int = DAYS) -> Iterator[Slot]:
    """Yield the half days of the next working days.

    >>> [s.code for s in slots(datetime(2026, 11, 27, 9, tzinfo=UTC), ZoneInfo("UTC"), 1)]
    ['2026-11-30-am', '2026-11-30-pm']
    """
    day = now.astimezone(zone).date()
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5:
            days -= 1
            yield from (_slot(day, half, zone) for half in HALVES)


def slot_of(code: str, now: datetime, zone: ZoneInfo) -> Slot | None:
    """Return the half day of a code, None when it is not one of those offered."""
    return next((one for one in slots(now, zone) if one.code == code), None)


def _slot(day: date, half: str, zone: ZoneInfo) -> Slot:
    start, end = (datetime.combine(day, at, zone).astimezone(UTC) for at in HALVES[half])
    return Slot(f"{day.isoformat()}-{half}", start, end)
