"""Hours and days as citizens read them, in the civil time of the service."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatcher.i18n import Locale
from dispatcher.intake.wording import Words

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def words(locale: Locale = "en", now: datetime = NOW) -> Words:
    return Words(locale, PARIS, now)


def test_an_hour_is_the_hour_on_the_wall() -> None:
    assert words().hour(datetime(2026, 7, 1, 12, 7, tzinfo=UTC)) == "14:07"
    assert words().hour(datetime(2026, 12, 1, 12, 7, tzinfo=UTC)) == "13:07"


@pytest.mark.parametrize(
    ("days", "word"),
    [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (2, "Thursday 26 November")],
)
def test_a_day_is_named_by_its_nearness(days: int, word: str) -> None:
    assert words().day(NOW + timedelta(days=days)) == word


def test_the_day_turns_at_midnight_in_paris_not_in_greenwich() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)

    assert words().day(late) == "tomorrow"


def test_the_first_of_a_month_is_said_in_french_as_people_say_it() -> None:
    assert "1er" in words("fr").day(datetime(2026, 12, 1, 9, 0, tzinfo=UTC))


def test_a_moment_of_today_is_an_hour_and_another_day_has_its_name() -> None:
    assert words().moment(NOW) == "09:00"
    assert words().moment(NOW + timedelta(days=1)) == "tomorrow at 09:00"


def test_a_window_never_ends_where_it_starts() -> None:
    assert words().window(NOW, NOW) == "09:00 and 09:05"
