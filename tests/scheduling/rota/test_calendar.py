"""Weeks, holidays and nights in civil time, on the days that go wrong elsewhere."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rota.problem import Duty, Policy, Problem
from scheduling.rota.rules.calendar import (
    civil_days,
    easter,
    holidays_in,
    nights_in,
    public_holidays,
    weekends_in,
    weeks,
)
from tests.support.rotas import OPERATIONS, person

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize("year", range(2008, 2051))
def test_public_holidays_are_those_of_an_independent_source(year: int) -> None:
    expected = set(oracle.country_holidays("FR", years=year))
    assert {holiday.day for holiday in public_holidays(year)} == expected


def test_alsace_moselle_has_two_more() -> None:
    more = set(public_holidays(2027, alsace_moselle=True)) - set(public_holidays(2027))
    assert {holiday.day for holiday in more} == {date(2027, 3, 26), date(2027, 12, 26)}


@given(st.integers(1900, 2100))
def test_easter_is_a_sunday_in_spring(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


@given(st.dates(date(2000, 1, 1), date(2049, 12, 31)))
def test_every_week_begins_on_a_monday_at_eight_and_joins_the_next(first: date) -> None:
    found = weeks(first, 60, PARIS)
    for week, following in pairwise(found):
        start = week.start_at.astimezone(PARIS)
        assert (start.weekday(), start.hour, start.minute) == (0, 8, 0)
        assert week.end_at == following.start_at
        assert week.end_at - week.start_at in {timedelta(hours=h) for h in (167, 168, 169)}
    assert first <= found[0].start_at.astimezone(PARIS).date() < first + timedelta(weeks=1)
    assert len({week.iso for week in found}) == 60


def test_the_weeks_of_a_change_of_hour_are_an_hour_shorter_or_longer() -> None:
    lengths = {
        week.iso: (week.end_at - week.start_at) / timedelta(hours=1)
        for week in weeks(date(2027, 1, 4), 52, PARIS)
    }
    assert {iso: hours for iso, hours in lengths.items() if hours != 168} == {
        "2027-W12": 167,
        "2027-W43": 169,
    }


def _problem(start: datetime, end: datetime) -> tuple[Problem, Duty]:
    duty = Duty("d", "operations", start, end)
    feasts = tuple(public_holidays(2027))
    return Problem((OPERATIONS,), (person("a", "operations"),), (duty,), holidays=feasts), duty


def test_a_week_has_seven_nights_seven_days_and_one_weekend() -> None:
    week = weeks(date(2027, 5, 10), 1, PARIS)[0]
    problem, duty = _problem(week.start_at, week.end_at)
    days = civil_days(problem, duty)
    assert days == tuple(date(2027, 5, 10) + timedelta(days=n) for n in range(7))
    assert nights_in(problem, duty) == 7
    assert weekends_in(days) == 1


def test_whit_monday_belongs_to_the_week_that_begins_on_it() -> None:
    before, after = weeks(date(2027, 5, 10), 2, PARIS)
    assert after.start_at.astimezone(PARIS).date() == date(2027, 5, 17)
    assert holidays_in(*_problem(before.start_at, before.end_at)) == ()
    assert [h.name for h in holidays_in(*_problem(after.start_at, after.end_at))] == [
        "Lundi de Pentecôte"
    ]


def test_a_night_that_ends_at_midnight_spans_none() -> None:
    start = datetime(2027, 5, 10, 16, tzinfo=UTC)
    assert nights_in(*_problem(start, datetime(2027, 5, 10, 22, tzinfo=UTC))) == 0
    assert nights_in(*_problem(start, datetime(2027, 5, 11, 6, tzinfo=UTC))) == 1


def test_another_time_zone_gives_other_days() -> None:
    start = datetime(2027, 5, 10, 23, tzinfo=UTC)
    duty = Duty("d", "operations", start, start + timedelta(hours=24))
    world = (OPERATIONS,), (person("a", "operations"),), (duty,)
    reunion = Problem(*world, policy=Policy(timezone="Indian/Reunion"))
    assert civil_days(Problem(*world), duty) == (date(2027, 5, 11),)
    assert reunion.local(start).day == 11
