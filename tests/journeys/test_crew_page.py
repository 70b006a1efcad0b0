"""The crew's phone in a valley without network: it opens, it notes, and it tells in order."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.browser import NewContext
from tests.support.running import Running

pytestmark = pytest.mark.browser


def given_a_visit(running: Running, town: str, rank: int = 0) -> tuple[str, str]:
    """Report something and give it to a crew that is free; return its account and the visit.

    Of the crews offered the `rank`-th, or the next one that no other test has.
    """
    with running.client("dispatcher") as desk:
        body = {"text": f"Fuite d’eau à {town}", "channel": "phone"}
        keyed = {"Idempotency-Key": uuid4().hex}
        incident = desk.post("/api/v1/reports", json=body, headers=keyed).json()["incident"]
        address = f"/api/v1/incidents/{incident['id']}"
        offers = desk.get(f"{address}/offers").json()
        taken = running.crews_taken()
        crews = [one["crew_id"] for one in offers["offers"]]
        free = [one for one in crews[rank:] + crews[:rank] if one not in taken]
        chosen = {"crew_id": free[0], "plan_version": offers["plan_version"]}
        visit = desk.post(f"{address}/accept", json=chosen).json()["visit"]
    return running.crew_account(visit["crew_id"]), visit["id"]


def open_page(context: BrowserContext, running: Running, account: str) -> Page:
    running.let_in(context, account)
    page = context.new_page()
    page.goto(f"{running.url}/equipe")
    expect(page.get_by_role("button", name="Bien reçu")).to_be_visible()
    return page


def test_what_is_said_without_network_arrives_in_order_when_it_returns(
    running: Running, new_context: NewContext
) -> None:
    context = new_context("phone")
    account, visit_id = given_a_visit(running, "Tulle")
    page = open_page(context, running, account)

    context.set_offline(True)
    for word in ("Bien reçu", "En route", "Sur place"):
        page.get_by_role("button", name=word, exact=True).click()
    expect(page.get_by_text(re.compile("Hors réseau depuis"))).to_be_visible()
    expect(page.get_by_text("3 à envoyer")).to_be_visible()

    context.set_offline(False)
    expect(page.get_by_text("3 à envoyer")).to_be_hidden()
    with running.client("dispatcher") as desk:
        crew_id = account.removeprefix("crew-")
        (visit,) = [
            one
            for one in desk.get(f"/api/v1/crews/{crew_id}/day").json()["visits"]
            if one["id"] == visit_id
        ]
    assert visit["state"] == "on_site"
    said = [visit["stamps"][state] for state in ("acknowledged", "en_route", "on_site")]
    assert said == sorted(said)


def test_the_page_opens_without_network(running: Running, new_context: NewContext) -> None:
    context = new_context("phone")
    page = open_page(context, running, given_a_visit(running, "Ussel", 1)[0])
    # The worker keeps the shell once it has taken over.
    page.wait_for_function(
        "navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')"
    )

    context.set_offline(True)
    page.reload()

    expect(page.get_by_role("button", name="Bien reçu")).to_be_visible()
    expect(page.get_by_text("Tout est gardé sur ce téléphone.")).to_be_visible()


def test_a_slip_of_the_thumb_is_taken_back(running: Running, new_context: NewContext) -> None:
    account, _ = given_a_visit(running, "Naves", 2)
    page = open_page(new_context("phone"), running, account)
    for word in ("Bien reçu", "En route", "Sur place", "Terminé"):
        page.get_by_role("button", name=word, exact=True).click()

    page.get_by_role("button", name="Annuler").click()

    expect(page.get_by_role("button", name="Terminé", exact=True)).to_be_visible()
