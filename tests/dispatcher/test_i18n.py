"""Sentences in the reader's language: French first."""

import pytest

from dispatcher.errors import all_errors
from dispatcher.i18n import LOCALES, Locale, pick, sentences, t


@pytest.mark.parametrize(
    ("wanted", "locale"),
    [
        (None, "fr"),
        ("", "fr"),
        ("fr", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de,en;q=0.8,fr;q=0.5", "en"),
        ("de-DE, fr;q=0.5", "fr"),
        ("de", "fr"),
        ("EN", "en"),
        ("*", "fr"),
        (";;,,;", "fr"),
    ],
)
def test_the_first_language_that_we_speak_is_chosen(wanted: str | None, locale: str) -> None:
    assert pick(wanted) == locale


def test_without_a_choice_the_service_decides() -> None:
    assert pick("de", "en") == "en"


def test_a_sentence_is_filled_in() -> None:
    assert t("en", "citizen.moment", day="today", hour="14:07") == "today at 14:07"


@pytest.mark.parametrize(
    ("locale", "count", "singular"),
    [("fr", 0, True), ("fr", 1, True), ("fr", 2, False), ("en", 0, False), ("en", 1, True)],
)
def test_none_is_singular_in_french_and_plural_in_english(
    locale: Locale, count: int, *, singular: bool
) -> None:
    key = "citizen.track.people"
    expected = sentences(locale)[f"{key}.one" if singular else f"{key}.other"]

    assert t(locale, key, count=count) == expected.format(count=count)


def test_a_sentence_nobody_wrote_shows_its_key() -> None:
    assert t("fr", "no.such.sentence", count=3) == "no.such.sentence"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_refusal_has_a_sentence(locale: Locale) -> None:
    codes = {kind.code for kind in all_errors()} - {"error"}
    codes |= {"internal", "unreadable", "method_not_allowed"}

    assert [code for code in sorted(codes) if f"error.{code}" not in sentences(locale)] == []
