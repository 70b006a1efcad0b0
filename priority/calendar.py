"""Days and open hours: French public holidays, week-ends, nights, the working hours of a service.

Instants in and out are aware; arithmetic is done in UTC, so a day of 23 or 25 hours changes
nothing. The module does not know incidents, classes or the present time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""Minutes after local midnight, start inclusive and end exclusive, 0 ≤ start < end ≤ 1440."""

Interval = tuple[datetime, datetime]
"""Two instants in UTC, start inclusive, end exclusive."""

_MAX_CLOSED_DAYS = 366
_STRETCH_DAYS = 28


class Holiday(StrEnum):
    """Public holidays of France; the value is the identifier that readers translate.

    Source: Code du travail, art. L3133-1 (eleven days); art. L3134-13 for the two days more in
    Moselle, Bas-Rhin and Haut-Rhin.
    """

    NEW_YEAR = "new_year"
    GOOD_FRIDAY = "good_friday"
    EASTER_MONDAY = "easter_monday"
    LABOUR_DAY = "labour_day"
    VICTORY_1945 = "victory_1945"
    ASCENSION = "ascension"
    WHIT_MONDAY = "whit_monday"
    NATIONAL_DAY = "national_day"
    ASSUMPTION = "assumption"
    ALL_SAINTS = "all_saints"
    ARMISTICE = "armistice"
    CHRISTMAS = "christmas"
    SAINT_STEPHEN = "saint_stephen"


_FIXED: Mapping[Holiday, tuple[int, int]] = {
    Holiday.NEW_YEAR: (1, 1),
    Holiday.LABOUR_DAY: (5, 1),
    Holiday.VICTORY_1945: (5, 8),
    Holiday.NATIONAL_DAY: (7, 14),
    Holiday.ASSUMPTION: (8, 15),
    Holiday.ALL_SAINTS: (11, 1),
    Holiday.ARMISTICE: (11, 11),
    Holiday.CHRISTMAS: (12, 25),
}
_AFTER_EASTER: Mapping[Holiday, int] = {
    Holiday.EASTER_MONDAY: 1,
    Holiday.ASCENSION: 39,
    Holiday.WHIT_MONDAY: 50,
}


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar.

    Args:
        year: 1583 or later.

    Source:
        Anonymous Gregorian algorithm, in J. Meeus, Astronomical Algorithms (1991), ch. 8.
    """
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leaps, year_rest = divmod(rest, 4)
    to_sunday = (32 + 2 * century_rest + 2 * leaps - epact - year_rest) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def public_holidays(year: int, alsace_moselle: bool = False) -> Mapping[date, Holiday]:
    """Return the public holidays of one year by date, in order.

    When two fall on one day (Ascension on 1 or 8 May), the fixed one names it.

    Args:
        year: Civil year.
        alsace_moselle: Add Good Friday and 26 December.

    Source:
        Code du travail, art. L3133-1 and L3134-13. Local law gives Good Friday only to communes
        with a Protestant or mixed church; the option assumes one.
    """
    sunday = easter(year)
    moving = dict(_AFTER_EASTER)
    fixed = dict(_FIXED)
    if alsace_moselle:
        moving[Holiday.GOOD_FRIDAY] = -2
        fixed[Holiday.SAINT_STEPHEN] = (12, 26)
    days = {sunday + timedelta(days=offset): name for name, offset in moving.items()}
    days |= {date(year, month, day): name for name, (month, day) in fixed.items()}
    return MappingProxyType(dict(sorted(days.items())))


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When a service is open, in its own civil time.

    Attributes:
        zone: Civil time zone, Europe/Paris for metropolitan France.
        hours: Seven entries, Monday first: the open spans of that day, ascending and apart.
        night: Local hours that are night; it may cross midnight (22:00–06:00 is 1320, 360).
        alsace_moselle: Two public holidays more.
        closed_days: Local days closed besides public holidays.
    """

    zone: ZoneInfo
    hours: tuple[tuple[Span, ...], ...]
    night: Span = (22 * 60, 6 * 60)
    alsace_moselle: bool = False
    closed_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a week without seven days, or spans that are empty, unsorted or overlapping."""
        if len(self.hours) != 7:
            raise ValueError("working hours need seven days, Monday first")
        for spans in self.hours:
            edges = [edge for span in spans for edge in span]
            if sorted(set(edges)) != edges or any(not 0 <= edge <= 1440 for edge in edges):
                raise ValueError("open spans must be ascending, apart and within the day")

    def local(self, at: datetime) -> datetime:
        """Return the instant in the civil time of the service."""
        return at.astimezone(self.zone)

    def holiday(self, day: date) -> Holiday | None:
        """Return the public holiday that falls on a local day."""
        return public_holidays(day.year, self.alsace_moselle).get(day)

    def is_week_end(self, at: datetime) -> bool:
        """Saturday or Sunday in civil time."""
        return self.local(at).weekday() >= 5

    def is_night(self, at: datetime) -> bool:
        """Within the night hours in civil time, start inclusive, end exclusive."""
        return is_within(self.night, self.local(at))

    def is_open(self, at: datetime) -> bool:
        """Within the open hours."""
        return any(start <= at < end for start, end in self.open_intervals(self.local(at).date()))

    def open_intervals(self, day: date) -> Iterator[Interval]:
        """Yield the open intervals of a local day, ascending; none on a closed day.

        An edge in the hour that spring skips moves forward by that hour; an edge in the hour
        that autumn repeats means its first pass.
        """
        if day in self.closed_days or self.holiday(day) is not None:
            return
        for opening, closing in self.hours[day.weekday()]:
            start, end = self._instant(day, opening), self._instant(day, closing)
            if start < end:
                yield start, end

    def _instant(self, day: date, minute: int) -> datetime:
        days, minute = divmod(minute, 1440)
        wall = time(minute // 60, minute % 60)
        local = datetime.combine(day + timedelta(days=days), wall, tzinfo=self.zone)
        return local.astimezone(UTC)


def is_within(span: Span, local: datetime) -> bool:
    """Tell whether a local time of day lies in a span that may cross midnight.

    Args:
        span: Minutes after midnight; an end at or before the start means "of the next day".
        local: Civil time.
    """
    minute = local.hour * 60 + local.minute
    start, end = span
    return start <= minute < end if start < end else minute >= start or minute < end


def open_from(start: datetime, calendar: WorkingCalendar) -> Iterator[Interval]:
    """Yield the open intervals from an instant in UTC on, ascending, without end.

    Raises:
        ValueError: The calendar is closed for more than a year.
    """
    for stretch in _stretches(start, calendar):
        for begin, end in stretch.intervals:
            if end > start:
                yield max(begin, start), end


def open_after(start: datetime, left: timedelta, calendar: WorkingCalendar) -> datetime:
    """Return when so much open time has passed since an instant in UTC, by looking it up.

    Raises:
        ValueError: The calendar is closed for more than a year.
    """
    for stretch in _stretches(start, calendar):
        first = bisect_right(stretch.ends, start)
        if first == len(stretch.ends):
            continue
        gone = stretch.before[first] + max(start - stretch.intervals[first][0], timedelta(0))
        last = bisect_left(stretch.before, gone + left, first + 1) - 1
        if last < len(stretch.ends):
            return stretch.intervals[last][0] + (gone + left - stretch.before[last])
        left -= stretch.before[-1] - gone
    raise AssertionError("stretches never end")


def _stretches(start: datetime, calendar: WorkingCalendar) -> Iterator["_Stretch"]:
    day, closed = calendar.local(start).date(), 0
    while closed < _MAX_CLOSED_DAYS:
        stretch = _open_in(calendar, day)
        closed = 0 if stretch.ends else closed + _STRETCH_DAYS
        yield stretch
        day += timedelta(days=_STRETCH_DAYS)
    raise ValueError("the calendar is closed for more than a year")


class _Stretch(NamedTuple):
    """Some days of a calendar: open intervals, their ends, and how much was open before each and
    after all.
    """

    intervals: tuple[Interval, ...]
    ends: tuple[datetime, ...]
    before: tuple[timedelta, ...]


@lru_cache(maxsize=1024)
def _open_in(calendar: WorkingCalendar, first: date) -> _Stretch:
    # Every report asks for the same stretch: civil time to UTC is most of the cost of a due time.
    days = (first + timedelta(days=offset) for offset in range(_STRETCH_DAYS))
    intervals = tuple(interval for day in days for interval in calendar.open_intervals(day))
    lengths = (end - begin for begin, end in intervals)
    return _Stretch(
        intervals,
        tuple(end for _, end in intervals),
        tuple(accumulate(lengths, initial=timedelta(0))),
    )
