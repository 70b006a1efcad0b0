"""Several people and one board in real Chromiums: who looks at what; layers by keyboard."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running, serving

pytestmark = pytest.mark.browser

LOOKS = "regarde cet incident"


@pytest.fixture(scope="module")
def running(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service whose plan turns only when somebody turns it."""
    path = tmp_path_factory.mktemp("together") / "cpo.sqlite3"
    shutil.copy(filled_sqlite, path)
    with serving(path) as made:
        yield made


def planned(http: httpx.Client, number: int) -> dict[str, Any]:
    """Report a pothole near Tulle, give it to the best crew, and return the visit."""
    told = http.post(
        "/api/v1/reports",
        json={
            "text": f"nid-de-poule numéro {number}",
            "category": "pothole",
            "place": {"lat": 45.267 + 0.004 * number, "lon": 1.771},
        },
        headers={"Idempotency-Key": f"together-journey-key-{number}"},
    ).json()
    path = f"/api/v1/incidents/{told['incident']['id']}"
    offers = http.get(f"{path}/offers").json()
    body = {
        "crew_id": offers["offers"][0]["crew_id"],
        "plan_version": offers["plan_version"],
    }
    visit: dict[str, Any] = http.post(f"{path}/accept", json=body).json()["visit"]
    return visit


def row(desk: Page, visit: dict[str, Any]) -> Any:
    return desk.locator(f"#row-{visit['incident_id']}")


def test_two_desks_see_where_the_other_looks_in_queue_and_timeline(
    running: Running, new_context: NewContext
) -> None:
    with running.client("dispatcher") as http:
        first, second = planned(http, 1), planned(http, 2)
    here = sign_in(new_context("wall"), running, "dispatcher")
    there = sign_in(new_context("wall"), running, "operator")
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
    running: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("wall"), running, "dispatcher")
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
