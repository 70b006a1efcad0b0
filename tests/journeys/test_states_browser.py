"""Axe on every state of every pane: empty, loading, broken, out of touch, crowded; both themes,
200 % zoom, reduced motion.
"""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.test_browser import sign_in
from tests.journeys.test_desk_browser import report
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Json = dict[str, Any]
PANES = ("queue", "timeline", "map", "drawer")
LOOKS: dict[str, Json] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    # 200 % zoom of a laptop: half as many CSS pixels each way (WCAG 1.4.4, 1.4.10).
    "zoom": {"viewport": {"width": 683, "height": 384}, "device_scale_factor": 2},
    "still": {"reduced_motion": "reduce", "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 780}},
}
KINDS = ("water_main_burst", "pothole", "lamp_out", "tree_on_road", "water_leak_road")
all_looks = pytest.mark.parametrize("look", LOOKS)


@pytest.fixture(scope="module")
def crowd(running: Running) -> list[str]:
    """Forty incidents all over the Corrèze; some on hold, some with a crew."""
    made = []
    with running.client("dispatcher") as desk:
        for number in range(40):
            place = {"lat": 45.1 + 0.012 * number, "lon": 1.5 + 0.019 * number}
            kind = KINDS[number % len(KINDS)]
            told = report(desk, f"crowd-{number:02}", kind, category=kind, place=place)
            made.append(told["incident"]["id"])
        for action, ids in (
            ({"kind": "hold", "reason": "fournisseur"}, made[:4]),
            ({"kind": "assign"}, made[4:12]),
        ):
            answer = desk.post(
                "/api/v1/board/bulk",
                json={"action": action, "incidents": ids},
                headers={"Idempotency-Key": f"crowd-bulk-{action['kind']}-0001"},
            )
            assert answer.status_code in {200, 207}, answer.text
    return made


def open_desk(running: Running, new_context: NewContext, look: str) -> Page:
    """Sign in with a look: theme, size, motion."""
    options = dict(LOOKS[look])
    context = new_context("laptop")
    if options:
        context = new_context("laptop", **{k: v for k, v in options.items() if k != "viewport"})
    page = sign_in(context, running, "dispatcher")
    if "viewport" in options:
        page.set_viewport_size(options["viewport"])
    return page


def judge(page: Page, where: str) -> None:
    """No fault by axe, and nothing wider than the window."""
    assert [f"{where}: {fault}" for fault in accessibility_faults(page)] == []
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(too_wide) <= 0, where


@all_looks
def test_an_empty_board_and_its_panes(running: Running, new_context: NewContext, look: str) -> None:
    page = open_desk(running, new_context, look)
    expect(page.get_by_text("En direct").first).to_be_attached()
    judge(page, "board, empty")
    for pane in PANES:
        page.goto(f"{running.url}/tableau?pane={pane}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        judge(page, f"{pane}, empty")


@all_looks
def test_a_crowded_board_its_panes_and_its_dialogs(
    running: Running, new_context: NewContext, crowd: list[str], look: str
) -> None:
    page = open_desk(running, new_context, look)
    row = page.locator(f"#row-{crowd[0]}, [role=option]").first
    expect(row).to_be_visible()
    judge(page, "board, crowded")
    row.click()
    expect(page.get_by_role("article")).to_be_visible()
    judge(page, "board with a drawer")
    for keys, where in (
        ("?", "help"),
        ("ff", "filter"),
        ("r", "reply"),
        ("n", "note"),
        ("m", "merge"),
        ("w", "wall"),
    ):
        for key in keys:
            page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        judge(page, where)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
    for pane in PANES:
        page.goto(f"{running.url}/tableau?pane={pane}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        judge(page, f"{pane}, crowded")


@all_looks
def test_a_board_out_of_touch_and_a_drawer_that_cannot_load(
    running: Running, new_context: NewContext, crowd: list[str], look: str
) -> None:
    page = open_desk(running, new_context, look)
    row = page.locator("[role=option]").first
    expect(row).to_be_visible()

    def break_it(route: Route) -> None:
        route.fulfill(status=500, content_type="text/plain", body="no")

    page.route("**/api/v1/incidents/**", break_it)
    row.click()
    expect(page.get_by_role("article")).to_be_visible()
    judge(page, "drawer, broken")
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    judge(page, "board, out of touch")
    page.context.set_offline(False)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_board_that_still_loads(running: Running, new_context: NewContext, look: str) -> None:
    page = open_desk(running, new_context, look)
    page.route("**/api/v1/board", lambda route: route.abort())
    page.route("**/api/v1/live/**", lambda route: route.abort())
    page.route_web_socket("**/live**", lambda socket: socket.close())
    for address in ("/tableau", *(f"/tableau?pane={pane}" for pane in PANES)):
        page.goto(f"{running.url}{address}")
        expect(page.get_by_role("heading", level=1)).to_be_attached()
        judge(page, f"{address}, loading")


@all_looks
def test_the_map_with_the_cover_and_its_list(
    running: Running, new_context: NewContext, crowd: list[str], look: str
) -> None:
    page = open_desk(running, new_context, look)
    page.goto(f"{running.url}/tableau?pane=map")
    expect(page.get_by_role("region", name="Carte").first).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    cover = page.get_by_role("region", name="Réponse attendue à un P1")
    expect(cover.get_by_text("à temps").first).to_be_visible()
    cover.get_by_text("communes, de la plus lente").click()
    judge(page, "cover")


@all_looks
def test_the_design_page(running: Running, new_context: NewContext, look: str) -> None:
    page = open_desk(running, new_context, look)
    page.goto(f"{running.url}/design")
    expect(page.get_by_role("heading", level=1)).to_have_text("Système de design")
    expect(page.get_by_text("--accentsoft").first).to_be_visible()
    judge(page, "design")
