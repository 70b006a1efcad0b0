"""A board in a real Chromium loses its socket, misses something, and is true again by itself."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from dispatcher.live.wiring import Live
from realtime.protocol import CloseCode
from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext
from tests.support.running import Running

pytestmark = pytest.mark.browser


def on_loop(live: Live, action: Callable[[], None]) -> None:
    """Do something on the service's event loop, which runs in a thread of its own."""
    loop = live.relay._loop
    assert loop is not None
    loop.call_soon_threadsafe(action)


def report(running: Running, text: str, key: str) -> str:
    """Report something by phone and return the title that the board will show."""
    with running.client("operator") as http:
        told = http.post(
            "/api/v1/reports",
            json={"text": text, "channel": "phone"},
            headers={"Idempotency-Key": key * 4},
        ).json()
        title: str = http.get(f"/api/v1/incidents/{told['incident']['id']}").json()["title"]
    return title


def test_a_board_that_was_cut_off_catches_up_without_a_reload(
    running: Running, new_context: NewContext
) -> None:
    live: Live = running.service.parts["live"]
    board = sign_in(new_context("laptop"), running, "dispatcher")
    expect(board.get_by_text("En direct").first).to_be_visible()
    board.evaluate("window.sameDocument = true")

    first = report(running, "Nid-de-poule avenue Winston-Churchill à Tulle", "first")
    expect(board.get_by_text(first).first).to_be_visible()

    def cut_off() -> None:
        live.hub.accepting = False
        for link in list(live.hub._links):
            link.peer.close(CloseCode.RESTART, "restart")

    def come_back() -> None:
        live.hub.accepting = True

    on_loop(live, cut_off)
    expect(board.get_by_text("En direct")).to_have_count(0)
    expect(board.get_by_text(re.compile("Reconnexion", re.IGNORECASE)).first).to_be_visible()
    missed = report(running, "Lampadaire éteint place de la Mairie à Brive", "second")
    on_loop(live, come_back)
    expect(board.get_by_text("En direct").first).to_be_visible()
    expect(board.get_by_text(missed).first).to_be_visible()
    assert board.evaluate("window.sameDocument") is True
