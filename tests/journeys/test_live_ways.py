"""A network that is cut in the middle, and one that lets no socket through, in a real Chromium."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.test_browser import sign_in
from tests.journeys.test_live_screen import report
from tests.support.browser import NewContext
from tests.support.rough_network import rough_network
from tests.support.running import Running, free_port, serving

pytestmark = pytest.mark.browser

BLOCKED = """
window.WebSocket = class {
    constructor() { setTimeout(() => this.onclose?.({ code: 1006 }), 20) }
    send() {}
    close() {}
}
"""
"""What a page sees behind a proxy that answers every upgrade with an error."""


def without_sockets(context: BrowserContext) -> BrowserContext:
    """Let a browser see no WebSocket come to anything."""
    context.add_init_script(BLOCKED)
    return context


def test_a_network_cut_in_the_middle_is_shown_and_mended(
    filled_sqlite: Path, tmp_path: Path, new_context: NewContext
) -> None:
    database = tmp_path / "cpo.sqlite3"
    shutil.copy(filled_sqlite, database)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        serving(database, extra_origins=(url,)) as service,
        rough_network(int(service.url.rpartition(":")[2]), port) as relay,
    ):
        context = new_context("laptop")
        board = sign_in(context, replace(service, url=url), "dispatcher")
        expect(board.get_by_text("En direct").first).to_be_visible()
        board.evaluate("window.sameDocument = true")

        relay.mood = "silent"
        context.set_offline(True)
        relay.cut()
        expect(board.get_by_text(re.compile("Hors réseau")).first).to_be_visible()
        missed = report(service, "Lampadaire éteint place Joffre à Ussel", "unseen")
        expect(board.get_by_text(missed)).to_have_count(0)

        relay.mood = "calm"
        context.set_offline(False)
        expect(board.get_by_text("En direct").first).to_be_visible()
        expect(board.get_by_text(missed).first).to_be_visible()
        assert board.evaluate("window.sameDocument") is True
        context.close()


def test_a_board_without_sockets_is_live_over_the_spare_way_and_says_so(
    running: Running, new_context: NewContext
) -> None:
    board = sign_in(without_sockets(new_context("laptop")), running, "dispatcher")
    expect(board.get_by_text("En direct, voie de secours").first).to_be_visible()
    told = report(running, "Fuite rue Carnot à Tulle, devant l'école", "spare")
    expect(board.get_by_text(told).first).to_be_visible()


def test_a_citizen_without_sockets_is_told_of_a_change(
    running: Running, new_context: NewContext
) -> None:
    with running.client() as http:
        body = {"text": "Nid-de-poule avenue de Paris à Brive"}
        headers = {"Idempotency-Key": "citizen-without-sockets-01"}
        told = http.post("/api/v1/reports", json=body, headers=headers).json()
    page = without_sockets(new_context()).new_page()
    page.goto(told["tracking_url"])
    expect(page.locator("#linked")).to_be_visible()
    before = page.locator("#live").get_attribute("data-updated")
    with running.client("operator") as desk:
        found = desk.get("/api/v1/incidents").json()["items"]
        incident = next(one["id"] for one in found if one["ref"] == told["reference"])
        moved = {"to": "answered", "reason": "C'est réparé"}
        desk.post(f"/api/v1/incidents/{incident}/transitions", json=moved).raise_for_status()
    expect(page.locator("#live")).not_to_have_attribute("data-updated", before or "")
