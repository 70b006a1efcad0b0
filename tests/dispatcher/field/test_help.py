"""« Besoin d'aide »: what a crew asks for, and what becomes of the plan."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from dispatcher.models import HelpCall, WorkOrder
from tests.support.desk import BRIVE, TULLE, Desk, near
from tests.support.stores import log_of
from tests.support.verify_action import verify_action

Json = dict[str, Any]


async def ask(desk: Desk, visit: Json, need: str, **more: Any) -> httpx.Response:
    """Ask for help, every screen judged."""
    key = more.pop("key", None)
    headers = {"Idempotency-Key": key} if key else {}
    path = f"/api/v1/visits/{visit['id']}/help"
    call = desk.http.post(path, json={"need": need, **more}, headers=headers)
    return await verify_action(desk.world, call)


async def on_site(desk: Desk, place: dict[str, float] = TULLE, kind: str = "pothole") -> Json:
    """Return a visit at work."""
    visit = await desk.accept(await desk.incident(kind, place))
    return await desk.move(visit, "en_route", "on_site")


def orders_of(desk: Desk, visit: Json) -> list[WorkOrder]:
    with desk.world.look() as session:
        wanted = WorkOrder.incident_id == UUID(visit["incident_id"])
        rows = session.exec(select(WorkOrder).where(wanted).order_by(col(WorkOrder.created_at)))
        return list(rows.all())


async def test_more_time_lengthens_the_visit_and_moves_those_that_follow(either_desk: Desk) -> None:
    desk = either_desk
    first = await desk.accept(await desk.incident("pothole"))
    crew = desk.crew_of(first).name
    second = await desk.accept(await desk.incident("pothole", near(TULLE, 2)), crew)
    first = await desk.move(first, "en_route", "on_site")
    before = desk.visit(second).start_at
    assert before is not None

    answer = await ask(desk, first, "more_time", minutes=60)

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["visit"]["duration_s"] == first["duration_s"] + 3600
    after = desk.visit(second).start_at
    assert after is not None
    assert after - before >= timedelta(minutes=58)
    assert desk.breaches() == []


async def test_a_second_crew_is_other_work_that_another_crew_gets(either_desk: Desk) -> None:
    desk = either_desk
    visit = await on_site(desk)

    assert (await ask(desk, visit, "second_crew")).status_code == 200

    assert desk.orders(UUID(visit["incident_id"])) == ["assigned", "open"]
    offers = await desk.offers(UUID(visit["incident_id"]))
    crews = {offer["crew_id"] for offer in offers["offers"]}
    assert crews
    assert visit["crew_id"] not in crews
    refused = {one["crew_id"]: one["reason"] for one in offers["refusals"]}
    assert refused[visit["crew_id"]] == "already_there"
    second = await desk.accept(UUID(visit["incident_id"]))
    assert second["crew_id"] != visit["crew_id"]
    row = desk.incident_row(UUID(visit["incident_id"]))
    assert (row.state, row.step) == ("in_progress", "on_site"), "people are not told less"
    assert desk.breaches() == []


async def test_the_first_of_two_crews_to_finish_leaves_the_end_to_the_other(desk: Desk) -> None:
    visit = await on_site(desk)
    await ask(desk, visit, "second_crew")
    second = await desk.accept(UUID(visit["incident_id"]))
    await desk.move(second, "en_route", "on_site")

    await desk.move(visit, "completed")
    assert desk.incident_row(UUID(visit["incident_id"])).state == "in_progress"

    await desk.move(second, "completed")
    assert desk.incident_row(UUID(visit["incident_id"])).state == "resolved"


async def test_a_second_crew_on_its_way_turns_back_when_the_first_is_done(desk: Desk) -> None:
    visit = await on_site(desk)
    await ask(desk, visit, "second_crew")
    second = await desk.accept(UUID(visit["incident_id"]))
    await desk.move(second, "en_route")

    await desk.move(visit, "completed")

    assert desk.incident_row(UUID(visit["incident_id"])).state == "resolved"
    assert desk.visit(second).state == "cancelled"


async def test_a_missing_part_ends_the_visit_and_holds_the_incident(desk: Desk) -> None:
    visit = await on_site(desk)

    answer = await ask(desk, visit, "part_missing", note="vanne DN 100", minutes=45)

    assert answer.json()["visit"]["state"] == "incomplete"
    row = desk.incident_row(UUID(visit["incident_id"]))
    assert (row.state, row.hold_reason) == ("on_hold", "vanne DN 100")
    (order,) = orders_of(desk, visit)
    assert (order.state, order.duration_s) == ("open", 45 * 60)
    path = f"/api/v1/incidents/{visit['incident_id']}/transitions"
    await desk.http.post(path, json={"to": "triaged"})
    await desk.world.settle()
    assert (await desk.accept(UUID(visit["incident_id"])))["id"] != visit["id"]


async def test_a_crew_may_wait_there_for_the_part(desk: Desk) -> None:
    visit = await on_site(desk)

    answer = await ask(desk, visit, "part_missing", note="joint", stays=True)

    assert answer.json()["visit"]["state"] == "paused"
    assert desk.incident_row(UUID(visit["incident_id"])).state == "in_progress"


async def test_made_safe_and_left_comes_back_later_and_less_urgent(desk: Desk) -> None:
    incident = await desk.incident("water_leak_road")
    visit = await desk.accept(incident)
    await desk.move(visit, "en_route", "on_site")
    level = int(desk.incident_row(incident).priority[1])

    answer = await ask(desk, visit, "made_safe", minutes=90)

    assert answer.json()["visit"]["state"] == "incomplete"
    row = desk.incident_row(incident)
    assert row.state == "stabilised"
    assert "made_safe" in row.stamps
    (order,) = orders_of(desk, visit)
    assert order.not_before is not None
    assert order.not_before > desk.world.clock.now()
    snapshot = desk.snapshot()
    rest = snapshot.problem.visit(str(order.id))
    assert rest.priority == min(4, level + 1)
    assert rest.ready_at == round(order.not_before.timestamp())
    offers = await desk.offers(incident)
    starts = [datetime.fromisoformat(one["start_at"]) for one in offers["offers"]]
    assert all(at >= order.not_before for at in starts)
    again = await desk.accept(incident)
    assert desk.breaches() == []
    await desk.move(again, "en_route")
    assert desk.incident_row(incident).state == "in_progress"


@pytest.mark.parametrize("need", ["part_missing", "made_safe", "more_time", "second_crew"])
async def test_what_makes_no_sense_before_leaving_is_refused(desk: Desk, need: str) -> None:
    visit = await desk.accept(await desk.incident("pothole"))

    answer = await ask(desk, visit, need, minutes=15, note="joint")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    with desk.world.look() as session:
        assert session.exec(select(HelpCall)).all() == []


@pytest.mark.parametrize(
    "body",
    [
        {"need": "more_time"},
        {"need": "part_missing"},
        {"need": "expert"},
        {"need": "more_time", "minutes": 100_000},
        {"need": "coffee"},
    ],
)
async def test_too_little_or_too_much_is_bad_input(desk: Desk, body: Json) -> None:
    visit = await on_site(desk)

    answer = await desk.http.post(f"/api/v1/visits/{visit['id']}/help", json=body)

    assert answer.status_code == 422


async def test_a_repeat_from_the_outbox_asks_once_and_keeps_its_hour(either_desk: Desk) -> None:
    desk = either_desk
    visit = await on_site(desk)
    said_at = desk.world.clock.now()
    desk.world.clock.advance(timedelta(minutes=20))
    more = {"minutes": 15, "at": said_at.isoformat(), "key": "help-0123456789abcdef"}

    first = await ask(desk, visit, "more_time", **more)
    again = await ask(desk, visit, "more_time", **more)

    assert first.json() == again.json()
    with desk.world.look() as session:
        (call,) = session.exec(select(HelpCall)).all()
    assert call.asked_at == said_at
    assert desk.visit(visit).duration_s == visit["duration_s"] + 15 * 60


async def test_a_crew_asks_for_its_own_visits_only(desk: Desk) -> None:
    visit = await on_site(desk, BRIVE)
    assert desk.crew_of(visit).code != "tulle-1"

    async with desk.world.client("crew") as crew:
        path = f"/api/v1/visits/{visit['id']}/help"
        answer = await crew.post(path, json={"need": "second_crew"})

    assert answer.status_code == 404


async def test_the_desk_sees_a_call_once_and_it_leaves_the_board(desk: Desk) -> None:
    visit = await on_site(desk)
    call = (await ask(desk, visit, "second_crew")).json()["help"]
    assert [one["id"] for one in (await desk.http.get("/api/v1/help")).json()] == [call["id"]]

    for _ in range(2):
        seen = desk.http.post(f"/api/v1/help/{call['id']}/seen")
        answer = await verify_action(desk.world, seen)
        assert (answer.json()["state"], answer.json()["ver"]) == ("seen", 2)

    assert (await desk.http.get("/api/v1/help")).json() == []
    with desk.world.look() as session:
        assert [one.type for one in log_of(session)].count("help.seen") == 1


async def test_what_is_over_calls_for_nothing_any_more(desk: Desk) -> None:
    visit = await on_site(desk)
    await ask(desk, visit, "more_time", minutes=15)

    await desk.move(visit, "completed")

    assert (await desk.http.get("/api/v1/help")).json() == []
