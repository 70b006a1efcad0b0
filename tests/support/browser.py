"""A real Chromium for tests: quiet, closed to the network, French; and axe to judge accessibility.

The browser lives for one test module. Playwright's synchronous interface leaves its event loop
marked as running in the thread, and asynchronous tests of the same process would then fail to start
theirs.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

# Nothing may reach for the network by itself: test machines are closed.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--use-angle=swiftshader",
    # As Chromium does by itself where there is no graphics card: putting frames together by an
    # emulated one took 200 ms of processor time for each.
    "--disable-gpu-compositing",
    # A microphone that beeps, and nobody to ask whether it may be heard.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
SIZES = {"phone": (360, 780), "laptop": (1366, 768), "wall": (1920, 1080)}
# What is still on its way in has not yet the contrast it is going to have; a spinner never ends.
AT_REST = """() => Promise.race([
    Promise.allSettled(document.getAnimations()
        .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime))
        .map((one) => one.finished)),
    new Promise((then) => setTimeout(then, 1000)),
])"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
BEST_PRACTICE = "best-practice"
"""What axe advises beyond the law: landmarks, order of headings, one name for one thing."""

# Build machines are slow and shared; a test that passes never waits this long.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)

NewContext = Callable[..., BrowserContext]


def chromium_path() -> str | None:
    """Return the machine's Chromium or Chrome, or the one CPO_TEST_CHROMIUM names."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CPO_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a window, for the tests of one module."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield running
        running.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Open browser profiles: French, in Paris, phone-sized unless said otherwise."""
    opened: list[BrowserContext] = []

    def open_context(size: str = "phone", **options: Any) -> BrowserContext:
        width, height = SIZES[size]
        settings = {"locale": "fr-FR", "timezone_id": "Europe/Paris"} | options
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """A page on a laptop screen."""
    return new_context("laptop").new_page()


def accessibility_faults(page: Page, *more: str) -> list[str]:
    """Return what axe finds wrong under WCAG 2.1 A and AA: one `rule: element` line each.

    Args:
        page: What is judged, as it stands.
        more: Tags of further rules, such as `BEST_PRACTICE`.
    """
    spec = find_spec("axe_playwright_python")
    assert spec is not None
    assert spec.origin is not None
    # Added as a string evaluated by the driver: a <script> would be refused by our own policy.
    page.evaluate(AT_REST)
    page.evaluate((Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    result = page.evaluate("tags => axe.run(document, {runOnly: tags})", [*WCAG, *more])
    return [
        f"{fault['id']}: {node['html'][:160]}"
        for fault in result["violations"]
        for node in fault["nodes"]
    ]
