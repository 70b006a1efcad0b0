"""The citizens' pages say the right thing, in both languages, whatever people typed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from dispatcher.i18n import t
from ui.pages import Choice, Followed, Locale, Pages, ReportForm, Words, stages

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 23, 13, 22, tzinfo=UTC)
LOCALES = get_args(Locale)
STEPS = [
    "received", "examined", "planned", "en_route", "on_site", "done",
    "closed", "answered", "transferred", "cancelled",
]  # fmt: skip


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """The pages as they are when nothing was built: plain, and whole."""
    return Pages(t, PARIS, "Corrèze centre", dist=tmp_path)


def followed(step: str = "planned") -> Followed:
    return Followed(
        ref="2026-00123",
        step=step,
        category="Fuite d’eau",
        place="14 rue Jean-Jaurès, Tulle",
        commune="Tulle",
        reports=4,
        updated_at=NOW,
        stamps={"received": NOW - timedelta(minutes=21), step: NOW},
        window_from=NOW + timedelta(minutes=3),
        window_to=NOW + timedelta(minutes=23),
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_its_sentences(pages: Pages, locale: Locale, step: str) -> None:
    page = pages.track(locale, followed(step), "/suivi/abc", NOW)

    assert "citizen." not in page
    assert t(locale, f"citizen.step.{step}.title") in page.replace("&#39;", "'")


def test_the_window_is_told_in_civil_time(pages: Pages) -> None:
    page = pages.track("fr", followed(), "/suivi/abc", NOW)

    assert "Aujourd’hui, entre" in page
    assert "14:25 et 14:45" in page


def test_a_window_over_midnight_names_the_second_day() -> None:
    words = Words(t, "fr", PARIS, NOW)

    late = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)

    assert words.window(late, late + timedelta(hours=2)) == "23:30 et demain à 01:30"


@pytest.mark.parametrize("step", ["on_site", "done", "closed", "transferred"])
def test_no_hour_is_promised_once_it_is_past_or_moot(pages: Pages, step: str) -> None:
    assert 'class="window"' not in pages.track("fr", followed(step), "/suivi/abc", NOW)


def test_another_day_is_named_in_words() -> None:
    words = Words(t, "fr", PARIS, NOW)

    assert words.day(NOW + timedelta(days=1)) == "demain"
    assert words.moment(NOW + timedelta(days=8)) == "mardi 1er décembre à 14:22"


def test_the_day_is_the_one_of_the_service_not_of_greenwich() -> None:
    just_after_midnight = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)

    assert Words(t, "fr", PARIS, NOW).day(just_after_midnight) == "demain"


def test_what_people_typed_comes_back_harmless(pages: Pages) -> None:
    form = ReportForm(
        "k" * 20,
        values={"text": "<script>alert(1)</script>", "address": '" autofocus onfocus="x'},
        errors={"phone": "phone"},
    )

    page = pages.report("fr", form, NOW)

    assert "<script>alert" not in page
    assert 'value="&#34; autofocus onfocus=&#34;x"' in page
    assert 'aria-describedby="phone-fault"' in page


def test_danger_asks_to_call_first_and_keeps_the_report(pages: Pages) -> None:
    values = {"text": "câble par terre", "commune": "Tulle"}

    page = pages.report("fr", ReportForm("k" * 20, values=values, danger="câble par terre"), NOW)

    assert 'href="tel:112"' in page
    assert '<input type="hidden" name="commune" value="Tulle">' in page
    assert 'name="danger_seen" value="1"' in page


def test_a_kind_the_page_never_heard_of_still_has_a_picture(pages: Pages) -> None:
    form = ReportForm("k" * 20, choices=(Choice("x-17", "Autre chose"),))

    assert "Autre chose" in pages.report("fr", form, NOW)


@pytest.mark.parametrize(
    ("code", "service", "picture"),
    [
        ("street_light", "lighting", "lamp-floor"),
        ("fallen_tree", "green", "tree-deciduous"),
        ("main_burst", "water", "droplets"),
        ("ice", "roads", "snowflake"),
    ],
)
def test_pictures_follow_the_kind_before_the_service(code: str, service: str, picture: str) -> None:
    assert Choice(code, "", service).picture == picture


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("status", [404, 429, 503, 500])
def test_every_refusal_says_what_to_do(pages: Pages, locale: Locale, status: int) -> None:
    assert "citizen." not in pages.error(locale, status, NOW, "0190")


@pytest.mark.parametrize("locale", LOCALES)
def test_no_conformity_is_claimed_without_an_audit(pages: Pages, locale: Locale) -> None:
    page = pages.accessibility(locale, NOW)

    assert t(locale, "citizen.accessibility.none") in page
    assert t(locale, "citizen.a11y.why") in page


def test_a_page_offers_the_other_language_at_the_same_place(pages: Pages) -> None:
    assert 'href="/suivi/abc?lang=en"' in pages.track("fr", followed(), "/suivi/abc", NOW)


def test_a_request_that_ends_early_shows_only_what_happened() -> None:
    steps = stages("transferred", {"received": NOW, "examined": NOW, "transferred": NOW})

    assert [stage.step for stage in steps] == ["received", "examined", "transferred"]
    assert {stage.state for stage in steps} == {"done"}


def test_a_request_without_place_or_window_has_a_page(pages: Pages) -> None:
    bare = replace(followed("received"), place=None, commune=None, window_from=None, stamps={})

    assert "Bien reçu, merci" in pages.track("fr", bare, "/suivi/abc", NOW)


def test_what_vite_built_is_found_by_its_source(tmp_path: Path) -> None:
    (tmp_path / ".vite").mkdir()
    manifest = tmp_path / ".vite" / "manifest.json"
    manifest.write_text('{"src/citizen/citizen.css": {"file": "assets/citizen-1a2b.css"}}')

    pages = Pages(t, PARIS, "Corrèze centre", dist=tmp_path)

    assert pages.asset("src/citizen/citizen.css") == "/static/assets/citizen-1a2b.css"
    assert pages.asset("src/citizen/unknown.ts") == ""
