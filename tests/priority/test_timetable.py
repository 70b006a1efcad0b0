from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from priority.deadlines import Allowance, Commitment
from priority.timetable import AllowanceSettings, CalendarSettings, Promise


def calendar(**changes: object) -> CalendarSettings:
    return CalendarSettings.model_validate(changes)


def test_hours_are_written_as_people_write_them() -> None:
    ours = calendar(hours={"saturday": "09:00-12:30"}, night_hours="21:00-05:30")

    assert ours.working.hours[5] == ((540, 750),)
    assert ours.working.hours[6] == ()
    assert ours.working.night == (1260, 330)


def test_hours_may_end_at_midnight() -> None:
    assert calendar(hours={"sunday": "00:00-24:00"}).working.hours[6] == ((0, 1440),)


@pytest.mark.parametrize(
    "wrong",
    ["8:00-12:00", "08:00", "08:00-12:61", "25:00-26:00", "08:00-08:00", "x", "٠٨:00-12:00", 5],
)
def test_hours_that_are_no_hours_are_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        calendar(night_hours=wrong)


@pytest.mark.parametrize(
    "wrong", ["08:00-12:00 11:00-13:00", "13:00-14:00 08:00-09:00", "17:00-08:00", 8]
)
def test_open_hours_that_overlap_or_run_backwards_are_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        calendar(hours={"monday": wrong})


def test_a_service_that_never_opens_is_refused() -> None:
    closed = dict.fromkeys(["monday", "tuesday", "wednesday", "thursday", "friday"], "")

    with pytest.raises(ValidationError, match="at least once a week"):
        calendar(hours=closed)


def test_an_unknown_time_zone_is_refused() -> None:
    for name in ("Europe/Tulle", "../etc/passwd", ""):
        with pytest.raises(ValidationError, match="time zone"):
            calendar(zone=name)


def test_local_closing_days_reach_the_calendar() -> None:
    ours = calendar(closed_days=["2026-11-24"]).working

    assert date(2026, 11, 24) in ours.closed_days
    assert not ours.is_open(datetime(2026, 11, 24, 10, tzinfo=UTC))


def test_hours_and_minutes_of_an_allowance_add_up() -> None:
    allowed = AllowanceSettings(hours=1, minutes=30, clock="working")

    assert allowed.allowance() == Allowance(90, "working")


def test_a_promise_may_leave_out_arrival_or_end() -> None:
    only_arrival = Promise(respond_within=AllowanceSettings(hours=1))

    assert only_arrival.commitment() == Commitment(respond=Allowance(60, "calendar"))
    assert Promise().commitment() == Commitment()
