"""Axe on the board and each of its panes before anything has happened, with and without motion."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Json = dict[str, Any]
PANES = ("queue", "timeline", "map", "drawer")
LOOKS: dict[str, Json] = {
    "light": {"color_scheme": "light"},
    "still": {"reduced_motion": "reduce", "color_scheme": "dark"},
}
all_looks = pytest.mark.parametrize("look", LOOKS)


def open_desk(running: Running, new_context: NewContext, look: str) -> Page:
    """Sign in with a look: theme and motion."""
    return sign_in(new_context("laptop", **LOOKS[look]), running, "dispatcher")


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
