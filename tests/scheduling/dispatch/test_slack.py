"""Crews are wanted home early while much may still happen, and only wanted."""

from scheduling.dispatch.slack import with_slack
from tests.scheduling.dispatch.cases import HOUR, crew, visit, world


def ends(now: int, ready_at: int = 0) -> tuple[int, int]:
    """Wanted and lawful end of a crew's shift of eight hours."""
    one = world([visit("a", 3)], [crew("k", ready_at=ready_at)], now=now)
    (found,) = with_slack(one, HOUR).crews
    assert found.shift_end == 8 * HOUR
    return found.priced_from, found.hard_end


def test_an_hour_early_in_the_morning_and_no_more_at_the_end() -> None:
    assert ends(0) == (7 * HOUR, 9 * HOUR)
    assert ends(4 * HOUR) == (7 * HOUR + HOUR // 2, 9 * HOUR)
    assert ends(8 * HOUR) == (8 * HOUR, 9 * HOUR)


def test_nobody_is_wanted_home_before_he_is_free() -> None:
    assert ends(0, ready_at=7 * HOUR + HOUR // 2) == (7 * HOUR + HOUR // 2, 9 * HOUR)


def test_no_slack_changes_nothing() -> None:
    one = world([visit("a", 3)], [crew("k")])
    (found,) = with_slack(one, 0).crews
    assert found.priced_from == one.crews[0].shift_end
