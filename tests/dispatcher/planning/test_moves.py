"""What a move would cost, over HTTP: nothing changes, the price holds, rules are named."""

from typing import Any
from uuid import UUID

from dispatcher.planning.kept import Keeper
from tests.support.desk import BRIVE, TULLE, USSEL, Desk, near

Json = dict[str, Any]


async def moves(desk: Desk, incident: UUID) -> Json:
    answer = await desk.http.get(f"/api/v1/incidents/{incident}/moves")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def one(desk: Desk, incident: UUID, crew: str, **query: Any) -> Json:
    path = f"/api/v1/incidents/{incident}/moves/{desk.crew_id(crew)}"
    answer = await desk.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def two_at_tulle(desk: Desk) -> tuple[UUID, UUID, Json]:
    """Tulle 2 has two potholes; return the incidents and the second's visit."""
    first = await desk.incident("pothole", TULLE)
    second = await desk.incident("pothole", near(TULLE, 8))
    await desk.accept(first, "Tulle 2")
    return first, second, await desk.accept(second, "Tulle 2")


async def test_every_crew_has_a_price_and_the_present_place_costs_nothing(desk: Desk) -> None:
    _, second, visit = await two_at_tulle(desk)
    before = desk.snapshot().plan_number
    found = await moves(desk, second)

    assert found["plan_version"] == before == desk.snapshot().plan_number
    assert (found["visit_id"], found["crew_id"]) == (visit["id"], visit["crew_id"])
    assert len(found["crews"]) == len(desk.snapshot().crews)
    (home,) = [c for c in found["crews"] if c["best"]["crew_id"] == visit["crew_id"]]
    (here,) = [p for p in home["places"] if p["is_here"]]
    assert here["price"] == {"urgent_min": 0, "ordinary_min": 0}
    order = [(not c["best"]["is_lawful"], c["best"]["price"]["urgent_min"]) for c in found["crews"]]
    assert order == sorted(order)


async def test_a_price_asked_for_one_place_is_what_accepting_it_makes(desk: Desk) -> None:
    first, second, _ = await two_at_tulle(desk)
    at_first = await one(desk, second, "Tulle 2", position=0)
    assert at_first["is_lawful"]
    assert any(s["shift_s"] > 0 for s in at_first["shifts"])

    body = {
        "crew_id": at_first["crew_id"],
        "plan_version": at_first["plan_version"],
        "position": 0,
        "exact": True,
    }
    answer = await desk.http.post(f"/api/v1/incidents/{second}/accept", json=body)
    await desk.world.settle()

    assert answer.status_code == 200, answer.text
    assert answer.json()["visit"]["start_at"] == at_first["start_at"]
    assert desk.route("Tulle 2") == [second, first]
    assert desk.breaches() == []
    again = await desk.http.post(f"/api/v1/incidents/{second}/accept", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "plan_changed")


async def test_a_visit_changes_crew_in_one_command(desk: Desk) -> None:
    first, second, visit = await two_at_tulle(desk)
    price = await one(desk, second, "Brive 8", position=0)
    body = {"crew_id": price["crew_id"], "plan_version": price["plan_version"], "position": 0}
    answer = await desk.http.post(
        f"/api/v1/incidents/{second}/accept", json={**body, "exact": True}
    )
    await desk.world.settle()

    assert answer.json()["visit"]["id"] == visit["id"]
    assert (desk.route("Tulle 2"), desk.route("Brive 8")) == ([first], [second])


async def test_an_hour_means_the_place_it_falls_in(desk: Desk) -> None:
    first, second, _ = await two_at_tulle(desk)
    now = desk.world.clock.now()
    early = await one(desk, second, "Tulle 2", start_at=now.isoformat())
    late = await one(desk, second, "Tulle 2", start_at=now.replace(hour=23).isoformat())
    assert (early["position"], late["position"]) == (0, 1)
    assert late["is_here"]
    path = f"/api/v1/incidents/{first}/moves/{desk.crew_id('Tulle 2')}"
    both = await desk.http.get(path, params={"position": 0, "start_at": now.isoformat()})
    assert (both.status_code, both.json()["params"]["field"]) == (422, "start_at")


async def test_a_crew_without_the_skill_has_a_price_a_reason_and_a_refusal(desk: Desk) -> None:
    incident = await desk.incident("water_main_burst", USSEL)
    found = await moves(desk, incident)
    barred = next(c["best"] for c in found["crews"] if not c["best"]["is_lawful"])
    assert {rule["reason"] for rule in barred["broken"]} == {"missing_skill"}
    assert barred["terms"]

    body = {"crew_id": barred["crew_id"], "plan_version": found["plan_version"], "position": 0}
    answer = await desk.http.post(
        f"/api/v1/incidents/{incident}/accept", json={**body, "exact": True}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert answer.json()["params"]["reason"] == "missing_skill"


async def test_the_plan_is_read_once_until_something_happens(desk: Desk) -> None:
    _, second, _ = await two_at_tulle(desk)
    await moves(desk, second)
    keeper = Keeper.of(desk.world.service)
    kept = keeper._kept["correze"][1]
    await one(desk, second, "Tulle 2")
    assert keeper._kept["correze"][1] is kept

    await desk.incident("lamp_out", BRIVE)
    await one(desk, second, "Tulle 2")
    assert keeper._kept["correze"][1] is not kept


async def test_what_is_under_way_has_no_price(desk: Desk) -> None:
    _, second, visit = await two_at_tulle(desk)
    await desk.move(visit, "en_route")
    answer = await desk.http.get(f"/api/v1/incidents/{second}/moves")
    assert answer.status_code == 404
