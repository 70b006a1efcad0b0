"""The page that says whether hours can be trusted: /trajets, in a real Chromium."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from dispatcher.travel.learned import current
from tests.dispatcher.travel.test_learning import Past, lognormal
from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running
from tests.support.world import ORG

pytestmark = pytest.mark.browser


def teach(running: Running) -> None:
    """Sixty finished visits: hills slower than the plain, windows that hold nearly always."""
    with running.service.store.read() as session:
        if current(session, ORG).version:
            return  # the service serves every test of this file
    past, noise = Past(running.service.store), lognormal(60, 0.3)

    def told(number: int):  # type: ignore[no-untyped-def]
        def windows(arrived: datetime) -> dict[str, list[str]]:
            off = timedelta(minutes=25 if number % 6 == 0 else 3)
            found = {}
            for moment, lead, half in (
                ("first", 150, 40), ("distant", 150, 40), ("soon", 20, 8), ("planned", 20, 8),
                ("left", 15, 6),
            ):  # fmt: skip
                middle = arrived - off
                low, high = middle - timedelta(minutes=half), middle + timedelta(minutes=half)
                at = middle - timedelta(minutes=lead)
                found[moment] = [one.isoformat() for one in (low, high, at, low, high)]
            return found

        return windows

    for number in range(60):
        place = (45.548, 2.309) if number % 2 else (45.267, 1.771)
        past.add(
            number,
            place=place,
            category="pothole" if number % 3 else "water_main_burst",
            drove_s=round((1300 if number % 2 else 950) * noise[number]),
            worked_s=round(4200 * noise[59 - number]),
            windows=told(number),
        )
    past.happen()
    assert past.learn() == 1


@pytest.fixture
def page(running: Running, new_context: NewContext) -> Page:
    teach(running)
    page = sign_in(new_context("laptop"), running, "observer")
    page.goto(f"{running.url}/trajets")
    return page


def test_windows_sources_times_and_factors_are_read_by_everybody_of_the_desk(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Trajets, durées et fenêtres annoncées"
    )
    expect(page.get_by_text("60 trajets et 60 passages finis (version 1)")).to_be_visible()
    held = page.get_by_role("region", name=re.compile("^Les fenêtres annoncées"))
    first = held.get_by_role("row", name=re.compile("^en premier"))
    expect(first).to_contain_text("100")
    expect(first).to_contain_text("sur 60")
    expect(held.get_by_role("row", name=re.compile("^moins de 30 min"))).to_contain_text("83")
    expect(held.get_by_role("row", name=re.compile("^plus de 4 h"))).to_contain_text(
        "aucune arrivée encore"
    )
    sources = page.get_by_role("region", name="Source des temps de trajet")
    expect(sources.get_by_role("listitem")).to_contain_text(["à vol d’oiseau × 1,35"])
    work = page.get_by_role("region", name="Durées sur place, par rapport au catalogue")
    expect(work.get_by_role("row", name=re.compile("^Nid-de-poule"))).to_contain_text("40")
    expect(work).to_contain_text("Les plans utilisent la moyenne apprise")
    factors = page.get_by_role("region", name="Temps de trajet réels, par secteur")
    rows = factors.get_by_role("row").count()
    factors.get_by_role("button", name=re.compile("facteurs? plus fins?")).click()
    assert factors.get_by_role("row").count() > rows
    assert accessibility_faults(page) == []


def test_the_page_reads_english_and_fits_a_phone(running: Running, page: Page) -> None:
    page.context.add_cookies([{"name": "cpo_locale", "value": "en", "url": running.url}])
    page.set_viewport_size({"width": 360, "height": 740})
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Drives, times on site and windows told"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert accessibility_faults(page) == []
