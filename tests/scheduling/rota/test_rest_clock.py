"""Interventions move the rest clock and the counters of hours."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from scheduling.rota.rest_clock import Limits, Worked, rest_clock, short_rests

PARIS = ZoneInfo("Europe/Paris")


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


OFFICE = Worked(at(23, 8), at(23, 17))
CALL = Worked(at(23, 21), at(23, 22, 40))


def test_rest_runs_from_the_end_of_the_last_intervention() -> None:
    clock = rest_clock([CALL, OFFICE], at(24, 6), PARIS)
    assert clock.may_start_at == at(24, 9, 40)
    assert clock.week_min == clock.period_min == 540 + 100
    assert clock.left_min == 48 * 60 - 640


def test_surveillance_of_roads_asks_for_nine_hours() -> None:
    assert rest_clock([CALL], at(24, 6), PARIS, Limits(rest_h=9)).may_start_at == at(24, 7, 40)


def test_whoever_is_rested_may_start_now() -> None:
    assert rest_clock([OFFICE], at(24, 8), PARIS).may_start_at == at(24, 8)
    assert rest_clock([], at(24, 8), PARIS).may_start_at == at(24, 8)


def test_what_lies_ahead_does_not_count_and_what_runs_counts_until_now() -> None:
    clock = rest_clock([OFFICE, CALL], at(23, 12), PARIS)
    assert clock.week_min == 240
    assert clock.may_start_at == at(23, 23)


def test_a_night_of_the_change_of_hour_gives_no_less_rest() -> None:
    late = Worked(at(28, 20, month=3), at(28, 22, month=3))
    clock = rest_clock([late], at(28, 23, month=3), PARIS)
    assert clock.may_start_at == at(29, 10, month=3)
    assert clock.may_start_at.astimezone(UTC) - late.end_at.astimezone(UTC) == timedelta(hours=11)


def test_work_over_sunday_midnight_is_cut_between_two_weeks() -> None:
    clock = rest_clock([Worked(at(29, 22), at(30, 3))], at(30, 12), PARIS)
    assert (clock.week_min, clock.period_min) == (180, 300)


def test_the_average_of_twelve_weeks_can_leave_less_than_the_week_does() -> None:
    weeks = [at(23, 0) - timedelta(weeks=number) for number in range(1, 12)]
    worked = [Worked(monday, monday + timedelta(hours=47)) for monday in weeks]
    clock = rest_clock(worked, at(23, 8), PARIS)
    assert clock.left_min == (12 * 44 - 11 * 47) * 60
    older = [*worked, Worked(at(23, 0) - timedelta(weeks=12), at(23, 0) - timedelta(days=83))]
    assert rest_clock(older, at(23, 8), PARIS).left_min == clock.left_min


def test_short_rests_are_named_and_short_breaks_are_not_rests() -> None:
    after_lunch = Worked(at(23, 17, 30), at(23, 18))
    morning = Worked(at(24, 9), at(24, 17))
    assert short_rests([morning, OFFICE, after_lunch]) == ()
    assert short_rests([morning, OFFICE, CALL]) == (CALL, morning)


@pytest.mark.parametrize("seed", range(20))
def test_minutes_are_those_counted_one_by_one(seed: int) -> None:
    chance = Random(seed)
    start = at(23, 0).astimezone(UTC)
    worked = []
    for _ in range(8):
        begin = start + timedelta(minutes=chance.randrange(7 * 1440))
        worked.append(Worked(begin, begin + timedelta(minutes=chance.randrange(1, 900))))
    now = start + timedelta(minutes=chance.randrange(1, 7 * 1440))
    minutes = (start + timedelta(minutes=number) for number in range(7 * 1440))
    expected = sum(m < now and any(w.start_at <= m < w.end_at for w in worked) for m in minutes)
    assert rest_clock(worked, now, PARIS).week_min == expected


def test_a_time_of_work_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Worked(at(23, 8), at(23, 8))
    with pytest.raises(ValueError, match="naive"):
        Worked(datetime(2026, 11, 23, 8), at(23, 9))
