"""The amounts of the decree, to the cent, on the cases the ministry answered."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rota.indemnities import (
    Indemnity,
    Stretch,
    Unit,
    UnknownTariffError,
    indemnity,
)
from scheduling.rota.problem import DutyKind

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2026, 11, 23)


def _pay(
    start: datetime,
    length: timedelta,
    *holidays: date,
    kind: DutyKind = DutyKind.OPERATIONS,
    told_on: date | None = None,
) -> Indemnity:
    first = start.replace(tzinfo=PARIS)
    last = (start + length).replace(tzinfo=PARIS)
    return indemnity(Stretch(kind, first, last, told_on), PARIS, holidays)


def _week(*holidays: date, kind: DutyKind = DutyKind.OPERATIONS) -> int:
    start = datetime(MONDAY.year, MONDAY.month, MONDAY.day, 8)
    return _pay(start, timedelta(weeks=1), *holidays, kind=kind).total_cents


@pytest.mark.parametrize(
    ("weekday", "cents"),
    [(0, 20_575), (1, 20_575), (2, 20_575), (3, 20_575), (4, 20_575), (5, 16_835), (6, 15_920)],
)
def test_a_holiday_inside_an_operations_week_is_paid_as_the_ministry_answered(
    weekday: int, cents: int
) -> None:
    assert _week(MONDAY + timedelta(days=weekday)) == cents


@pytest.mark.parametrize(
    ("kind", "week", "weekend", "night"),
    [
        (DutyKind.OPERATIONS, 15_920, 11_620, 1_075),
        (DutyKind.SAFETY, 14_948, 10_928, 1_005),
        (DutyKind.DECISION, 12_100, 7_600, 1_000),
        (DutyKind.CRISIS_COMMUNICATION, 14_948, 10_928, 1_005),
    ],
)
def test_weeks_weekends_and_nights_have_their_own_price(
    kind: DutyKind, week: int, weekend: int, night: int
) -> None:
    assert _week(kind=kind) == week
    friday = datetime(2026, 11, 27, 18)
    assert _pay(friday, timedelta(hours=62), kind=kind).total_cents == weekend
    tuesday = datetime(2026, 11, 24, 18)
    assert _pay(tuesday, timedelta(hours=14), kind=kind).total_cents == night


def test_a_week_from_friday_to_friday_is_a_whole_week_too() -> None:
    friday = datetime(2026, 11, 27, 8)
    assert _pay(friday, timedelta(weeks=1)).total_cents == 15_920


def test_two_weeks_are_paid_twice_and_a_day_more_adds_its_night() -> None:
    start = datetime(2026, 11, 23, 8)
    assert _pay(start, timedelta(weeks=2)).total_cents == 2 * 15_920
    assert _pay(start, timedelta(weeks=1, days=1)).total_cents == 15_920 + 1_075


def test_the_week_of_a_change_of_hour_is_a_whole_week() -> None:
    assert _pay(datetime(2027, 3, 22, 8), timedelta(weeks=1)).total_cents == 15_920
    assert _pay(datetime(2027, 10, 25, 8), timedelta(weeks=1)).total_cents == 15_920


def test_a_night_cut_short_is_paid_less() -> None:
    cut = _pay(datetime(2026, 11, 24, 18), timedelta(hours=6))
    assert [line.unit for line in cut.lines] == [Unit.SPLIT_NIGHT]
    assert cut.total_cents == 860


def test_a_lone_saturday_sunday_or_holiday_has_its_price() -> None:
    day = timedelta(hours=10)
    assert _pay(datetime(2026, 11, 28, 8), day).total_cents == 3_740
    assert _pay(datetime(2026, 11, 29, 8), day).total_cents == 4_655
    assert _pay(datetime(2026, 11, 11, 8), day, date(2026, 11, 11)).total_cents == 4_655
    assert _pay(datetime(2026, 11, 25, 8), day).total_cents == 0


@pytest.mark.parametrize(
    ("told_on", "cents"),
    [
        (date(2026, 11, 7), 15_920),
        (date(2026, 11, 8), 23_880),
        (date(2026, 11, 22), 23_880),
    ],
)
def test_less_than_fifteen_clear_days_of_notice_add_half(told_on: date, cents: int) -> None:
    start = datetime(2026, 11, 23, 8)
    assert _pay(start, timedelta(weeks=1), told_on=told_on).total_cents == cents


def test_the_decision_duty_is_not_raised_at_short_notice() -> None:
    start = datetime(2026, 11, 23, 8)
    paid = _pay(start, timedelta(weeks=1), kind=DutyKind.DECISION, told_on=date(2026, 11, 22))
    assert paid.total_cents == 12_100


def test_every_cent_is_traced_to_a_line_and_a_source() -> None:
    start = datetime(2026, 11, 23, 8)
    paid = _pay(start, timedelta(weeks=1), date(2026, 11, 28))
    assert [(line.unit, line.count) for line in paid.lines] == [
        (Unit.WEEK, 1),
        (Unit.SATURDAY, -1),
        (Unit.SUNDAY_OR_HOLIDAY, 1),
    ]
    assert "2015" in paid.source.text


def test_a_year_without_a_table_is_refused() -> None:
    with pytest.raises(UnknownTariffError):
        _pay(datetime(2014, 1, 6, 8), timedelta(weeks=1))
    with pytest.raises(UnknownTariffError):
        _pay(datetime(2026, 1, 5, 8), timedelta(weeks=1), kind=DutyKind.ON_SITE)


@given(st.integers(0, 400), st.integers(1, 900))
def test_operations_pay_is_the_sum_of_nights_and_days_whatever_the_cut(
    first: int, hours: int
) -> None:
    # Only the operations table is additive, which makes it its own oracle.
    start = datetime(2026, 1, 5, 8) + timedelta(hours=first)
    paid = _pay(start, timedelta(hours=hours)).total_cents
    end = start + timedelta(hours=hours)
    expected = 0
    day = datetime(2026, 1, 3)
    while day < end:
        held = min(end, day + timedelta(hours=32)) - max(start, day + timedelta(hours=18))
        expected += 1_075 if held >= timedelta(hours=10) else 860 if held > timedelta(0) else 0
        if max(start, day + timedelta(hours=8)) < min(end, day + timedelta(hours=18)):
            expected += {5: 3_740, 6: 4_655}.get(day.weekday(), 0)
        day += timedelta(days=1)
    assert paid == expected
