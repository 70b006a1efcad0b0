"""How long work takes, said by a person: the price holds, the route follows, rules are named."""

from typing import Any
from uuid import UUID

from sqlmodel import select

from dispatcher.models import EventRow, Visit, WorkOrder
from tests.support.desk import TULLE, Desk, near

Json = dict[str, Any]


async def two_at_tulle(desk: Desk) -> tuple[Json, Json]:
    """Tulle 2 has two potholes, one after the other; return the visits."""
    first = await desk.incident("pothole", TULLE)
    second = await desk.incident("pothole", near(TULLE, 8))
    one = await desk.accept(first, "Tulle 2")
    return one, await desk.accept(second, "Tulle 2")


async def price(desk: Desk, visit: Json, minutes: int) -> Json:
    answer = await desk.http.get(f"/api/v1/visits/{visit['id']}/length?minutes={minutes}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def put(desk: Desk, visit: Json, **body: Any) -> Any:
    answer = await desk.http.put(f"/api/v1/visits/{visit['id']}/length", json=body)
    await desk.world.settle()
    return answer


def row(desk: Desk, visit: Json) -> Visit:
    with desk.world.service.store.read() as session:
        return session.get_one(Visit, UUID(visit["id"]))


async def test_the_price_names_whose_hours_move_and_taking_it_moves_them(desk: Desk) -> None:
    first, second = await two_at_tulle(desk)
    was = row(desk, second).start_at
    assert was is not None
    minutes = first["duration_s"] // 60 + 30

    told = await price(desk, first, minutes)
    assert [(s["visit_id"], s["shift_s"]) for s in told["shifts"]] == [(second["id"], 1800)]
    assert told["is_lawful"]
    assert row(desk, first).duration_s == first["duration_s"]

    answer = await put(desk, first, minutes=minutes, plan_version=told["plan_version"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["visit"]["end_at"] == told["end_at"]
    now = row(desk, second).start_at
    assert now is not None
    assert (now - was).total_seconds() == 1800
    assert desk.breaches() == []
    again = await put(desk, first, minutes=minutes + 5, plan_version=told["plan_version"])
    assert (again.status_code, again.json()["code"]) == (409, "plan_changed")


async def test_it_is_kept_with_the_work_and_written_in_the_log(desk: Desk) -> None:
    first, _ = await two_at_tulle(desk)
    version = desk.snapshot().plan_number
    await put(desk, first, minutes=90)
    await put(desk, first, minutes=90)

    assert desk.snapshot().plan_number == version + 1
    with desk.world.service.store.read() as session:
        (event,) = session.exec(select(EventRow).where(EventRow.type == "visit.length_set")).all()
        order = session.get_one(WorkOrder, row(desk, first).work_order_id)
    assert (event.data["from_s"], event.data["to_s"]) == (first["duration_s"], 5400)
    assert order.duration_s == 5400


async def test_planned_work_that_breaks_a_rule_is_refused_with_its_name(desk: Desk) -> None:
    first, _ = await two_at_tulle(desk)
    told = await price(desk, first, 720)
    assert not told["is_lawful"]
    assert told["broken"]

    answer = await put(desk, first, minutes=720)
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"
    assert answer.json()["params"]["reason"] == told["broken"][0]["reason"]
    assert row(desk, first).duration_s == first["duration_s"]


async def test_work_under_way_takes_as_long_as_it_takes(desk: Desk) -> None:
    first, second = await two_at_tulle(desk)
    for state in ("en_route", "on_site"):
        path = f"/api/v1/visits/{first['id']}/transitions"
        (await desk.http.post(path, json={"to": state})).raise_for_status()
    await desk.world.settle()

    told = await price(desk, first, 720)
    assert told["is_lawful"]
    assert told["shifts"][0]["visit_id"] == second["id"]
    answer = await put(desk, first, minutes=720)
    assert answer.status_code == 200, answer.text
    assert answer.json()["visit"]["end_at"] == told["end_at"]


async def test_what_is_over_or_out_of_bounds_is_refused(desk: Desk) -> None:
    first, _ = await two_at_tulle(desk)
    assert (await put(desk, first, minutes=4)).status_code == 422
    assert (await put(desk, first, minutes=721)).status_code == 422
    for state in ("en_route", "on_site", "completed"):
        path = f"/api/v1/visits/{first['id']}/transitions"
        (await desk.http.post(path, json={"to": state})).raise_for_status()
    assert (await put(desk, first, minutes=60)).status_code == 404
