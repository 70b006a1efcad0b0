from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priority.breach import Experience, breach_probability
from tests.priority.cases import NOW

DURATIONS = st.lists(st.floats(0, 600), max_size=20)


def in_minutes(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def test_a_plan_that_comes_too_late_misses_for_sure() -> None:
    assert breach_probability(NOW, NOW + in_minutes(1), Experience.of([0.0] * 50)) == 1.0


def test_delays_larger_than_the_slack_are_counted() -> None:
    delays = Experience.of([0, 0, 0, 10, 40, 0, 0, 0])

    assert breach_probability(NOW + in_minutes(20), NOW, delays) == pytest.approx(0.2)


def test_no_experience_says_one_half() -> None:
    assert breach_probability(NOW + in_minutes(20), NOW, Experience.of([])) == 0.5


def test_work_counts_against_the_time_to_restore() -> None:
    work = Experience.of([30, 90])
    delays = Experience.of([0] * 8)

    assert breach_probability(NOW + in_minutes(60), NOW, delays, work) == pytest.approx(0.55)


@given(DURATIONS, DURATIONS, st.floats(-60, 600), st.floats(0, 300))
def test_more_time_never_makes_a_miss_likelier(
    delays: list[float], work: list[float], slack: float, more: float
) -> None:
    late, done = Experience.of(delays), Experience.of(work)

    short = breach_probability(NOW + in_minutes(slack), NOW, late, done)
    long = breach_probability(NOW + in_minutes(slack + more), NOW, late, done)

    assert 0 <= long <= short + 1e-9 <= 1 + 1e-9


def test_quantiles_are_past_durations() -> None:
    found = Experience.of([30, 10, 20, 40])

    assert (found.quantile(0), found.quantile(0.5), found.quantile(1)) == (10, 30, 40)


def test_a_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        Experience.of([-1])
