"""Every rule alone."""

from datetime import UTC, datetime, timedelta

import pytest

from priority.facts import NearbySite, Reading, Vigilance
from priority.reasons import Reason, Rule
from tests.priority.cases import (
    NOW,
    danger,
    facts,
    hospital,
    of_service,
    points,
    policy,
    pressure,
    said,
    vigilance,
)


def at_paris(day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of November 2026 in winter time."""
    return datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)


def test_a_category_gives_its_base_points_on_both_axes() -> None:
    evidence = {"category": "water_leak_road"}

    assert said(Rule.CATEGORY, facts()) == [
        Reason(Rule.CATEGORY, "severity", 14, evidence),
        Reason(Rule.CATEGORY, "urgency", 11, evidence),
    ]


def test_a_council_may_give_a_category_its_own_points() -> None:
    ours = policy(categories={"water_leak_road": {"severity": 20, "urgency": 3}})

    assert [reason.points for reason in said(Rule.CATEGORY, facts(), ours)] == [20, 3]


def test_a_danger_counts_on_both_axes_with_its_words() -> None:
    told = facts(dangers=(danger("flooding", "eau partout"),))

    reasons = said(Rule.DANGER, told)

    assert [(reason.axis, reason.points) for reason in reasons] == [("severity", 8), ("urgency", 8)]
    assert reasons[0].params == {"kind": "flooding", "word": "eau partout"}


def test_a_danger_told_twice_counts_once_with_its_first_words() -> None:
    told = facts(dangers=(danger("ice", "verglas"), danger("ice", "ça gèle")))

    assert points(Rule.DANGER, told) == 18
    assert {reason.params["word"] for reason in said(Rule.DANGER, told)} == {"verglas"}


def test_a_danger_that_the_policy_does_not_know_gives_nothing() -> None:
    assert said(Rule.DANGER, facts(dangers=(danger("dragon"),))) == []


def test_a_vulnerable_site_counts_up_to_its_distance() -> None:
    assert points(Rule.VULNERABLE_SITE, facts(sites=(hospital(200),))) == 18
    assert points(Rule.VULNERABLE_SITE, facts(sites=(hospital(201),))) == 0


def test_only_the_site_that_weighs_most_counts_and_the_nearest_of_equals() -> None:
    care_home = NearbySite("care_home", "EHPAD", 10)
    near = facts(sites=(hospital(180, "loin"), care_home, hospital(90, "près"), hospital(120)))

    (reason,) = said(Rule.VULNERABLE_SITE, near)

    assert reason.points == 18
    assert reason.params == {"kind": "hospital", "name": "près", "distance_m": 90}


def test_a_kind_of_site_that_the_policy_does_not_know_gives_nothing() -> None:
    assert said(Rule.VULNERABLE_SITE, facts(sites=(NearbySite("castle", "Ventadour", 5),))) == []


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (at_paris(24, 7, 30), 12),
        (at_paris(24, 18), 0),
        (at_paris(24, 7, 29), 0),
        (at_paris(28, 10), 0),  # a Saturday
        (at_paris(11, 10), 0),  # Armistice
    ],
)
def test_a_school_counts_only_while_children_are_there(at: datetime, expected: int) -> None:
    school = NearbySite("school", "École du Centre", 90)

    near = facts(at=at, reported_at=at, sites=(school,))

    assert points(Rule.VULNERABLE_SITE, near) == expected


@pytest.mark.parametrize(
    ("density", "expected"), [(None, 0), (12.0, 0), (50.0, 1), (149.9, 1), (973.0, 5)]
)
def test_population_density_gives_points_by_band(density: float | None, expected: int) -> None:
    assert points(Rule.POPULATION_DENSITY, facts(population_density=density)) == expected


@pytest.mark.parametrize(("vehicles", "expected"), [(None, 0), (499, 0), (500, 3), (4200, 10)])
def test_traffic_gives_points_by_band(vehicles: int | None, expected: int) -> None:
    assert points(Rule.TRAFFIC, facts(traffic=vehicles)) == expected


@pytest.mark.parametrize(
    ("homes", "expected"), [(0, 0), (1, 5), (9, 5), (10, 8), (142, 14), (500, 20), (9999, 20)]
)
def test_homes_without_water_give_points_by_band(homes: int, expected: int) -> None:
    assert points(Rule.HOMES_WITHOUT_WATER, facts(homes_without_water=homes)) == expected


@pytest.mark.parametrize(("value", "expected"), [(2.0, 0), (1.9, 3), (1.5, 6), (0.4, 10)])
def test_a_reading_counts_by_how_far_it_leaves_its_range(value: float, expected: int) -> None:
    assert points(Rule.SENSOR, facts(readings=(pressure(value),))) == expected


def test_an_old_or_future_reading_says_nothing() -> None:
    old = pressure(0.4, age=timedelta(minutes=61))
    future = pressure(0.4, age=-timedelta(minutes=1))

    assert said(Rule.SENSOR, facts(readings=(old, future))) == []


def test_the_worst_fresh_reading_is_the_evidence() -> None:
    normal = Reading("flow", 5.0, "m³/h", 1.0, 10.0, NOW)
    low = pressure(0.4, age=timedelta(minutes=9))

    (reason,) = said(Rule.SENSOR, facts(readings=(normal, low)))

    assert reason.params == {"metric": "pressure", "value": 0.4, "unit": "bar", "age_min": 9}


@pytest.mark.parametrize(("reports", "expected"), [(1, 0), (2, 3), (4, 5), (8, 8), (40, 12)])
def test_repeats_give_points_by_band(reports: int, expected: int) -> None:
    assert points(Rule.REPEATS, facts(reports=reports)) == expected


def test_repeats_say_within_which_time_they_came() -> None:
    four = facts(reports=4, reported_at=NOW - timedelta(minutes=22))

    (reason,) = said(Rule.REPEATS, four)

    assert reason.params == {"reports": 4, "within_min": 22}


@pytest.mark.parametrize(("sources", "expected"), [(1, 0), (2, 2), (3, 4), (9, 4)])
def test_independent_sources_give_points_by_band(sources: int, expected: int) -> None:
    assert points(Rule.INDEPENDENT_SOURCES, facts(sources=sources)) == expected


@pytest.mark.parametrize(("colour", "expected"), [("yellow", 8), ("orange", 20), ("red", 26)])
def test_weather_counts_by_its_colour(colour: str, expected: int) -> None:
    assert points(Rule.WEATHER, facts(vigilances=(vigilance("snow_ice", colour),))) == expected


def test_weather_harms_only_the_services_that_the_policy_names() -> None:
    windy = facts(vigilances=(vigilance("wind", "orange"),))

    assert points(Rule.WEATHER, windy) == 0
    assert points(Rule.WEATHER, facts(category=of_service("roads"), vigilances=windy.vigilances))


def test_weather_counts_from_twelve_hours_before_it_starts_until_it_ends() -> None:
    soon = vigilance("snow_ice", "orange", starts_in=timedelta(hours=12))
    later = vigilance("snow_ice", "orange", starts_in=timedelta(hours=12, seconds=1))
    over = Vigilance("snow_ice", "orange", NOW - timedelta(hours=9), NOW)

    assert points(Rule.WEATHER, facts(vigilances=(soon,))) == 20
    assert points(Rule.WEATHER, facts(vigilances=(later,))) == 0
    assert points(Rule.WEATHER, facts(vigilances=(over,))) == 0


def test_each_phenomenon_counts_once_at_its_worst() -> None:
    warned = facts(
        vigilances=(
            vigilance("snow_ice", "red"),
            vigilance("snow_ice", "yellow"),
            vigilance("extreme_cold", "yellow"),
        )
    )

    assert [reason.points for reason in said(Rule.WEATHER, warned)] == [26, 4]


def test_weather_evidence_tells_when_it_starts() -> None:
    warned = facts(vigilances=(vigilance("snow_ice", "orange", timedelta(hours=4)),))

    (reason,) = said(Rule.WEATHER, warned)

    assert reason.params["starts_at"] == "2026-11-24T17:07:00Z"


def test_night_counts_for_services_met_in_the_dark() -> None:
    late = at_paris(24, 22)
    road = facts(at=late, reported_at=late, category=of_service("roads"))

    assert points(Rule.NIGHT, road) == 4
    assert points(Rule.NIGHT, facts(at=late, reported_at=late)) == 0
    assert points(Rule.NIGHT, facts(category=of_service("roads"))) == 0


def test_a_week_end_counts_in_civil_time() -> None:
    saturday_in_paris = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)

    weekend = facts(at=saturday_in_paris, reported_at=saturday_in_paris)

    assert points(Rule.WEEK_END, weekend) == 2
    assert points(Rule.WEEK_END, facts()) == 0


def test_a_public_holiday_is_named() -> None:
    armistice = at_paris(11, 15)

    (reason,) = said(Rule.PUBLIC_HOLIDAY, facts(at=armistice, reported_at=armistice))

    assert (reason.points, reason.params) == (2, {"holiday": "armistice"})
    assert said(Rule.PUBLIC_HOLIDAY, facts()) == []


@pytest.mark.parametrize(("minutes", "expected"), [(29, 0), (30, 1), (119, 3), (240, 8), (9999, 8)])
def test_waiting_gives_a_point_each_half_hour_up_to_its_cap(minutes: int, expected: int) -> None:
    waiting = facts(reported_at=NOW - timedelta(minutes=minutes))

    assert points(Rule.WAITING, waiting) == expected


@pytest.mark.parametrize(
    ("left_min", "expected"),
    [(60, 0), (51, 0), (50, 2), (25, 4), (10, 7), (1, 7), (0, 10), (-5, 10)],
)
def test_the_promised_arrival_weighs_more_the_nearer_it_is(left_min: int, expected: int) -> None:
    promised = facts(
        reported_at=NOW - timedelta(minutes=100 - left_min),
        respond_by=NOW + timedelta(minutes=left_min),
    )

    assert points(Rule.DUE, promised) == expected


def test_a_promise_without_any_time_is_overdue() -> None:
    assert points(Rule.DUE, facts(respond_by=NOW)) == 10


def test_nobody_waits_any_more_once_a_crew_is_there() -> None:
    late = facts(reported_at=NOW - timedelta(hours=9), respond_by=NOW - timedelta(hours=1))
    attended = facts(reported_at=late.reported_at, respond_by=late.respond_by, is_attended=True)

    assert points(Rule.WAITING, late) + points(Rule.DUE, late) == 18
    assert points(Rule.WAITING, attended) + points(Rule.DUE, attended) == 0


@pytest.mark.parametrize(("times", "expected"), [(0, 0), (1, 10), (2, 20), (5, 20)])
def test_each_reopening_counts_up_to_a_cap(times: int, expected: int) -> None:
    assert points(Rule.REOPENED, facts(reopenings=times)) == expected


def test_a_reason_goes_over_the_wire_as_plain_values() -> None:
    (severity, _) = said(Rule.CATEGORY, facts())

    assert severity.as_json() == {
        "rule": "category",
        "axis": "severity",
        "points": 14,
        "params": {"category": "water_leak_road"},
    }
