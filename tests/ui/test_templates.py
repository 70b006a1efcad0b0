"""The citizens' templates say the right thing, in both languages, whatever people typed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dispatcher.events.states import Step
from dispatcher.followup.pages import Typed
from dispatcher.followup.queries import Question, Tracking
from dispatcher.followup.slots import slots
from dispatcher.i18n import LOCALES, Locale, t
from dispatcher.intake.following import Following, stages_of
from dispatcher.intake.forms import CHOICES, Choice, Form
from dispatcher.intake.wording import Words
from dispatcher.models import WishedTime
from ui import TEMPLATES

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 23, 13, 22, tzinfo=UTC)
STEPS = get_args(Step)
# A blank that a template expects and nobody fills is a fault here, and silence in production.
STRICT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(name: str, locale: Locale = "fr", **context: object) -> str:
    """Return a page as it is when nothing was built: plain, and whole."""
    words = Words(locale, PARIS, NOW)
    shared = {
        "t": words.say,
        "words": words,
        "asset": lambda source: None,
        "locale": locale,
        "org_name": "Corrèze centre",
        "path": "/suivi/abc",
        "compliance": "none",
        "now": NOW,
    }
    return STRICT.get_template(name).render(**shared, **context)


QUESTION = Question(UUID(int=1), NOW, "Le portail est-il ouvert ?", None)
WISH = WishedTime(
    id=UUID(int=2),
    org="correze",
    incident_id=UUID(int=3),
    request_id=UUID(int=4),
    from_at=NOW + timedelta(days=1),
    to_at=NOW + timedelta(days=1, hours=4),
    state="asked",
    by="citizen",
    asked_at=NOW,
)


def track(
    step: Step,
    locale: Locale = "fr",
    place: str | None = "14 rue Carnot, Tulle",
    typed: Typed | None = None,
    **shown: Any,
) -> str:
    request = Following(
        ref="2026-00123",
        step=step,
        category="Fuite d’eau",
        place=place,
        commune=None,
        reports=4,
        window_from=NOW + timedelta(minutes=3),
        window_to=NOW + timedelta(minutes=23),
        stamps={"received": NOW - timedelta(minutes=21), step: NOW},
        updated_at=NOW,
        simulated=True,
    )
    stages = stages_of(request.step, request.stamps)
    page = Tracking(
        following=request,
        homes=4,
        questions=[QUESTION],
        details=[],
        photos=[],
        wish=WISH,
        slots=list(slots(NOW, PARIS)) if step == "planned" else [],
        is_asked=step == "closed",
        is_thanked=False,
        has_contact=True,
        is_stopped=False,
        at_night=False,
        km=4 if step == "en_route" else None,
    )
    return render(
        "track.html",
        locale,
        request=request,
        stages=stages,
        page=replace(page, **shown),
        typed=typed or Typed(),
        said="",
        base="/suivi/abc",
        qr="data:image/svg+xml,",
        quiet=(21, 8),
        form={"photos": ()},
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_its_sentences(locale: Locale, step: Step) -> None:
    page = track(step, locale)

    assert "citizen." not in page
    assert t(locale, f"citizen.step.{step}.title") in page


def test_the_window_is_told_in_civil_time() -> None:
    page = track("planned")

    assert "Aujourd’hui, entre" in page
    assert "14:25 et 14:45" in page


@pytest.mark.parametrize("step", ["on_site", "done", "closed", "transferred"])
def test_no_hour_is_promised_once_it_is_past_or_moot(step: Step) -> None:
    assert 'class="window"' not in track(step)


def test_a_request_without_place_has_a_page() -> None:
    assert "Bien reçu, merci" in track("received", place=None)


def test_a_page_offers_the_other_language_at_the_same_place() -> None:
    assert 'href="/suivi/abc?lang=en"' in track("planned")


def test_a_page_on_which_one_types_is_not_taken_away_without_script() -> None:
    page = track("planned")
    assert 'http-equiv="refresh"' not in page
    assert t("fr", "citizen.track.reload") in page


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("form", ["add", "wish", "fixed", "notices"])
@pytest.mark.parametrize(
    "fault",
    ["nothing", "long", "enough", "slot", "late", "many", "again", "photos_kind", "photos_large"],
)
def test_every_refusal_on_the_page_has_its_sentence(locale: Locale, form: str, fault: str) -> None:
    step: Step = "closed" if form == "fixed" else "planned"
    page = track(step, locale, typed=Typed(form, fault))
    assert "citizen." not in page
    assert 'role="alert"' in page


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "shown",
    [
        {"is_stopped": True},
        {"is_thanked": True},
        {"km": 1},
        {"homes": 1},
        {"photos": [UUID(int=9)]},
        {"wish": WISH.model_copy(update={"state": "accepted"})},
        {"wish": WISH.model_copy(update={"state": "refused"})},
        {"questions": [replace(QUESTION, answer="<b>oui</b>")]},
    ],
)
def test_whatever_a_page_shows_has_its_sentence(locale: Locale, shown: dict[str, Any]) -> None:
    page = track("planned", locale, **shown)
    assert "citizen." not in page
    assert "<b>oui</b>" not in page


def test_what_people_typed_comes_back_harmless() -> None:
    typed = {"text": "<script>alert(1)</script>", "address": '" autofocus onfocus="x'}

    page = render("report.html", form=Form(typed, {"phone": "phone"}, key="k" * 20))

    assert "<script>alert" not in page
    assert 'value="&#34; autofocus onfocus=&#34;x"' in page


def test_a_fault_is_read_out_with_its_field() -> None:
    page = render("report.html", form=Form({}, {"phone": "phone", "form": "refused"}))

    assert 'aria-describedby="phone-fault"' in page
    assert t("fr", "citizen.error.refused") in page


@pytest.mark.parametrize("locale", LOCALES)
def test_whoever_searches_for_the_page_reads_what_it_is_for(locale: Locale) -> None:
    page = render("report.html", locale, form=Form({}))

    told = page.split('<meta name="description" content="')[1].split('"')[0]
    assert t(locale, "citizen.report.title") in told
    assert "Corrèze centre" in told


def test_danger_asks_to_call_first_and_keeps_the_report() -> None:
    form = Form({"text": "câble par terre", "commune": "Tulle"}, danger="câble par terre")

    page = render("danger.html", form=form)

    assert 'href="tel:112"' in page
    assert '<input type="hidden" name="commune" value="Tulle">' in page
    assert 'name="danger_seen" value="1"' in page


def test_every_kind_offered_has_its_picture() -> None:
    form = Form(choices=[Choice(code, code, picture) for code, picture in CHOICES])

    page = render("report.html", form=form)

    assert page.count('class="kind"') == len(CHOICES)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", ["404", "429", "503", "other"])
def test_every_refusal_says_what_to_do(locale: Locale, kind: str) -> None:
    assert "citizen." not in render("error.html", locale, kind=kind, trace_id="0190")


@pytest.mark.parametrize("locale", LOCALES)
def test_no_conformity_is_claimed_without_an_audit(locale: Locale) -> None:
    page = render("accessibility.html", locale, photo_days=1095)

    assert t(locale, "citizen.accessibility.none") in page
    assert t(locale, "citizen.a11y.why") in page
