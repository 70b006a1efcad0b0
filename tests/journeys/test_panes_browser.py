"""Filters that are kept, and the board in several windows: a dispatcher's hands on the keyboard."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.test_browser import sign_in
from tests.journeys.test_desk_browser import report
from tests.support.browser import NewContext, accessibility_faults
from tests.support.running import Running

pytestmark = pytest.mark.browser

TULLE = {"lat": 45.267, "lon": 1.771}
BRIVE = {"lat": 45.158, "lon": 1.533}


@pytest.fixture(scope="module")
def three(running: Running) -> dict[str, str]:
    """Three incidents: a leak in Tulle, a lamp in Tulle, a pothole in Brive."""
    told = {}
    with running.client("operator") as operator:
        for key, category, place in (
            ("leak", "water_leak_road", TULLE),
            ("lamp", "lamp_out", TULLE),
            ("hole", "pothole", BRIVE),
        ):
            answer = report(operator, f"pane-{key}", key, category=category, place=place)
            told[key] = answer["incident"]["id"]
    return told


def rows(page: Page) -> set[str]:
    """Return the ids of the incidents in the queue."""
    found = page.locator("[role=option][id^=row-]").all()
    return {str(row.get_attribute("id")).removeprefix("row-") for row in found}


def expect_rows(page: Page, *ids: str) -> None:
    """Wait until the queue shows these incidents and no other."""
    expect(page.locator("[role=option][id^=row-]")).to_have_count(len(ids))
    assert rows(page) == set(ids)


def test_a_filter_is_made_kept_counted_and_put_on_by_keys(
    running: Running, new_context: NewContext, three: dict[str, str]
) -> None:
    context = new_context("laptop")
    desk = sign_in(context, running, "dispatcher")
    expect_rows(desk, *three.values())
    desk.keyboard.press("f")
    desk.keyboard.press("f")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Tulle", exact=True).focus()
    desk.keyboard.press("Space")
    expect(dialog.get_by_role("status")).to_contain_text("2 incidents passent")
    dialog.get_by_label("Nom du filtre").focus()
    desk.keyboard.type("Autour de Tulle")
    assert accessibility_faults(desk) == []
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("« Autour de Tulle » enregistré")).to_be_visible()
    desk.keyboard.press("Escape")
    expect_rows(desk, three["leak"], three["lamp"])
    chip = desk.get_by_role("button", name="Autour de Tulle 2")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(desk).to_have_url(re.compile("secteur=Tulle"))
    assert accessibility_faults(desk) == []

    # Off and on by its key, by the command bar, and back after a reload.
    desk.keyboard.press("f")
    desk.keyboard.press("0")
    expect_rows(desk, *three.values())
    desk.keyboard.press("/")
    desk.keyboard.type("/f autour")
    desk.keyboard.press("Enter")
    expect_rows(desk, three["leak"], three["lamp"])
    desk.reload()
    expect_rows(desk, three["leak"], three["lamp"])
    desk.keyboard.press("f")
    desk.keyboard.press("1")
    expect_rows(desk, *three.values())

    # A colleague does not see it; what an administrator shares, he sees.
    other = sign_in(new_context("laptop"), running, "operator")
    expect(other.get_by_role("button", name="Filtrer", exact=True)).to_be_visible()
    expect(other.get_by_role("button", name="Autour de Tulle")).to_have_count(0)
    with running.client("admin") as admin:
        body = {"name": "Nids-de-poule", "wanted": {"categories": ["pothole"]}, "shared": True}
        assert admin.post("/api/v1/board/filters", json=body).status_code == 201
    other.reload()
    shared = other.get_by_role("button", name="Nids-de-poule 1")
    shared.click()
    expect_rows(other, three["hole"])


def opened_by(context: BrowserContext, desk: Page, *keys: str) -> Page:
    """Return the window that some keys open."""
    desk.bring_to_front()
    with context.expect_page() as found:
        for key in keys:
            desk.keyboard.press(key)
    return found.value


def test_panes_in_windows_of_their_own_stay_in_step(
    running: Running, new_context: NewContext, three: dict[str, str]
) -> None:
    context = new_context("wall")
    desk = sign_in(context, running, "dispatcher")
    expect_rows(desk, *three.values())
    file = opened_by(context, desk, "o", "d")
    queue = opened_by(context, desk, "o", "q")
    expect_rows(queue, *three.values())
    expect(desk.get_by_role("region", name="Dans d’autres fenêtres")).to_contain_text("Dossier")
    expect(desk.locator("#incidents")).to_have_count(0)
    assert accessibility_faults(desk) == []

    # Chosen in one window by keys, shown in another; the board opens no second drawer.
    queue.locator("#incidents").focus()
    queue.keyboard.press("j")
    expect(file.get_by_role("article")).to_be_visible()
    expect(desk.get_by_role("article")).to_have_count(0)
    for one in (queue, file):
        assert accessibility_faults(one) == []

    # One instant for all: back in time in one window, to the present again in another.
    file.keyboard.press("h")
    file.get_by_role("button", name="1 minute plus tôt").click()
    expect(queue.get_by_role("region", name=re.compile("Remonter|passé", re.I))).to_be_visible()
    queue.keyboard.press("h")
    expect(file.get_by_text("En direct").first).to_be_visible()

    # Brought back, the pane is on the board again; without the board the rest says so and lives on.
    desk.get_by_role("button", name="Ramener File d’attente").click()
    expect(desk.locator("#incidents")).to_be_visible()
    desk.close()
    expect(file.get_by_text("Le tableau principal est fermé")).to_be_visible()
    expect(file.get_by_text("En direct").first).to_be_visible()
    assert accessibility_faults(file) == []


def test_the_wall_opens_by_a_key_and_follows_the_board(
    running: Running, new_context: NewContext, three: dict[str, str]
) -> None:
    desk = sign_in(new_context("wall"), running, "dispatcher")
    expect_rows(desk, *three.values())
    desk.keyboard.press("w")
    wall = desk.get_by_role("dialog", name="Écran mural")
    expect(wall.get_by_text("3", exact=True).first).to_be_visible()
    expect(wall.get_by_text("En direct").first).to_be_visible()
    expect(wall.get_by_role("img", name=re.compile("Carte : 3 incidents"))).to_be_visible()
    assert accessibility_faults(desk) == []
    with running.client("operator") as operator:
        body = {"category": "water_main_burst", "place": TULLE}
        report(operator, "wall-burst", "rupture", **body)
    expect(wall.get_by_text("Rupture de conduite").first).to_be_visible()
    desk.keyboard.press("w")
    expect(wall).to_be_hidden()
    expect(desk.locator("#incidents")).to_be_visible()


def test_a_wall_screen_comes_back_by_itself_and_says_how_old_it_is(
    running: Running, new_context: NewContext, three: dict[str, str]
) -> None:
    context = new_context("wall")
    page = sign_in(context, running, "observer")
    page.goto(f"{running.url}/mur")
    expect(page.get_by_text("En direct")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.evaluate("location.hash = 'theme=clair'")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.get_by_role("button")).to_have_count(0)
    context.set_offline(True)
    expect(page.get_by_text(re.compile("données de|vu il y a")).first).to_be_visible(timeout=40_000)
    expect(page.get_by_text("incidents ouverts", exact=False).first).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_text("En direct")).to_be_visible(timeout=60_000)
    assert accessibility_faults(page) == []


def test_a_wall_screen_without_access_says_so(running: Running, new_context: NewContext) -> None:
    page = new_context("wall").new_page()
    page.goto(f"{running.url}/mur")
    expect(page.get_by_text("Cet écran n’a pas accès")).to_be_visible()
    assert accessibility_faults(page) == []


def test_a_storm_is_grouped_marked_and_served_by_keys_with_one_way_back(
    running: Running, new_context: NewContext, three: dict[str, str]
) -> None:
    told = []
    with running.client("operator") as operator:
        for number in range(3):
            place = {"lat": 45.548 + number * 0.003, "lon": 2.309}
            answer = report(
                operator, f"storm-{number}", f"arbre {number}", category="tree_on_road", place=place
            )
            told.append(answer["incident"]["id"])
    told = list(dict.fromkeys(told))
    assert len(told) > 1
    desk = sign_in(new_context("laptop"), running, "dispatcher")
    expect(desk.locator(f"#row-{told[0]}")).to_be_visible()

    # Grouped by key; the suspected cause is one group; it is marked whole without a mouse.
    desk.keyboard.press("g")
    desk.keyboard.press("s")
    groups = desk.get_by_role("region", name=re.compile("groupes?$"))
    expect(groups).to_contain_text("Arbre")
    assert accessibility_faults(desk) == []
    box = groups.get_by_label(re.compile("Marquer .*Arbre")).first
    box.focus()
    desk.keyboard.press("Space")
    expect(desk.get_by_text(f"{len(told)} marqués")).to_be_visible()
    desk.keyboard.press("b")
    dialog = desk.get_by_role("dialog")
    assert accessibility_faults(desk) == []
    dialog.get_by_label("Mettre en attente").focus()
    desk.keyboard.press("Space")
    dialog.get_by_label("Qu’attendent-ils ?").focus()
    desk.keyboard.type("élagueur demandé")
    with desk.expect_response("**/api/v1/board/bulk") as answered:
        desk.keyboard.press("Enter")
    assert (answered.value.status, answered.value.json()["done"]) == (200, len(told))
    expect(dialog).to_be_hidden()

    # One undo for all.
    with desk.expect_response("**/undo") as undone:
        desk.keyboard.press("u")
    assert undone.value.json()["done"] == len(told)

    # In the list: Space marks, Shift and j marks while walking.
    desk.keyboard.press("g")
    desk.keyboard.press("s")
    desk.locator("#incidents").focus()
    desk.keyboard.press("j")
    desk.keyboard.press("Space")
    desk.keyboard.press("Shift+J")
    expect(desk.get_by_text("2 marqués")).to_be_visible()
    assert accessibility_faults(desk) == []
    desk.keyboard.press("Escape")
    expect(desk.get_by_text("2 marqués")).to_be_hidden()


def test_a_bulk_that_is_partly_refused_says_which_and_why(
    running: Running, new_context: NewContext, three: dict[str, str]
) -> None:
    desk = sign_in(new_context("laptop"), running, "operator")
    for key in ("lamp", "hole"):
        desk.locator(f"#row-{three[key]}").click(modifiers=["Control"])
    expect(desk.get_by_text("2 marqués")).to_be_visible()
    desk.keyboard.press("b")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Mettre en attente").check()
    dialog.get_by_label("Qu’attendent-ils ?").fill("nacelle")
    with running.client("operator") as colleague:
        path = f"/api/v1/incidents/{three['hole']}/transitions"
        body = {"to": "on_hold", "reason": "enrobé"}
        assert colleague.post(path, json=body).status_code == 200
    with desk.expect_response("**/api/v1/board/bulk") as answered:
        desk.keyboard.press("Enter")
        dialog.get_by_role("button", name=re.compile("Faire pour")).click()
    assert answered.value.status == 207
    expect(dialog.get_by_role("region", name="Résultat")).to_contain_text("impossible depuis")
    assert accessibility_faults(desk) == []


def test_two_dispatchers_set_a_class_and_the_second_sees_both(
    running: Running, new_context: NewContext, three: dict[str, str]
) -> None:
    leak = three["leak"]
    first = sign_in(new_context("laptop"), running, "dispatcher")
    second = sign_in(new_context("laptop"), running, "operator")
    for desk in (first, second):
        desk.locator(f"#row-{leak}").click()
        desk.get_by_role("button", name="Changer la priorité").click()
    first.get_by_role("dialog").locator("label", has_text="Urgente").click()
    first.get_by_label("Pourquoi ?").fill("devant l’école")
    first.get_by_role("button", name="Fixer la classe").click()
    expect(first.get_by_role("dialog")).to_be_hidden()

    mine = second.get_by_role("dialog")
    mine.locator("label", has_text="Immédiate").click()
    mine.get_by_label("Pourquoi ?").fill("hôpital sans eau")
    mine.get_by_role("button", name="Fixer la classe").click()
    both = mine.get_by_role("alert")
    expect(both).to_contain_text("devant l’école")
    expect(both).to_contain_text("hôpital sans eau")
    assert accessibility_faults(second) == []
    both.get_by_role("button", name="Mettre la mienne").click()
    expect(mine).to_be_hidden()
    expect(first.locator(f"#row-{leak}")).to_contain_text("P1")
