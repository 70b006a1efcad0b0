"""Taking an offer and rolling time on: judged by an independent checker on a fresh snapshot."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from dispatcher.models import Incident, Visit
from dispatcher.planning import commands
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.commands import retime, to_retime
from dispatcher.planning.queries import subject_of
from dispatcher.planning.routes import current_route
from dispatcher.planning.rows import Scope
from dispatcher.planning.snapshot import Snapshot
from scheduling.dispatch.moves import Moves
from scheduling.dispatch.schedule import Scheduler
from tests.support.desk import BRIVE, OBJAT, TULLE, USSEL, Desk, keep_on_duty, near
from tests.support.world import ORG

FREEZE = timedelta(minutes=20)
DAY = [
    ("pothole", TULLE),
    ("water_leak_road", TULLE),
    ("lamp_out", BRIVE),
    ("sewer_blockage", BRIVE),
    ("pothole", near(TULLE, 7)),
    ("tree_on_road", USSEL),
    ("bin_overflow", OBJAT),
    ("building_heating", BRIVE),
]


async def test_what_was_offered_is_what_the_plan_then_holds(either_desk: Desk) -> None:
    desk = either_desk
    for category, place in DAY[:4]:
        incident = await desk.incident(category, place)
        best = (await desk.offers(incident))["offers"][0]
        visit = await desk.accept(incident)

        assert (visit["crew_id"], visit["position"]) == (best["crew_id"], best["position"])
        assert (visit["start_at"], visit["end_at"]) == (best["start_at"], best["end_at"])
        assert incident in desk.route(best["crew"])
    assert desk.breaches() == []


async def test_a_day_of_accepted_offers_breaks_no_rule(desk: Desk) -> None:
    for category, place in DAY:
        await desk.accept(await desk.incident(category, place))
        desk.world.clock.advance(timedelta(minutes=15))
        await desk.world.settle()

        assert desk.breaches() == []


async def test_every_crew_left_out_is_told_why(desk: Desk) -> None:
    offers = await desk.offers(await desk.incident("sewer_overflow"))

    named = {o["crew_id"] for o in offers["offers"]} | {r["crew_id"] for r in offers["refusals"]}
    assert len(named) == len(offers["offers"]) + len(offers["refusals"])
    assert len(offers["offers"]) == 8 or len(named) == offers["compared"]
    assert {r["reason"] for r in offers["refusals"]} >= {"missing_skill"}
    for offer in offers["offers"]:
        assert sum(t["minutes"] for t in offer["terms"]) == pytest.approx(offer["cost_min"], abs=1)


async def test_a_crew_that_cannot_go_is_refused_with_the_reason(desk: Desk) -> None:
    incident = await desk.incident("sewer_overflow")
    offers = await desk.offers(incident)
    crew = next(r for r in offers["refusals"] if r["reason"] == "missing_skill")

    answer = await desk.http.post(
        f"/api/v1/incidents/{incident}/accept",
        json={"crew_id": crew["crew_id"], "plan_version": offers["plan_version"]},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert answer.json()["params"]["reason"] == "missing_skill"


async def test_two_desks_that_choose_on_the_same_plan_do_not_both_win(desk: Desk) -> None:
    first, second = await desk.incident("pothole"), await desk.incident("lamp_out", BRIVE)
    seen = (await desk.offers(first))["plan_version"]
    crew = (await desk.offers(second))["offers"][0]["crew_id"]
    await desk.accept(first)

    answer = await desk.http.post(
        f"/api/v1/incidents/{second}/accept", json={"crew_id": crew, "plan_version": seen}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_changed")
    assert answer.json()["params"]["current"] == (await desk.offers(second))["plan_version"]


async def test_the_same_incident_is_not_given_twice(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    first = await desk.accept(incident)
    again = await desk.accept(incident)

    assert again["id"] == first["id"]
    assert desk.orders(incident) == ["assigned"]


async def test_a_planned_visit_can_be_given_to_another_crew(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    offers = (await desk.offers(incident))["offers"]
    first = await desk.accept(incident, offers[0]["crew"])
    await desk.move(first, "acknowledged")

    moved = await desk.accept(incident, offers[1]["crew"])

    assert moved["id"] == first["id"]
    assert moved["crew_id"] == offers[1]["crew_id"]
    assert desk.visit(moved).state == "notified", "the new crew is told anew"
    assert incident not in desk.route(offers[0]["crew"])
    assert desk.breaches() == []


async def test_an_urgent_visit_takes_the_place_of_one_that_can_wait(desk: Desk) -> None:
    await desk.world.do(partial(keep_on_duty, codes={"tulle-3"}))
    waiting = []
    for number in range(12):
        incident = await desk.incident("street_dark", near(TULLE, number))
        offers = (await desk.offers(incident))["offers"]
        if not offers or "bumps" in offers[0]["flags"]:
            break
        waiting.append(incident)
        await desk.accept(incident)
    assert len(waiting) >= 5, "the day is full"
    urgent = await desk.incident("cable_down", near(TULLE, 24))
    (offer,) = (await desk.offers(urgent))["offers"]
    gone = [b for b in offer["bumped"] if b["delay_s"] is None]
    assert "bumps" in offer["flags"]
    assert len(gone) == 1

    await desk.accept(urgent)

    route = desk.route(offer["crew"])
    assert urgent in route
    (bumped,) = [i for i in waiting if i not in route]
    assert desk.visit({"id": gone[0]["visit_id"]}).state == "cancelled"
    assert desk.orders(bumped) == ["open"], "its work waits again"
    assert desk.incident_row(bumped).window_from is None, "nobody is promised an hour any more"
    assert desk.breaches() == []


@pytest.mark.parametrize("pin", ["crew", "time"])
async def test_a_pinned_visit_survives_what_is_accepted_around_it(desk: Desk, pin: str) -> None:
    await desk.world.do(partial(keep_on_duty, codes={"tulle-5", "egletons-1"}))
    first = await desk.incident("pothole", TULLE)
    visit = await desk.accept(first)
    crew = desk.crew_of(visit).name
    answer = await desk.http.post(f"/api/v1/visits/{visit['id']}/pin", json={"pin": pin})
    assert answer.json()["pin"] == pin

    for number in range(1, 4):
        await desk.accept(await desk.incident("road_obstacle", near(TULLE, number)))
    desk.world.clock.advance(timedelta(minutes=30))
    await desk.world.do(partial(retime, freeze=timedelta(0)))

    assert first in desk.route(crew)
    row = desk.visit(visit)
    assert row.pin == pin
    if pin == "time":
        assert row.start_at is not None
        assert abs(row.start_at.isoformat() > visit["start_at"]) in {0, 1}
    assert desk.breaches() == []


async def test_a_pinned_visit_is_not_offered_to_another_crew(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    visit = await desk.accept(incident)
    await desk.http.post(f"/api/v1/visits/{visit['id']}/pin", json={"pin": "crew"})

    offers = await desk.offers(incident)

    assert [o["crew_id"] for o in offers["offers"]] == [visit["crew_id"]]
    assert {r["reason"] for r in offers["refusals"]} >= {"pinned_elsewhere"}


async def test_a_freed_visit_is_offered_to_everybody_again(desk: Desk) -> None:
    incident = await desk.incident("pothole")
    visit = await desk.accept(incident)
    for pin in ("crew", None):
        await desk.http.post(f"/api/v1/visits/{visit['id']}/pin", json={"pin": pin})

    assert len((await desk.offers(incident))["offers"]) > 1


async def test_a_plan_that_nobody_carried_out_rolls_forward(desk: Desk) -> None:
    visits = [await desk.accept(await desk.incident(c, p)) for c, p in DAY[:3]]
    now = desk.world.clock.advance(timedelta(hours=2))

    moved = await desk.world.do(partial(retime, freeze=timedelta(0)))

    assert moved == 3
    for visit in visits:
        start = desk.visit(visit).start_at
        assert start is not None
        assert start >= now
    assert desk.breaches() == []


async def test_a_plan_on_time_is_left_alone(desk: Desk) -> None:
    await desk.accept(await desk.incident("pothole"))

    assert await desk.world.do(partial(retime, freeze=timedelta(0))) == 0


async def test_what_holds_up_other_commands_looks_at_the_crews_concerned_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[UUID]] = []
    inside, take, accept = False, snapshots.take, commands.accept_offer

    def taken(*given: Any) -> Snapshot:
        if inside:
            asked.append(set(given[4].crew_ids))
        return take(*given)

    def accepted(*given: Any, **named: Any) -> Visit:
        nonlocal inside
        inside = True
        try:
            return accept(*given, **named)
        finally:
            inside = False

    monkeypatch.setattr(snapshots, "take", taken)
    monkeypatch.setattr(commands, "accept_offer", accepted)
    first = await desk.accept(await desk.incident("lamp_out", BRIVE))
    incident = await desk.incident("lamp_out", near(BRIVE, 5))
    offers = await desk.offers(incident)
    visit = await desk.accept(incident)
    other = next(o["crew"] for o in offers["offers"] if o["crew_id"] != visit["crew_id"])
    moved = await desk.accept(incident, other)

    of = [UUID(one["crew_id"]) for one in (first, visit, moved)]
    assert asked == [{of[0]}, {of[1]}, {of[1], of[2]}]
    assert desk.breaches() == []


async def test_a_place_costs_the_same_beside_all_crews_and_beside_those_concerned(
    desk: Desk,
) -> None:
    for category, place in DAY:
        await desk.accept(await desk.incident(category, place))
    incident = await desk.incident("lamp_out", near(BRIVE, 9))
    now = desk.world.clock.now()
    with desk.world.look() as session:
        whole = snapshots.take(session, ORG, now, snapshots.NOTHING_FROZEN)
        row = session.get_one(Incident, incident)
        name = subject_of(whole, row)
        compared = 0
        for crew_name, crew in whole.crews.items():
            scope = Scope({crew.id}, {incident})
            alone = snapshots.take(session, ORG, now, snapshots.NOTHING_FROZEN, scope)
            assert subject_of(alone, row) == name
            for at in range(len(current_route(whole, crew_name)) + 1):
                one = Moves(whole.problem, name).at(crew_name, at)
                other = Moves(alone.problem, name).at(crew_name, at)
                assert (one.place, one.bill, one.shifts) == (other.place, other.bill, other.shifts)
                assert one.broken == other.broken
                compared += 1
    assert compared > len(whole.crews)


async def test_only_the_routes_that_time_has_moved_are_named_and_rolled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "CREWS_AT_ONCE", 1)
    visits = [await desk.accept(await desk.incident(c, p)) for c, p in DAY[:6]]

    def named() -> list[str]:
        with desk.world.look() as session:
            return [str(one) for one in to_retime(session, ORG, desk.world.clock.now())]

    assert named() == []
    desk.world.clock.advance(timedelta(hours=2))
    late = named()
    assert 1 < len(late) <= len({visit["crew_id"] for visit in visits})
    await desk.world.do(partial(retime, freeze=timedelta(0), crew_ids={UUID(late[0])}))
    assert named() == late[1:]
    await desk.world.do(partial(retime, freeze=timedelta(0)))
    assert named() == []


async def test_routes_are_timed_alike_with_all_crews_and_with_a_few(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for category, place in DAY:
        await desk.accept(await desk.incident(category, place))
    await desk.incident("pothole", OBJAT)
    now = desk.world.clock.advance(timedelta(hours=1))
    monkeypatch.setattr(snapshots, "CREWS_AT_ONCE", 3)
    with desk.world.look() as session:
        whole = snapshots.take(session, ORG, now, timedelta(0))
        parts = list(snapshots.by_crews(session, ORG, now))

    def times(taken: snapshots.Snapshot) -> dict[str, object]:
        scheduler = Scheduler(taken.problem)
        return {
            one.crew_id: scheduler.route(one.crew_id, [stop.visit_id for stop in one.stops])
            for one in taken.problem.plan
        }

    assert len(parts) > 1
    assert all(part.orders == {} for part in parts)
    assert {name: route for part in parts for name, route in times(part).items()} == times(whole)


async def test_rolling_forward_keeps_order_and_crews_and_the_plans_number(desk: Desk) -> None:
    for number in range(4):
        await desk.accept(await desk.incident("pothole", near(TULLE, number)))
    before = desk.snapshot()
    desk.world.clock.advance(timedelta(hours=1))

    await desk.world.do(partial(retime, freeze=timedelta(0)))

    after = desk.snapshot()
    assert after.plan_number == before.plan_number
    for old, new in zip(before.problem.plan, after.problem.plan, strict=True):
        assert [s.visit_id for s in old.stops] == [s.visit_id for s in new.stops]
