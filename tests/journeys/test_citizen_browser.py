"""The citizen's end in a real Chromium: with and without JavaScript, on a phone of 360 pixels."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext, accessibility_faults
from tests.support.pictures import photo
from tests.support.running import Running

pytestmark = pytest.mark.browser


@pytest.fixture
def big_photo(tmp_path: Path) -> Path:
    """A photo as a phone takes it."""
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(photo((3000, 2000)))
    return path


def another(picture: Path) -> Path:
    """Return another photo beside one."""
    path = picture.with_name("other.jpg")
    path.write_bytes(photo((2000, 1500), (10, 20, 200)))
    return path


def assert_fits(page: Page, *, scripted: bool = True) -> None:
    """Nothing of a page is wider than the phone, and axe (a script) finds nothing wrong."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    if scripted:
        assert accessibility_faults(page) == []


def report(page: Page, running: Running, text: str, picture: Path | None = None) -> None:
    """Fill in the form and send it."""
    page.goto(f"{running.url}/signaler")
    page.locator("#text").fill(text)
    page.locator("#commune").fill("Tulle")
    page.locator("#phone").fill("06 12 34 56 78")
    if picture is not None:
        page.locator("#photos").set_input_files(picture)
    page.get_by_role("button", name="Envoyer").click()


def crew_is_planned(running: Running, page: Page) -> str:
    """Give the incident of a tracking page to the best crew; return the incident's id."""
    with running.client("dispatcher") as desk:
        ref = page.locator(".facts dd.mono").inner_text().split()[0]
        found = desk.get("/api/v1/incidents", params={"q": ref}).json()["items"]
        incident_id: str = found[0]["id"]
        offers = desk.get(f"/api/v1/incidents/{incident_id}/offers").json()
        body = {"crew_id": offers["offers"][0]["crew_id"], "plan_version": offers["plan_version"]}
        answer = desk.post(f"/api/v1/incidents/{incident_id}/accept", json=body)
        assert answer.status_code == 200, answer.text
        asked = desk.post(
            f"/api/v1/incidents/{incident_id}/reply",
            json={"text": "Le portail est-il ouvert ?", "asks": True},
        )
        assert asked.status_code == 201
    return incident_id


def do_everything(page: Page, running: Running, picture: Path, *, scripted: bool = True) -> None:
    """Add, answer, ask and stop, by the page's own forms."""
    page.get_by_text("Ajouter une photo ou un détail").click()
    page.locator("#text").fill("Le portail est vert")
    page.locator("#photos").set_input_files(picture)
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_text("C’est ajouté, merci.")).to_be_visible()
    expect(page.get_by_text("Le portail est vert")).to_be_visible()
    # Mine and the one sent with the report.
    expect(page.locator(".own img")).to_have_count(2)
    assert_fits(page, scripted=scripted)

    crew_is_planned(running, page)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Une équipe va venir")
    page.locator("#answer-1").fill("Oui, tout le jour")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_text("Vous avez répondu : Oui, tout le jour")).to_be_visible()

    page.get_by_text("Demander une autre heure").click()
    page.locator("#slot").select_option(index=1)
    page.get_by_role("button", name="Demander", exact=True).click()
    expect(page.get_by_text(re.compile("Vous avez demandé : demain après-midi"))).to_be_visible()

    page.get_by_role("button", name="Ne plus recevoir de message").click()
    expect(page.get_by_text("Vous ne recevez plus de message.")).to_be_visible()
    page.get_by_text("Imprimer ou ouvrir").click()
    expect(page.get_by_alt_text("Code à scanner")).to_be_visible()
    assert_fits(page, scripted=scripted)


def test_everything_is_done_without_javascript(
    running: Running, new_context: NewContext, big_photo: Path
) -> None:
    page = new_context("phone", java_script_enabled=False).new_page()
    # A fault elsewhere keeps the photo.
    page.goto(f"{running.url}/signaler")
    page.locator("#text").fill("Nid-de-poule devant la mairie")
    page.locator("#commune").fill("Paris")
    page.locator("#phone").fill("06 12 34 56 78")
    page.locator("#photos").set_input_files(big_photo)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("Garder la photo 1")).to_be_visible()
    page.locator("#commune").fill("Tulle")
    page.get_by_role("button", name="Envoyer").click()
    page.wait_for_url(re.compile("/suivi/"))
    do_everything(page, running, another(big_photo), scripted=False)


def test_everything_is_done_with_javascript_and_photos_shrink_on_the_phone(
    running: Running, new_context: NewContext, big_photo: Path
) -> None:
    page = new_context("phone").new_page()
    page.goto(f"{running.url}/signaler")
    page.locator("#photos").set_input_files(big_photo)
    page.wait_for_function("() => document.getElementById('photos').files[0]?.name === 'p.jpg'")
    size = page.evaluate("document.getElementById('photos').files[0].size")
    assert size < big_photo.stat().st_size
    assert_fits(page)
    page.locator("#text").fill("Lampadaire éteint rue de la République")
    page.locator("#commune").fill("Tulle")
    page.locator("#phone").fill("06 12 34 56 78")
    page.get_by_role("button", name="Envoyer").click()
    page.wait_for_url(re.compile("/suivi/"))
    expect(page.locator("#linked")).to_be_visible()
    do_everything(page, running, another(big_photo))


def test_what_somebody_types_stays_while_his_page_is_followed_live(
    running: Running, new_context: NewContext
) -> None:
    page = new_context("phone").new_page()
    report(page, running, "Plaque d’égout descellée rue Victor Hugo")
    page.wait_for_url(re.compile("/suivi/"))
    expect(page.locator("#linked")).to_be_visible()
    page.get_by_text("Ajouter une photo ou un détail").click()
    page.locator("#text").fill("une phrase à moitié")
    crew_is_planned(running, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Une équipe va venir")
    expect(page.locator("#text")).to_have_value("une phrase à moitié")


def test_an_operator_does_it_all_for_somebody_on_the_telephone(
    running: Running, new_context: NewContext
) -> None:
    citizen = new_context("phone").new_page()
    report(citizen, running, "Fuite d’eau devant l’école de Tulle")
    citizen.wait_for_url(re.compile("/suivi/"))
    incident_id = crew_is_planned(running, citizen)
    citizen.reload()
    title = citizen.get_by_role("heading", level=1).inner_text()

    desk = sign_in(new_context("laptop"), running, "dispatcher")
    desk.goto(f"{running.url}/tableau")
    desk.locator(f"#row-{incident_id}").click()
    people = desk.get_by_role("region").filter(has_text="À lire au téléphone").first
    expect(people.get_by_text(re.compile(f"« {title}"))).to_be_visible()
    people.get_by_role("button", name="Noter un détail").first.click()
    people.get_by_label("Ce que dit la personne").fill("Elle sera là l’après-midi")
    people.get_by_role("button", name="Noter", exact=True).click()
    expect(people.get_by_text("Elle sera là l’après-midi")).to_be_visible()
    people.get_by_role("button", name="Autre heure").first.click()
    people.get_by_role("button", name="Demander", exact=True).click()
    people.get_by_role("button", name="Accepter").click()
    expect(people.get_by_text(re.compile("Accepté : "))).to_be_visible()
    assert accessibility_faults(desk) == []
    citizen.reload()
    expect(citizen.get_by_text(re.compile("Heure acceptée"))).to_be_visible()


def test_a_place_is_shown_on_a_map_that_comes_when_asked_for(
    running: Running, new_context: NewContext
) -> None:
    page = new_context("phone").new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"{running.url}/signaler")
    page.locator("#text").fill("Fontaine cassée sur la place")
    page.locator("#commune").fill("Tulle")
    button = page.locator("#map summary")
    assert not [url for url in fetched if "map-" in url or "geojson" in url]

    button.click()
    sheet = page.get_by_role("application")
    page.wait_for_function("() => document.querySelector('.sheet canvas').width > 300")
    sheet.focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("La croix est à Tulle.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Point placé à Tulle.")).to_be_visible()
    by_keys = page.locator("[name=lon]").input_value()
    assert_fits(page)
    sheet.click(position={"x": 100, "y": 100})
    assert float(page.locator("[name=lon]").input_value()) < float(by_keys)
    page.get_by_role("button", name="Dézoomer").click()
    page.get_by_role("button", name="Placer ici").click()

    lat, lon = (float(page.locator(f"[name={name}]").input_value()) for name in ("lat", "lon"))
    assert (45.1 < lat < 45.4, 1.6 < lon < 1.9) == (True, True)
    page.get_by_role("button", name="Envoyer").click()
    page.wait_for_url(re.compile("/suivi/"))
