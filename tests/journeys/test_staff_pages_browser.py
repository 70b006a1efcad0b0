"""The staff's pages beside the board, as they look and are heard, in a real Chromium."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.browser import BEST_PRACTICE, NewContext, accessibility_faults
from tests.support.running import Running

pytestmark = pytest.mark.browser

PAGES = {
    "/expertise": "expert",
    "/astreintes": "oncall_manager",
    "/appels": "oncall_manager",
    "/capteurs": "dispatcher",
    "/politique": "council",
    "/competences": "council",
    "/reponses": "council",
    "/trajets": "dispatcher",
}


def opened(context: BrowserContext, running: Running, path: str, username: str | None) -> Page:
    """Open a page, signed in without the form unless no name is given."""
    if username is not None:
        running.let_in(context, username)
    page = context.new_page()
    page.goto(f"{running.url}{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone_and_shows_where_one_is(
    calm: Running, new_context: NewContext, path: str
) -> None:
    page = opened(new_context("phone"), calm, path, PAGES[path])
    here = page.get_by_role("navigation", name="Pages").locator("[aria-current]")
    # Its whole name is on the screen, however many pages come before it.
    expect(here).to_be_in_viewport(ratio=0.98)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert accessibility_faults(page, BEST_PRACTICE) == []


def test_the_page_of_the_design_has_all_it_says_in_landmarks(
    calm: Running, new_context: NewContext
) -> None:
    page = opened(new_context("wall"), calm, "/design", None)
    assert accessibility_faults(page, BEST_PRACTICE) == []


@pytest.mark.parametrize("path", ["/astreintes", "/appels"])
def test_pages_of_the_rota_have_the_language_at_hand(
    calm: Running, new_context: NewContext, path: str
) -> None:
    page = opened(new_context("wall"), calm, path, "oncall_manager")
    page.get_by_role("banner").get_by_role("button").click()
    page.get_by_text("English", exact=True).click()
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages.get_by_role("link", name="On-call rota")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_an_expert_without_questions_sees_three_columns_on_a_wide_screen(
    calm: Running, new_context: NewContext
) -> None:
    page = opened(new_context("wall"), calm, "/expertise", "expert")
    expect(page.get_by_text("Rien à répondre pour le moment.")).to_be_visible()
    assert accessibility_faults(page, BEST_PRACTICE) == []
    tops, lefts = [], []
    for place in (
        page.get_by_role("region", name="En attente"),
        page.locator(".nothing"),
        page.get_by_role("region", name="Ma disponibilité"),
    ):
        box = place.bounding_box()
        assert box is not None
        tops.append(box["y"])
        lefts.append(box["x"])
    assert len(set(tops)) == 1
    assert lefts == sorted(lefts)
    # What is typed and ticked begins where its words begin.
    edges = {
        one.evaluate("one => Math.round(one.getBoundingClientRect().left)")
        for one in (
            page.get_by_label("Téléphone"),
            page.get_by_label("Assainissement"),
            page.get_by_role("button", name="Joignable 4 h"),
        )
    }
    assert len(edges) == 1
