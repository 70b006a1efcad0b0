"""What the field does to the law: when somebody may start again, and the hours he has left.

Stand-by at home is not work, but what is done during it is, travel included. Duties of work
and interventions together move the rest clock and the counters of hours.

Source: décret n° 2000-815 du 25 août 2000, art. 3-I (11 hours of rest a day, 48 hours in one
week, 44 hours on average over 12 weeks), applied to local authorities by décret n° 2001-623,
art. 1er; décret n° 2005-542 du 19 mai 2005, art. 2 (an intervention is working time).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Worked:
    """Time of effective work of one person, travel included; instants are aware.

    Raises:
        ValueError: when it is empty or an instant is naive.
    """

    start_at: datetime
    end_at: datetime

    def __post_init__(self) -> None:
        """Refuses what is no interval of time."""
        if self.start_at.tzinfo is None or self.end_at.tzinfo is None:
            raise ValueError(f"naive instant: {self.start_at}")
        if self.end_at <= self.start_at:
            raise ValueError(f"empty interval: {self.start_at}")


@dataclass(frozen=True, slots=True)
class Limits:
    """The guarantees in force; hours are whole.

    Attributes:
        rest_h: rest between two days of work; 9 for the surveillance of roads (décret
            n° 2002-259, art. 2).
        week_h: most hours in one civil week.
        mean_h, mean_weeks: most hours a week on average over so many weeks running.
    """

    rest_h: int = 11
    week_h: int = 48
    mean_h: int = 44
    mean_weeks: int = 12


@dataclass(frozen=True, slots=True)
class RestClock:
    """Where a person stands at an instant.

    Attributes:
        may_start_at: first instant at which planned work may begin again; the instant
            asked about when the person is rested.
        week_min: minutes worked in the civil week of the instant.
        period_min: minutes worked in the weeks of the average, that week included.
        left_min: minutes that may still be worked in the week; negative when passed.
    """

    may_start_at: datetime
    week_min: int
    period_min: int
    left_min: int


def rest_clock(
    worked: Iterable[Worked], now: datetime, zone: ZoneInfo, limits: Limits | None = None
) -> RestClock:
    """The rest clock and the counters of one person.

    Args:
        worked: duties of work and interventions in any order; they may overlap. What lies
            after `now` is not counted; one that is running counts until now.
        now: the instant asked about.
        zone: civil time in which weeks are counted.
        limits: the guarantees; by default those of the State's decree.
    """
    limits = limits or Limits()
    done = _merged(Worked(w.start_at, min(w.end_at, now)) for w in worked if w.start_at < now)
    minutes = _by_week(done, zone)
    monday = _monday(now, zone)
    first = monday - timedelta(weeks=limits.mean_weeks - 1)
    period = sum(spent for week, spent in minutes.items() if first <= week <= monday)
    week = minutes.get(monday, 0)
    left = min(limits.week_h * 60 - week, limits.mean_weeks * limits.mean_h * 60 - period)
    return RestClock(_may_start(done, now, limits), week, period, left)


def _may_start(done: Sequence[Worked], now: datetime, limits: Limits) -> datetime:
    """Rest runs from the end of the last work and begins anew with every intervention."""
    if not done:
        return now
    rested = done[-1].end_at.astimezone(now.tzinfo)
    # Elapsed hours, not hours of the wall: a night of the change of hour gives no less rest.
    return max(now, _later(rested, timedelta(hours=limits.rest_h)))


def short_rests(worked: Iterable[Worked], limits: Limits | None = None) -> tuple[Worked, ...]:
    """Times of work that began before the rest was over, in order.

    Breaks shorter than an hour belong to the work around them.
    """
    least = timedelta(hours=(limits or Limits()).rest_h)
    broken = [
        later
        for earlier, later in pairwise(_merged(worked))
        if timedelta(hours=1) <= _between(earlier.end_at, later.start_at) < least
    ]
    return tuple(broken)


def _merged(worked: Iterable[Worked]) -> list[Worked]:
    """Disjoint times of work, by start: an hour is never counted twice."""
    found: list[Worked] = []
    for one in sorted(worked, key=lambda one: one.start_at):
        if found and one.start_at <= found[-1].end_at:
            last = found.pop()
            found.append(Worked(last.start_at, max(last.end_at, one.end_at)))
        else:
            found.append(one)
    return found


def _by_week(done: Sequence[Worked], zone: ZoneInfo) -> dict[date, int]:
    """Minutes of each civil week, work across midnight of Sunday being cut there."""
    minutes: dict[date, int] = {}
    for one in done:
        start = one.start_at
        while start < one.end_at:
            monday = _monday(start, zone)
            following = monday + timedelta(weeks=1)
            end = min(
                one.end_at, datetime(following.year, following.month, following.day, tzinfo=zone)
            )
            minutes[monday] = minutes.get(monday, 0) + _between(start, end) // _MINUTE
            start = end
    return minutes


def _monday(instant: datetime, zone: ZoneInfo) -> date:
    day = instant.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _between(one: datetime, other: datetime) -> timedelta:
    """Time that passes between two instants, also across a change of hour."""
    return other.astimezone(UTC) - one.astimezone(UTC)


def _later(instant: datetime, by: timedelta) -> datetime:
    return (instant.astimezone(UTC) + by).astimezone(instant.tzinfo)
