"""The board keeps still while it loads, in a real Chromium: a click lands on what one aimed at."""

import re
import time

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext
from tests.support.jobs import reported
from tests.support.running import Running

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


def slowly(route: Route) -> None:
    """Answer as late as a network of a village does: what waits for it must wait."""
    time.sleep(0.7)
    route.continue_()


@pytest.mark.parametrize("size", ["phone", "laptop", "wall"])
def test_the_board_keeps_still_once_its_rows_are_shown(
    calm: Running, new_context: NewContext, size: str
) -> None:
    with calm.client("dispatcher") as http:
        reported(http, f"still-{size}")
    desk = sign_in(new_context(size), calm, "dispatcher")
    desk.add_init_script(f"({WATCH})()")
    # What stands above the rows comes late: the rows wait for it.
    desk.route(re.compile(r"Strip-[^/]+\.js"), slowly)
    desk.reload()
    expect(desk.locator("[id^=row-]").first).to_be_visible()
    desk.wait_for_load_state("networkidle", timeout=10_000)
    expect(desk.locator(".connection.live")).to_be_attached()
    expect(desk.locator("[data-crew]").first).to_be_attached()
    desk.evaluate("() => new Promise((then) => requestAnimationFrame(() => setTimeout(then)))")
    moved = desk.evaluate("() => window.moved")
    assert sum(one["value"] for one in moved) < 0.01, moved

    # Had anything come late above the rows, it would have been seen.
    desk.evaluate(
        "() => document.querySelector('main').insertAdjacentHTML('beforebegin', '<p>late</p>')"
    )
    desk.wait_for_function("() => window.moved.length > 0")
