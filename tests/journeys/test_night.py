"""A night on call in a real Chromium: a reply by SMS takes the page, and rest moves the day."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from dispatcher.actors import system
from dispatcher.models import Crew, OnCallPerson, Page, PageCall
from dispatcher.oncall.generation import Wanted, generate
from dispatcher.oncall.snapshot import Horizon
from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext, accessibility_faults
from tests.support.jobs import LEAK, reported
from tests.support.running import Running, serving
from tests.support.world import ORG

pytestmark = pytest.mark.browser

LATE = datetime(2026, 11, 24, 22, 50, tzinfo=UTC)
"""Ten to midnight in Tulle."""

MAY_START = "2026-11-25T08:40:00Z"
"""Eleven hours after 22:40, though the crew's shift begins at eight."""

HOOK = "the-token-of-the-provider"
CALL = "fuite rue Carnot à Tulle, eau partout, cave inondée, danger électrique"


@pytest.fixture(scope="module")
def night(filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service shortly before midnight, its rota in force."""
    path = tmp_path_factory.mktemp("night") / "cpo.sqlite3"
    shutil.copy(filled_sqlite, path)
    with serving(path, at=LATE, sms_hook_token=HOOK) as made:
        generate(made.service.store, system(ORG), Wanted(Horizon(None, 8, "Europe/Paris")))
        yield made


def test_a_reply_by_sms_takes_the_page_on_every_screen(
    night: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("laptop"), night, "oncall_manager")
    desk.goto(f"{night.url}/appels#calls")
    with night.client() as citizen:
        body = {"text": CALL}
        key = {"Idempotency-Key": "night-journey-key-1"}
        assert citizen.post("/api/v1/reports", json=body, headers=key).status_code == 201
    article = desk.get_by_role("article").first
    expect(article).to_contain_text("échelon 1")
    with night.service.store.read() as session:
        code = session.exec(select(Page.code)).one()
        called = session.exec(
            select(OnCallPerson).join(PageCall, col(PageCall.person_id) == OnCallPerson.id)
        ).first()
    assert called is not None

    with night.client() as provider:
        reply = {"id": "sms-1", "from": called.phone, "text": f"OK {code}"}
        bearer = {"Authorization": f"Bearer {HOOK}"}
        answer = provider.post("/api/v1/sms/replies", json=reply, headers=bearer)
    assert answer.json() == {"outcome": "acknowledged"}
    expect(article).to_contain_text(called.name)
    expect(article).to_contain_text(re.compile("SMS"))
    assert accessibility_faults(desk) == []


def test_after_a_call_out_prices_and_plan_wait_and_the_board_says_until_when(
    night: Running, new_context: NewContext
) -> None:
    manager = sign_in(new_context("laptop"), night, "oncall_manager")
    manager.goto(f"{night.url}/appels#outs")
    manager.get_by_role("button", name="Saisir une intervention").click()
    dialog = manager.get_by_role("dialog")
    dialog.get_by_label("Personne").select_option(label="Sophie Mazière")
    dialog.get_by_label("Départ de chez soi").fill("2026-11-24T21:40")
    dialog.get_by_label("Retour chez soi").fill("2026-11-24T22:40")
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(manager.get_by_role("row").nth(1)).to_contain_text("1 h")

    with night.service.store.read() as session:
        crew = session.exec(select(Crew).where(Crew.code == "tulle-1")).one()
    with night.client("dispatcher") as http:
        told = reported(http, "night", what=LEAK)
        incident = f"/api/v1/incidents/{told['incident']['id']}"
        moves = http.get(f"{incident}/moves").json()
        starts = {one["best"]["crew_id"]: one["best"]["start_at"] for one in moves["crews"]}
        assert starts[str(crew.id)] >= MAY_START
        assert min(starts.values()) < MAY_START, "only she waits"
        body = {"crew_id": str(crew.id), "plan_version": moves["plan_version"]}
        given = http.post(f"{incident}/accept", json=body)
        assert given.status_code == 200, given.text
        visit = given.json()["visit"]
    assert visit["start_at"] >= MAY_START

    desk = sign_in(new_context("wall"), night, "dispatcher")
    desk.locator(f"#row-{visit['incident_id']}").click()
    row = desk.locator(f'[data-crew="{crew.id}"]')
    expect(row).to_contain_text("Repos, peut démarrer à 09:40")
    assert accessibility_faults(desk) == []
