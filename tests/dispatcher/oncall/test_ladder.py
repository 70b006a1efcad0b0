"""Whom the ladder calls: the sector by council, the places changed here, and who changed them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.models import Commune, Council, Depot, Incident
from dispatcher.oncall.ladder import (
    PagingPolicy,
    PostRule,
    change_policy,
    ladder_for,
    sector_of,
)
from priority.duplicates import distance_m
from tests.dispatcher.oncall.test_paging import leak
from tests.support.oncall import NightShift
from tests.support.world import ORG, World


@pytest.fixture
async def night(world: World) -> NightShift:
    made = NightShift(world)
    await made.begin()
    return made


def at(commune: Commune | None, lat: float, lon: float) -> Incident:
    """An incident that is nowhere stored: only its place counts."""
    names: dict[str, Any] = {name: None for name in Incident.model_fields}
    insee = commune.insee if commune is not None else None
    return Incident(**{**names, "org": ORG, "insee": insee, "lat": lat, "lon": lon})


def nearest(session: Session, commune: Commune) -> str:
    depots = session.exec(select(Depot).order_by(col(Depot.code))).all()
    place = (commune.lat, commune.lon)
    return min(depots, key=lambda d: distance_m(place, (d.lat, d.lon))).sector


def test_the_sector_is_the_councils_even_where_another_depot_is_nearer(world: World) -> None:
    with world.look() as session:
        councils = {one.code: one.sector for one in session.exec(select(Council)).all()}
        communes = session.exec(select(Commune)).all()
        apart = [
            one
            for one in communes
            if one.council_code in councils and councils[one.council_code] != nearest(session, one)
        ]
        assert len(councils) == 10
        assert None not in councils.values()
        assert len(apart) > 10, "else the test proves nothing"
        for one in apart:
            assert sector_of(session, at(one, one.lat, one.lon)) == councils[one.council_code]


def test_without_a_known_council_the_nearest_depot_decides(world: World) -> None:
    with world.look() as session:
        commune = session.exec(select(Commune).where(Commune.name == "Tulle")).one()
        assert sector_of(session, at(None, commune.lat, commune.lon)) == "Tulle"


def test_a_post_moved_in_the_ladder_is_called_there_and_waits_its_own_time(world: World) -> None:
    rules = (
        PostRule(code="decision", rung=1, sectors=("Tulle",), wait_min=3),
        PostRule(code="operations-tulle", rung=2),
    )
    policy = PagingPolicy(posts=rules)

    def change(tx: Tx) -> list[list[str]]:
        change_policy(tx, policy)
        commune = tx.session.exec(select(Commune).where(Commune.name == "Tulle")).one()
        incident = at(commune, commune.lat, commune.lon)
        incident.service = "water"
        return ladder_for(tx.session, incident)

    ladder = world.service.store.submit_wait(change, world.actor("oncall_manager"))
    assert ladder[0] == ["decision"]
    assert "operations-tulle" in ladder[1]
    assert policy.wait(1, ["decision"]) == timedelta(minutes=3)
    assert policy.wait(2, ["operations-tulle"]) == timedelta(minutes=10)


async def test_a_changed_policy_tells_who_changed_what(world: World) -> None:
    async with world.client("oncall_manager") as manager:
        policy = (await manager.get("/api/v1/paging/policy")).json()
        steps = (await manager.get("/api/v1/paging/ladder")).json()["steps"]
        decision = next(one for one in steps if one["code"] == "decision")
        assert decision["rung"] == 3
        body = {**policy, "again_min": 20, "posts": [{**decision, "rung": 2}]}
        changed = await manager.put("/api/v1/paging/policy", json=body)
        again = await manager.put("/api/v1/paging/policy", json=body)
        (version,) = (await manager.get("/api/v1/paging/policy/history")).json()
        after = (await manager.get("/api/v1/paging/ladder")).json()["steps"]
    assert (changed.status_code, again.status_code) == (200, 412)
    assert version["version"] == 2
    assert version["by"] == "Oncall_Manager"
    told = {one["field"]: (one["before"], one["after"]) for one in version["changes"]}
    assert told["again_min"] == (15, 20)
    assert set(told) == {"again_min", "posts"}
    assert next(one for one in after if one["code"] == "decision")["rung"] == 2


@pytest.mark.parametrize(
    "rule",
    [
        {"code": "nobody"},
        {"code": "decision", "sectors": ["Paris"]},
        {"code": "decision", "services": ["moon"]},
        {"code": "decision", "rung": 0},
        {"code": "decision", "wait_min": 0},
    ],
)
async def test_a_ladder_of_unknown_names_is_refused(world: World, rule: dict[str, Any]) -> None:
    async with world.client("oncall_manager") as manager:
        policy = (await manager.get("/api/v1/paging/policy")).json()
        body = {**policy, "posts": [rule]}
        assert (await manager.put("/api/v1/paging/policy", json=body)).status_code == 422
        assert (await manager.get("/api/v1/paging/policy")).json() == policy


async def test_the_delivery_log_tells_who_answered(night: NightShift) -> None:
    incident_id = await leak(night)
    await night.turn()
    page = night.page(incident_id)
    async with night.world.client("operator") as operator:
        before = (await operator.get("/api/v1/deliveries")).json()
        person = night.person_id("sophie-maziere")
        body = {"person_id": str(person)}
        taken = await operator.post(f"/api/v1/pages/{page.id}/acknowledge", json=body)
        after = (await operator.get("/api/v1/deliveries")).json()
    assert {one["answered_by"] for one in before} == {None}
    assert {one["answered_by"] for one in after} == {"Sophie Mazière"}
    assert taken.json()["acknowledged_via"] == "screen"


async def test_a_call_out_tells_until_when_rest_is_owed(night: NightShift) -> None:
    now = night.world.clock.now()
    person = str(night.person_id("sophie-maziere"))
    span = (now - timedelta(hours=3), now - timedelta(hours=1))
    body = {"person_id": person, **dict(zip(("start_at", "end_at"), map(str, span), strict=True))}
    async with night.world.client("oncall_manager") as manager:
        policy = (await manager.get("/api/v1/paging/policy")).json()
        strict = {**policy, "taken_rest_counts": False}
        assert (await manager.put("/api/v1/paging/policy", json=strict)).status_code == 200
        made = await manager.post("/api/v1/call-outs", json=body)
        assert made.status_code == 201, made.text
        (listed,) = (await manager.get("/api/v1/call-outs")).json()
    assert listed["rest_until"].startswith((span[1] + timedelta(hours=11)).isoformat()[:16])
