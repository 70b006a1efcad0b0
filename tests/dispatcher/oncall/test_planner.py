"""The planner's hand: moves are priced before they are made, absences repaired, weakness shown."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from dispatcher.actors import system
from dispatcher.models import EventRow, OnCallDuty, OnCallPerson
from dispatcher.oncall import swapping
from dispatcher.oncall.generation import Wanted, generate
from dispatcher.oncall.snapshot import Horizon
from scheduling.rota.check import check
from tests.support.oncall import PARIS, NightShift
from tests.support.world import ORG, TUESDAY, World

Json = dict[str, Any]
API = "/api/v1"


@pytest.fixture
async def night(world: World) -> NightShift:
    """A solved rota of twelve weeks, on its second day."""
    generate(world.service.store, system(ORG), Wanted(Horizon(None, 12, "Europe/Paris")))
    await world.settle()
    return NightShift(world)


def turns(night: NightShift, post: str = "operations-tulle") -> list[OnCallDuty]:
    with night.world.look() as session:
        rows = session.exec(select(OnCallDuty).where(OnCallDuty.post == post)).all()
    return sorted(rows, key=lambda one: one.start_at)


async def priced(manager: httpx.AsyncClient, duty: OnCallDuty) -> Json:
    answer = await manager.get(f"{API}/oncall/duties/{duty.id}/moves")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def holder(night: NightShift, duty: OnCallDuty) -> str:
    with night.world.look() as session:
        return str(session.get_one(OnCallDuty, duty.id).person_id)


async def test_a_move_is_priced_then_made_once_and_the_rota_stays_lawful(
    night: NightShift,
) -> None:
    duty = next(one for one in turns(night) if one.start_at > TUESDAY + timedelta(weeks=4))
    async with night.world.client("oncall_manager") as manager:
        found = await priced(manager, duty)
        lawful = [one for one in found["prices"] if one["lawful"] and not one["broken"]]
        given = next(one for one in lawful if len(one["handovers"]) == 1)
        body = {"edition": found["edition"], "handovers": given["handovers"]}
        path = f"{API}/rotas/{duty.rota_id}/moves"
        before = (await manager.get(f"{API}/rotas/current")).json()
        moved = await manager.post(path, json=body)
        again = await manager.post(path, json=body)
    assert (moved.status_code, again.status_code) == (200, 412), moved.text
    taker = given["handovers"][0]["to_id"]
    assert holder(night, duty) == taker
    fair = {one["person_id"]: one for one in given["fairness"]}
    counted = {one["person_id"]: one["deviation"] for one in moved.json()["counters"]}
    earlier = {one["person_id"]: one["deviation"] for one in before["counters"]}
    for who, told in fair.items():
        change = counted[who] - earlier[who]
        assert change == pytest.approx(told["after"] - told["before"], abs=0.02)
    with night.world.look() as session:
        after = swapping.in_force(session, ORG, night.world.clock.now(), PARIS)
        log = session.exec(select(EventRow).where(EventRow.type == "rota.turns_moved")).one()
    assert check(after.problem, after.rota) == ()
    assert log.data["turns"][0]["after"] == taker
    await night.send_all()
    assert any("tours d'astreinte ont change" in message.text for message in night.sms.sent)


async def test_a_move_at_short_notice_costs_half_as_much_again(night: NightShift) -> None:
    now = TUESDAY + timedelta(weeks=4)
    night.world.clock.set(now)
    soon = next(one for one in turns(night) if one.start_at > now)
    late = next(one for one in turns(night) if one.start_at > now + timedelta(weeks=4))
    async with night.world.client("oncall_manager") as manager:
        near, far = await priced(manager, soon), await priced(manager, late)
        rota = (await manager.get(f"{API}/rotas/current")).json()
    cents = next(one["cents"] for one in rota["duties"] if one["id"] == str(soon.id))
    one_way = [p for p in near["prices"] if len(p["handovers"]) == 1]
    assert {p["cents"] for p in one_way} == {(cents + 1) // 2}
    assert {p["cents"] for p in far["prices"] if len(p["handovers"]) == 1} == {0}


async def test_an_unlawful_move_names_its_article_and_is_refused(night: NightShift) -> None:
    duty = next(one for one in turns(night) if one.start_at > TUESDAY + timedelta(weeks=4))
    async with night.world.client("oncall_manager") as manager:
        found = await priced(manager, duty)
        wrong = next(
            one
            for one in found["prices"]
            if any(broken["rule"] == "qualification" for broken in one["broken"])
        )
        assert not wrong["lawful"]
        assert all(broken["source"] for broken in wrong["broken"])
        body = {"edition": found["edition"], "handovers": wrong["handovers"]}
        refused = await manager.post(f"{API}/rotas/{duty.rota_id}/moves", json=body)
    async with night.world.client("dispatcher") as dispatcher:
        foreign = await dispatcher.get(f"{API}/oncall/duties/{duty.id}/moves")
    assert (refused.status_code, foreign.status_code) == (409, 403)
    assert holder(night, duty) == str(duty.person_id)


async def test_turns_that_began_do_not_move(night: NightShift) -> None:
    running = turns(night)[0]
    async with night.world.client("oncall_manager") as manager:
        answer = await manager.get(f"{API}/oncall/duties/{running.id}/moves")
    assert answer.status_code == 422


async def test_ill_this_evening_has_three_different_ways_out_and_one_is_put_in_force(
    night: NightShift,
) -> None:
    running = turns(night)[0]
    night.world.clock.set(TUESDAY + timedelta(hours=9))
    away = {
        "person_id": str(running.person_id),
        "start": "2026-11-24",
        "end": "2026-12-29",
        "kind": "sick",
    }
    async with night.world.client("oncall_manager") as manager:
        path = f"{API}/rotas/{running.rota_id}/repairs"
        found = (await manager.post(path, json=away)).json()
        ways = found["ways"]
        takers = [{(c["duty_id"], c["after"]) for c in way["changes"]} for way in ways]
        assert 3 <= len(ways) <= 4
        assert all(one != other for n, one in enumerate(takers) for other in takers[:n])
        assert ways[0]["name"] == "fewest"
        assert ways[0]["minimal"]
        assert {way["uncovered"] for way in ways} == {0}
        body = {"edition": found["edition"], "away": away, "changes": ways[0]["changes"]}
        done = await manager.post(f"{path}/apply", json=body)
        again = await manager.post(f"{path}/apply", json=body)
    assert (done.status_code, again.status_code) == (200, 412), done.text
    now = night.world.clock.now()
    with night.world.look() as session:
        held = session.exec(
            select(OnCallDuty).where(
                OnCallDuty.post == "operations-tulle",
                OnCallDuty.start_at <= now,
                OnCallDuty.end_at > now,
            )
        ).all()
        ill = session.get_one(OnCallPerson, running.person_id)
        stays = session.get_one(OnCallDuty, running.id)
    assert [one.person_id for one in held] != [running.person_id]
    assert len(held) == 1, "somebody else holds what is left of the running turn"
    assert stays.end_at == now
    assert ill.absences[-1]["start"] == "2026-11-24"


async def test_a_repair_made_by_hand_may_not_break_the_law(night: NightShift) -> None:
    duty = next(one for one in turns(night) if one.start_at > TUESDAY + timedelta(weeks=4))
    away = {"person_id": str(duty.person_id), "start": "2026-12-20", "end": "2027-02-01"}
    change = {
        "duty_id": f"{duty.post}:{duty.week}",
        "before": str(duty.person_id),
        "after": str(night.person_id("anne-faure")),
    }
    async with night.world.client("oncall_manager") as manager:
        body = {"edition": 1, "away": away, "changes": [change]}
        refused = await manager.post(f"{API}/rotas/{duty.rota_id}/repairs/apply", json=body)
        over = await manager.post(
            f"{API}/rotas/{duty.rota_id}/repairs", json={**away, "end": "2026-11-01"}
        )
    assert (refused.status_code, over.status_code) == (409, 422)
    with night.world.look() as session:
        ill = session.get_one(OnCallPerson, duty.person_id)
    assert all(one["start"] != "2026-12-20" for one in ill.absences), "nothing is half done"


async def test_robustness_counts_every_turn_to_come(night: NightShift) -> None:
    rota_id = turns(night)[0].rota_id
    async with night.world.client("oncall_manager") as manager:
        found = (await manager.get(f"{API}/rotas/{rota_id}/robustness")).json()
    assert found["turns"] == 11 * 5
    assert found["one"] + found["two"] + found["hard"] == found["turns"]
    assert len(found["weakest"]) == found["two"] + found["hard"]
    assert found["one"] > 0
