from datetime import datetime, timedelta

import pytest

from priority.facts import Reading, Vigilance
from tests.priority.cases import NOW, facts

NAIVE = datetime(2026, 11, 24, 14, 7)


@pytest.mark.parametrize("field", ["at", "reported_at", "respond_by"])
def test_an_instant_without_a_time_zone_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        facts(**{field: NAIVE})


def test_a_reading_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="at"):
        Reading("pressure", 1.0, "bar", None, None, NAIVE)


def test_a_vigilance_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="starts_at"):
        Vigilance("wind", "orange", NAIVE)
    with pytest.raises(ValueError, match="ends_at"):
        Vigilance("wind", "orange", NOW, NAIVE)


@pytest.mark.parametrize(
    "impossible", [{"reports": 0}, {"sources": 0}, {"homes_without_water": -1}, {"reopenings": -1}]
)
def test_impossible_counts_are_refused(impossible: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"least one|negative"):
        facts(**impossible)


def test_a_report_from_the_future_has_not_waited() -> None:
    assert facts(reported_at=NOW + timedelta(minutes=3)).waited == timedelta(0)


@pytest.mark.parametrize(
    ("value", "low", "high", "deviation"),
    [
        (3.0, 2.0, 8.0, 0.0),
        (1.0, 2.0, 8.0, 0.5),
        (12.0, 2.0, 8.0, 0.5),
        (1.0, None, 8.0, 0.0),
        (9.0, 2.0, None, 0.0),
        (-3.0, 0.0, None, 3.0),
    ],
)
def test_deviation_is_a_share_of_the_broken_bound(
    value: float, low: float | None, high: float | None, deviation: float
) -> None:
    assert Reading("x", value, "u", low, high, NOW).deviation == deviation
