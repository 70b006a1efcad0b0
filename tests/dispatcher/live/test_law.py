"""For every action: snapshot before + publications == snapshot after, for every audience."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatcher.crews.commands import turn_shifts
from dispatcher.oncall.board import refresh_on_call
from tests.support.verify_action import verify_action
from tests.support.world import PARIS, World

CARNOT = {"lat": 45.2670, "lon": 1.7710, "address": "14 rue Carnot"}
TEXTS = (
    "fuite rue Carnot à Tulle, eau partout",
    "Nid-de-poule rue Carnot à Tulle",
    "Lampadaire éteint place de la Mairie à Brive",
    "arbre tombé sur la route à Ussel",
    "plus d'eau au robinet à Egletons",
)


class Desk:
    """What people do, each act verified on every screen."""

    def __init__(self, world: World, http: httpx.AsyncClient) -> None:
        self.world = world
        self.http = http

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        request = self.http.request(method, f"/api/v1{path}", **options)
        return await verify_action(self.world, request)

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.send("POST", path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def report(self, text: str, **fields: Any) -> str:
        told = await verify_action(
            self.world, self.world.report(self.http, text, channel="phone", **fields)
        )
        return str(told["incident"]["id"])

    async def assign(self, incident: str, rank: int = 0) -> dict[str, Any]:
        found = (await self.http.get(f"/api/v1/incidents/{incident}/offers")).json()
        offer = found["offers"][min(rank, len(found["offers"]) - 1)]
        body = {
            "crew_id": offer["crew_id"],
            "plan_version": found["plan_version"],
        }
        made = await self.post(f"/incidents/{incident}/accept", **body)
        visit: dict[str, Any] = made["visit"]
        return visit

    async def patch(self, incident: str, **changes: Any) -> None:
        seen = await self.http.get(f"/api/v1/incidents/{incident}")
        answer = await self.send(
            "PATCH",
            f"/incidents/{incident}",
            json=changes,
            headers={"If-Match": seen.headers["ETag"]},
        )
        assert answer.is_success, answer.text


async def test_the_life_of_an_incident_and_its_visit(either_world: World) -> None:
    async with either_world.client("dispatcher") as http:
        desk = Desk(either_world, http)
        incident = await desk.report(TEXTS[0], place=CARNOT)
        await desk.post(f"/incidents/{incident}/acknowledge")
        await desk.post(f"/incidents/{incident}/notes", text="Vanne fermée ?")
        await desk.patch(incident, title="Fuite sur la chaussée, rue Carnot")
        await desk.patch(incident, override={"priority": "P1", "reason": "école à côté"})
        await desk.patch(incident, override={"priority": None, "reason": "école fermée"})
        visit = await desk.assign(incident)
        for state in ("acknowledged", "en_route", "on_site", "paused", "on_site", "completed"):
            either_world.clock.advance(timedelta(minutes=7))
            await desk.post(f"/visits/{visit['id']}/transitions", to=state)
        await desk.post(f"/incidents/{incident}/transitions", to="closed")
        await desk.post(f"/incidents/{incident}/transitions", to="reopened")


async def test_a_visit_pinned_moved_refused_and_taken_back(world: World) -> None:
    async with world.client("dispatcher") as http:
        desk = Desk(world, http)
        first = await desk.report(TEXTS[1], place=CARNOT)
        visit = await desk.assign(first)
        for pin in ("crew", "time", None):
            await desk.post(f"/visits/{visit['id']}/pin", pin=pin)
        await desk.assign(first, rank=1)
        await desk.post(f"/visits/{visit['id']}/unassign")
        again = await desk.assign(first)
        await desk.post(f"/visits/{again['id']}/transitions", to="refused", reason="panne")
        third = await desk.assign(first, rank=1)
        await desk.post(f"/visits/{third['id']}/transitions", to="en_route")
        await desk.post(f"/visits/{third['id']}/transitions", to="on_site")
        await desk.post(
            f"/visits/{third['id']}/transitions", to="incomplete", reason="pièce manquante"
        )


async def test_a_second_caller_joins_the_incident(world: World) -> None:
    async with world.client("operator") as http:
        desk = Desk(world, http)
        first = await desk.report(TEXTS[0], place=CARNOT)
        second = await desk.report(TEXTS[0], place=CARNOT)
    assert first == second
    async with world.client() as citizen:
        await verify_action(world, world.report(citizen, TEXTS[0], place=CARNOT))


@pytest.mark.parametrize("state", ["answered", "on_hold", "transferred", "cancelled"])
async def test_the_side_ways_out_of_the_queue(world: World, state: str) -> None:
    async with world.client("dispatcher") as http:
        desk = Desk(world, http)
        incident = await desk.report(TEXTS[2])
        visit = await desk.assign(incident)
        answer = await desk.send(
            "POST",
            f"/incidents/{incident}/transitions",
            json={"to": state, "reason": "selon procédure"},
        )
        if not answer.is_success:
            await desk.post(f"/visits/{visit['id']}/unassign")
            await desk.post(f"/incidents/{incident}/transitions", to=state, reason="selon")


async def test_a_plan_of_several_stops_is_retimed(world: World) -> None:
    async with world.client("dispatcher") as http:
        desk = Desk(world, http)
        visits = []
        for text in TEXTS:
            incident = await desk.report(text, place=CARNOT)
            visits.append(await desk.assign(incident))
        world.clock.advance(timedelta(hours=1))
        await desk.post(f"/visits/{visits[0]['id']}/transitions", to="en_route")
        await desk.post(f"/visits/{visits[-1]['id']}/unassign")


async def test_shifts_end_and_begin(world: World) -> None:
    for hours in (3, 6, 8, 10, 12, 24):
        world.clock.advance(timedelta(hours=hours))
        await verify_action(world, world.do(lambda tx: turn_shifts(tx, PARIS)))
        await verify_action(world, world.do(refresh_on_call))


async def test_a_rota_is_made_and_put_in_force(world: World) -> None:
    async with world.client("oncall_manager") as http:
        desk = Desk(world, http)
        await desk.post("/rotas/generate", weeks=4)


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_story_every_screen_equals_a_fresh_one(world: World, seed: int) -> None:
    chance = Random(seed)
    async with world.client("dispatcher") as http:
        desk = Desk(world, http)
        incidents: list[str] = []
        visits: list[str] = []
        for _ in range(14):
            world.clock.advance(timedelta(minutes=chance.randrange(1, 20)))
            act = chance.choice(["report", "assign", "visit", "visit", "incident", "unassign"])
            if act == "report" or not incidents:
                incidents.append(await desk.report(chance.choice(TEXTS)))
            elif act == "assign" or not visits:
                visits += await _try_assign(desk, chance.choice(incidents), chance.randrange(2))
            elif act == "visit":
                to = chance.choice(["acknowledged", "en_route", "on_site", "completed", "refused"])
                path = f"/visits/{chance.choice(visits)}/transitions"
                await desk.send("POST", path, json={"to": to, "reason": "histoire"})
            elif act == "incident":
                to = chance.choice(["triaged", "on_hold", "cancelled", "reopened", "closed"])
                path = f"/incidents/{chance.choice(incidents)}/transitions"
                await desk.send("POST", path, json={"to": to, "reason": "histoire"})
            else:
                await desk.send("POST", f"/visits/{chance.choice(visits)}/unassign")


async def _try_assign(desk: Desk, incident: str, rank: int) -> list[str]:
    found = await desk.http.get(f"/api/v1/incidents/{incident}/offers")
    if not found.is_success or len(found.json()["offers"]) <= rank:
        return []
    body = {
        "crew_id": found.json()["offers"][rank]["crew_id"],
        "plan_version": found.json()["plan_version"],
    }
    made = await desk.send("POST", f"/incidents/{incident}/accept", json=body)
    return [str(UUID(made.json()["visit"]["id"]))] if made.is_success else []
