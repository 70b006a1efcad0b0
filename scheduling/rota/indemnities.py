"""What an on-call duty is paid: looked up in the decree's table, traceable to the cent.

Amounts are looked up and not added, because the week and the week-end have prices of
their own: they happen to equal the sum of their nights and days for the operations
duty, and do not for the safety and decision ones. Money only; no payroll, no taxes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduling.rota.problem import DutyKind
from scheduling.rota.rules.base import Source

CLEAR_DAYS = 15
"""Clear days of notice below which the duty is paid half as much again."""
_FULL_NIGHT = timedelta(hours=10)
_SATURDAY, _SUNDAY = 5, 6


class Unit(StrEnum):
    """The periods the table prices."""

    WEEK = "week"
    WEEKEND = "weekend"
    NIGHT = "night"
    SPLIT_NIGHT = "split_night"
    SATURDAY = "saturday"
    SUNDAY_OR_HOLIDAY = "sunday_or_holiday"


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices of one kind of duty, in cents, while they are in force."""

    kind: DutyKind
    cents: Mapping[Unit, int]
    source: Source
    valid_from: date
    valid_until: date | None = None
    rises_at_short_notice: bool = True

    def price(self, unit: Unit) -> int:
        """Cents for one unit; a kind without a price for split nights pays whole ones."""
        if unit is Unit.SPLIT_NIGHT and unit not in self.cents:
            return self.cents[Unit.NIGHT]
        return self.cents[unit]

    def covers(self, day: date) -> bool:
        """Says whether the prices are in force on a day."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


def _prices(week: int, weekend: int, saturday: int, sunday: int, night: int) -> dict[Unit, int]:
    return {
        Unit.WEEK: week,
        Unit.WEEKEND: weekend,
        Unit.SATURDAY: saturday,
        Unit.SUNDAY_OR_HOLIDAY: sunday,
        Unit.NIGHT: night,
    }


_ORDER_OF_2015 = Source(
    text="Arrêté du 14 avril 2015 (NOR DEVK1425770A), décret n° 2015-415",
    article="art. 2",
    link="https://www.weka.fr/actualite/remuneration/breve_juridique/"
    "revalorisation-montants-astreintes-26580/",
)
_ORDER_OF_2024 = Source(
    text="Arrêté modifiant l'arrêté du 14 avril 2015",
    article="art. 2, 4°",
    link="https://legal.tricoteuses.fr/articles/JORFARTI000049592969",
)
_IN_FORCE = date(2015, 4, 17)

TARIFFS: tuple[Tariff, ...] = (
    Tariff(
        DutyKind.OPERATIONS,
        {**_prices(15_920, 11_620, 3_740, 4_655, 1_075), Unit.SPLIT_NIGHT: 860},
        _ORDER_OF_2015,
        _IN_FORCE,
    ),
    Tariff(
        DutyKind.SAFETY,
        {**_prices(14_948, 10_928, 3_485, 4_338, 1_005), Unit.SPLIT_NIGHT: 808},
        _ORDER_OF_2015,
        _IN_FORCE,
    ),
    Tariff(
        DutyKind.DECISION,
        _prices(12_100, 7_600, 2_500, 3_485, 1_000),
        _ORDER_OF_2015,
        _IN_FORCE,
        rises_at_short_notice=False,
    ),
    Tariff(
        DutyKind.CRISIS_COMMUNICATION,
        {**_prices(14_948, 10_928, 3_485, 4_338, 1_005), Unit.SPLIT_NIGHT: 808},
        _ORDER_OF_2024,
        date(2024, 6, 1),
    ),
)
"""Technical branch of local authorities.

Source: décret n° 2005-542 du 19 mai 2005, art. 3, which refers to décret n° 2015-415
and its orders. The safety line is quoted from the identical crisis-communication line
of 2024; the authority's HR office should sign off each line.
"""


class UnknownTariffError(ValueError):
    """No prices are known for this kind of duty on this day."""


@dataclass(frozen=True, slots=True)
class ServiceHours:
    """Ordinary hours of the service: what lies outside them is an on-call night."""

    opens_at: time = time(8)
    closes_at: time = time(18)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The on-call period to pay; `told_on` is the day its holder was told, if known."""

    kind: DutyKind
    start_at: datetime
    end_at: datetime
    told_on: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a pay slip; `count` is −1 for a Saturday replaced by a holiday."""

    unit: Unit
    first_day: date
    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class Indemnity:
    """What a duty is paid, line by line."""

    lines: tuple[Line, ...]
    rise_cents: int
    source: Source

    @property
    def total_cents(self) -> int:
        """The amount due, in cents."""
        return sum(line.count * line.cents for line in self.lines) + self.rise_cents


def indemnity(
    stretch: Stretch,
    zone: ZoneInfo,
    holidays: Sequence[date],
    hours: ServiceHours | None = None,
    tariffs: Sequence[Tariff] = TARIFFS,
) -> Indemnity:
    """What an on-call period is paid: whole weeks first, then week-ends, then the rest.

    Args:
        stretch: kind and period; an operations week from Monday to Monday is 159.20 €.
        zone: civil time in which nights and days are read.
        holidays: public holidays; only those inside the period matter.
        hours: ordinary hours of the service.
        tariffs: the tables to look in.

    Raises:
        UnknownTariffError: when no table covers the kind on the first day.

    Source: arrêté du 14 avril 2015; réponse à la question écrite n° 5880 (JO Assemblée
    nationale, 15 May 2018) for holidays: from Monday to Friday inside a week the
    holiday's price is added, on a Saturday it replaces the Saturday's, on a Sunday it
    changes nothing. The answer speaks of operations duties; applied to all kinds.
    """
    hours = hours or ServiceHours()
    first_day = stretch.start_at.astimezone(zone).date()
    tariff = next((t for t in tariffs if t.kind is stretch.kind and t.covers(first_day)), None)
    if tariff is None:
        raise UnknownTariffError(f"{stretch.kind} on {first_day}")
    lines = tuple(
        Line(unit, day, count, tariff.price(unit))
        for unit, day, count in _units(_Days(stretch, zone, hours), frozenset(holidays))
    )
    due = sum(line.count * line.cents for line in lines)
    is_short = tariff.rises_at_short_notice and is_short_notice(stretch, zone)
    return Indemnity(lines, (due + 1) // 2 if is_short else 0, tariff.source)


class _Days:
    """Which nights and days of each civil date a stretch contains, on the wall clock."""

    def __init__(self, stretch: Stretch, zone: ZoneInfo, hours: ServiceHours) -> None:
        self._start = stretch.start_at.astimezone(zone).replace(tzinfo=None)
        self._end = stretch.end_at.astimezone(zone).replace(tzinfo=None)
        self._hours = hours
        # The evening before may hold the end of a night: 00:00–08:00 alone is a night.
        first = self._start.date() - timedelta(days=1)
        count = (self._end.date() - first).days + 1
        self.dates = [first + timedelta(days=number) for number in range(count)]

    def night(self, day: date) -> timedelta:
        """How much of the night that begins on `day` the stretch holds."""
        dusk = datetime.combine(day, self._hours.closes_at)
        dawn = datetime.combine(day + timedelta(days=1), self._hours.opens_at)
        return min(dawn, self._end) - max(dusk, self._start)

    def daytime(self, day: date) -> bool:
        """Says whether the stretch holds any of the working hours of `day`."""
        opens = datetime.combine(day, self._hours.opens_at)
        closes = datetime.combine(day, self._hours.closes_at)
        return max(opens, self._start) < min(closes, self._end)

    def is_whole(self, day: date) -> bool:
        """Says whether the night of `day` is held, and its daytime on a week-end."""
        return self.night(day) >= _FULL_NIGHT and (day.weekday() < _SATURDAY or self.daytime(day))


def _units(days: _Days, holidays: frozenset[date]) -> list[tuple[Unit, date, int]]:
    """The units of a stretch, longest first at every date: (unit, first day, count)."""
    units: list[tuple[Unit, date, int]] = []
    place = 0
    while place < len(days.dates):
        day = days.dates[place]
        length, unit = _longest(days, place)
        span = days.dates[place : place + length]
        if unit is not None:
            units.append((unit, day, 1))
        for one in span:
            units += _daytime_units(days, one, holidays, inside=unit is not None)
        if unit is None:
            units += _night_units(days, day)
        place += length
    return units


def _longest(days: _Days, place: int) -> tuple[int, Unit | None]:
    ahead = days.dates[place : place + 7]
    if len(ahead) == 7 and all(map(days.is_whole, ahead)):
        return 7, Unit.WEEK
    is_friday = ahead[0].weekday() == _SATURDAY - 1
    if is_friday and len(ahead) >= 3 and all(map(days.is_whole, ahead[:3])):
        return 3, Unit.WEEKEND
    return 1, None


def _night_units(days: _Days, day: date) -> list[tuple[Unit, date, int]]:
    length = days.night(day)
    if length <= timedelta(0):
        return []
    return [(Unit.NIGHT if length >= _FULL_NIGHT else Unit.SPLIT_NIGHT, day, 1)]


def _daytime_units(
    days: _Days, day: date, holidays: frozenset[date], *, inside: bool
) -> list[tuple[Unit, date, int]]:
    """What the daytime of a date adds, alone or inside a whole week or week-end."""
    if not days.daytime(day):
        return []
    weekday, is_holiday = day.weekday(), day in holidays
    holiday = (Unit.SUNDAY_OR_HOLIDAY, day, 1)
    if weekday == _SUNDAY:
        return [] if inside else [holiday]
    if weekday == _SATURDAY:
        if not is_holiday:
            return [] if inside else [(Unit.SATURDAY, day, 1)]
        return [(Unit.SATURDAY, day, -1), holiday] if inside else [holiday]
    return [holiday] if is_holiday else []


def is_short_notice(stretch: Stretch, zone: ZoneInfo) -> bool:
    """Says whether fewer than 15 clear days lie between the notice and the duty.

    Neither the day of the notice nor the first day of the duty counts.

    Source: arrêté du 14 avril 2015 (LEGIARTI000049599744): +50 % for safety, operations
    and crisis communication duties; the decision duty is not named.
    """
    if stretch.told_on is None:
        return False
    return (stretch.start_at.astimezone(zone).date() - stretch.told_on).days - 1 < CLEAR_DAYS
