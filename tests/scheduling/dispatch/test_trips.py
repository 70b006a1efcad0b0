"""Drives are learned from trips: robustly, by group, with respect for how little is known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.dispatch.travel import GreatCircle, Point
from scheduling.dispatch.trips import (
    PRIOR_TRIPS,
    LearnedRatios,
    LearnedTimes,
    Trip,
    learn_ratios,
    length_of,
)


def trips(ratio: float, count: int, territory: str = "hills", hour: int = 10) -> list[Trip]:
    return [Trip(territory, 8_000, 1_000, int(1_000 * ratio), hour) for _ in range(count)]


def test_many_trips_are_believed_and_few_are_not() -> None:
    few = learn_ratios(trips(1.5, 1)).ratio("hills", 8_000, 10)
    many = learn_ratios(trips(1.5, 500)).ratio("hills", 8_000, 10)
    assert 1.0 < few.value < 1.25
    assert many.value == pytest.approx(1.5, abs=0.03)
    assert (few.trips, many.trips) == (1, 500)


def test_forgotten_statuses_are_dropped_and_late_ones_do_not_move_the_median() -> None:
    honest = trips(1.2, 200)
    wild = [*honest, *trips(30.0, 40), *trips(0.01, 40), *trips(4.9, 30)]
    learned = learn_ratios(wild)
    assert learned.dropped == 80
    calm = learn_ratios(honest).ratio("hills", 8_000, 10).value
    assert learned.ratio("hills", 8_000, 10).value == pytest.approx(calm, rel=0.02)


def test_a_territory_without_trips_answers_as_everybody() -> None:
    learned = learn_ratios(trips(1.5, 300))
    assert learned.ratio("plain", 8_000, 10) == learned.groups[()]


def test_the_peak_is_learned_apart_from_the_day() -> None:
    learned = learn_ratios([*trips(1.1, 300, hour=11), *trips(1.6, 300, hour=8)])
    peak, day = learned.ratio("hills", 8_000, 8), learned.ratio("hills", 8_000, 11)
    assert peak.value > 1.5 > 1.2 > day.value


def test_a_group_is_shrunk_by_the_stated_amount() -> None:
    learned = learn_ratios(trips(1.5, PRIOR_TRIPS))
    assert learned.groups[()].value == pytest.approx(math.sqrt(1.5))


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 23))))
def test_any_history_gives_believable_ratios(rows: list[tuple[int, int, int]]) -> None:
    learned = learn_ratios(Trip("t", 3_000, a, b, hour) for a, b, hour in rows)
    assert all(0.2 <= ratio.value <= 5.0 for ratio in learned.groups.values())
    believed = learned.groups[()].trips if learned.groups else 0
    assert believed + learned.dropped == len(rows)


def test_learned_times_stretch_seconds_by_length_and_leave_metres() -> None:
    points = [Point(45.0, 1.0), Point(45.01, 1.0), Point(45.5, 1.0)]
    plain = GreatCircle().matrix(points)
    far = [Trip("t", 60_000, 3_000, 6_000, 10) for _ in range(2_000)]
    learned = learn_ratios([*far, *[Trip("t", 1_000, 100, 100, 10) for _ in range(2_000)]])
    times = LearnedTimes(GreatCircle(), learned, "t", 10)
    stretched = times.matrix(points)
    assert times.source == "great_circle+learned"
    assert (stretched.metres == plain.metres).all()
    assert length_of(int(plain.metres[0, 2])) == "long"
    assert stretched.seconds[0, 2] / plain.seconds[0, 2] == pytest.approx(2, abs=0.05)
    assert stretched.seconds[0, 1] / plain.seconds[0, 1] == pytest.approx(1, abs=0.05)
    seconds, _ = times.row(points[0], points)
    assert seconds.tolist() == stretched.seconds[0].tolist()


def test_nothing_learned_changes_nothing() -> None:
    points = [Point(45.0, 1.0), Point(45.2, 1.0)]
    times = LearnedTimes(GreatCircle(), LearnedRatios({}), "t", 10)
    assert (times.matrix(points).seconds == GreatCircle().matrix(points).seconds).all()
