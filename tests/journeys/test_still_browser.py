"""The board keeps still while it loads, in a real Chromium: a click lands on what one aimed at."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext
from tests.support.running import Running, serving

pytestmark = pytest.mark.browser

# Whatever moved after the frame that brought the first row of the queue, whoever caused it.
WATCH = """() => {
    window.moved = []
    let shownAt = Infinity
    const look = () => {
        if (document.querySelector('[id^=row-]')) shownAt = performance.now()
        else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
    new PerformanceObserver((list) => {
        for (const one of list.getEntries())
            if (one.startTime > shownAt + 20) window.moved.push({
                value: one.value,
                what: one.sources.map(({ node, previousRect: was, currentRect: is }) =>
                    `${node?.className} ${was.y}+${was.height} to ${is.y}+${is.height}`),
            })
    }).observe({ type: 'layout-shift', buffered: true })
}"""


@pytest.fixture(scope="module")
def running(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service where nothing changes by itself: what moves is the page's own doing."""
    path = tmp_path_factory.mktemp("still") / "cpo.sqlite3"
    shutil.copy(filled_sqlite, path)
    with serving(path) as made:
        yield made


def slowly(route: Route) -> None:
    time.sleep(0.7)
    route.continue_()


@pytest.mark.parametrize("size", ["phone", "laptop", "wall"])
def test_the_board_keeps_still_once_its_rows_are_shown(
    running: Running, new_context: NewContext, size: str
) -> None:
    with running.client("dispatcher") as http:
        http.post(
            "/api/v1/reports",
            json={
                "text": "nid-de-poule",
                "category": "pothole",
                "place": {"lat": 45.267, "lon": 1.771},
            },
            headers={"Idempotency-Key": f"still-journey-key-{size}"},
        ).raise_for_status()
    desk = sign_in(new_context(size), running, "dispatcher")
    desk.add_init_script(f"({WATCH})()")
    # What stands above the rows comes late: the rows wait for it.
    desk.route(re.compile(r"Strip-[^/]+\.js"), slowly)
    desk.reload()
    expect(desk.locator("[id^=row-]").first).to_be_visible()
    desk.wait_for_load_state("networkidle", timeout=10_000)
    expect(desk.locator(".connection.live")).to_be_attached()
    desk.evaluate("() => new Promise((then) => setTimeout(then, 500))")
    moved = desk.evaluate("() => window.moved")
    assert sum(one["value"] for one in moved) < 0.01, moved

    # Had anything come late above the rows, it would have been seen.
    desk.evaluate(
        "() => document.querySelector('main').insertAdjacentHTML('beforebegin', '<p>late</p>')"
    )
    desk.wait_for_function("() => window.moved.length > 0")
