"""The life of a visit, and what it means for its incident, its crew and the plan."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.models import User, Visit, VisitStamp
from dispatcher.planning.visits import archive_finished
from tests.support.desk import BRIVE, Desk
from tests.support.stores import log_of
from tests.support.world import World


async def test_an_assigned_crew_is_told_by_itself(either_desk: Desk) -> None:
    visit = await either_desk.accept(await either_desk.incident("pothole"))

    assert either_desk.visit(visit).state == "notified"


async def test_a_visit_carries_its_incident_and_its_crew_along(either_desk: Desk) -> None:
    desk = either_desk
    incident = await desk.incident("pothole")
    visit = await desk.accept(incident)
    seen = []
    for target in ("acknowledged", "en_route", "on_site", "paused", "on_site", "completed"):
        await desk.move(visit, target)
        row = desk.incident_row(incident)
        seen.append((row.state, row.step, desk.crew_of(visit).state))

    assert seen == [
        ("triaged", "planned", "available"),
        ("in_progress", "en_route", "en_route"),
        ("in_progress", "on_site", "on_site"),
        ("in_progress", "on_site", "paused"),
        ("in_progress", "on_site", "on_site"),
        ("resolved", "done", "available"),
    ]
    assert desk.orders(incident) == ["done"]


async def test_a_refusal_opens_the_work_again(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    visit = await desk.accept(incident)
    await desk.move(visit, "refused", reason="véhicule en panne")

    assert desk.orders(incident) == ["open"]
    row = desk.incident_row(incident)
    assert (row.state, row.step, row.window_from) == ("triaged", "examined", None)
    again = await desk.accept(incident)
    assert again["id"] != visit["id"]
    assert desk.breaches() == []


async def test_unfinished_work_waits_for_another_visit(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    visit = await desk.accept(incident)
    await desk.move(visit, "en_route", "on_site", "incomplete", reason="pièce manquante")

    assert desk.orders(incident) == ["open"]
    assert desk.incident_row(incident).state == "triaged"
    second = await desk.accept(incident)
    await desk.move(second, "en_route", "on_site", "completed")
    assert desk.incident_row(incident).state == "resolved"


async def test_a_move_that_cannot_follow_is_refused(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))

    answer = await desk.try_move(visit, "completed")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert desk.visit(visit).state == "notified"


async def test_a_phone_may_repeat_itself(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    first = await desk.move(visit, "en_route")
    again = await desk.move(visit, "en_route")

    assert again["ver"] == first["ver"]
    with desk.world.look() as session:
        stamps = session.exec(select(VisitStamp).where(VisitStamp.state == "en_route")).all()
    assert len(stamps) == 1


async def test_a_keyed_move_repeated_after_the_next_one_changes_nothing(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    path = f"/api/v1/visits/{visit['id']}/transitions"
    key = {"Idempotency-Key": "0123456789abcdef"}
    first = await desk.http.post(path, json={"to": "en_route"}, headers=key)
    await desk.move(visit, "on_site")

    again = await desk.http.post(path, json={"to": "en_route"}, headers=key)

    assert again.status_code == 200
    assert again.json() == first.json()
    assert desk.visit(visit).state == "on_site"


async def test_what_happened_offline_keeps_its_hour(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    desk.world.clock.advance(timedelta(minutes=40))
    left_at = desk.world.clock.now() - timedelta(minutes=25)

    moved = (await desk.try_move(visit, "en_route", at=left_at.isoformat())).json()

    assert datetime.fromisoformat(moved["stamps"]["en_route"]) == left_at
    with desk.world.look() as session:
        stamp = session.exec(select(VisitStamp).where(VisitStamp.state == "en_route")).one()
    assert (stamp.at, stamp.source) == (left_at, "dispatcher")


async def test_nothing_happens_in_the_future_or_before_its_cause(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    now = desk.world.clock.advance(timedelta(minutes=10))
    for target, at in (("en_route", now + timedelta(days=1)), ("on_site", now - timedelta(days=1))):
        moved = (await desk.try_move(visit, target, at=at.isoformat())).json()
        assert datetime.fromisoformat(moved["stamps"][target]) == now


async def test_a_crew_moves_its_own_visits(desk: Desk) -> None:
    visit = await desk.accept(
        await desk.incident("water_leak_road"), desk.world.crew("tulle-1").name
    )
    async with desk.world.client("crew") as member:
        phone = Desk(desk.world, member)
        await phone.move(visit, "acknowledged", "en_route", "on_site", "completed")
    assert desk.visit(visit).state == "completed"


async def test_another_crews_visit_does_not_exist(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole", BRIVE))
    async with desk.world.client("crew") as member:
        answer = await Desk(desk.world, member).try_move(visit, "acknowledged")
    assert answer.status_code == 404
    assert desk.visit(visit).state == "notified"


@pytest.mark.parametrize("target", ["cancelled", "reassigned"])
async def test_a_crew_cannot_put_its_own_work_away(desk: Desk, target: str) -> None:
    visit = await desk.accept(
        await desk.incident("water_leak_road"), desk.world.crew("tulle-1").name
    )
    async with desk.world.client("crew") as member:
        answer = await Desk(desk.world, member).try_move(visit, target)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("role", ["expert", "operator"])
async def test_those_who_do_not_plan_do_not_cancel(desk: Desk, role: str) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    async with desk.world.client(role) as http:
        assert (await Desk(desk.world, http).try_move(visit, "cancelled")).status_code == 403


async def test_a_crew_without_a_crew_sees_no_visit(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))

    def orphan(tx: Tx) -> None:
        tx.session.exec(select(User).where(User.username == "crew")).one().crew_id = None

    await desk.world.do(orphan)
    async with desk.world.client("crew") as member:
        assert (await Desk(desk.world, member).try_move(visit, "acknowledged")).status_code == 404


async def test_a_visit_that_is_taken_back_leaves_the_work_open(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    visit = await desk.accept(incident)
    number = desk.snapshot().plan_number

    answer = await desk.http.post(f"/api/v1/visits/{visit['id']}/unassign")

    assert answer.json()["state"] == "cancelled"
    assert desk.orders(incident) == ["open"]
    assert desk.snapshot().plan_number == number + 1
    assert desk.incident_row(incident).step == "examined"


async def test_a_crew_on_its_way_is_not_emptied_by_an_undo(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    await desk.move(visit, "en_route")

    answer = await desk.http.post(f"/api/v1/visits/{visit['id']}/unassign")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert desk.crew_of(visit).state == "en_route"


async def test_a_crew_called_back_on_its_way_is_free_again(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    visit = await desk.accept(incident)
    await desk.move(visit, "en_route", "cancelled")

    assert desk.crew_of(visit).state == "available"
    assert desk.orders(incident) == ["open"]
    assert desk.breaches() == []


async def test_no_crew_is_sent_to_what_has_joined_another(desk: Desk) -> None:
    incident, other = await desk.incident("pothole"), await desk.incident("lamp_out")
    visit = await desk.accept(incident)
    merged = await desk.http.post(f"/api/v1/incidents/{incident}/merge", json={"into": str(other)})
    assert merged.status_code == 200, merged.text
    await desk.world.settle()

    assert desk.visit(visit).state == "cancelled"
    assert desk.route(desk.crew_of(visit).name) == []
    assert desk.incident_row(incident).state == "merged"


@pytest.mark.parametrize("state", ["cancelled", "on_hold", "transferred", "answered", "resolved"])
async def test_no_crew_is_sent_to_what_the_desk_has_closed(desk: Desk, state: str) -> None:
    incident = await desk.incident("pothole")
    visit = await desk.accept(incident)
    if state == "resolved":
        await desk.move(visit, "en_route")
    moved = await desk.http.post(
        f"/api/v1/incidents/{incident}/transitions", json={"to": state, "reason": "décidé"}
    )
    assert moved.status_code == 200, moved.text
    await desk.world.settle()

    assert desk.visit(visit).state == "cancelled"
    assert desk.route(desk.crew_of(visit).name) == []
    assert desk.crew_of(visit).state == "available"
    row = desk.incident_row(incident)
    assert row.state == state
    assert row.window_from is None


@pytest.mark.parametrize("state", ["cancelled", "on_hold", "triaged", "stabilised"])
async def test_a_crew_on_site_can_always_say_it_is_done(desk: Desk, state: str) -> None:
    incident = await desk.incident("pothole")
    visit = await desk.accept(incident)
    await desk.move(visit, "en_route", "on_site")
    moved = await desk.http.post(
        f"/api/v1/incidents/{incident}/transitions", json={"to": state, "reason": "décidé"}
    )
    assert moved.status_code == 200, moved.text
    await desk.world.settle()

    done = await desk.try_move(visit, "completed")

    assert done.status_code == 200, done.text
    assert desk.crew_of(visit).state == "available"
    assert desk.incident_row(incident).state == (
        "cancelled" if state == "cancelled" else "resolved"
    )


async def test_each_move_says_who_said_it(desk: Desk) -> None:
    visit = await desk.accept(
        await desk.incident("water_leak_road"), desk.world.crew("tulle-1").name
    )
    async with desk.world.client("crew") as member:
        await Desk(desk.world, member).move(visit, "acknowledged")
    await desk.move(visit, "en_route")

    with desk.world.look() as session:
        said = [row.data["said_by"] for row in log_of(session) if row.type == "visit.moved"]
        stamps = session.exec(select(VisitStamp).order_by(col(VisitStamp.id))).all()
    assert said == ["service", "crew", "dispatcher"]
    assert [stamp.source for stamp in stamps] == said


async def test_finished_visits_leave_the_board_and_stay_stored(desk: Desk) -> None:
    visit = await desk.accept(await desk.incident("pothole"))
    running = await desk.accept(await desk.incident("lamp_out", BRIVE))
    await desk.move(visit, "en_route", "on_site", "completed")
    later = desk.world.clock.advance(timedelta(hours=13))

    assert await desk.world.do(lambda tx: archive_finished(tx, later - timedelta(hours=12))) == 1

    with desk.world.look() as session:
        archived = session.exec(select(Visit.id).where(col(Visit.archived).is_(True))).all()
    assert list(archived) == [UUID(visit["id"])]
    assert not desk.visit(running).archived


async def test_a_crew_reads_what_changed_in_its_incident(desk: Desk, world: World) -> None:
    incident = await desk.incident("pothole")
    visit = await desk.accept(incident)
    version = (await desk.http.get(f"/api/v1/incidents/{incident}")).headers["etag"]
    await desk.http.patch(
        f"/api/v1/incidents/{incident}",
        json={"title": "Affaissement devant l’école"},
        headers={"If-Match": version},
    )
    await world.settle()

    assert desk.visit(visit).brief["title"] == "Affaissement devant l’école"
