"""Carrying a visit across the timeline, in a real Chromium: by mouse, by keys, by a finger."""

import re

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext, accessibility_faults
from tests.support.jobs import Json, planned
from tests.support.running import Running

pytestmark = pytest.mark.browser

SEEN = """() => {
    const box = document.querySelector('.scroller[role=grid]').getBoundingClientRect()
    const rows = [...document.querySelectorAll('[data-crew]')]
    const inside = (r) => r.top > box.top + 40 && r.bottom < box.bottom - 40
    return rows.filter((row) => inside(row.getBoundingClientRect())).map((r) => r.dataset.crew)
}"""


def reveal(desk: Page, visit: Json) -> None:
    """Choose a visit's incident in the queue; the timeline brings its row into sight."""
    desk.locator(f"#row-{visit['incident_id']}").click()
    expect(bar_of(desk, visit)).to_be_in_viewport(ratio=0.9)


def crews_in_sight(desk: Page, http: httpx.Client, visit: Json, *, lawful: bool) -> list[str]:
    """Return the crews whose rows one sees and that may (or may not) take the visit."""
    found = http.get(f"/api/v1/incidents/{visit['incident_id']}/moves").json()["crews"]
    wanted = {
        one["best"]["crew_id"]
        for one in found
        if one["best"]["is_lawful"] == lawful and one["best"]["crew_id"] != visit["crew_id"]
    }
    seen: list[str] = desk.evaluate(SEEN)
    return [crew for crew in seen if crew in wanted]


def bar_of(desk: Page, visit: Json) -> Locator:
    return desk.locator(f"#bar-{visit['id']}")


def row_of(desk: Page, crew_id: str) -> Locator:
    return desk.locator(f'[data-crew="{crew_id}"]')


def expect_on(desk: Page, visit: Json, crew_id: str) -> None:
    expect(row_of(desk, crew_id).locator(f"#bar-{visit['id']}")).to_be_visible()


def carry(desk: Page, visit: Json, crew_id: str) -> None:
    """Take a bar by the mouse and hold it over a crew's row."""
    bar, row = bar_of(desk, visit).bounding_box(), row_of(desk, crew_id).bounding_box()
    assert bar is not None
    assert row is not None
    desk.mouse.move(bar["x"] + 8, bar["y"] + 20)
    desk.mouse.down()
    desk.mouse.move(row["x"] + 300, row["y"] + 40, steps=4)
    expect(row_of(desk, crew_id)).to_contain_class("over")


def test_the_mouse_shows_the_price_and_the_rules_then_moves_and_undoes(
    calm: Running, new_context: NewContext
) -> None:
    with calm.client("dispatcher") as http:
        visit = planned(http, "mouse-1", 0)
        planned(http, "mouse-2", 1)
        desk = sign_in(new_context("wall"), calm, "dispatcher")
        reveal(desk, visit)
        other = crews_in_sight(desk, http, visit, lawful=True)[0]
        barred = crews_in_sight(desk, http, visit, lawful=False)[0]

    # The prices come late, to a hand that keeps still.
    held: list[Route] = []
    desk.route("**/moves", lambda route: held.append(route))
    carry(desk, visit, other)
    card = desk.locator(".card[role=status]")
    expect(card).to_contain_text("Posez sur une équipe")
    for route in held:
        route.continue_()
    desk.unroute("**/moves")
    expect(card).to_contain_text(re.compile(r"sur place .*([+−]\d+ (min|h)|sans surcoût)"))
    assert accessibility_faults(desk) == []
    with desk.expect_response("**/accept") as answered:
        desk.mouse.up()
    assert answered.value.status == 200
    expect_on(desk, visit, other)
    desk.keyboard.press("u")
    expect_on(desk, visit, visit["crew_id"])

    # A crew that may not: the rule is named, and letting go changes nothing.
    carry(desk, visit, barred)
    expect(card).to_contain_text("Impossible : sans habilitation")
    desk.mouse.up()
    expect(desk.get_by_text(re.compile("ne peut pas : sans habilitation"))).to_be_visible()
    expect_on(desk, visit, visit["crew_id"])


def test_keys_carry_a_visit_and_a_plan_that_turned_shows_its_new_price(
    calm: Running, new_context: NewContext
) -> None:
    with calm.client("dispatcher") as http:
        visit = planned(http, "keys-1", 3)
        pinned = planned(http, "keys-2", 4)
        desk = sign_in(new_context("laptop"), calm, "dispatcher")
        reveal(desk, visit)
        lawful = crews_in_sight(desk, http, visit, lawful=True)
        bar_of(desk, visit).focus()
        desk.keyboard.press("x")
        card = desk.locator(".card[role=status]")
        expect(card).to_contain_text("place actuelle")
        desk.keyboard.press("Escape")
        expect(card).to_be_hidden()
        expect(bar_of(desk, visit)).to_be_focused()

        desk.keyboard.press("x")
        expect(card).to_contain_text("place actuelle")
        order = desk.eval_on_selector_all("[data-crew]", "all => all.map(r => r.dataset.crew)")
        steps = order.index(lawful[-1]) - order.index(visit["crew_id"])
        for _ in range(abs(steps)):
            desk.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
        expect(desk.locator(".row.over")).to_have_attribute("data-crew", lawful[-1])
        assert accessibility_faults(desk) == []

        # Somebody turns the plan between the price and the drop.
        desk.route("**/moves", lambda route: route.abort())
        http.post(f"/api/v1/visits/{pinned['id']}/pin", json={"pin": "crew"}).raise_for_status()
        expect(card).to_contain_text("Le plan vient de changer")
        with desk.expect_response("**/accept") as answered:
            desk.keyboard.press("Enter")
        assert answered.value.status == 409
        expect(desk.get_by_text(re.compile("Le plan a changé, rien n’a bougé"))).to_be_visible()
        desk.get_by_role("button", name="Déplacer à ce prix").click()
        expect_on(desk, visit, lawful[-1])


def test_a_finger_held_still_picks_a_visit_up(calm: Running, new_context: NewContext) -> None:
    context = new_context("wall", has_touch=True)
    with calm.client("dispatcher") as http:
        visit = planned(http, "touch-1", 0)
        desk = sign_in(context, calm, "dispatcher")
        reveal(desk, visit)
        target = crews_in_sight(desk, http, visit, lawful=True)[0]
    start, end = bar_of(desk, visit).bounding_box(), row_of(desk, target).bounding_box()
    assert start is not None
    assert end is not None
    finger = context.new_cdp_session(desk)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", (start["x"] + 10, start["y"] + 10))
    expect(desk.locator(".card[role=status]")).to_be_visible()
    touch("touchMove", (end["x"] + 300, end["y"] + 25))
    touch("touchMove", (end["x"] + 310, end["y"] + 27))
    expect(desk.locator(".row.over")).to_have_attribute("data-crew", target)
    expect(desk.locator(".card[role=status]")).to_contain_text("sur place")
    with desk.expect_response("**/accept") as answered:
        touch("touchEnd")
    assert answered.value.status == 200
    expect_on(desk, visit, target)
