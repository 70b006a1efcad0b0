"""The timeline in a real Chromium: how long work takes, folded sectors, zoom, the plan before."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_browser import sign_in
from tests.journeys.test_drag_browser import bar_of, reveal
from tests.support.browser import NewContext, accessibility_faults
from tests.support.jobs import planned
from tests.support.running import Running

pytestmark = pytest.mark.browser


def width_of(desk: Page, selector: str) -> float:
    box = desk.locator(selector).bounding_box()
    assert box is not None
    return box["width"]


def test_a_length_is_said_by_keys_and_by_hand_with_its_price(
    calm: Running, new_context: NewContext
) -> None:
    with calm.client("dispatcher") as http:
        first = planned(http, "length-1", 0)
        follows = planned(http, "length-2", 1)
        assert follows["crew_id"] == first["crew_id"]
        desk = sign_in(new_context("wall"), calm, "dispatcher")
        reveal(desk, first)
        bar = bar_of(desk, first)
        before = width_of(desk, f"#bar-{first['id']}")
        minutes = first["duration_s"] // 60

        # A bar too short for its words is read whole where a pointer rests.
        bar.hover()
        expect(desk.locator(".tip")).to_contain_text(bar.locator(".line .clip").inner_text())
        desk.mouse.move(1, 1)
        expect(desk.locator(".tip")).to_have_count(0)

        bar.focus()
        desk.keyboard.press("l")
        card = desk.locator(".card[role=status]")
        expect(card).to_contain_text("Entrée valide")
        desk.keyboard.press("Shift+ArrowRight")
        desk.keyboard.press("Shift+ArrowRight")
        expect(card).to_contain_text(re.compile(r"\d\d:\d\d → \d\d:\d\d"))
        assert accessibility_faults(desk) == []
        with desk.expect_response("**/length") as answered:
            desk.keyboard.press("Enter")
        assert answered.value.json()["visit"]["duration_s"] == (minutes + 30) * 60
        expect(card).to_be_hidden()
        wait = "([id, least]) => document.getElementById(id).getBoundingClientRect().width > least"
        desk.wait_for_function(wait, arg=[f"bar-{first['id']}", before + 10])

        # What was said is taken back in one key.
        with desk.expect_response("**/length") as answered:
            desk.keyboard.press("u")
        assert answered.value.json()["visit"]["duration_s"] == minutes * 60

        back = "([id, most]) => document.getElementById(id).getBoundingClientRect().width < most"
        desk.wait_for_function(back, arg=[f"bar-{first['id']}", before + 2])

        # By hand: the end of the bar is dragged; Escape would have sent nothing.
        box = bar.bounding_box()
        assert box is not None
        desk.mouse.move(box["x"] + box["width"] - 3, box["y"] + 20)
        desk.mouse.down()
        desk.mouse.move(box["x"] + box["width"] + 80, box["y"] + 20, steps=4)
        expect(card).to_contain_text("Rien n’est envoyé")
        desk.keyboard.press("Escape")
        expect(card).to_be_hidden()
        desk.mouse.up()
        kept = http.get(f"/api/v1/visits/{first['id']}/length?minutes={minutes}").json()
        assert kept["price"] == {"urgent_min": 0, "ordinary_min": 0}

        desk.mouse.move(box["x"] + box["width"] - 3, box["y"] + 20)
        desk.mouse.down()
        desk.mouse.move(box["x"] + box["width"] + 80, box["y"] + 20, steps=4)
        expect(card).to_be_visible()
        with desk.expect_response("**/length") as answered:
            desk.mouse.up()
        assert answered.value.json()["visit"]["duration_s"] > minutes * 60


def test_a_replan_leaves_the_trace_of_what_was_before(
    calm: Running, new_context: NewContext
) -> None:
    with calm.client("dispatcher") as http:
        visit = planned(http, "before-1", 2)
        desk = sign_in(new_context("wall"), calm, "dispatcher")
        reveal(desk, visit)
        # The plan may have turned by itself as the page opened: that trace goes by itself too.
        expect(desk.locator(".stood")).to_have_count(0, timeout=40_000)

        moves = http.get(f"/api/v1/incidents/{visit['incident_id']}/moves").json()
        other = next(
            one["best"]
            for one in moves["crews"]
            if one["best"]["is_lawful"] and one["best"]["crew_id"] != visit["crew_id"]
        )
        body = {
            "crew_id": other["crew_id"],
            "position": other["position"],
            "exact": True,
            "plan_version": moves["plan_version"],
        }
        path = f"/api/v1/incidents/{visit['incident_id']}/accept"
        assert http.post(path, json=body).status_code == 200

    stood = desk.locator(f'[data-crew="{visit["crew_id"]}"] .stood')
    button = desk.get_by_role("button", name=re.compile(r"\d+ déplacé"))
    expect(button).to_have_attribute("aria-pressed", "true")
    row = desk.locator(f'[data-crew="{visit["crew_id"]}"]')
    if row.count():
        expect(stood.first).to_be_attached()
    expect(bar_of(desk, visit)).to_have_attribute("aria-label", re.compile("Avant : "))
    # On a laptop with the drawer open all of the tools have room: the way back to now is not cut.
    desk.set_viewport_size({"width": 1366, "height": 768})
    desk.evaluate("document.querySelector('.bar').click()")
    expect(desk.get_by_role("button", name="Maintenant")).to_be_in_viewport(ratio=1)
    button.click()
    expect(desk.locator(".stood")).to_have_count(0)


def test_sectors_fold_and_the_view_zooms_without_a_mouse(
    calm: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("wall"), calm, "dispatcher")
    grid = desk.get_by_role("grid")
    rows = grid.locator("[data-crew]")
    expect(rows.first).to_be_visible()
    heading = grid.locator("button[aria-expanded]").first
    expect(grid.get_by_text(re.compile(r"\d+ équipes? · \d+\s?% pris")).first).to_be_visible()
    sector = heading.inner_text()

    rows.first.locator("button").first.focus()
    desk.keyboard.press("ArrowUp")
    expect(heading).to_be_focused()
    desk.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-expanded", "false")
    folded = int(grid.get_attribute("aria-rowcount") or 0)
    desk.reload()
    heading = grid.get_by_role("button", name=sector)
    expect(heading).to_have_attribute("aria-expanded", "false")
    assert int(grid.get_attribute("aria-rowcount") or 0) == folded
    heading.click()
    expect(heading).to_have_attribute("aria-expanded", "true")
    assert int(grid.get_attribute("aria-rowcount") or 0) > folded

    marks = desk.locator(".marks .mark")
    desk.keyboard.press("+")
    expect(marks.filter(has_text=re.compile(r":15$")).first).to_be_visible()
    desk.keyboard.press("-")
    expect(marks.filter(has_text=re.compile(r":15$"))).to_have_count(0)
    desk.keyboard.press("-")
    expect(marks.filter(has_text=re.compile(r"^21:00$"))).to_be_visible()
    assert accessibility_faults(desk) == []
