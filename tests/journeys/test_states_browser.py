"""Axe and a measure of the layout on the board in each of its states, with and without motion."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Error, Page, WebSocketRoute, expect

from tests.journeys.test_browser import sign_in
from tests.journeys.test_planner_browser import far_away, propose
from tests.support.browser import BEST_PRACTICE, NewContext, accessibility_faults
from tests.support.geometry import layout_faults
from tests.support.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Json = dict[str, Any]
PANES = ("queue", "timeline", "map", "drawer")
LOOKS: dict[str, Json] = {
    "light": {"color_scheme": "light"},
    "still": {"reduced_motion": "reduce", "color_scheme": "dark"},
}
all_looks = pytest.mark.parametrize("look", LOOKS)
KINDS = ("nid-de-poule profond", "fuite, eau partout", "lampadaire éteint", "arbre sur la route")
PLACES = ("rue Carnot à Tulle", "avenue de Paris à Brive", "place Joffre à Ussel", "à Égletons")
SIZES = {"1920": (1920, 1080), "1366": (1366, 768), "360": (360, 780), "1366 at 200 %": (683, 384)}


@pytest.fixture(scope="module")
def busy(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with many incidents, some of them planned, and a proposal of the planner."""
    path = tmp_path_factory.mktemp("busy") / "cpo.sqlite3"
    shutil.copy(filled_sqlite, path)
    with serving(path, freeze_minutes=0) as made:
        with made.client("dispatcher") as http:
            ids = [tell(http, number) for number in range(16)]
            for one in ids[:5]:
                give(http, one)
            visit, best = far_away(http)
        propose(made, visit, best)
        yield made


def tell(http: httpx.Client, number: int) -> str:
    """Report something somewhere; return the incident."""
    kind, place = KINDS[number % 4], PLACES[(number // 4 + number) % 4]
    answer = http.post(
        "/api/v1/reports",
        json={"text": f"{kind} {number + 1} {place}"},
        headers={"Idempotency-Key": f"states-journey-key-{number}"},
    )
    assert answer.status_code == 201, answer.text
    incident: str = answer.json()["incident"]["id"]
    return incident


def give(http: httpx.Client, incident: str) -> None:
    """Give an incident to its best crew, if somebody may go."""
    path = f"/api/v1/incidents/{incident}"
    offers = http.get(f"{path}/offers").json()
    for offer in offers.get("offers", [])[:1]:
        body = {"crew_id": offer["crew_id"], "plan_version": offers["plan_version"]}
        http.post(f"{path}/accept", json=body)


def open_desk(running: Running, new_context: NewContext, look: str) -> Page:
    """Sign in with a look: theme and motion."""
    return sign_in(new_context("laptop", **LOOKS[look]), running, "dispatcher")


def judge(page: Page, where: str) -> None:
    """No fault by axe, and nothing cut, covered or wider than the window."""
    assert [f"{where}: {fault}" for fault in accessibility_faults(page, BEST_PRACTICE)] == []
    assert [f"{where}: {fault}" for fault in layout_faults(page)] == []


@all_looks
def test_an_empty_board_and_its_panes(calm: Running, new_context: NewContext, look: str) -> None:
    page = open_desk(calm, new_context, look)
    expect(page.get_by_text("En direct").first).to_be_attached()
    judge(page, "board, empty")
    for pane in PANES:
        page.goto(f"{calm.url}/tableau?pane={pane}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        judge(page, f"{pane}, empty")


def test_a_busy_board_that_loads_fails_and_is_cut_off(
    busy: Running, new_context: NewContext
) -> None:
    # In the dark: other journeys judge busy boards in the light.
    context = new_context("wall", **LOOKS["still"])
    sockets: list[WebSocketRoute] = []

    def through(ws: WebSocketRoute) -> None:
        sockets.append(ws)
        ws.connect_to_server()

    context.route_web_socket("**/api/v1/live", through)
    page = sign_in(context, busy, "dispatcher")
    rows = page.locator("[role=listbox] [role=option]")
    expect(rows.first).to_be_visible()
    expect(page.get_by_text("Le planificateur propose").first).to_be_visible()
    judge(page, "board, crowded")

    # Loading: what would tell more has not answered yet.
    held: list[Any] = []
    page.route("**/api/v1/incidents/*/offers", lambda route: held.append(route))
    rows.first.click()
    expect(page.get_by_role("article")).to_be_visible()
    page.wait_for_timeout(1300)  # the skeleton comes after a second
    judge(page, "drawer, loading")

    # Error: it answers that it cannot.
    page.unroute("**/api/v1/incidents/*/offers")
    for one in held:
        with suppress(Error):  # the page has given some of them up itself
            one.abort()
    page.route("**/api/v1/incidents/**", lambda route: route.fulfill(status=503, body="{}"))
    rows.nth(1).click()
    page.wait_for_timeout(400)
    judge(page, "drawer, error")
    page.unroute("**/api/v1/incidents/**")

    # What was done is told, with its way back.
    rows.nth(2).click()
    expect(page.locator("button[aria-keyshortcuts=a]").first).to_be_enabled()
    page.keyboard.press("a")
    expect(page.locator(".toaster [role=status], .toaster [role=alert]").first).to_be_attached()
    judge(page, "toast")

    # The drawer lies over the map, so the list is judged without it.
    page.keyboard.press("Escape")
    expect(page.get_by_role("article")).to_be_hidden()
    page.get_by_role("button", name="Liste", exact=True).click()
    judge(page, "map as a list, crowded")

    # Degraded: the live way is cut, and the board says how old it is.
    context.unroute_all()
    context.route_web_socket("**/api/v1/live", lambda ws: ws.close())
    page.route("**/api/v1/**", lambda route: route.abort())
    for ws in sockets:
        ws.close()
    expect(page.get_by_text("Reconnexion").first).to_be_visible()
    judge(page, "board, degraded")


def test_pages_fit_walls_laptops_phones_and_eyes_that_need_twice_the_size(
    busy: Running, new_context: NewContext
) -> None:
    with busy.client("dispatcher") as http:
        told = http.post(
            "/api/v1/reports",
            json={"text": "fuite rue de la Gare à Tulle"},
            headers={"Idempotency-Key": "states-journey-tracked"},
        ).json()
    page = sign_in(new_context("wall"), busy, "dispatcher")
    places = {
        "board": f"/tableau?incident={told['incident']['id']}",
        "call form": "/tableau",
        "rota": "/astreintes",
        "wall": "/mur",
        "report": "/signaler",
        "tracking": told["tracking_url"].removeprefix(busy.url),
    }
    faults: list[str] = []
    for place, path in places.items():
        page.goto(f"{busy.url}{path}")
        if place in ("board", "call form"):
            expect(page.locator("[role=listbox] [role=option]").first).to_be_attached()
        if place == "call form":
            page.keyboard.press("c")
            expect(page.get_by_role("dialog")).to_be_visible()
            page.keyboard.type("fuite 14 rue Carnot à Tulle, eau partout")
        page.wait_for_timeout(500)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(250)
            faults += [f"{place}, {size}: {fault}" for fault in layout_faults(page)]
    assert not faults, "\n".join(faults)
