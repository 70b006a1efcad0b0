"""What the on-call manager and an agent do about paging, in a real Chromium."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dispatcher.actors import system
from dispatcher.oncall.generation import Wanted, generate
from dispatcher.oncall.snapshot import Horizon
from tests.journeys.test_browser import sign_in
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running
from tests.support.world import ORG

pytestmark = pytest.mark.browser

CALL = "fuite rue Carnot à Tulle, eau partout, cave inondée, danger électrique"


@pytest.fixture(scope="module")
def rota(running: Running) -> Running:
    """The service with a rota in force, where even by day the most urgent class pages."""
    generate(running.service.store, system(ORG), Wanted(Horizon(None, 8, "Europe/Paris")))
    with running.client("oncall_manager") as manager:
        policy = manager.get("/api/v1/paging/policy").json()
        body = {**policy, "always": ["P1", "P2"], "quiet_classes": []}
        assert manager.put("/api/v1/paging/policy", json=body).status_code == 200
    return running


def pages_of(running: Running) -> dict[str, str]:
    """Return everybody's own page by his id."""
    with running.client("oncall_manager") as manager:
        rows = manager.get("/api/v1/oncall/calendars").json()
    return {one["person_id"]: one["page"] for one in rows}


def at_tab(page: Page, running: Running, tab: str) -> None:
    page.goto(f"{running.url}/appels#{tab}")
    page.reload()


def test_rules_are_changed_by_keyboard_and_the_change_is_kept(
    rota: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("laptop"), rota, "oncall_manager")
    at_tab(desk, rota, "rules")
    again = desk.get_by_label("Sans réponse, tout reprend après")
    save = desk.get_by_role("button", name="Mettre en vigueur")
    again.fill("0")
    expect(desk.get_by_text("De 1 à 240 minutes.")).to_be_visible()
    expect(save).to_have_attribute("aria-disabled", "true")
    again.fill("25")
    desk.get_by_label("Échelon de Décision").fill("2")
    assert accessibility_faults(desk) == []
    again.press("Enter")
    history = desk.get_by_role("region", name="Changements")
    expect(history).to_contain_text("Reprise après, min : 15 → 25")
    expect(history).to_contain_text("Décision (Échelon 2)")

    reader = sign_in(new_context("laptop"), rota, "operator")
    at_tab(reader, rota, "rules")
    expect(reader.get_by_label("Sans réponse, tout reprend après")).to_be_disabled()


def test_what_is_called_what_left_and_who_answered_are_seen(
    rota: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("laptop"), rota, "oncall_manager")
    at_tab(desk, rota, "calls")
    with rota.client() as citizen:
        citizen.post(
            "/api/v1/reports",
            json={"text": CALL},
            headers={"Idempotency-Key": "oncall-journey-key-1"},
        )
    article = desk.get_by_role("article").first
    expect(article).to_contain_text("échelon 1")
    article.get_by_role("button", name="Noter la réponse").click()
    answers = desk.get_by_role("dialog").locator(".people").get_by_role("button")
    answers.first.click()
    expect(article).to_contain_text("réponse notée au bureau")
    assert accessibility_faults(desk) == []
    at_tab(desk, rota, "log")
    expect(desk.get_by_role("row").nth(1)).to_contain_text("parti")
    assert accessibility_faults(desk) == []


def test_a_note_is_left_read_and_seen_to_be_read(rota: Running, new_context: NewContext) -> None:
    desk = sign_in(new_context("laptop"), rota, "operator")
    at_tab(desk, rota, "notes")
    desk.get_by_label("Ce que la relève doit savoir").fill("Barrière posée à Corrèze")
    desk.reload()
    # A half-written note survives.
    expect(desk.get_by_label("Ce que la relève doit savoir")).to_have_value(re.compile("Barrière"))
    desk.get_by_role("button", name="Laisser la consigne").click()
    next_one = sign_in(new_context("phone"), rota, "dispatcher")
    at_tab(next_one, rota, "notes")
    next_one.get_by_role("button", name="J’ai lu").click()
    expect(next_one.get_by_text("Lu par Dispatcher")).to_be_visible()
    assert accessibility_faults(next_one) == []


def test_a_call_out_is_entered_and_its_rest_shown(rota: Running, new_context: NewContext) -> None:
    desk = sign_in(new_context("laptop"), rota, "oncall_manager")
    at_tab(desk, rota, "outs")
    desk.get_by_role("button", name="Saisir une intervention").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Personne").select_option(index=1)
    dialog.get_by_label("Départ de chez soi").fill("2026-11-24T03:00")
    dialog.get_by_label("Retour chez soi").fill("2026-11-24T02:00")
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Retour chez soi").fill("2026-11-24T05:30")
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(desk.get_by_role("row").nth(1)).to_contain_text("2 h 30")
    assert accessibility_faults(desk) == []


def test_an_agent_asks_for_a_swap_without_javascript(
    rota: Running, new_context: NewContext
) -> None:
    pages = pages_of(rota)
    phone = new_context("phone", java_script_enabled=False).new_page()
    for address in pages.values():
        phone.goto(address)
        if phone.get_by_role("link", name="Demander un échange").count():
            break
    phone.get_by_role("link", name="Demander un échange").last.click()
    phone.get_by_role("button", name="Demander cet échange").first.click()
    expect(phone.get_by_text("En attente de")).to_be_visible()
    expect(phone.get_by_role("button", name="Retirer ma demande")).to_be_visible()
    phone.get_by_label("Premier jour").fill("2026-12-24")
    phone.get_by_role("button", name="Ajouter ce souhait").click()
    expect(phone.get_by_text("du 24/12/2026 au 24/12/2026")).to_be_visible()

    seen = new_context("phone").new_page()
    seen.goto(phone.url)
    assert accessibility_faults(seen) == []
    width = seen.evaluate("document.documentElement.scrollWidth")
    assert width <= 360


def lawful_places(desk: Page) -> int:
    return desk.locator("td.may").count()


def test_a_turn_is_priced_while_it_is_dragged_and_moved_by_keyboard(
    rota: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("wall"), rota, "oncall_manager")
    desk.goto(f"{rota.url}/astreintes")
    turn = desk.locator("tbody td button:not(.ask)").last
    turn.scroll_into_view_if_needed()
    box = turn.bounding_box()
    assert box is not None
    panel = desk.get_by_role("region", name="Déplacer")

    # By mouse: prices show while it hangs over a place; Escape puts it back.
    desk.mouse.move(box["x"] + 8, box["y"] + 8)
    desk.mouse.down()
    desk.mouse.move(box["x"] + 30, box["y"] + 30, steps=3)
    expect(desk.locator("td.may").first).to_be_visible()
    place = desk.locator("td.may").first.bounding_box()
    assert place is not None
    desk.mouse.move(place["x"] + 10, place["y"] + 10, steps=4)
    expect(panel).to_contain_text("Coût :")
    expect(panel).to_contain_text("Équité de")
    forbidden = desk.locator("td.mustnot").first.bounding_box()
    assert forbidden is not None
    desk.mouse.move(forbidden["x"] + 10, forbidden["y"] + 10, steps=4)
    expect(panel.locator(".rule").first).to_be_visible()
    assert accessibility_faults(desk) == []
    desk.keyboard.press("Escape")
    desk.mouse.up()
    expect(panel).to_be_hidden()

    # By keyboard: picked, taken up, and dropped on the first lawful place.
    turn.focus()
    name = turn.get_attribute("aria-label")
    if turn.get_attribute("aria-pressed") != "true":
        desk.keyboard.press("Enter")
    desk.keyboard.press("m")
    expect(panel).to_contain_text("Aucune règle enfreinte")
    with desk.expect_response("**/moves") as sent:
        desk.keyboard.press("Enter")
    assert sent.value.status == 200
    expect(panel).to_be_hidden()
    expect(desk.get_by_role("button", name=name or "", exact=True)).to_have_count(0)


class Finger:
    """One finger on the screen, as the screen itself would report it."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def _send(self, kind: str, points: list[dict[str, float]]) -> None:
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def down(self, x: float, y: float) -> None:
        self._send("touchStart", [{"x": x, "y": y}])

    def move(self, x: float, y: float) -> None:
        self._send("touchMove", [{"x": x, "y": y}])

    def up(self) -> None:
        self._send("touchEnd", [])


SEEN = """selector => {
    const middles = [...document.querySelectorAll(selector)].map((one) => {
        const box = one.getBoundingClientRect()
        return [one, box.x + box.width / 2, box.y + box.height / 2]
    })
    const isOnTop = ([one, x, y]) => document.elementFromPoint(x, y)?.closest(selector) === one
    const seen = middles.find(isOnTop)
    return seen ? seen.slice(1) : null
}"""
"""The middle of the first match that nothing covers and no edge hides."""


def middle(page: Page, selector: str) -> tuple[float, float]:
    x, y = page.evaluate(SEEN, selector)
    return x, y


def test_a_finger_scrolls_the_grid_until_it_has_picked_a_turn_then_carries_it(
    rota: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("wall", has_touch=True), rota, "oncall_manager")
    desk.goto(f"{rota.url}/astreintes")
    # The last turn of the grid: the first ones may have begun, and those stay.
    turn = desk.locator("tbody td button:not(.ask)").last
    turn.scroll_into_view_if_needed()
    name = turn.get_attribute("aria-label") or ""
    panel = desk.get_by_role("region", name="Déplacer")
    box = turn.bounding_box()
    assert box is not None
    x, y = box["x"] + 12, box["y"] + 12

    # A finger that has picked nothing moves nothing.
    finger = Finger(desk)
    finger.down(x, y)
    finger.move(x + 40, y + 40)
    finger.up()
    expect(panel).to_be_hidden()

    turn.tap()
    expect(turn).to_have_attribute("aria-pressed", "true")
    # What the first gesture scrolled, it scrolled.
    x, y = middle(desk, "button[aria-pressed='true']")
    finger.down(x, y)
    finger.move(x + 12, y + 4)
    finger.move(x + 24, y + 8)
    expect(desk.locator("td.may").first).to_be_visible()
    for column in (".mustnot", ".may"):
        finger.move(*middle(desk, f"td{column}"))
        expect(panel).to_contain_text("Coût :")
    expect(panel).to_contain_text("Aucune règle enfreinte")
    with desk.expect_response("**/moves") as sent:
        finger.up()
    assert sent.value.status == 200
    expect(panel).to_be_hidden()
    expect(desk.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_an_empty_cell_says_why_not_with_the_article_and_what_would_make_it_possible(
    rota: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("wall"), rota, "oncall_manager")
    desk.goto(f"{rota.url}/astreintes")
    # Whoever holds a turn may not hold the one of the next week: the empty cell after it.
    cell = desk.locator("td:has(button:not(.ask)) + td:has(.ask)").last
    cell.scroll_into_view_if_needed()
    asked = cell.get_by_role("button")
    name = asked.get_attribute("aria-label") or ""
    asked.click()
    story = desk.get_by_role("region", name=name)
    expect(story.locator(".rule").first).to_be_visible()
    article = story.get_by_role("link", name="Lire l’article").first
    assert (article.get_attribute("href") or "").startswith("https://")
    assert accessibility_faults(desk) == []
    ways = story.get_by_role("button", name="Appliquer")
    if ways.count():
        with desk.expect_response("**/moves") as sent:
            ways.first.click()
        assert sent.value.status == 200
        expect(story).to_be_hidden()
        expect(desk.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_a_long_search_shows_its_bound_and_ends_with_the_best_found(
    rota: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("wall"), rota, "oncall_manager")
    desk.goto(f"{rota.url}/astreintes")
    desk.get_by_label("Semaines").select_option("52")
    desk.get_by_label("Recherche").select_option("20")
    desk.get_by_role("button", name="Générer").click()
    search = desk.get_by_role("region", name="Recherche en cours")
    expect(search).to_contain_text("Somme des écarts", timeout=60_000)
    expect(search).to_contain_text("au mieux")
    expect(search).to_contain_text("écart")
    search.get_by_role("button", name="Garder le meilleur trouvé").click()
    expect(search).to_be_hidden(timeout=120_000)
    expect(desk.get_by_text("brouillon").first).to_be_visible()


def test_a_draft_is_compared_with_the_version_in_force_and_any_two_with_each_other(
    rota: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("wall"), rota, "oncall_manager")
    desk.goto(f"{rota.url}/astreintes")
    desk.get_by_label("Semaines").select_option("8")
    desk.get_by_role("button", name="Générer").click()
    compared = desk.get_by_role("region", name=re.compile("comparée|Comparer à"))
    expect(compared).to_contain_text("Indemnités", timeout=60_000)
    expect(compared).to_contain_text("personnes touchées")
    expect(compared.locator("li").first).to_be_visible()
    assert accessibility_faults(desk) == []
    desk.get_by_role("button", name="Revenir à la version en vigueur").click()
    expect(compared).to_be_hidden()
    desk.get_by_label("Comparer à").select_option(index=1)
    expect(compared.locator("tbody tr")).to_have_count(4)


def test_an_absence_has_ways_out_side_by_side_and_one_is_put_in_force(
    rota: Running, new_context: NewContext
) -> None:
    desk = sign_in(new_context("laptop"), rota, "oncall_manager")
    desk.goto(f"{rota.url}/astreintes")
    desk.get_by_role("button", name="Mesurer").click()
    expect(desk.get_by_text("en deux changements au plus")).to_be_visible()
    desk.locator("tbody td button:not(.ask)").nth(2).click()
    desk.get_by_role("button", name="Absence", exact=True).click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Dernier jour compris").fill("2027-01-17")
    dialog.get_by_role("button", name="Trouver des solutions").click()
    expect(dialog.get_by_role("article").nth(2)).to_be_visible()
    expect(dialog.get_by_text("minimum prouvé").first).to_be_visible()
    assert accessibility_faults(desk) == []
    dialog.get_by_role("button", name="Mettre en vigueur").first.click()
    expect(dialog).to_be_hidden()
    expect(desk.get_by_text("Absence notée, tableau réparé.")).to_be_visible()


def test_personal_links_are_made_anew(rota: Running, new_context: NewContext) -> None:
    before = pages_of(rota)
    desk = sign_in(new_context("laptop"), rota, "oncall_manager")
    desk.goto(f"{rota.url}/astreintes")
    desk.get_by_role("button", name="Sortir").click()
    desk.get_by_role("button", name="Renouveler les liens").first.click()
    expect(desk.get_by_text(re.compile("Liens de .* renouvelés."))).to_be_visible()
    assert accessibility_faults(desk) == []
    after = pages_of(rota)
    assert sum(before[who] != after[who] for who in before) == 1


def test_the_roster_that_was_taken_opens_with_the_network_cut(
    rota: Running, new_context: NewContext, tmp_path: Path
) -> None:
    with rota.client("oncall_manager") as manager:
        taken = manager.get("/api/v1/oncall/roster.html")
    assert "attachment" in taken.headers["content-disposition"]
    kept = tmp_path / "astreintes.html"
    kept.write_bytes(taken.content)

    context = new_context("laptop")
    context.set_offline(True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(kept.as_uri())
    expect(page.get_by_text("Sophie Mazière").first).to_be_visible()
    expect(page.locator("tbody tr").first).to_be_visible()
    assert asked == [kept.as_uri()]
    assert accessibility_faults(page) == []
