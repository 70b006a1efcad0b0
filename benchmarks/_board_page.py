"""What `board.py` reads inside the page: when a change or a key is on screen, and what it cost."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from playwright.sync_api import Page

AT_ONCE = 50
KEYS = ("j", "j", "j", "k", "Enter", "Escape", "/", "Escape")
PATIENCE_MS = 10_000
WATCH = """
window.keyed = [];
window.wanted = null;
const after = (then) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = then;
  port2.postMessage(0);
});
// One commit is as many publications as it changed incidents: the first begins to count.
const shows = (wanted) => [...document.querySelectorAll('[role=listbox] [role=option]')].every(
  (row) => (wanted[row.id.slice(4)] ?? row.querySelector('b').textContent)
    === row.querySelector('b').textContent);
const Real = window.WebSocket;
window.WebSocket = class extends Real {
  constructor(...given) {
    super(...given);
    this.addEventListener('message', (event) => {
      const { wanted } = window;
      if (!wanted || wanted.told || !event.data.includes('incident.priority_overridden')) return;
      wanted.told = performance.now();
      const look = () => after(() => {
        if (shows(wanted.classes)) wanted.waited = performance.now() - wanted.told;
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
SHOWN = """() => Object.fromEntries(
  [...document.querySelectorAll('[role=listbox] [role=option]')].map(
    (row) => [row.id.slice(4), row.querySelector('b').textContent]))"""
COUNTED = {
    "script_ms": "ScriptDuration",
    "style_ms": "RecalcStyleDuration",
    "layout_ms": "LayoutDuration",
}


def changed(page: Page, act: Callable[[dict[UUID, str]], None], others: list[UUID]) -> float:
    """Change 50 incidents at once; return the milliseconds until all in sight show it.

    Args:
        page: The board.
        act: Gives incidents another class, in one commit.
        others: Incidents that fill the 50 when fewer are in sight.
    """
    shown: dict[str, str] = page.evaluate(SHOWN)
    asked = {UUID(one): "P2" if was == "P1" else "P1" for one, was in shown.items()}
    for one in others:
        if len(asked) < AT_ONCE:
            asked.setdefault(one, "P2")
    classes = {str(one): name for one, name in asked.items()}
    page.evaluate("classes => void (window.wanted = { classes })", classes)
    act(asked)
    page.wait_for_function("() => window.wanted.waited !== undefined", timeout=PATIENCE_MS * 3)
    page.wait_for_timeout(150)
    waited: float = page.evaluate("window.wanted.waited")
    return waited


def keys(page: Page, rounds: int, pressed: Sequence[str] = KEYS) -> list[float]:
    """Press keys; return how long each waited for its frame, those under 16 ms as 16."""
    page.evaluate("window.keyed = []")
    for _ in range(rounds):
        for key in pressed:
            page.keyboard.press(key)
            page.wait_for_timeout(120)
    page.wait_for_timeout(200)
    slow: list[float] = page.evaluate("window.keyed")
    quick = rounds * len(pressed) - len(slow)
    return slow + [16.0] * max(0, quick)


def worked(
    page: Page, times: int, act: Callable[[], list[float]]
) -> tuple[list[float], dict[str, Any]]:
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
