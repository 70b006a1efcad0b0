"""A visit's card: what a crew must know, and what it notes while it works."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlmodel import select

from dispatcher.field.checklists import checklists, items_of
from dispatcher.models import Category
from tests.support.desk import BRIVE, TULLE, Desk
from tests.support.verify_action import verify_action
from tests.support.world import World

Json = dict[str, Any]


async def card(desk: Desk, visit: Json) -> Json:
    answer = await desk.http.get(f"/api/v1/visits/{visit['id']}/card")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def note(desk: Desk, visit: Json, what: str, **body: Any) -> httpx.Response:
    path = f"/api/v1/visits/{visit['id']}/{what}"
    return await verify_action(desk.world, desk.http.post(path, json=body))


def test_every_category_has_something_to_tick_and_every_list_is_for_something(
    world: World,
) -> None:
    with world.look() as session:
        categories = session.exec(select(Category)).all()
    services = {category.service for category in categories}
    codes = {category.code for category in categories}

    assert all(items_of(category.service, category.code) for category in categories)
    for one in checklists():
        assert set(one.services) <= services
        assert set(one.categories) <= codes


async def test_what_is_ticked_says_by_whom_and_when(either_desk: Desk) -> None:
    desk = either_desk
    visit = await desk.accept(await desk.incident("water_leak_road"))
    before = await card(desk, visit)
    assert before["hazards"]
    assert {item["done"] for item in before["checklist"]} == {False}
    at = desk.world.clock.now()
    desk.world.clock.advance(timedelta(minutes=9))

    answer = await note(desk, visit, "checks", item="valves", done=True, at=at.isoformat())

    assert answer.json()["ver"] > visit["ver"]
    (ticked,) = [one for one in (await card(desk, visit))["checklist"] if one["done"]]
    assert (ticked["code"], ticked["by"]) == ("valves", "Dispatcher")
    assert ticked["at"].startswith(at.isoformat()[:19])


async def test_the_newest_answer_stands_whatever_order_they_arrive_in(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("water_leak_road"))
    now = desk.world.clock.now()
    earlier = (now - timedelta(minutes=5)).isoformat()

    await note(desk, visit, "parts", name="Joint DN 60", quantity=2)
    await note(desk, visit, "parts", name="joint dn 60", quantity=7, at=earlier)
    await note(desk, visit, "checks", item="flush", done=True)
    await note(desk, visit, "checks", item="flush", done=False, at=earlier)

    shown = await card(desk, visit)
    assert [(part["name"], part["quantity"]) for part in shown["parts"]] == [("Joint DN 60", 2)]
    assert [one["code"] for one in shown["checklist"] if one["done"]] == ["flush"]
    await note(desk, visit, "parts", name="Joint DN 60", quantity=0)
    assert (await card(desk, visit))["parts"] == []


async def test_what_is_on_no_list_is_refused(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("water_leak_road"))

    answer = await note(desk, visit, "checks", item="dance", done=True)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_past_visits_at_the_same_place_tell_what_was_done(either_desk: Desk) -> None:
    desk = either_desk
    first = await desk.accept(await desk.incident("water_leak_road", TULLE))
    await desk.move(first, "en_route", "on_site")
    await note(desk, first, "parts", name="Manchon", quantity=1)
    await desk.move(first, "completed")
    elsewhere = await desk.accept(await desk.incident("water_leak_road", BRIVE))
    await desk.move(elsewhere, "en_route", "on_site", "completed")
    desk.world.clock.advance(timedelta(hours=1))

    second = await desk.accept(await desk.incident("pavement", TULLE))

    (past,) = (await card(desk, second))["past"]
    assert past["visit_id"] == first["id"]
    assert (past["minutes"], past["parts"]) == (10, ["1 × Manchon"])


async def test_a_crew_reads_its_own_cards_only(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole", BRIVE))

    async with desk.world.client("crew") as crew:
        assert (await crew.get(f"/api/v1/visits/{visit['id']}/card")).status_code == 404


async def test_experts_answers_come_back_on_the_card(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("water_leak_road"))
    await note(desk, visit, "help", need="expert", note="Quelle vanne ?")
    (asked,) = (await card(desk, visit))["questions"]
    async with desk.world.client("expert") as expert:
        path = f"/api/v1/questions/{asked['id']}/answer"
        await verify_action(desk.world, expert.post(path, json={"text": "La V12."}))

    (answered,) = (await card(desk, visit))["questions"]
    assert (answered["answer"], answered["answered_by"]) == ("La V12.", "Expert")
    assert UUID(answered["id"]) == UUID(asked["id"])
