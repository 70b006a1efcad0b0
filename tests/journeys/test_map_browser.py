"""The board's map in a real Chromium: crowds come apart, tiles by setting, outlines always.

A canvas tells a test little: where something is drawn is read from the ring around what is chosen,
what lies under a point from the pointer's shape, and what is painted from pictures of the screen.
"""

import io
import re
import shutil
import socket
from collections.abc import Callable
from math import dist
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.test_browser import sign_in
from tests.journeys.test_desk_browser import report
from tests.support.browser import NewContext, accessibility_faults
from tests.support.http_sink import Sink, http_sink
from tests.support.jobs import TULLE
from tests.support.pictures import photo
from tests.support.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Point = tuple[float, float]

RING = """() => {
    const ring = document.querySelector('.ring')
    if (!ring) return null
    const { x, y, width, height } = ring.getBoundingClientRect()
    return [x + width / 2, y + height / 2]
}"""
# A picture without a graphics card takes its time: the pointer asks until something is under it.
IS_UNDER = """([x, y]) => {
    const canvas = document.querySelector('canvas.maplibregl-canvas')
    const move = { clientX: x, clientY: y, bubbles: true }
    canvas?.dispatchEvent(new MouseEvent('mousemove', move))
    return canvas?.style.cursor === 'pointer'
}"""
HAS_LEFT = f"""([x, y]) => {{
    const [nowX, nowY] = ({RING})()
    return Math.hypot(nowX - x, nowY - y) > 10
}}"""
LAMP = re.compile("Lampadaire")
LAMPS = ("est", "ouest")
APART_PX = 44
"""Nearer than this on screen, incidents that matter less gather."""


@pytest.fixture(scope="module")
def crowded(calm: Running) -> dict[str, str]:
    """Grave incidents by the dozen, as many as are drawn one by one; two lamps far from them."""
    told = {}
    with calm.client("operator") as http:
        for at in range(120):
            place = {"lat": 45.12 + 0.03 * (at % 12), "lon": 1.45 + 0.055 * (at // 12)}
            report(http, f"map-{at}", f"rupture {at}", category="water_main_burst", place=place)
        for at, name in enumerate(LAMPS):
            place = {"lat": 45.55, "lon": 2.29 + 0.01 * at}
            answer = report(http, f"map-{name}", name, category="lamp_out", place=place)
            told[name] = answer["incident"]["id"]
    return told


def map_of(context: BrowserContext, running: Running) -> Page:
    """Return a desk whose middle is the map."""
    desk = sign_in(context, running, "dispatcher")
    expect(desk.locator("#incidents [role=option]").first).to_be_visible()
    desk.keyboard.press("g")
    desk.keyboard.press("m")
    expect(desk.locator("canvas.maplibregl-canvas")).to_be_visible()
    return desk


def listed(desk: Page) -> tuple[Page, Callable[[int], None]]:
    """Open the map's list at its second page by keyboard; return how to choose its n-th row."""
    desk.get_by_role("button", name="Liste", exact=True).focus()
    desk.keyboard.press("Enter")
    section = desk.get_by_role("region", name=re.compile("122 incidents"))
    section.get_by_role("button", name=re.compile("suivants")).focus()
    desk.keyboard.press("Enter")
    expect(section.get_by_role("status")).to_contain_text("101 à 122")

    def choose(number: int) -> None:
        row = section.get_by_role("button", name=LAMP).nth(number)
        row.focus()
        desk.keyboard.press("Enter")
        expect(row).to_have_attribute("aria-pressed", "true")

    return desk, choose


def rings(desk: Page) -> dict[str, Point]:
    """Return the references of both lamps with where they are on screen, read by way of the list.

    The last one stays chosen: its file beside the map takes room, and moves what is drawn.
    """
    _, choose = listed(desk)
    found: dict[str, Point] = {}
    for number in range(len(LAMPS)):
        choose(number)
        file = desk.get_by_role("article")
        expect(file).to_contain_text(LAMP)
        shown = re.search(r"\d{4}-\d{5}", file.inner_text())
        assert shown is not None
        x, y = desk.evaluate(RING)
        found[shown[0]] = (x, y)
    desk.get_by_role("button", name="Liste", exact=True).click()
    assert len(found) == len(LAMPS)
    return found


def press(desk: Page, at: Point) -> None:
    """Click what is drawn at a point, as soon as it is."""
    desk.wait_for_function(IS_UNDER, arg=list(at), polling=200)
    desk.mouse.click(*at)


def test_a_cluster_that_is_clicked_comes_apart(
    calm: Running, crowded: dict[str, str], new_context: NewContext
) -> None:
    desk = map_of(new_context("laptop"), calm)
    # Nothing but the click may move the picture.
    desk.get_by_role("button", name="Vue libre").click()
    one, other = rings(desk).values()
    assert dist(one, other) < APART_PX
    press(desk, ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2))
    # What is chosen moves away from where it was: the picture is another one.
    desk.wait_for_function(HAS_LEFT, arg=list(other))
    apart = rings(desk)
    assert dist(*apart.values()) > APART_PX

    # Each is itself again: what is clicked there opens.
    for reference, at in apart.items():
        press(desk, at)
        expect(desk.get_by_role("article")).to_contain_text(reference)


def test_the_list_shows_on_the_map_by_keys_what_a_cluster_hides(
    calm: Running, crowded: dict[str, str], new_context: NewContext
) -> None:
    desk = map_of(new_context("laptop"), calm)
    _, choose = listed(desk)
    choose(0)
    assert accessibility_faults(desk) == []
    desk.keyboard.press("Tab")
    show = desk.get_by_role("button", name="Voir sur la carte")
    expect(show).to_be_focused()
    desk.keyboard.press("Enter")
    expect(show).to_be_hidden()
    expect(desk.get_by_role("button", name="Liste", exact=True)).to_be_focused()

    # In the middle of the map, alone, and there to be clicked.
    at = desk.evaluate(RING)
    box = desk.get_by_role("region", name="Carte", exact=True).bounding_box()
    assert box is not None
    assert dist(at, (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)) < 30
    assert dist(*rings(desk).values()) > APART_PX
    press(desk, (at[0], at[1]))
    expect(desk.get_by_role("article")).to_contain_text(LAMP)


def hosts_asked(context: BrowserContext) -> set[str]:
    """Return the hosts that a context asks from now on; the set grows as it asks."""
    found: set[str] = set()
    context.on("request", lambda request: found.add(urlsplit(request.url).netloc))
    return found


def seen(desk: Page) -> Image.Image:
    """Return a picture of the map."""
    shot = desk.get_by_role("region", name="Carte", exact=True).screenshot()
    return Image.open(io.BytesIO(shot)).convert("RGB")


def count(picture: Image.Image, is_wanted: Callable[[int, int, int], bool]) -> int:
    """Return how many points of a picture have a wanted colour."""
    return sum(number for number, (r, g, b) in picture.getcolors(1 << 24) if is_wanted(r, g, b))


def outlines(picture: Image.Image, desk: Page) -> int:
    """Return how many points have the colour of the communes' outlines."""
    style = "getComputedStyle(document.documentElement).getPropertyValue('--mapline')"
    red, green, blue = bytes.fromhex(desk.evaluate(style).strip().removeprefix("#"))
    return count(picture, lambda r, g, b: max(abs(r - red), abs(g - green), abs(b - blue)) < 8)


def until(desk: Page, is_so: Callable[[Image.Image], bool], tries: int = 20) -> None:
    """Take pictures until one is as it should be; each waits for the map's next frames."""
    for _ in range(tries):
        if is_so(seen(desk)):
            return
        desk.evaluate("() => new Promise((then) => setTimeout(then, 500))")
    raise AssertionError("the map never looked so")


def copied(filled: Path, folder: Path) -> Path:
    """Return a copy of the filled store for a service of one test."""
    path = folder / "cpo.sqlite3"
    shutil.copy(filled, path)
    return path


def test_tiles_come_from_the_chosen_server_and_nothing_from_elsewhere(
    filled_sqlite: Path, tmp_path: Path, certificate: tuple[Path, Path], new_context: NewContext
) -> None:
    with http_sink(certificate) as tiles:
        draw(tiles)
        path = copied(filled_sqlite, tmp_path)
        pattern = f"{tiles.url}/plan/{{z}}/{{x}}/{{y}}.png"
        with serving(path, map_tiles=pattern, map_tiles_credit="© Les essais") as running:
            context = new_context("laptop", ignore_https_errors=True)
            hosts = hosts_asked(context)
            refused: list[str] = []
            context.on("console", lambda said: refused.append(said.text))
            with running.client("operator") as http:
                report(http, "tiles", "nid-de-poule", category="pothole")
            desk = map_of(context, running)
            expect(desk.get_by_text("© Les essais")).to_be_visible()
            until(desk, lambda shot: count(shot, lambda r, g, b: r > g + 40) > 20_000)
            assert {path for path, _, _ in tiles.taken if not path.startswith("/plan/")} == set()
            assert re.fullmatch(r"/plan/\d+/\d+/\d+\.png", tiles.taken[0][0])
            assert not any("Content Security Policy" in one for one in refused), refused
            # What the tile server learns: the service's origin at most, never an address of a page.
            said = {headers.get("referer", "") for _, headers, _ in tiles.taken}
            assert all(urlsplit(one).path in ("", "/") for one in said), said
            assert hosts <= {urlsplit(running.url).netloc, urlsplit(tiles.url).netloc}

            # One layer among the others: taken away, what we hold ourselves is the ground again.
            desk.get_by_role("button", name=re.compile("Couches")).click()
            desk.get_by_label("Fond de plan").click()
            until(desk, lambda shot: count(shot, lambda r, g, b: r > g + 40) < 5_000)


def draw(tiles: Sink) -> None:
    """Let a server give a red tile to whoever asks, for pages of any origin."""
    tiles.body = photo((256, 256), (210, 20, 20), kind="PNG")
    tiles.headers = {"Content-Type": "image/png", "Access-Control-Allow-Origin": "*"}


def test_without_the_setting_nothing_is_asked_from_elsewhere(
    calm: Running, crowded: dict[str, str], new_context: NewContext
) -> None:
    context = new_context("laptop")
    hosts = hosts_asked(context)
    desk = map_of(context, calm)
    until(desk, lambda shot: outlines(shot, desk) > 2_000)
    desk.get_by_role("button", name="Zoom avant").click()
    until(desk, lambda shot: outlines(shot, desk) > 100)
    assert hosts == {urlsplit(calm.url).netloc}


def test_outlines_and_incidents_show_when_the_tile_server_is_silent(
    filled_sqlite: Path, tmp_path: Path, new_context: NewContext
) -> None:
    # One that takes calls and says nothing is worse than one that is not there.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        path = copied(filled_sqlite, tmp_path)
        with serving(path, map_tiles=f"{url}/{{z}}/{{x}}/{{y}}.png") as running:
            with running.client("operator") as http:
                told = report(http, "away", "trou", category="pothole", place=TULLE)
            desk = map_of(new_context("laptop"), running)
            until(desk, lambda shot: outlines(shot, desk) > 2_000)
            # What we hold ourselves is drawn, and is there to be clicked.
            desk.locator(f"#row-{told['incident']['id']}").click()
            expect(desk.get_by_role("article")).to_be_visible()
            desk.wait_for_function(IS_UNDER, arg=desk.evaluate(RING), polling=200)
