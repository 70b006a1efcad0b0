"""Weekly patterns as instants: right on every day when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.crews.shifts import LaidShift, breaks_within, lay_out

PARIS = ZoneInfo("Europe/Paris")
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
DAYS = {"days": EVERY_DAY, "start": "08:00", "end": "17:00"}
NIGHTS = {"days": EVERY_DAY, "start": "22:00", "end": "06:00"}
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""Days on which the clocks change in 2026: 02:00 becomes 03:00, and 03:00 becomes 02:00."""


def one(pattern: dict[str, Any], day: date) -> LaidShift:
    (shift,) = lay_out(pattern, day, 1, PARIS)
    return shift


def hours(shift: LaidShift) -> float:
    return (shift.end_at - shift.start_at) / timedelta(hours=1)


def test_a_shift_keeps_its_hour_of_the_wall_in_summer_and_winter() -> None:
    assert one(DAYS, date(2026, 7, 1)).start_at == datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
    assert one(DAYS, date(2026, 12, 1)).start_at == datetime(2026, 12, 1, 7, 0, tzinfo=UTC)


def test_only_the_days_of_the_pattern_are_laid_out() -> None:
    week = {**DAYS, "days": [1, 5]}

    days = [shift.start_at.date() for shift in lay_out(week, date(2026, 11, 23), 7, PARIS)]

    assert days == [date(2026, 11, 23), date(2026, 11, 27)]


def test_a_day_shift_has_nine_hours_also_when_the_clocks_change() -> None:
    assert [hours(one(DAYS, day)) for day in (SPRING, AUTUMN)] == [9.0, 9.0]


def test_a_night_is_shorter_in_spring_and_longer_in_autumn() -> None:
    nights = [one(NIGHTS, day - timedelta(days=1)) for day in (SPRING, AUTUMN)]

    assert [hours(night) for night in nights] == [7.0, 9.0]
    assert all(night.end_at.astimezone(PARIS).hour == 6 for night in nights)


def test_a_shift_of_a_whole_day_ends_at_the_same_hour_of_the_next() -> None:
    round_the_clock = {"days": EVERY_DAY, "start": "08:00", "end": "08:00"}

    assert hours(one(round_the_clock, date(2026, 11, 24))) == 24.0
    assert hours(one(round_the_clock, SPRING - timedelta(days=1))) == 23.0
    assert hours(one(round_the_clock, AUTUMN - timedelta(days=1))) == 25.0


def test_an_hour_that_does_not_exist_is_the_one_after_the_gap() -> None:
    early = {"days": EVERY_DAY, "start": "02:30", "end": "10:00"}

    # 02:30 on that day never was: it is 03:30 summer time.
    assert one(early, SPRING).start_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_the_first_of_the_two() -> None:
    early = {"days": EVERY_DAY, "start": "02:30", "end": "10:00"}

    assert one(early, AUTUMN).start_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_pause_lies_in_its_window_and_ends_by_its_end() -> None:
    lunch = {**DAYS, "breaks": [{"from": "12:00", "to": "14:00", "minutes": 45}]}

    (pause,) = one(lunch, date(2026, 11, 24)).breaks

    assert pause == {
        "earliest_at": "2026-11-24T11:00:00+00:00",
        "latest_at": "2026-11-24T12:15:00+00:00",
        "duration_s": 2700,
    }


def test_a_pause_after_midnight_belongs_to_the_night_it_interrupts() -> None:
    pattern = {**NIGHTS, "breaks": [{"from": "01:00", "to": "02:00", "minutes": 30}]}

    (pause,) = one(pattern, date(2026, 11, 24)).breaks

    assert pause["earliest_at"] == "2026-11-25T00:00:00+00:00"


@given(
    day=st.dates(date(2000, 1, 1), date(2050, 12, 31)),
    start=st.times(),
    end=st.times(),
)
def test_shifts_follow_one_another_whatever_the_clocks_do(
    day: date, start: time, end: time
) -> None:
    pattern = {
        "days": EVERY_DAY,
        "start": start.strftime("%H:%M"),
        "end": end.strftime("%H:%M"),
    }

    shifts = list(lay_out(pattern, day, 3, PARIS))

    assert len(shifts) == 3
    for shift, following in pairwise(shifts):
        assert shift.start_at < following.start_at
        assert 0 <= hours(shift) <= 25
        assert shift.end_at <= following.start_at + timedelta(hours=1)


def clock_changes() -> list[date]:
    """Return every day on which the clocks change in Paris from 2000 to 2050."""
    found = []
    day = date(2000, 1, 1)
    while day.year <= 2050:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=PARIS)
        if noon.utcoffset() != (noon - timedelta(days=1)).utcoffset():
            found.append(day)
        day += timedelta(days=1)
    return found


def test_every_change_of_clocks_for_fifty_years_is_laid_out_right() -> None:
    days = clock_changes()
    assert len(days) == 102
    for day in days:
        assert hours(one(DAYS, day)) == 9.0
        assert hours(one(NIGHTS, day - timedelta(days=1))) in {7.0, 9.0}
        assert one(DAYS, day).start_at.astimezone(PARIS).hour == 8


def test_breaks_counted_from_the_start_are_those_laid_out_by_the_wall() -> None:
    lunch = {"from": "11:45", "to": "14:00", "minutes": 45}
    supper = {"from": "00:30", "to": "02:00", "minutes": 30}
    for pattern in ({**DAYS, "breaks": [lunch]}, {**NIGHTS, "breaks": [supper]}):
        shift = one(pattern, date(2026, 12, 1))
        (counted,) = breaks_within(pattern, shift.start_at)
        (laid,) = shift.breaks
        assert counted["earliest_at"] == datetime.fromisoformat(laid["earliest_at"])
        assert counted["latest_at"] == datetime.fromisoformat(laid["latest_at"])
        assert counted["duration_s"] == laid["duration_s"]
