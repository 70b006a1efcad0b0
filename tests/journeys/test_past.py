"""A dispatcher looks back: the board as it was, read only, and the present again, whole."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dispatcher.actors import system
from dispatcher.clock import ScaledClock
from dispatcher.kept import keep_clock
from tests.journeys.test_browser import sign_in
from tests.journeys.test_live_screen import report
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running
from tests.support.world import ORG

pytestmark = pytest.mark.browser


def hours_pass(running: Running, hours: int) -> None:
    """Let service time pass at once, and tell the screens."""
    clock = running.service.clocks.service
    assert isinstance(clock, ScaledClock)
    until = clock.now() + timedelta(hours=hours)
    clock.set_rate(100_000.0)
    while clock.now() < until:
        pass
    clock.set_rate(1.0)
    running.service.store.submit_wait(lambda tx: keep_clock(tx, 1.0), system(ORG))


def test_a_dispatcher_looks_back_and_comes_back(running: Running, new_context: NewContext) -> None:
    board = sign_in(new_context("wall"), running, "dispatcher")
    first = report(running, "Nid-de-poule avenue Winston-Churchill à Tulle", "first")
    expect(board.get_by_text(first).first).to_be_visible()
    hours_pass(running, 2)
    second = report(running, "Lampadaire éteint place de la Mairie à Brive", "second")
    expect(board.get_by_text(second).first).to_be_visible()

    board.keyboard.press("h")
    bar = board.get_by_role("region", name="Remonter le temps")
    bar.get_by_role("button", name="60 minutes plus tôt").click()
    expect(bar.get_by_text("Lecture seule")).to_be_visible()
    expect(board.get_by_text(re.compile("^Passé, "))).to_be_visible()
    rows = board.get_by_role("listbox").get_by_role("option")
    expect(rows).to_have_count(1)
    expect(board.get_by_text(second)).to_have_count(0)
    assert accessibility_faults(board) == []

    rows.first.click()
    expect(board.get_by_role("button", name=re.compile("Note"))).to_have_count(0)
    board.keyboard.press("Escape")
    third = report(running, "Fuite rue Carnot à Égletons", "third!")
    board.get_by_role("button", name="Revenir au direct").click()
    for title in (first, second, third):
        expect(board.get_by_text(title).first).to_be_visible()
    expect(board.get_by_text("En direct").first).to_be_visible()
