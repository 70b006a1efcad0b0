"""A dispatcher's desk in a test: report, offer, accept, move; and a judge of the plan."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlmodel import col, delete, select

from dispatcher.database import Tx
from dispatcher.models import Crew, Incident, Proposal, Shift, Visit, WorkOrder
from dispatcher.planning import proposals
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.snapshot import Snapshot
from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.check import Breach, check
from scheduling.dispatch.slack import with_slack
from scheduling.dispatch.solution import Solution
from tests.support.world import ORG, World

Json = dict[str, Any]

TULLE = {"lat": 45.2670, "lon": 1.7710}
BRIVE = {"lat": 45.1580, "lon": 1.5330}
USSEL = {"lat": 45.5480, "lon": 2.3090}
OBJAT = {"lat": 45.2630, "lon": 1.4100}


def near(place: dict[str, float], number: int) -> dict[str, float]:
    """Return a place some hundred metres away, another for each number."""
    return {"lat": place["lat"] + 0.004 * (number % 5), "lon": place["lon"] + 0.005 * (number // 5)}


@dataclass(slots=True)
class Desk:
    """A dispatcher at work in a world; every step goes over HTTP."""

    world: World
    http: httpx.AsyncClient

    async def incident(self, category: str, place: dict[str, float] = TULLE) -> UUID:
        """Report something of a category at a place; return the incident's id."""
        told = await self.world.report(
            self.http, f"{category} à {place['lat']}", category=category, place=place
        )
        await self.world.settle()
        return UUID(told["incident"]["id"])

    async def offers(self, incident_id: UUID) -> Json:
        """Return who could go."""
        answer = await self.http.get(f"/api/v1/incidents/{incident_id}/offers")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def accept(self, incident_id: UUID, crew: str | None = None) -> Json:
        """Give an incident to a crew by its name, or to the best one; return the visit."""
        offers = await self.offers(incident_id)
        chosen = offers["offers"][0]["crew_id"] if crew is None else str(self.crew_id(crew))
        body = {"crew_id": chosen, "plan_version": offers["plan_version"]}
        answer = await self.http.post(f"/api/v1/incidents/{incident_id}/accept", json=body)
        assert answer.status_code == 200, answer.text
        await self.world.settle()
        visit: Json = answer.json()["visit"]
        return visit

    async def move(self, visit: Json, *targets: str, **body: Any) -> Json:
        """Take a visit through states, ten minutes apart; return it."""
        moved = visit
        for target in targets:
            self.world.clock.advance(timedelta(minutes=10))
            moved = (await self.try_move(visit, target, **body)).raise_for_status().json()
            await self.world.settle()
        return moved

    async def try_move(self, visit: Json, target: str, **body: Any) -> httpx.Response:
        """Ask for a state; return the answer, whatever it is."""
        path = f"/api/v1/visits/{visit['id']}/transitions"
        return await self.http.post(path, json={"to": target, **body})

    # -- what is stored

    def visit(self, visit: Json) -> Visit:
        """Return a visit's row."""
        with self.world.look() as session:
            return session.get_one(Visit, UUID(visit["id"]))

    def incident_row(self, incident_id: UUID) -> Incident:
        """Return an incident's row."""
        with self.world.look() as session:
            return session.get_one(Incident, incident_id)

    def orders(self, incident_id: UUID) -> list[str]:
        """Return the states of an incident's work orders, oldest first."""
        with self.world.look() as session:
            return list(
                session.exec(
                    select(WorkOrder.state)
                    .where(WorkOrder.incident_id == incident_id)
                    .order_by(col(WorkOrder.created_at), col(WorkOrder.id))
                ).all()
            )

    def crew_id(self, name: str) -> UUID:
        """Return the id of a crew by its name."""
        with self.world.look() as session:
            return session.exec(select(Crew.id).where(Crew.name == name)).one()

    def crew_of(self, visit: Json) -> Crew:
        """Return the row of a visit's crew."""
        with self.world.look() as session:
            return session.get_one(Crew, UUID(visit["crew_id"]))

    # -- the plan

    def snapshot(self) -> Snapshot:
        """Return the planning problem as the database has it now."""
        freeze = timedelta(minutes=self.world.settings.freeze_minutes)
        with self.world.look() as session:
            return snapshots.take(session, ORG, self.world.clock.now(), freeze)

    def breaches(self) -> list[Breach]:
        """Return every hard rule that the plan in force breaks, found without its makers."""
        problem = self.snapshot().problem
        return check(problem, assemble(problem, in_force(problem)))

    def route(self, crew: str) -> list[UUID]:
        """Return the incidents of a crew's planned visits, in order."""
        snapshot = self.snapshot()
        for planned in snapshot.problem.plan:
            if snapshot.crews[planned.crew_id].name == crew:
                return [snapshot.visits[stop.visit_id].incident_id for stop in planned.stops]
        return []

    async def propose(self, moves: dict[str, str], slack_s: int = 0) -> Proposal:
        """Publish a proposal that sends visits (by id) to other crews (by name), at the end.

        `slack_s`: how early crews are wanted home when the plans are compared.
        """
        snapshot = self.snapshot()
        plans, weighed = moved(snapshot, moves), with_slack(snapshot.problem, slack_s)
        solver: Json = {"name": "by hand", "elapsed_ms": 1.0}
        made = await self.world.do(
            lambda tx: proposals.publish(tx, snapshot, plans, solver, weighed)
        )
        assert made is not None, "not better than the plan in force"
        return made


def moved(snapshot: Snapshot, moves: dict[str, str]) -> tuple[Solution, Solution]:
    """Return the plan in force, and it with visits (by id) at the end of other crews' (by name)."""
    problem = snapshot.problem
    names = {snapshot.crews[c.id].name: row for row, c in enumerate(problem.crews)}
    before = in_force(problem)
    after = [[name for name in route if name not in moves] for route in before]
    for visit_id, crew in moves.items():
        after[names[crew]].append(visit_id)
    return assemble(problem, before), assemble(problem, after)


def keep_on_duty(tx: Tx, codes: set[str]) -> None:
    """Send every other crew home: their shifts are struck out."""
    others = select(Crew.id).where(col(Crew.code).not_in(codes))
    tx.session.execute(delete(Shift).where(col(Shift.crew_id).in_(others)))
