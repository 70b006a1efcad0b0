"""The board with the network cut: what was typed stays, it says it is not sent, and works after."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.test_browser import sign_in
from tests.journeys.test_desk_browser import opened, report
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running

pytestmark = pytest.mark.browser

NOT_SENT = "Pas envoyé. Ce que vous avez tapé reste ici."


def refused(desk: Page, typed: str, label: str) -> None:
    """Judge that the open dialog says that nothing was sent, and still holds what was typed."""
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text(NOT_SENT)
    expect(dialog.get_by_role("alert")).to_be_in_viewport()
    expect(dialog.get_by_label(label)).to_have_value(typed)
    assert accessibility_faults(desk) == []


def test_a_note_and_a_reason_typed_without_network_are_sent_when_it_is_back(
    running: Running, new_context: NewContext
) -> None:
    with running.client("operator") as operator:
        told = report(operator, "cut-1", "lampadaire éteint", category="lamp_out")
    context = new_context("laptop")
    desk = sign_in(context, running, "dispatcher")
    opened(desk, told["incident"]["id"])
    drawer = desk.get_by_role("article")
    for button, label, words, send in (
        ("Note", "Ce que l’équipe et vos collègues doivent savoir", "clé chez", "Ajouter la note"),
        ("Changer la priorité", "Pourquoi ?", "sortie d’école", "Fixer la classe"),
    ):
        drawer.get_by_role("button", name=re.compile(rf"^{button}(?!\w)")).click()
        dialog = desk.get_by_role("dialog")
        dialog.get_by_label(label).fill(words)
        context.set_offline(True)
        dialog.get_by_role("button", name=send).click()
        refused(desk, words, label)

        # Nothing was written behind its back; once the network is there the same button sends it.
        with running.client("operator") as operator:
            path = f"/api/v1/incidents/{told['incident']['id']}"
            assert words not in operator.get(path).text
            context.set_offline(False)
            dialog.get_by_role("button", name=send).click()
            expect(dialog).to_be_hidden()
            assert words in operator.get(path).text


def test_a_note_whose_answer_was_lost_is_written_once(
    running: Running, new_context: NewContext
) -> None:
    with running.client("operator") as operator:
        told = report(operator, "cut-2", "lampadaire éteint", category="lamp_out")
    desk = sign_in(new_context("laptop"), running, "dispatcher")
    opened(desk, told["incident"]["id"])
    desk.get_by_role("article").get_by_role("button", name=re.compile(r"^Note\b")).click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Ce que l’équipe et vos collègues doivent savoir").fill("portail fermé")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    desk.route("**/notes", lose, times=1)
    dialog.get_by_role("button", name="Ajouter la note").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("button", name="Ajouter la note").click()
    expect(dialog).to_be_hidden()
    with running.client("operator") as operator:
        file = operator.get(f"/api/v1/incidents/{told['incident']['id']}").json()
    assert [note["text"] for note in file["notes"]] == ["portail fermé"]


def test_a_call_entered_without_network_is_kept_and_sent_once_when_it_is_back(
    running: Running, new_context: NewContext
) -> None:
    context = new_context("laptop")
    desk = sign_in(context, running, "operator")
    expect(desk.get_by_text("En direct").first).to_be_visible()
    # Dialogs are fetched in still moments; from then on they open without a network.
    desk.wait_for_load_state("networkidle")
    context.set_offline(True)
    desk.keyboard.press("c")
    dialog = desk.get_by_role("dialog")
    desk.keyboard.type("nid-de-poule route de Seilhac à Naves")
    expect(dialog).to_contain_text("Tout ce que vous tapez est gardé")
    assert accessibility_faults(desk) == []
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_text("L’appel est gardé sur ce poste et partira au retour")).to_be_visible()
    waiting = desk.get_by_role("button", name=re.compile("1 appel"))
    expect(waiting).to_be_visible()

    # It goes by itself when the network is back, once, and says so.
    with desk.expect_response("**/api/v1/reports", timeout=60_000) as sent:
        context.set_offline(False)
    assert sent.value.status == 201
    expect(desk.get_by_text("Appel gardé envoyé")).to_be_visible()
    expect(waiting).to_be_hidden()
    ref = sent.value.json()["incident"]["id"]
    expect(desk.locator(f"#row-{ref}")).to_have_count(1)
