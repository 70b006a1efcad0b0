"""Several people and one board in real Chromiums: who looks at what; layers by keyboard."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext, accessibility_faults
from tests.support.jobs import Json, planned
from tests.support.running import Running

pytestmark = pytest.mark.browser

LOOKS = "regarde cet incident"


def row(desk: Page, visit: Json) -> Locator:
    return desk.locator(f"#row-{visit['incident_id']}")


def test_two_desks_see_where_the_other_looks_in_queue_and_timeline(
    calm: Running, new_context: NewContext
) -> None:
    with calm.client("dispatcher") as http:
        first, second = planned(http, "look-1", 1), planned(http, "look-2", 2)
    here = sign_in(new_context("wall"), calm, "dispatcher")
    there = sign_in(new_context("wall"), calm, "operator")
    row(there, first).click()
    expect(row(here, first)).to_contain_text(LOOKS)
    # The timeline brings into sight what one chooses oneself.
    row(here, first).click()
    expect(here.locator(".looked").first).to_have_attribute("title", re.compile(LOOKS))
    expect(row(there, first)).to_contain_text(LOOKS)
    assert accessibility_faults(here) == []

    row(there, second).click()
    expect(row(here, second)).to_contain_text(LOOKS)
    expect(row(here, first)).not_to_contain_text(LOOKS)


def test_the_maps_layers_are_chosen_by_keyboard_and_stay_chosen(
    calm: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("wall"), calm, "dispatcher")
    button = desk.get_by_role("button", name="Couches")
    button.focus()
    desk.keyboard.press("Enter")
    sectors = desk.get_by_role("checkbox", name=re.compile("Limites des secteurs"))
    sensors = desk.get_by_role("checkbox", name=re.compile("Capteurs"))
    expect(sectors).not_to_be_checked()
    while not sectors.evaluate("one => one === document.activeElement"):
        desk.keyboard.press("Tab")
        assert desk.evaluate("document.activeElement.type") == "checkbox"
    desk.keyboard.press("Space")
    expect(sectors).to_be_checked()
    sensors.check()
    assert accessibility_faults(desk) == []
    desk.keyboard.press("Escape")
    expect(sectors).to_be_hidden()
    expect(button).to_be_focused()

    # The list says what the map shows, the sensors with it; what is chosen there is chosen.
    desk.get_by_role("button", name="Liste", exact=True).click()
    listed = desk.get_by_role("region", name="Liste")
    expect(listed).to_contain_text("capteur")
    listed.get_by_role("button", name=re.compile("nid-de-poule", re.IGNORECASE)).first.click()
    expect(desk.get_by_role("article")).to_be_visible()

    desk.reload()
    desk.get_by_role("button", name="Couches").click()
    expect(sectors).to_be_checked()
    expect(sensors).to_be_checked()
