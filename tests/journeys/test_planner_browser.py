"""The planner and its dispatcher, in a real Chromium: what if, opt-in, applied, undone."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from dispatcher.actors import system
from dispatcher.database import Tx
from dispatcher.planning import proposals
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.applying import apply_allowed
from dispatcher.planning.tuning import tuning_of
from scheduling.dispatch.assemble import assemble, in_force
from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext, accessibility_faults
from tests.support.jobs import reported
from tests.support.running import Running, serving
from tests.support.world import ORG

pytestmark = pytest.mark.browser

Json = dict[str, Any]


@pytest.fixture(scope="module")
def running(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service without a solver: the test proposes."""
    path = tmp_path_factory.mktemp("planner") / "cpo.sqlite3"
    shutil.copy(filled_sqlite, path)
    with serving(path, freeze_minutes=0) as made:
        yield made


def far_away(http: httpx.Client) -> tuple[Json, str]:
    """Give a pothole to the dearest crew of the morning; return the visit and the best crew."""
    told = reported(http, "far-away")
    path = f"/api/v1/incidents/{told['incident']['id']}"
    offers = http.get(f"{path}/offers").json()
    soon = [one for one in offers["offers"] if one["start_at"] < "2026-11-24T09:30"]
    body = {"crew_id": soon[-1]["crew_id"], "plan_version": offers["plan_version"]}
    visit: Json = http.post(f"{path}/accept", json=body).json()["visit"]
    return visit, offers["offers"][0]["crew_id"]


def propose(running: Running, visit: Json, crew_id: str) -> None:
    """Do what the planner does with a better plan: publish it, and apply what has opted in."""
    service = running.service

    def run(tx: Tx) -> None:
        snapshot = snapshots.take(tx.session, tx.org, tx.now, timedelta(0))
        problem = snapshot.problem
        routes = [[n for n in route if n != visit["id"]] for route in in_force(problem)]
        routes[problem.crew_index[crew_id]].append(visit["id"])
        plans = assemble(problem, in_force(problem)), assemble(problem, routes)
        note: Json = {"name": "by hand", "elapsed_ms": 1.0}
        made = proposals.publish(tx, snapshot, plans, note)
        assert made is not None
        apply_allowed(tx, made, tuning_of(tx.session, tx.org, service.settings))

    service.store.submit_wait(run, system(ORG))


def test_a_dispatcher_wonders_opts_in_and_undoes(running: Running, new_context: NewContext) -> None:
    with running.client("dispatcher") as http:
        visit, best = far_away(http)
    desk = sign_in(new_context("laptop"), running, "dispatcher")
    desk.locator(f"#row-{visit['incident_id']}").click()
    bar = desk.locator(f"#bar-{visit['id']}")
    expect(bar).to_be_visible()

    # Why not this crew: what it breaks as things are; then without the crew that has it.
    desk.get_by_role("article").get_by_role("button", name="Et si ?").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Pourquoi pas").select_option(best)
    expect(dialog).to_contain_text(re.compile("Coût sur le plan : −"))
    expect(dialog.get_by_role("listitem")).to_contain_text("Nid-de-poule")
    dialog.get_by_text("Sans une équipe").click()
    dialog.get_by_label("Équipe absente").select_option(visit["crew_id"])
    expect(dialog).to_contain_text("Coût sur le plan")
    assert accessibility_faults(desk) == []
    dialog.get_by_text("Un passage de plus").click()
    expect(dialog).to_contain_text("Passage supposé")
    desk.keyboard.press("Escape")

    # Opt in for every class, in every sector, without a limit.
    desk.get_by_role("button", name="Réglages du planificateur").click()
    expect(dialog.get_by_role("checkbox").first).to_be_visible()
    for box in dialog.get_by_role("checkbox").all():
        box.check()
    dialog.get_by_label("Horizon figé, minutes").fill("0")
    assert accessibility_faults(desk) == []
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(dialog).to_be_hidden()
    expect(
        desk.get_by_text(re.compile("S’applique sans demander : P1, P2, P3, P4"))
    ).to_be_attached()

    # The planner applies; the board says so, and gives it back.
    propose(running, visit, best)
    strip = desk.get_by_role("region", name="Plan appliqué sans demander")
    expect(strip).to_contain_text("1 passage déplacé sans demander")
    expect(desk.locator(f'[data-crew="{best}"]').locator(f"#bar-{visit['id']}")).to_be_visible()
    assert accessibility_faults(desk) == []
    strip.get_by_role("button", name="Annuler").click()
    expect(strip).to_be_hidden()
    former = desk.locator(f'[data-crew="{visit["crew_id"]}"]')
    expect(former.locator(f"#bar-{visit['id']}")).to_be_visible()

    # That crew breaks down: the row says until when.
    desk.get_by_role("article").get_by_role("button", name="Et si ?").click()
    dialog.get_by_text("Sans une équipe").click()
    dialog.get_by_label("Équipe absente").select_option(visit["crew_id"])
    dialog.get_by_label("Pourquoi ?").fill("embrayage")
    dialog.get_by_role("button", name="Mettre hors service").click()
    expect(former).to_contain_text("Hors service jusqu’à")
