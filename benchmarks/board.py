"""The board in a real Chromium: how soon changes and keys are on screen, and whether memory holds.

`python -m benchmarks.board [--incidents 5000] [--crews 200] [--visits 3000] [--rounds 20]
[--minutes 480]` prints one JSON line. A crowded service runs in this process, a Chromium without a
window shows its board at 1920 × 1080. Measured inside the page, twice: with the map shown as a list
(`list_…`), then with the map open. Both wait for a frame, and without a graphics card (`renderer`)
a picture of the map holds every frame back: the first pair is what the page costs, the second what
such a machine shows.

- `changes`: from the socket's frame with 50 changes of one commit to the frame that shows them;
- `keys`: from a key (j, k, Enter, Escape, /) to the next frame painted, by the Event Timing API
  (8 ms grain, 16 ms at least);
- `script_ms`, `style_ms`, `layout_ms`: work of the page's main thread, for one change and one key;
- `first_load_kb`: gzip of scripts and styles that stand in the page before anything of it runs;
- `heap_growth_mb`: JavaScript heap in use after a collection, from the first sixth of a simulated
  day to its end: ten changes a minute, told as fast as they are taken.
"""

import argparse
import gzip
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from playwright.sync_api import Page, sync_playwright

from benchmarks._board_world import change, crowd, top
from benchmarks._results import say
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
A_MINUTE = 10
Figures = dict[str, Any]
KEYS = ["j", "j", "j", "k", "Enter", "Escape", "/", "Escape"]
WATCH = """
window.painted = [];
window.keyed = [];
const after = (then) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = then;
  port2.postMessage(0);
});
const Real = window.WebSocket;
window.WebSocket = class extends Real {
  constructor(...given) {
    super(...given);
    this.addEventListener('message', (event) => {
      if (!String(event.data).includes('incident.priority_overridden')) return;
      const told = performance.now();
      const row = document.querySelector('[role=listbox] [role=option]');
      const was = row?.outerHTML;
      const look = () => after(() => {
        const now = document.querySelector('[role=listbox] [role=option]')?.outerHTML;
        const waited = performance.now() - told;
        if (now !== was || waited > 2000) window.painted.push(waited);
        else look();
      });
      look();
    });
  }
};
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.name === 'keydown') window.keyed.push(one.duration);
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""


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
    page.wait_for_selector("[role=listbox] [role=option]", timeout=60_000)
    shown_ms = page.evaluate("performance.now()")
    parts = page.eval_on_selector_all(
        "script[src], link[rel=modulepreload], link[rel=stylesheet]",
        "all => all.map(one => one.src || one.href)",
    )
    weight = sum(len(gzip.compress(httpx.get(url).content)) for url in set(parts) if STATIC in url)
    return {"first_load_kb": round(weight / 1000, 1), "first_row_ms": round(shown_ms)}


def in_sight(page: Page, running: Running) -> list[UUID]:
    """Return the incidents to change at once, those at the head of the board's list first."""
    rows = page.eval_on_selector_all("[role=listbox] [role=option]", "all => all.map(o => o.id)")
    seen = [UUID(row.removeprefix("row-")) for row in rows]
    others = [one for one in top(running.service, AT_ONCE + len(seen)) if one not in seen]
    return (seen + others)[:AT_ONCE]


def heap_mb(page: Page) -> float:
    """Return the JavaScript heap in use after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used / 1e6


def painted(page: Page, act: Callable[[], None]) -> float:
    """Return the milliseconds from frame to paint of one commit."""
    before = page.evaluate("window.painted.length")
    act()
    page.wait_for_function("n => window.painted.length > n", arg=before, timeout=30_000)
    page.wait_for_timeout(150)
    late: float = page.evaluate("n => Math.max(...window.painted.slice(n))", before)
    return late


def keys(page: Page, rounds: int) -> list[float]:
    """Press keys; return how long each waited for its frame, those under 16 ms as 16."""
    page.evaluate("window.keyed = []")
    for _ in range(rounds):
        for key in KEYS:
            page.keyboard.press(key)
            page.wait_for_timeout(120)
    slow: list[float] = page.evaluate("window.keyed")
    quick = rounds * len(KEYS) - len(slow)
    return slow + [16.0] * max(0, quick)


COUNTED = {
    "script_ms": "ScriptDuration",
    "style_ms": "RecalcStyleDuration",
    "layout_ms": "LayoutDuration",
}
RENDERER = """() => {
  const gl = document.createElement('canvas').getContext('webgl2');
  const info = gl && gl.getExtension('WEBGL_debug_renderer_info');
  return info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : 'none';
}"""


def worked(page: Page, times: int, act: Callable[[], list[float]]) -> tuple[list[float], Figures]:
    """Return what an act measured, and the main thread's work for one of its `times`, in ms."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def read() -> dict[str, float]:
        found = session.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in found}

    before = read()
    measured = act()
    after = read()
    session.detach()
    spent = {n: round((after[m] - before[m]) * 1000 / times, 1) for n, m in COUNTED.items()}
    return measured, spent


def speed(page: Page, running: Running, rounds: int) -> Figures:
    """Return how soon changes and keys are on screen, and what they cost the page."""
    ids = in_sight(page, running)
    late, of_change = worked(
        page,
        rounds,
        lambda: [
            painted(page, lambda turn=turn: change(running.service, ids, turn))  # type: ignore[misc]
            for turn in range(rounds)
        ],
    )
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


def day(page: Page, running: Running, minutes: int) -> float:
    """Live through a day; return the growth of the heap after its first sixth, in MB."""
    ids = top(running.service, 400)
    early = 0.0
    for minute in range(minutes):
        first = minute * A_MINUTE % (len(ids) - A_MINUTE)
        change(running.service, ids[first : first + A_MINUTE], minute)
        if minute % 20 == 0:
            page.keyboard.press("j")
            page.wait_for_timeout(50)
        if minute == minutes // 6:
            early = heap_mb(page)
    page.wait_for_timeout(1000)
    return heap_mb(page) - early


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
            figures["heap_mb"] = round(heap_mb(page), 1)
            if asked.shot:
                page.screenshot(path=str(asked.shot))
            if asked.minutes:
                figures["heap_growth_mb"] = round(day(page, running, asked.minutes), 2)
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
    parser.add_argument("--shot", type=Path, help="write a picture of the board")
    asked = parser.parse_args()
    given = {name: value for name, value in vars(asked).items() if name != "shot"}
    say("board", **given, **measure(asked), goals=GOALS)


if __name__ == "__main__":
    main()
