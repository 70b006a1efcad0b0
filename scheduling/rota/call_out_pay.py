"""What an intervention during on-call time is worth: in euros by the hour, or in rest.

Never both for one hour. Minutes are counted as they passed, travel included, and each belongs to
one class: Sunday or public holiday before Saturday, Saturday before night, night before the rest.
Overtime pay (IHTS) depends on each salary: only its hours by class are given, for payroll.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduling.rota.rules.base import Source

_MINUTE = timedelta(minutes=1)
_SATURDAY, _SUNDAY = 5, 6
NIGHT_FROM, NIGHT_UNTIL = time(22), time(7)


class HourClass(StrEnum):
    """What kind of hour was worked."""

    ORDINARY = "ordinary"
    NIGHT = "night"
    SATURDAY = "saturday"
    SUNDAY_OR_HOLIDAY = "sunday_or_holiday"


class PayMode(StrEnum):
    """How an authority rewards interventions; its deliberation decides."""

    FIXED = "fixed"
    OVERTIME = "overtime"
    REST = "rest"


CENTS_PER_HOUR = {
    HourClass.ORDINARY: 1_600,
    HourClass.NIGHT: 2_200,
    HourClass.SATURDAY: 2_200,
    HourClass.SUNDAY_OR_HOLIDAY: 2_200,
}
"""Technical branch, agents who get no overtime pay.

Source: décret n° 2015-415 du 14 avril 2015, art. 5, and its order of the same day.
"""

EXTRA_PCT = {
    HourClass.ORDINARY: 0,
    HourClass.SATURDAY: 25,
    HourClass.NIGHT: 50,
    HourClass.SUNDAY_OR_HOLIDAY: 100,
}
"""Increase of rest, and of overtime hours, by class.

Source: arrêté du 14 avril 2015 (LEGIARTI000030485720): Saturday 25 %, night 50 %, Sunday and
public holiday 100 %.
"""

ORDER = Source(
    text="Décret n° 2015-415 et arrêté du 14 avril 2015",
    article="art. 5",
    link="https://www.legifrance.gouv.fr/loda/article_lc/LEGIARTI000030485720",
)


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of one class, from one civil day; `start_at` is the first of them."""

    hours: HourClass
    start_at: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Reward:
    """What minutes of one class are worth; cents or minutes of rest, never both."""

    span: Span
    cents_per_hour: int
    cents: int
    rest_min: int


def spans(
    start_at: datetime, end_at: datetime, zone: ZoneInfo, holidays: Collection[date]
) -> tuple[Span, ...]:
    """The minutes of an intervention by class, in order.

    Args:
        start_at: Instant of leaving, aware.
        end_at: Instant of coming back.
        zone: Civil time in which days and nights are read.
        holidays: Public holidays.
    """
    found: list[Span] = []
    at, end = start_at.astimezone(UTC), end_at.astimezone(UTC)
    while at < end:
        kind = _class_of(at.astimezone(zone), holidays)
        last = found[-1] if found else None
        if last is not None and last.hours is kind:
            found[-1] = Span(kind, last.start_at, last.minutes + 1)
        else:
            found.append(Span(kind, at, 1))
        at += _MINUTE
    return tuple(found)


def reward(span: Span, mode: PayMode) -> Reward:
    """What a span is worth; half cents and half minutes are rounded up.

    >>> night = Span(HourClass.NIGHT, datetime(2026, 11, 24, 21, tzinfo=UTC), 90)
    >>> reward(night, PayMode.FIXED).cents, reward(night, PayMode.REST).rest_min
    (3300, 135)
    """
    if mode is PayMode.FIXED:
        rate = CENTS_PER_HOUR[span.hours]
        return Reward(span, rate, (span.minutes * rate * 2 + 60) // 120, 0)
    if mode is PayMode.REST:
        share = 100 + EXTRA_PCT[span.hours]
        return Reward(span, 0, 0, (span.minutes * share * 2 + 100) // 200)
    return Reward(span, 0, 0, 0)


def _class_of(local: datetime, holidays: Collection[date]) -> HourClass:
    day = local.date()
    if day.weekday() == _SUNDAY or day in holidays:
        return HourClass.SUNDAY_OR_HOLIDAY
    if day.weekday() == _SATURDAY:
        return HourClass.SATURDAY
    clock = local.time()
    is_night = clock >= NIGHT_FROM or clock < NIGHT_UNTIL
    return HourClass.NIGHT if is_night else HourClass.ORDINARY
