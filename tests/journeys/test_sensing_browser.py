"""Sensors and addresses as people see them, in a real Chromium."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_browser import sign_in
from tests.journeys.test_desk_browser import opened, report
from tests.support.browser import NewContext, accessibility_faults
from tests.support.fake_ban import FakeBan, fake_ban, feature
from tests.support.running import Running, serving

pytestmark = pytest.mark.browser

TOKEN = "the-token-of-the-gateway"
STREETS = [{"lat": 45.2655 + 0.002 * n, "lon": 1.7680 + 0.002 * n} for n in range(3)]


@pytest.fixture(scope="module")
def ban() -> Iterator[FakeBan]:
    """A geocoder on the loopback address."""
    with fake_ban() as made:
        made.features = [feature("12 Rue Carnot", 45.2668, 1.7702)]
        yield made


@pytest.fixture(scope="module")
def equipped(
    filled_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, ban: FakeBan
) -> Iterator[Running]:
    """A service with a gateway of sensors and a geocoder."""
    path = tmp_path_factory.mktemp("equipped") / "cpo.sqlite3"
    path.write_bytes(filled_sqlite.read_bytes())
    # A busy machine may take its time: the fall-back is another test's matter.
    patience = {"geocoder_timeout_s": 10}
    with serving(path, sensors_token=TOKEN, geocoder_url=ban.url, **patience) as running:
        yield running


def no_sideways_scroll(page: Page) -> bool:
    wide: bool = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return not wide


def ready(desk: Page) -> None:
    """Wait until the board is live: before, keys are not heard and old figures are dimmed."""
    expect(desk.get_by_text("En direct").first).to_be_visible()


def test_a_suspected_burst_is_shown_with_its_sensor_and_parted_by_a_click(
    equipped: Running, new_context: NewContext
) -> None:
    with equipped.client("operator") as operator:
        calls = [
            report(operator, f"burst-{n}", f"plus d'eau {n}", category="water_outage", place=place)
            for n, place in enumerate(STREETS)
        ]
    desk = sign_in(new_context("laptop"), equipped, "operator")
    expect(desk.locator(f"#row-{calls[0]['incident']['id']}")).to_contain_text("à prendre")
    at = equipped.service.clocks.service.now()
    row = {"id": "r1", "sensor": "tulle-centre-p1", "value": 1.2, "at": at.isoformat()}
    with equipped.client() as gateway:
        answer = gateway.post(
            "/api/v1/readings",
            json={"readings": [row, {"id": "r2"}]},
            headers={"Authorization": f"Bearer {TOKEN}"},
        ).json()
    (burst,) = answer["bursts"]
    assert (answer["stored"], answer["refused"]) == (1, 1)

    opened(desk, burst)
    drawer = desk.get_by_role("article")
    section = drawer.get_by_role("region", name="Rupture suspectée, secteur Tulle centre")
    expect(section).to_contain_text("3 appels")
    expect(section).to_contain_text("1,2 bar")
    expect(drawer).to_contain_text("1,2 bar, Pression rue Carnot (fictif)")
    expect(drawer).to_contain_text("Rupture de conduite suspectée")
    expect(drawer.get_by_role("button", name="Séparer")).to_have_count(3)
    ready(desk)
    assert accessibility_faults(desk) == []

    drawer.get_by_role("button", name="Séparer").first.click()
    expect(drawer.get_by_role("button", name="Séparer")).to_have_count(2)


def test_the_sensors_are_listed_with_what_each_says(
    equipped: Running, new_context: NewContext
) -> None:
    now = equipped.service.clocks.service.now()
    sent = [
        ("tulle-sud-p1", 4.6 - 0.4 * n, now - timedelta(minutes=50 - 10 * n)) for n in range(6)
    ] + [("tulle-plateau-p1", 4.0, now - timedelta(hours=3))]
    rows = [
        {"id": f"page-{n}", "sensor": code, "value": value, "at": at.isoformat()}
        for n, (code, value, at) in enumerate(sent)
    ]
    with equipped.client() as gateway:
        answer = gateway.post(
            "/api/v1/readings",
            json={"readings": rows},
            headers={"Authorization": f"Bearer {TOKEN}"},
        ).json()
    assert answer["stored"] == len(rows)
    desk = sign_in(new_context("laptop"), equipped, "operator")
    desk.goto(f"{equipped.url}/capteurs")

    falling = desk.get_by_role("listitem").filter(has_text="Pression Laguenne")
    expect(falling).to_contain_text("Trop bas")
    expect(falling).to_contain_text("2,6 bar")
    expect(falling).to_contain_text("en baisse, 2,4 bar/h")
    old = desk.get_by_role("listitem").filter(has_text="réservoir du plateau")
    expect(old).to_contain_text("Muet")
    expect(old).to_contain_text("il y a 3 h 00")
    assert accessibility_faults(desk) == []

    desk.get_by_role("radio", name="Muets").focus()
    desk.keyboard.press("Space")
    expect(falling).to_have_count(0)
    expect(old).to_be_visible()

    phone = sign_in(new_context("phone"), equipped, "operator")
    phone.goto(f"{equipped.url}/capteurs")
    expect(phone.get_by_role("listitem").first).to_be_visible()
    assert no_sideways_scroll(phone)
    assert accessibility_faults(phone) == []


def test_an_operator_takes_an_address_and_sees_why_a_call_may_be_known(
    equipped: Running, new_context: NewContext
) -> None:
    with equipped.client("operator") as operator:
        place = {"insee": "19272", "address": "rue Carnot"}
        report(operator, "alike-1", "nid-de-poule rue Carnot", category="pothole", place=place)
    desk = sign_in(new_context("laptop"), equipped, "operator")
    ready(desk)
    desk.keyboard.press("c")
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_label("Ce que dit l’appelant")).to_be_focused()
    desk.keyboard.type("nid-de-poule énorme rue Carnot à Tulle")
    known = dialog.get_by_role("region", name="Déjà signalé ?")
    expect(known).to_contain_text("même nature")
    dialog.get_by_role("button", name="12 Rue Carnot, Tulle").click()
    expect(dialog).to_contain_text("12 Rue Carnot")
    expect(dialog.get_by_role("button", name="12 Rue Carnot, Tulle")).to_have_count(0)
    assert accessibility_faults(desk) == []


def test_a_citizen_is_told_while_typing_and_joins_without_another_page(
    equipped: Running, new_context: NewContext
) -> None:
    with equipped.client("operator") as operator:
        place = {"insee": "19031", "address": "avenue de Paris"}
        known = report(operator, "typing-1", "lampadaire éteint", category="lamp_out", place=place)
    page = new_context("phone").new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.post_data or ""))
    page.goto(f"{equipped.url}/signaler")
    page.get_by_label("Téléphone").fill("06 39 98 11 22")
    page.get_by_label("Décrivez en quelques mots").fill("lampadaire éteint avenue de Paris")
    page.get_by_label("Commune").fill("Brive-la-Gaillarde")
    page.locator("#address").fill("avenue de Paris")
    offer = page.get_by_role("group", name="C’est peut-être déjà connu")
    expect(offer).to_be_visible()
    assert not any("39" in one and "98" in one for one in asked), "what says who stays here"
    assert accessibility_faults(page) == []
    assert no_sideways_scroll(page)
    box = offer.get_by_role("radio").first
    assert (page.locator(".pick").first.bounding_box() or {"height": 0})["height"] >= 44
    box.check()
    page.get_by_role("button", name="Envoyer").click()
    page.wait_for_url("**/suivi/**")
    expect(page.get_by_text(known["reference"]).first).to_be_visible()


def test_a_warning_is_written_by_keys_told_everywhere_and_taken_back(
    equipped: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("laptop"), equipped, "dispatcher")
    other = sign_in(new_context("wall"), equipped, "operator")
    for page in (desk, other):
        ready(page)
        expect(page.get_by_role("button", name="Vigilance")).to_have_count(0)
    desk.keyboard.press("g")
    desk.keyboard.press("m")
    desk.get_by_role("button", name="Couches").press("Enter")
    desk.get_by_role("button", name="Vigilance météo").press("Enter")
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("Aucune vigilance")
    dialog.get_by_role("button", name="Écrire une vigilance").press("Enter")
    dialog.get_by_label("Phénomène").select_option("snow_ice")
    assert accessibility_faults(desk) == []
    dialog.get_by_role("button", name="Enregistrer").press("Enter")

    told = "Vigilance orange neige ou verglas, fin inconnue."
    for page in (desk, other):
        expect(page.get_by_role("button", name=told)).to_be_visible()
    assert no_sideways_scroll(desk)
    desk.get_by_role("button", name="Liste", exact=True).click()
    expect(desk.get_by_role("region", name="Liste")).to_contain_text(told)
    with equipped.client("operator") as operator:
        road = report(operator, "under-ice", "nid-de-poule route de la Gare à Tulle")
    expect(other.locator(f"#row-{road['incident']['id']}")).to_contain_text("Neige ou verglas")

    other.get_by_role("button", name=told).click()
    expect(other.get_by_role("dialog")).to_contain_text(told)
    expect(other.get_by_role("dialog").get_by_role("button", name="Enregistrer")).to_have_count(0)
    desk.get_by_role("button", name=told).press("Enter")
    dialog.get_by_role("button", name="Retirer").press("Enter")
    dialog.get_by_role("button", name="Enregistrer").press("Enter")
    expect(desk.get_by_role("button", name=told)).to_have_count(0)
