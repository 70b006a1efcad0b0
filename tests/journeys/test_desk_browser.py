"""What an operator decides about incidents, in a real Chromium: one or two, how urgent."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running

pytestmark = pytest.mark.browser

Json = dict[str, Any]


def report(client: httpx.Client, key: str, text: str, **fields: Any) -> Json:
    """Send a report and return the answer."""
    answer = client.post(
        "/api/v1/reports",
        json={"text": text, **fields},
        headers={"Idempotency-Key": f"desk-journey-key-{key}"},
    )
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    return told


def opened(desk: Page, incident: str) -> None:
    """Open an incident's drawer from the queue."""
    desk.locator(f"#row-{incident}").click()
    expect(desk.get_by_role("article")).to_be_visible()


def test_two_incidents_become_one_for_everybody_and_are_parted_again(
    running: Running, new_context: NewContext
) -> None:
    place = {"lat": 45.267, "lon": 1.771}
    with running.client("operator") as operator, running.client() as citizen:
        first = report(operator, "merge-1", "fuite", category="water_leak_road", place=place)
        far = {"lat": 45.2695, "lon": 1.771}
        second = report(
            citizen, "merge-2", "de l’eau partout", category="water_leak_road", place=far
        )
        first_id = first["incident"]["id"]
        found = operator.get(f"/api/v1/incidents/{first_id}/duplicates").json()
    assert [one["ref"] for one in found] == [second["reference"]]
    page = new_context("phone").new_page()
    page.goto(second["tracking_url"])
    desk = sign_in(new_context("laptop"), running, "operator")

    # From the later one, by keyboard: m, the likely one is proposed, Enter takes it.
    opened(desk, found[0]["incident_id"])
    desk.keyboard.press("m")
    dialog = desk.get_by_role("dialog")
    offer = dialog.get_by_role("button", name=re.compile(re.escape(first["reference"])))
    expect(offer).to_contain_text("ressemblance")
    assert accessibility_faults(desk) == []
    offer.focus()
    desk.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(desk.locator(f"#row-{found[0]['incident_id']}")).to_be_hidden()
    drawer = desk.get_by_role("article")
    expect(drawer).to_contain_text(first["reference"])
    expect(drawer.get_by_role("button", name="Séparer")).to_be_visible()
    assert accessibility_faults(desk) == []

    # The citizen is told, without reloading, and keeps his first reference.
    expect(page.get_by_text("Réuni avec d’autres signalements")).to_be_visible()
    expect(page.get_by_text(f"d’abord {second['reference']}")).to_be_visible()
    assert accessibility_faults(page) == []

    drawer.get_by_role("button", name="Séparer").click()
    expect(desk.locator(f"#row-{found[0]['incident_id']}")).to_be_visible()
    expect(page.get_by_text("Réuni avec d’autres signalements")).to_be_hidden()


def test_a_citizen_is_asked_whether_it_is_known_and_follows_it_without_javascript(
    running: Running, new_context: NewContext
) -> None:
    with running.client("operator") as operator:
        known = report(
            operator, "known-1", "nid-de-poule avenue Victor Hugo à Tulle", category="pothole"
        )
    page = new_context("phone", java_script_enabled=False).new_page()
    page.goto(f"{running.url}/signaler")
    page.get_by_label("Décrivez en quelques mots").fill("nid-de-poule avenue Victor Hugo")
    page.get_by_label("Commune").fill("Tulle")
    page.get_by_role("button", name="Envoyer").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("C’est peut-être déjà connu")
    page.get_by_role("button", name="C’est le même").first.click()
    page.wait_for_url(re.compile("/suivi/"))
    expect(page.get_by_text(known["reference"]).first).to_be_visible()


def test_a_class_set_by_hand_is_shown_beside_the_computed_one(
    running: Running, new_context: NewContext
) -> None:
    with running.client("operator") as operator:
        told = report(operator, "override-1", "lampadaire éteint", category="lamp_out")
    desk = sign_in(new_context("laptop"), running, "operator")
    opened(desk, told["incident"]["id"])
    drawer = desk.get_by_role("article")
    drawer.get_by_role("button", name="Changer la priorité").click()
    dialog = desk.get_by_role("dialog")
    dialog.locator("label", has_text="Urgente").click()
    dialog.get_by_label("Pourquoi ?").fill("carrefour de l’école")
    dialog.get_by_role("button", name="Fixer la classe").click()
    expect(dialog).to_be_hidden()

    why = drawer.locator("section").filter(has_text="Pourquoi")
    expect(why).to_contain_text("fixée à la main")
    expect(why).to_contain_text("carrefour de l’école")
    expect(why).to_contain_text("calculée")
    assert accessibility_faults(desk) == []
    council = sign_in(new_context("laptop"), running, "observer")
    council.goto(f"{running.url}/politique")
    expect(council.get_by_text("incident sur").last).to_be_visible()
    expect(council.locator("#hints ~ ul")).to_contain_text("changée")


def test_a_council_edits_previews_replays_and_adopts_a_policy(
    running: Running, new_context: NewContext
) -> None:
    with running.client("operator") as operator:
        told = report(
            operator, "policy-1", "rupture de conduite à Ussel", category="water_main_burst"
        )
    row = f"#row-{told['incident']['id']}"
    desk = sign_in(new_context("laptop"), running, "dispatcher")
    expect(desk.locator(row)).to_contain_text(told["incident"]["priority"])
    context = new_context("laptop")
    page = sign_in(context, running, "admin")
    page.goto(f"{running.url}/politique")

    # A mistake is told at its field; the text names its line.
    first = page.get_by_label("P1 dès")
    first.fill("300")
    expect(page.get_by_text("100 au plus.")).to_be_visible()
    page.get_by_text("Texte", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("Ligne .* thresholds.p1"))).to_be_visible()
    assert accessibility_faults(page) == []
    page.get_by_text("Réglages", exact=True).click()

    # Preview as one types, then the past, then adoption with a reason.
    first.fill("10")
    page.get_by_label("P2 dès").fill("6")
    page.get_by_label("P3 dès").fill("3")
    expect(page.get_by_text(re.compile("incidents? sur .* changent? de classe"))).to_be_visible()
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Rejouer nos incidents").click()
    expect(page.get_by_text(re.compile("auraient? changé de classe"))).to_be_visible()
    page.get_by_label("Pourquoi ?").fill("délibération du 24 novembre")
    page.get_by_role("button", name="Adopter cette politique").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("v2")

    # The board follows by itself; every lamp is a P1 under so low a bar.
    expect(desk.locator(row)).to_contain_text("P1")


def test_a_simple_request_is_answered_and_its_author_reads_it(
    running: Running, new_context: NewContext
) -> None:
    with running.client("operator") as operator:
        told = report(operator, "reply-1", "eau blanche au robinet", category="water_quality")
    page = new_context("phone").new_page()
    page.goto(told["tracking_url"])
    desk = sign_in(new_context("laptop"), running, "operator")
    opened(desk, told["incident"]["id"])
    expect(desk.get_by_role("article")).to_contain_text("Qui est compétent")
    assert accessibility_faults(desk) == []
    desk.keyboard.press("r")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Chercher une réponse type").fill("bulles")
    dialog.get_by_role("button", name="Eau blanche").click()
    assert accessibility_faults(desk) == []
    dialog.get_by_role("button", name="Envoyer et clore").click()
    expect(desk.locator(f"#row-{told['incident']['id']}")).to_be_hidden()
    expect(page.get_by_text("contient de l’air")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nous vous avons répondu")


def test_a_call_is_entered_in_one_line_and_answered_with_the_suggested_template(
    running: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("laptop"), running, "operator")
    expect(desk.get_by_text("En direct").first).to_be_visible()
    desk.keyboard.press("c")
    desk.keyboard.type("compteur d’eau qui goutte rue Carnot à Ussel")
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_text("Fuite après compteur")).to_be_visible()
    assert accessibility_faults(desk) == []
    with desk.expect_response("**/reply") as answered:
        desk.keyboard.press("Alt+1")
    assert answered.value.json()["state"] == "answered"
    expect(dialog).to_be_hidden()


def test_the_competent_body_is_asked_and_refuses_by_keys_on_one_thread(
    running: Running, new_context: NewContext
) -> None:
    place = {"lat": 45.548, "lon": 2.309, "address": "D1089, sortie nord"}
    with running.client("operator") as operator:
        told = report(operator, "competence-1", "nid-de-poule", category="pothole", place=place)
    page = new_context("phone").new_page()
    page.goto(told["tracking_url"])
    desk = sign_in(new_context("laptop"), running, "operator")
    opened(desk, told["incident"]["id"])
    drawer = desk.get_by_role("article")
    expect(drawer.get_by_role("button", name="Transmettre")).to_be_visible()

    desk.keyboard.press("t")
    desk.keyboard.press("t")
    expect(drawer.get_by_role("button", name="A accepté")).to_be_visible()
    expect(page.get_by_text("Ceci relève de : Département de la Corrèze")).to_be_visible()

    # It has left the queue; its drawer stays, and is found again among what was passed on.
    expect(desk.locator(f"#row-{told['incident']['id']}")).to_be_hidden()
    desk.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    desk.keyboard.press("t")
    desk.keyboard.press("l")
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Nid-de-poule")).to_be_visible()
    assert accessibility_faults(desk) == []
    dialog.get_by_role("button", name="Nid-de-poule").click()
    expect(drawer.get_by_role("button", name="A refusé…")).to_be_visible()
    desk.keyboard.press("t")
    desk.keyboard.press("r")
    expect(drawer.get_by_label("Motif")).to_be_focused()
    assert accessibility_faults(desk) == []
    desk.keyboard.type("hors de nos routes")
    desk.keyboard.press("Enter")

    expect(drawer).to_contain_text("a refusé « hors de nos routes »")
    expect(desk.locator(f"#row-{told['incident']['id']}")).to_be_visible()
    assert page.url == told["tracking_url"]
    expect(page.get_by_text(told["reference"]).first).to_be_visible()
