from datetime import UTC, datetime, timedelta

import pytest

from dispatcher.sensing.trend import Point, Range, curve_of, state_of, trend_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NORMAL = Range(3.0, 7.0)


def points(*values: float, every_min: int = 10, until: datetime = NOW) -> list[Point]:
    return [
        Point(until - timedelta(minutes=every_min * (len(values) - 1 - at)), value)
        for at, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, "silent"),
        (Point(NOW - HOUR, 5.0), "normal"),
        (Point(NOW - HOUR - timedelta(seconds=1), 5.0), "stale"),
        (Point(NOW - HOUR - timedelta(seconds=1), 1.0), "stale"),
        (Point(NOW, 2.9), "low"),
        (Point(NOW, 3.0), "normal"),
        (Point(NOW, 7.0), "normal"),
        (Point(NOW, 7.1), "high"),
    ],
)
def test_an_old_reading_says_nothing_about_now(last: Point | None, expected: str) -> None:
    assert state_of(last, NORMAL, NOW, HOUR) == expected


def test_any_value_is_normal_without_a_range() -> None:
    assert state_of(Point(NOW, -1e6), Range(None, None), NOW, HOUR) == "normal"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((5.0, 4.5, 4.0, 3.5), "falling"),
        ((3.5, 4.0, 4.5, 5.0), "rising"),
        ((5.0, 5.02, 4.99, 5.01), "steady"),
        ((5.0, 5.0, 2.0, 5.0, 5.0), "steady"),  # one odd reading turns nothing round
        ((5.0,), None),
        ((5.0, 1.0), None),  # ten minutes tell no trend
    ],
)
def test_the_trend_is_that_of_the_last_hour(values: tuple[float, ...], expected: str) -> None:
    assert trend_of(points(*values), NORMAL)[0] == expected


def test_what_was_before_the_hour_does_not_count() -> None:
    long_ago = points(1.0, 1.0, 1.0, until=NOW - 2 * HOUR)

    direction, change = trend_of([*long_ago, *points(5.0, 4.5, 4.0)], NORMAL)

    assert (direction, change) == ("falling", -3.0)


def test_nothing_measured_has_no_trend() -> None:
    assert trend_of([], NORMAL) == (None, None)


def test_the_curve_keeps_the_last_reading_of_each_step_of_six_hours() -> None:
    many = points(*range(600), every_min=1)

    curve = curve_of(many, NOW)

    assert len(curve) == 37
    assert curve[-1] == many[-1]
    assert all(NOW - one.at <= 6 * HOUR for one in curve)
    assert curve == sorted(curve, key=lambda one: one.at)
