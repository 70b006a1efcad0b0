"""Civil time for rotas: on-call weeks, French public holidays, nights and week-ends.

The only place of the rota engine that turns dates into instants. Weeks run from
Monday 08:00 to Monday 08:00 on the wall clock, so the week of a change of hour lasts
167 or 169 hours and still counts as one week.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from scheduling.rota.problem import Duty, Holiday, Problem

RELIEF_AT = time(8)
"""Hour of relief on Monday morning unless the authority says otherwise."""


@dataclass(frozen=True, slots=True)
class Week:
    """An on-call week; `iso` is the ISO week of its Monday, such as `2026-W48`."""

    iso: str
    start_at: datetime
    end_at: datetime


def weeks(first: date, count: int, zone: ZoneInfo, relief_at: time = RELIEF_AT) -> tuple[Week, ...]:
    """The `count` on-call weeks from the first Monday on or after `first`.

    >>> [w.iso for w in weeks(date(2026, 3, 22), 2, ZoneInfo("Europe/Paris"))]
    ['2026-W13', '2026-W14']
    """
    monday = first + timedelta(days=-first.weekday() % 7)
    starts = [monday + timedelta(weeks=number) for number in range(count + 1)]
    return tuple(
        Week(iso_week(start), instant(start, relief_at, zone), instant(end, relief_at, zone))
        for start, end in pairwise(starts)
    )


def iso_week(day: date) -> str:
    """The ISO name of a day's week.

    >>> iso_week(date(2027, 1, 3))
    '2026-W53'
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock reading; the first one when it happens twice."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar.

    Source: the anonymous algorithm printed in Nature, 20 April 1876, as given by
    J. Meeus, Astronomical Algorithms, ch. 8.

    >>> easter(2027)
    datetime.date(2027, 3, 28)
    """
    cycle = year % 19
    century, rest = divmod(year, 100)
    leap, skipped = divmod(century, 4)
    moon = (19 * cycle + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    decade, odd = divmod(rest, 4)
    sunday = (32 + 2 * skipped + 2 * decade - moon - odd) % 7
    shift = (cycle + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def public_holidays(year: int, *, alsace_moselle: bool = False) -> tuple[Holiday, ...]:
    """Public holidays of metropolitan France as they stand since 2008, by date.

    Source: code du travail, art. L. 3133-1 (eleven days) and L. 3134-13 (Alsace-Moselle).
    """
    sunday = easter(year)
    found = [
        Holiday(date(year, 1, 1), "Jour de l'An"),
        Holiday(sunday + timedelta(days=1), "Lundi de Pâques"),
        Holiday(date(year, 5, 1), "Fête du Travail"),
        Holiday(date(year, 5, 8), "Victoire 1945"),
        Holiday(sunday + timedelta(days=39), "Ascension"),
        Holiday(sunday + timedelta(days=50), "Lundi de Pentecôte"),
        Holiday(date(year, 7, 14), "Fête nationale"),
        Holiday(date(year, 8, 15), "Assomption"),
        Holiday(date(year, 11, 1), "Toussaint"),
        Holiday(date(year, 11, 11), "Armistice 1918"),
        Holiday(date(year, 12, 25), "Noël"),
    ]
    if alsace_moselle:
        found.append(Holiday(sunday - timedelta(days=2), "Vendredi saint"))
        found.append(Holiday(date(year, 12, 26), "Saint-Étienne"))
    return tuple(sorted(found, key=lambda holiday: (holiday.day, holiday.name)))


def civil_days(problem: Problem, duty: Duty) -> tuple[date, ...]:
    """The civil days a duty is charged with: those whose noon it contains.

    A week relieved on Monday at 08:00 is charged with Monday to Sunday, never with a
    few hours of the next Monday; a holiday therefore belongs to exactly one week.
    """
    start, end = problem.local(duty.start_at), problem.local(duty.end_at)
    noon = datetime.combine(start.date(), time(12))
    if noon < start:
        noon += timedelta(days=1)
    days: list[date] = []
    while noon < end:
        days.append(noon.date())
        noon += timedelta(days=1)
    return tuple(days)


def holidays_in(problem: Problem, duty: Duty) -> tuple[Holiday, ...]:
    """Public holidays a duty is charged with, by date."""
    days = set(civil_days(problem, duty))
    return tuple(holiday for holiday in problem.holidays if holiday.day in days)


def nights_in(problem: Problem, duty: Duty) -> int:
    """Number of midnights a duty spans: seven for a whole week."""
    start, end = problem.local(duty.start_at), problem.local(duty.end_at)
    return (end.date() - start.date()).days - (1 if end.time() == time(0) else 0)


def weekends_in(days: Iterable[date]) -> int:
    """Number of week-ends touched by a set of days (Saturday, Sunday or both)."""
    return len({day - timedelta(days=day.weekday()) for day in days if day.weekday() >= 5})
