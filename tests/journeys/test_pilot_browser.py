"""What an elected council changes by itself, in a real Chromium: policy, competence, replies."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_browser import sign_in
from tests.journeys.test_desk_browser import opened, report
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running

pytestmark = pytest.mark.browser

CSV = (
    "ref;category;reported_at;dangers;sites\n"
    "A1;water_main_burst;2025-01-06T08:00:00+01:00;home_flooded;hospital:90\n"
    "A2;dragon;2025-01-06T08:00:00+01:00;;\n"
    "A3;lamp_out;hier;;\n"
)


@pytest.fixture
def council(running: Running, new_context: NewContext) -> Page:
    """The elected council's page, signed in: it opens on the policy."""
    page = sign_in(new_context("laptop"), running, "council")
    expect(page.get_by_role("heading", level=1)).to_contain_text("classe les incidents")
    return page


def test_the_past_of_another_system_is_replayed_and_its_bad_lines_are_named(council: Page) -> None:
    pages = council.get_by_role("navigation", name="Pages").get_by_role("link")
    expect(pages).to_have_text(["Politique de priorité", "Compétences", "Réponses types"])
    council.get_by_label("P1 dès").fill("95")
    council.get_by_text("Colonnes d’un fichier CSV").click()
    expect(council.get_by_text("premier signalement, ISO 8601")).to_be_visible()
    with council.expect_file_chooser() as chosen:
        council.get_by_role("button", name="Rejouer un fichier CSV").click()
    chosen.value.set_files(
        {"name": "passe.csv", "mimeType": "text/csv", "buffer": CSV.encode("utf-8")}
    )

    expect(council.get_by_text("1 incident lu, 2 lignes ne comptent pas")).to_be_visible()
    bad = council.get_by_role("region", name="2 lignes ne comptent pas").get_by_role("listitem")
    expect(bad.nth(0)).to_contain_text("Ligne 3")
    expect(bad.nth(0)).to_contain_text("catégorie absente du catalogue « dragon »")
    expect(bad.nth(1)).to_contain_text("Ligne 4")
    expect(bad.nth(1)).to_contain_text("ni date ni heure lisible « hier »")
    expect(council.get_by_text(re.compile("sur 1 aurai"))).to_be_visible()
    expect(council.get_by_role("button", name="Adopter cette politique")).to_be_visible()
    assert accessibility_faults(council) == []
    # The board and its incidents are not for a council.
    assert council.evaluate("fetch('/api/v1/board').then((answer) => answer.status)") == 403


def test_rules_of_competence_are_corrected_tried_and_adopted(
    running: Running, council: Page
) -> None:
    council.goto(f"{running.url}/competences")
    expect(council.get_by_role("heading", level=1)).to_contain_text("version 1")
    ask = council.get_by_role("button", name="Qui est compétent ?")
    council.get_by_label("Lieu, en mots").fill("D1120, sortie de Tulle")
    council.get_by_label("Catégorie").select_option("pothole")
    ask.click()
    answer = council.get_by_role("status").filter(has_text="Département de la Corrèze")
    expect(answer).to_contain_text("Le lieu est sur une route départementale.")
    expect(answer).to_contain_text("L131-1")
    assert accessibility_faults(council) == []

    # A mistake is named with its line; what is right is tried, then adopted with a reason.
    council.get_by_text("Texte", exact=True).click()
    text = council.get_by_role("textbox", name="Texte des règles (TOML)")
    rule = '[[rule]]\nid = "potholes_ours"\nlevel = "commune"\ncategories = ["{}"]\n\n'
    before = text.input_value()
    text.fill(rule.format("potole") + before)
    expect(council.get_by_role("button", name=re.compile("Ligne 4 .*potole"))).to_be_visible()
    assert accessibility_faults(council) == []
    text.fill(rule.format("pothole") + before)
    expect(council.get_by_text("Ces règles sont valables.")).to_be_visible()
    ask.click()
    answer = council.get_by_role("status").filter(has_text="Parce que")
    expect(answer).to_contain_text("Tulle")
    expect(answer).to_contain_text("Parce que : Nid-de-poule.")
    council.get_by_label("Pourquoi ?").fill("convention du 24 novembre")
    council.get_by_role("button", name="Adopter ces règles").click()
    expect(council.get_by_role("heading", level=1)).to_contain_text("version 2")
    expect(council.get_by_text("« convention du 24 novembre »").first).to_be_visible()
    assert accessibility_faults(council) == []


def test_a_reply_is_edited_by_the_council_and_read_by_the_citizen(
    running: Running, new_context: NewContext, council: Page
) -> None:
    with running.client("operator") as operator:
        told = report(operator, "template-1", "bac non ramassé", category="missed_collection")
    council.goto(f"{running.url}/reponses")
    council.get_by_label("Chercher une réponse type").fill("collecte")
    council.get_by_role("button", name="Jour de collecte").click()
    french = council.get_by_label("Texte (français)")
    french.fill("Bonjour,\nla collecte de {ville} est demain.")
    expect(council.get_by_text("Ligne 2")).to_be_visible()
    council.get_by_label("Pourquoi ?").fill("jour férié")
    keep = council.get_by_role("button", name="Garder cette version")
    expect(keep).to_have_attribute("aria-disabled", "true")
    assert accessibility_faults(council) == []

    french.fill("La collecte est demain, dossier ")
    council.get_by_role("button", name="Référence").click()
    expect(french).to_have_value("La collecte est demain, dossier {reference}")
    expect(council.get_by_text("n’est pas dans l’autre langue.")).to_be_visible()
    council.get_by_label("Texte (anglais)").fill("Collection is tomorrow, file {reference}")
    expect(council.locator("blockquote").first).to_have_text(
        f"La collecte est demain, dossier {told['incident']['ref']}"
    )
    expect(council.get_by_text("GSM-7").first).to_be_visible()
    keep.click()
    expect(council.get_by_text("Version 2 gardée.")).to_be_visible()
    expect(council.get_by_role("button", name="Reprendre v1")).to_be_visible()
    assert accessibility_faults(council) == []

    page = new_context("phone").new_page()
    page.goto(told["tracking_url"])
    desk = sign_in(new_context("laptop"), running, "operator")
    opened(desk, told["incident"]["id"])
    desk.keyboard.press("r")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("button", name="Jour de collecte").click()
    expect(dialog.get_by_role("textbox", name="Ce que lira")).to_have_value(
        f"La collecte est demain, dossier {told['incident']['ref']}"
    )
    dialog.get_by_role("button", name="Envoyer et clore").click()
    expect(page.get_by_text(f"demain, dossier {told['incident']['ref']}")).to_be_visible()
