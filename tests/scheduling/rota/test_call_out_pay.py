"""Every minute of an intervention has one class, and every class one price."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rota.call_out_pay import HourClass, PayMode, Span, reward, spans

SUNDAY = "sunday_or_holiday"
PARIS = ZoneInfo("Europe/Paris")
CHRISTMAS = date(2026, 12, 25)


def split(day: str, start: str, end_day: str, end: str) -> list[tuple[str, int]]:
    begin = datetime.fromisoformat(f"{day}T{start}").replace(tzinfo=PARIS)
    stop = datetime.fromisoformat(f"{end_day}T{end}").replace(tzinfo=PARIS)
    return [(s.hours.value, s.minutes) for s in spans(begin, stop, PARIS, {CHRISTMAS})]


@pytest.mark.parametrize(
    ("day", "start", "end_day", "end", "expected"),
    [
        ("2026-11-24", "20:00", "2026-11-24", "21:30", [("ordinary", 90)]),
        ("2026-11-24", "21:00", "2026-11-25", "00:00", [("ordinary", 60), ("night", 120)]),
        ("2026-11-25", "06:30", "2026-11-25", "07:30", [("night", 30), ("ordinary", 30)]),
        ("2026-11-27", "23:00", "2026-11-28", "01:00", [("night", 60), ("saturday", 60)]),
        (
            "2026-11-28",
            "23:30",
            "2026-11-29",
            "00:30",
            [("saturday", 30), ("sunday_or_holiday", 30)],
        ),
        ("2026-12-24", "23:00", "2026-12-25", "01:00", [("night", 60), ("sunday_or_holiday", 60)]),
        # The night when clocks go back has an hour more, and it is worked.
        ("2026-10-25", "01:00", "2026-10-25", "04:00", [("sunday_or_holiday", 240)]),
        ("2026-03-29", "01:00", "2026-03-29", "04:00", [("sunday_or_holiday", 120)]),
    ],
)
def test_minutes_fall_into_their_class(
    day: str, start: str, end_day: str, end: str, expected: list[tuple[str, int]]
) -> None:
    assert split(day, start, end_day, end) == expected


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(
        lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
    st.integers(1, 1440),
)
def test_no_minute_is_lost_or_counted_twice(start: datetime, minutes: int) -> None:
    found = spans(start, start + timedelta(minutes=minutes), PARIS, {CHRISTMAS})
    assert sum(span.minutes for span in found) == minutes
    assert all(a.hours is not b.hours for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("hours", "minutes", "mode", "cents", "rest_min"),
    [
        (HourClass.ORDINARY, 60, PayMode.FIXED, 1600, 0),
        (HourClass.NIGHT, 60, PayMode.FIXED, 2200, 0),
        (HourClass.ORDINARY, 1, PayMode.FIXED, 27, 0),
        (HourClass.SATURDAY, 60, PayMode.REST, 0, 75),
        (HourClass.NIGHT, 60, PayMode.REST, 0, 90),
        (HourClass.SUNDAY_OR_HOLIDAY, 45, PayMode.REST, 0, 90),
        (HourClass.NIGHT, 60, PayMode.OVERTIME, 0, 0),
    ],
)
def test_an_hour_gives_money_or_rest_never_both(
    hours: HourClass, minutes: int, mode: PayMode, cents: int, rest_min: int
) -> None:
    worth = reward(Span(hours, datetime(2026, 11, 24, tzinfo=UTC), minutes), mode)
    assert (worth.cents, worth.rest_min) == (cents, rest_min)
