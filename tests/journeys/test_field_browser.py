"""Crews, experts and the board in real browsers: help, card, files, a lone worker; cut off too."""

import json
import re
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlmodel import select

from dispatcher.actors import system
from dispatcher.database import Tx
from dispatcher.models import LoneWatch
from tests.journeys.test_crew_page import given_a_visit, open_page
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running
from tests.support.world import ORG

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
GLOVE_PX = 44


def sign_in(context: BrowserContext, running: Running, account: str, address: str) -> Page:
    running.let_in(context, account)
    page = context.new_page()
    page.goto(f"{running.url}{address}")
    return page


def at_work(page: Page) -> None:
    """Press the big button until the crew is on site, and wait until the service knows."""
    for word in ("Bien reçu", "En route", "Sur place"):
        page.get_by_role("button", name=word, exact=True).click()
    expect(page.get_by_role("button", name="Terminé", exact=True)).to_be_visible()
    expect(page.get_by_text("à envoyer")).to_be_hidden(timeout=60_000)


def visit_of(running: Running, account: str, visit_id: str) -> dict[str, object]:
    with running.client("dispatcher") as desk:
        crew_id = account.removeprefix("crew-")
        day = desk.get(f"/api/v1/crews/{crew_id}/day").json()
        (found,) = [one for one in day["visits"] if one["id"] == visit_id]
        return dict(found)


def card_of(running: Running, visit_id: str) -> dict[str, list[dict[str, object]]]:
    with running.client("dispatcher") as desk:
        return dict(desk.get(f"/api/v1/visits/{visit_id}/card").json())


def too_small(page: Page) -> list[str]:
    """Return the visible buttons, links and boxes that a glove would miss."""
    found: list[str] = page.evaluate(
        """most => [...document.querySelectorAll('button, a[href], summary, label')]
          .map(one => [one.getBoundingClientRect(), one.textContent.trim()])
          .filter(([box]) => box.width > 0 && (box.height < most || box.width < most))
          .map(([box, text]) => `${text}: ${Math.round(box.width)} × ${Math.round(box.height)}`)
        """,
        GLOVE_PX,
    )
    return found


def test_help_asked_without_network_replans_and_the_board_sees_it(
    running: Running, new_context: NewContext
) -> None:
    account, visit_id = given_a_visit(running, "Tulle")
    before = visit_of(running, account, visit_id)
    phone = new_context("phone")
    page = open_page(phone, running, account)
    board = sign_in(new_context("laptop"), running, "dispatcher", "/tableau")
    expect(board.get_by_role("option").first).to_be_visible()
    at_work(page)
    # The worker keeps the shell once it has taken over.
    page.wait_for_function(
        "navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')"
    )

    phone.set_offline(True)
    page.get_by_role("button", name="Besoin d’aide").click()
    assert accessibility_faults(page) == []
    assert too_small(page) == []
    page.get_by_role("button", name="30 minutes de plus").click()
    expect(page.get_by_text("1 à envoyer")).to_be_visible()
    page.reload()
    expect(page.get_by_text("1 à envoyer"), "it survives a dead page").to_be_visible()
    phone.set_offline(False)

    expect(page.get_by_text("1 à envoyer")).to_be_hidden()
    strip = board.get_by_role("region", name="Demandes des équipes").first
    expect(strip).to_contain_text("demande 30 min de plus")
    after = visit_of(running, account, visit_id)
    assert after["duration_s"] == int(str(before["duration_s"])) + 1800
    strip.get_by_role("button", name="Vu").click()
    expect(strip).to_be_hidden()


def test_a_question_reaches_the_expert_and_his_answer_the_card(
    running: Running, new_context: NewContext
) -> None:
    account, _ = given_a_visit(running, "Ussel", 1)
    expert = sign_in(new_context("laptop"), running, "expert", "/expertise")
    expert.get_by_role("button", name="Joignable 8 h").click()
    expect(expert.get_by_role("status").filter(has_text="Joignable jusqu’à")).to_be_visible()
    phone = new_context("phone")
    page = open_page(phone, running, account)

    phone.set_offline(True)
    page.get_by_role("button", name="Besoin d’aide").click()
    page.get_by_role("button", name="Un avis d’expert").click()
    page.get_by_label("Votre question").fill("Quelle vanne fermer ?")
    page.get_by_role("button", name="Demander", exact=True).click()
    phone.set_offline(False)

    expect(expert.get_by_text("« Quelle vanne fermer ? »")).to_be_visible()
    assert accessibility_faults(expert) == []
    expert.get_by_role("button", name="Je prends, je rappelle").click()
    expect(page.get_by_text("Expert s’en occupe et vous rappelle.")).to_be_visible()
    expert.get_by_label("Votre réponse").fill("La V12, derrière le regard.")
    expert.get_by_role("button", name="Envoyer la réponse").click()

    expect(page.get_by_text("La V12, derrière le regard.")).to_be_visible()
    narrow = sign_in(new_context("phone"), running, "expert", "/expertise")
    expect(narrow.get_by_role("heading", name="Ma disponibilité")).to_be_visible()
    assert accessibility_faults(narrow) == []
    assert narrow.evaluate("document.documentElement.scrollWidth <= 360")


def picture() -> bytes:
    """Return a photo as a camera writes it: large, on its side, with a place in it."""
    image = Image.new("RGB", (2400, 1800), "steelblue")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretCamera"
    out = BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_ticks_parts_photo_and_signature_wait_for_the_network_and_arrive(
    running: Running, new_context: NewContext
) -> None:
    account, visit_id = given_a_visit(running, "Naves", 2)
    phone = new_context("phone")
    page = open_page(phone, running, account)
    at_work(page)
    expect(page.get_by_text("À vérifier")).to_be_visible()
    expect(page.get_by_role("button", name="Photo")).to_be_visible()
    page.get_by_role("button", name="Signature").click()  # its part of the page is loaded now
    page.keyboard.press("Escape")

    phone.set_offline(True)
    page.get_by_role("checkbox").first.check()
    page.get_by_text("Pièces utilisées").click()
    page.get_by_label("Nom de la pièce").fill("Manchon DN 60")
    page.get_by_role("button", name="Ajouter la pièce").click()
    page.get_by_role("button", name="Une de plus : Manchon DN 60").click()
    shot = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    page.locator("input[type=file]").set_input_files([shot])  # type: ignore[list-item]
    ink = page.get_by_role("img", name="Photo")
    draw(page, ink.bounding_box())
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Garder", exact=True).click()
    page.get_by_role("button", name="Signature").click()
    draw(page, page.get_by_role("img", name="Signature").bounding_box())
    page.get_by_label("Nom du signataire").fill("Mme Roux")
    page.get_by_role("button", name="Garder", exact=True).click()
    expect(page.get_by_text("5 à envoyer")).to_be_visible()
    assert accessibility_faults(page) == []
    phone.set_offline(False)

    expect(page.get_by_text("à envoyer")).to_be_hidden()
    card = card_of(running, visit_id)
    assert [one["done"] for one in card["checklist"]].count(True) == 1
    assert [(one["name"], one["quantity"]) for one in card["parts"]] == [("Manchon DN 60", 2)]
    with running.client("dispatcher") as desk:
        files = desk.get(f"/api/v1/visits/{visit_id}/attachments").json()
        assert [one["kind"] for one in files] == ["photo", "signature"]
        kept = Image.open(BytesIO(desk.get(files[0]["url"]).content))
    assert max(kept.size) == 1600, "made small on the phone"
    assert kept.height > kept.width, "turned upright"
    assert dict(kept.getexif()) == {}
    assert files[1]["caption"] == "Mme Roux"


def draw(page: Page, box: object) -> None:
    """Draw a line over a canvas."""
    assert isinstance(box, dict)
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 90, steps=5)
    page.mouse.up()


def test_a_lone_worker_who_is_silent_is_missed_and_found_again(
    running: Running, new_context: NewContext
) -> None:
    account, _ = given_a_visit(running, "Seilhac", 3)
    page = open_page(new_context("phone"), running, account)
    board = sign_in(new_context("laptop"), running, "dispatcher", "/tableau")
    at_work(page)
    page.get_by_role("button", name="Je travaille seul : veiller sur moi").click()
    expect(page.get_by_text("prochaine question dans")).to_be_visible()

    def let_time_pass(tx: Tx) -> None:
        crew = UUID(account.removeprefix("crew-"))
        watch = tx.session.exec(select(LoneWatch).where(LoneWatch.crew_id == crew)).one()
        watch.heard_at = tx.now - timedelta(minutes=40)
        watch.ask_at, watch.alarm_at = tx.now - timedelta(minutes=10), tx.now

    running.service.store.submit_wait(let_time_pass, system(ORG))

    alarm = board.get_by_role("alert", name="Travailleur isolé")
    expect(alarm).to_contain_text("ne répond plus")
    assert accessibility_faults(board) == []
    expect(page.get_by_text("Tout va bien ?")).to_be_visible()
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Tout va bien", exact=True).click()

    expect(alarm).to_be_hidden()
    expect(page.get_by_text("prochaine question dans")).to_be_visible()


def test_the_page_can_be_installed(running: Running, new_context: NewContext) -> None:
    account, _ = given_a_visit(running, "Corrèze", 4)
    page = open_page(new_context("phone"), running, account)
    address = page.locator("link[rel=manifest]").get_attribute("href")
    manifest = json.loads(page.request.get(f"{running.url}{address}").text())

    assert (manifest["start_url"], manifest["scope"]) == ("/equipe", "/equipe")
    assert manifest["display"] == "standalone"
    sizes = set()
    for icon in manifest["icons"]:
        answer = page.request.get(f"{running.url}{icon['src']}")
        assert answer.ok
        if icon["type"] == "image/png":
            width, height = Image.open(BytesIO(answer.body())).size
            assert f"{width}x{height}" == icon["sizes"]
            sizes.add((icon["sizes"], icon["purpose"]))
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
    touch = page.locator("link[rel=apple-touch-icon]").get_attribute("href")
    assert page.request.get(f"{running.url}{touch}").ok


def test_an_answer_that_is_lost_on_its_way_back_does_nothing_twice(
    running: Running, new_context: NewContext
) -> None:
    """The network goes after the service has stored each action and before the phone hears it."""
    account, visit_id = given_a_visit(running, "Égletons", 5)
    before = visit_of(running, account, visit_id)
    page = open_page(new_context("phone", service_workers="block"), running, account)
    at_work(page)
    cut: set[str] = set()

    def lose_the_first_answer(route: Route) -> None:
        key = route.request.headers.get("idempotency-key", "")
        if key and key not in cut:
            cut.add(key)
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/v1/visits/**", lose_the_first_answer)
    page.get_by_role("checkbox").first.check()
    page.get_by_text("Pièces utilisées").click()
    page.get_by_label("Nom de la pièce").fill("Joint")
    page.get_by_role("button", name="Ajouter la pièce").click()
    page.get_by_role("button", name="Besoin d’aide").click()
    page.get_by_role("button", name="15 minutes de plus").click()
    for _ in range(3):
        page.wait_for_timeout(1500)
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("à envoyer")).to_be_hidden(timeout=60_000)

    assert len(cut) == 3
    after, card = visit_of(running, account, visit_id), card_of(running, visit_id)
    assert after["duration_s"] == int(str(before["duration_s"])) + 900
    assert [(one["name"], one["quantity"]) for one in card["parts"]] == [("Joint", 1)]
    with running.client("dispatcher") as desk:
        calls = [one for one in desk.get("/api/v1/help").json() if one["visit_id"] == visit_id]
    assert len(calls) == 1


def test_a_voice_note_waits_for_the_network_and_is_heard_at_the_desk(
    running: Running, new_context: NewContext
) -> None:
    context = new_context("phone", permissions=["microphone"])
    account, visit_id = given_a_visit(running, "Objat", 2)
    page = open_page(context, running, account)
    at_work(page)
    page.get_by_role("button", name="Note vocale").click()  # its part of the page is loaded now
    context.set_offline(True)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text(re.compile("Enregistrement : "))).to_be_visible()
    # The recorder gives its first second away.
    page.wait_for_timeout(1200)
    page.get_by_role("button", name="Arrêter et garder").click()
    expect(page.get_by_text("Note vocale gardée, envoyée dès que possible")).to_be_visible()

    context.set_offline(False)
    expect(page.get_by_text(re.compile("à envoyer"))).to_be_hidden()
    with running.client("dispatcher") as desk:
        crew = account.removeprefix("crew-")
        (visit,) = [
            one
            for one in desk.get(f"/api/v1/crews/{crew}/day").json()["visits"]
            if one["id"] == visit_id
        ]
        files = desk.get(f"/api/v1/incidents/{visit['incident_id']}/attachments").json()
        (note,) = [one for one in files if one["kind"] == "audio"]
        heard = desk.get(note["url"])
    assert heard.headers["content-type"].startswith("audio/webm")
    assert len(heard.content) > 1000
