"""When a citizen may expect the crew."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.planning.promise import window_around

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
AHEAD = st.integers(-3600, 12 * 3600).map(lambda s: timedelta(seconds=s))


def test_an_arrival_in_an_hour_gives_a_narrow_window() -> None:
    start = NOW + timedelta(hours=1)

    early, late = window_around(start, NOW)

    assert (early, late) == (NOW + timedelta(minutes=50), NOW + timedelta(minutes=75))


@given(AHEAD)
def test_the_arrival_lies_in_its_window(ahead: timedelta) -> None:
    early, late = window_around(NOW + ahead, NOW)

    assert early <= NOW + ahead < late


@given(AHEAD)
def test_a_window_starts_and_ends_on_five_minutes(ahead: timedelta) -> None:
    for end in window_around(NOW + ahead, NOW):
        assert (end.minute % 5, end.second, end.microsecond) == (0, 0, 0)


@given(st.integers(0, 6 * 3600), st.integers(0, 6 * 3600))
def test_a_later_arrival_has_no_narrower_window(one: int, other: int) -> None:
    soon, late = sorted((one, other))
    widths = [
        window_around(NOW + timedelta(seconds=s), NOW)[1]
        - window_around(NOW + timedelta(seconds=s), NOW)[0]
        for s in (soon, late)
    ]

    # Rounding outwards may add up to five minutes at each end.
    assert widths[0] <= widths[1] + timedelta(minutes=10)


@given(st.integers(0, 12 * 3600))
def test_nobody_is_promised_the_past(ahead_s: int) -> None:
    early, _ = window_around(NOW + timedelta(seconds=ahead_s), NOW)

    assert early > NOW - timedelta(minutes=5)
