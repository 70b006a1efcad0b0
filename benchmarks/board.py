"""The board in a real Chromium: how soon changes and keys are on screen, and whether memory holds.

`python -m benchmarks.board [--incidents 5000] [--crews 200] [--visits 3000] [--rounds 20]
[--minutes 480] [--points 1000]` prints one JSON line. A crowded service runs in this process, a
Chromium without a window shows its board at 1920 × 1080. Measured inside the page, twice: with the
map shown as a list (`list_…`), then with the map open. Both wait for a frame, and without a
graphics card (`renderer`) a picture of the map holds every frame back: the first pair is what the
page costs, the second what such a machine shows.

- `changes`: from the first of 50 changes of one commit on the socket to the frame in which every
  row in sight shows its new class (all rows in sight change, the others with them);
- `keys`: from a key (j, k, Enter, Escape, /) to the next frame painted, by the Event Timing API
  (8 ms grain, 16 ms at least); `floor_keys`: the same of an empty page that writes one word, in the
  same browser in the same minute: what the machine itself takes, and no page can undercut;
- `script_ms`, `style_ms`, `layout_ms`: work of the page's main thread, for one change and one key;
- `points`: 1,000 crews on their way, all moved once a second with the map open. Without a graphics
  card what it draws cannot be judged: `points_…_ms` is the main thread's work for one second, and
  `points_keys` how long keys wait meanwhile;
- `first_load_kb`: gzip of scripts and styles that the page names before anything of it runs;
- `heap_growth_mb`: JavaScript heap in use after collections, from the first sixth of a simulated
  day to its end: ten changes a minute, told as fast as they are taken. `heap_by_sixth_mb` shows
  whether it still grows when the page has seen everything once.
"""

import argparse
import gzip
import re
import statistics
import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from playwright.sync_api import Page, sync_playwright

from benchmarks._board_page import KEYS, WATCH, changed, keys, worked
from benchmarks._board_world import change, crowd, drive, rested, top
from benchmarks._results import say
from dispatcher.auth.context import Service
from dispatcher.clock import monotonic_s
from tests.support.browser import QUIET, SIZES, chromium_path
from tests.support.running import Running, serving
from tests.support.world import PASSWORD, fill

GOALS = {
    "changes_p95_ms": 100,
    "keys_p95_ms": 100,
    "first_load_kb": 120,
    "heap_growth_mb": 2,
}
AT_ONCE = 50
STATIC = "/static/assets/"
NAMED = re.compile(r'(?:src|href)="([^"]+\.(?:js|css))"')
SECONDS = 10
A_MINUTE = 10
COLLECTIONS = 5
Figures = dict[str, Any]


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def sign_in(page: Page, running: Running) -> dict[str, float]:
    """Open the board; return what it weighed and how long it took to show its first row."""
    page.goto(f"{running.url}/connexion")
    page.locator("#username").fill("dispatcher")
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=listbox] [role=option]", timeout=180_000)
    shown_ms = page.evaluate("performance.now()")
    return {"first_load_kb": weight_kb(page, running), "first_row_ms": round(shown_ms)}


def weight_kb(page: Page, running: Running) -> float:
    """Return the gzipped weight of what the page's own words ask for, as the service sent them."""
    words = page.evaluate("fetch(location.pathname).then(answer => answer.text())")
    parts = {f"{running.url}{one}" for one in NAMED.findall(words) if one.startswith(STATIC)}
    weight = sum(len(gzip.compress(httpx.get(url).content)) for url in parts)
    return round(weight / 1000, 1)


def heap_mb(page: Page) -> float:
    """Return the JavaScript heap in use after collections: one alone leaves what waits for it."""
    session, used = page.context.new_cdp_session(page), []
    for _ in range(COLLECTIONS):
        session.send("HeapProfiler.collectGarbage")
        used.append(session.send("Runtime.getHeapUsage")["usedSize"] / 1e6)
        page.wait_for_timeout(200)
    session.detach()
    return float(min(used))


RENDERER = """() => {
  const gl = document.createElement('canvas').getContext('webgl2');
  const info = gl && gl.getExtension('WEBGL_debug_renderer_info');
  return info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : 'none';
}"""


def speed(page: Page, running: Running, rounds: int) -> Figures:
    """Return how soon changes and keys are on screen, and what they cost the page."""
    service = running.service

    def storm() -> list[float]:
        return [changed(page, partial(change, service), spare(service)) for _ in range(rounds)]

    late, of_change = worked(page, rounds, storm)
    times = max(1, rounds // 2)
    waits, of_key = worked(page, times * len(KEYS), lambda: keys(page, times))
    return {
        "changes_p50_ms": round(statistics.median(late), 1),
        "changes_p95_ms": round(percentile(late, 0.95), 1),
        "keys_p50_ms": statistics.median(waits),
        "keys_p95_ms": percentile(waits, 0.95),
        **{f"change_{name}": value for name, value in of_change.items()},
        **{f"key_{name}": value for name, value in of_key.items()},
    }


def spare(service: Service) -> list[UUID]:
    """Return incidents to change together with those in sight."""
    return top(service, 2 * AT_ONCE)


def floor(page: Page, rounds: int) -> Figures:
    """Return how long keys wait on a page that has nothing to do."""
    other = page.context.new_page()
    other.add_init_script(WATCH)
    other.goto("about:blank")
    other.evaluate(
        "() => void (document.onkeydown = () => void (document.body.textContent = Math.random()))"
    )
    waits = keys(other, max(1, rounds // 2))
    other.close()
    page.bring_to_front()
    return {
        "floor_keys_p50_ms": statistics.median(waits),
        "floor_keys_p95_ms": percentile(waits, 0.95),
    }


def moving(page: Page, running: Running, points: int) -> Figures:
    """Return what crews on their way cost the page, and how long keys wait meanwhile."""
    fleet = drive(running.service, points, 0)
    page.wait_for_timeout(4000)

    def live() -> list[float]:
        waits: list[float] = []
        for second in range(1, SECONDS + 1):
            until = monotonic_s() + 1.0
            drive(running.service, points, second)
            waits += keys(page, 1, KEYS[:3])
            page.wait_for_timeout(max(1.0, (until - monotonic_s()) * 1000))
        return waits

    waits, spent = worked(page, SECONDS, live)
    return {
        "points_moved": fleet,
        "points_keys_p95_ms": percentile(waits, 0.95),
        **{f"points_{name}": value for name, value in spent.items()},
    }


def day(page: Page, running: Running, minutes: int) -> Figures:
    """Live through a day; return the heap at each sixth and how it grew after the first, in MB."""
    ids = top(running.service, 400)
    sixths: list[float] = []
    for minute in range(minutes):
        first = minute * A_MINUTE % (len(ids) - A_MINUTE)
        asked = "P1" if minute % 2 else "P2"
        change(running.service, dict.fromkeys(ids[first : first + A_MINUTE], asked))
        if minute % 20 == 0:
            page.keyboard.press("j")
            page.wait_for_timeout(50)
        if (minute + 1) % (minutes // 6) == 0:
            page.wait_for_timeout(1000)
            sixths.append(round(heap_mb(page), 1))
    return {"heap_by_sixth_mb": sixths, "heap_growth_mb": round(sixths[-1] - sixths[0], 2)}


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Run service and browser; return the figures."""
    path = chromium_path()
    if path is None:
        return {"skipped": "no Chromium on this machine (Debian: apt-get install chromium)"}
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "cpo.sqlite3"
        fill(f"sqlite:///{database}")
        with serving(database) as running, sync_playwright() as playwright:
            crowd(running.service, asked.incidents, asked.crews, asked.visits)
            rested(running.service)
            browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
            width, height = SIZES["wall"]
            context = browser.new_context(
                viewport={"width": width, "height": height}, locale="fr-FR"
            )
            page = context.new_page()
            page.add_init_script(WATCH)
            figures: dict[str, Any] = sign_in(page, running)
            figures["renderer"] = page.evaluate(RENDERER)
            the_list = page.get_by_role("button", name="Liste")
            the_list.click()
            page.wait_for_timeout(2000)
            calm = speed(page, running, asked.rounds)
            figures |= {f"list_{name}": value for name, value in calm.items()}
            the_list.click()
            page.wait_for_timeout(4000)
            figures |= speed(page, running, asked.rounds)
            figures |= floor(page, asked.rounds)
            figures["heap_mb"] = round(heap_mb(page), 1)
            if asked.shot:
                page.screenshot(path=str(asked.shot))
            if asked.minutes:
                figures |= day(page, running, asked.minutes)
            if asked.points:
                figures |= moving(page, running, asked.points)
            browser.close()
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=5000)
    parser.add_argument("--crews", type=int, default=200)
    parser.add_argument("--visits", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--minutes", type=int, default=480, help="of the simulated day; 0 for none")
    parser.add_argument("--points", type=int, default=1000, help="crews that move; 0 for none")
    parser.add_argument("--shot", type=Path, help="write a picture of the board")
    asked = parser.parse_args()
    given = {name: value for name, value in vars(asked).items() if name != "shot"}
    say("board", **given, **measure(asked), goals=GOALS)


if __name__ == "__main__":
    main()
