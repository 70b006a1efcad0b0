"""The background planner: whenever the plan or its facts change, look for a better one and propose
it.
"""

import asyncio
import contextlib
import logging
from dataclasses import replace
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from dispatcher import jobs
from dispatcher.auth.context import Service
from dispatcher.clock import elapsed_ms, monotonic_s
from dispatcher.database import Tx
from dispatcher.errors import Conflict, CpoError, PlanChanged
from dispatcher.events.planning_facts import PlanDegraded
from dispatcher.models.base import touch
from dispatcher.planning import applying, proposals
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.images import plan_image
from dispatcher.planning.job_loop import JobLoop
from dispatcher.planning.snapshot import Snapshot
from dispatcher.planning.solver import Solver
from dispatcher.planning.tuning import early_home, tuning_of
from dispatcher.planning.visits import plan_in_force
from scheduling.dispatch.assemble import unexplained
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.suppose import insert_all

log = logging.getLogger("cpo.planner")

Asked = tuple[Snapshot, Problem]
"""The day as it is, and as the planner weighs it: see `early_home`."""

REPLAN = "replan"
DEGRADED = "solver_unavailable"
MOST_INSERTED = 100
"""In a storm the rest waits for the next turn: a hundred take a second or two."""


class Planner(JobLoop):
    """Leases re-plan jobs, asks the solver, publishes proposals; degraded, it says so and lives
    on.
    """

    kind = REPLAN
    idle_s = 0.5

    def __init__(self, service: Service, solver: Solver) -> None:
        """Prepare; nothing runs before `run()`."""
        super().__init__(service)
        self.solver = solver
        self._turn = 0

    async def work(self, held: jobs.Lease) -> None:
        """Plan anew, the lease kept alive meanwhile."""
        beating = asyncio.create_task(self._beat(held), name="planner-heartbeat")
        try:
            await self._work(held)
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _work(self, held: jobs.Lease) -> None:
        self._turn += 1
        snapshot, weighed = await run_in_threadpool(self._snapshot)
        before = await run_in_threadpool(_in_force, snapshot)
        try:
            sectors = {name: crew.sector for name, crew in snapshot.crews.items()}
            after, took_ms = await self.solver.improve(
                weighed, self.service.settings.solver_seconds, self._turn, sectors
            )
        except CpoError as trouble:
            log.error("solver_unavailable", extra={"detail": trouble.detail})
            await self._do_without(held, (snapshot, weighed), before, trouble.detail)
            return
        note: dict[str, object] = {"name": "improve", "elapsed_ms": round(took_ms, 1)}
        await self._publish(held, (snapshot, weighed), (before, after), note)

    async def _do_without(
        self, held: jobs.Lease, asked: Asked, before: Solution, detail: str
    ) -> None:
        """Place what waits one by one, each where it costs least; say that the solver is away."""
        started_s = monotonic_s()
        snapshot, weighed = asked
        after = await run_in_threadpool(_by_insertion, snapshot, weighed)
        note: dict[str, object] = {
            "name": "insertion",
            "elapsed_ms": round(elapsed_ms(started_s), 1),
        }
        settings = self.service.settings

        def store(tx: Tx) -> None:
            _degrade(tx, DEGRADED)
            jobs.fail(tx, held, detail)
            if plan_in_force(tx).number == snapshot.plan_number:
                proposal = proposals.publish(tx, snapshot, (before, after), note, weighed)
                if proposal is not None:
                    applying.apply_allowed(tx, proposal, tuning_of(tx.session, tx.org, settings))

        try:
            await self.service.store.submit(store, self.actor)
        except Conflict:
            log.warning("lease_lost", extra={"job": str(held.job_id)})

    async def _beat(self, held: jobs.Lease) -> None:
        """Prolong the lease while there is work; the loss of it is found when the work ends."""
        while True:
            await asyncio.sleep(self.lease.total_seconds() / 3)
            with contextlib.suppress(CpoError):
                await self.service.store.submit(
                    lambda tx: jobs.heartbeat(tx, held, self.lease), self.actor
                )

    async def _publish(
        self,
        held: jobs.Lease,
        asked: Asked,
        plans: tuple[Solution, Solution],
        note: dict[str, object],
    ) -> None:
        settings = self.service.settings

        def store(tx: Tx) -> UUID | None:
            jobs.finish(tx, held)
            _degrade(tx, None)
            proposal = proposals.publish(tx, asked[0], plans, note, asked[1])
            if proposal is not None:
                applying.apply_allowed(tx, proposal, tuning_of(tx.session, tx.org, settings))
            return proposal.id if proposal else None

        try:
            await self.service.store.submit(store, self.actor)
        except PlanChanged:
            # The plan turned meanwhile and has asked for a new job itself.
            await self.service.store.submit(lambda tx: jobs.finish(tx, held), self.actor)
        except Conflict:
            log.warning("lease_lost", extra={"job": str(held.job_id)})

    def _snapshot(self) -> Asked:
        settings = self.service.settings
        with self.service.store.read() as session:
            tuning = tuning_of(session, settings.org, settings)
            now = self.service.clocks.service.now()
            taken = snapshots.take(session, settings.org, now, tuning.freeze)
        taken = replace(taken, problem=replace(taken.problem, churn_max=tuning.churn_max))
        return taken, early_home(taken.problem, tuning)


def _routes_in_force(snapshot: Snapshot) -> list[list[str]]:
    by_crew = {r.crew_id: [s.visit_id for s in r.stops] for r in snapshot.problem.plan}
    return [by_crew.get(crew.id, []) for crew in snapshot.problem.crews]


def _in_force(snapshot: Snapshot) -> Solution:
    return unexplained(snapshot.problem, _routes_in_force(snapshot))


def _by_insertion(snapshot: Snapshot, problem: Problem) -> Solution:
    """Return the plan in force with every waiting order where it costs least, if anywhere."""
    routes = insert_all(problem, _routes_in_force(snapshot), snapshot.orders, MOST_INSERTED)
    return unexplained(problem, routes)


def _degrade(tx: Tx, reason: str | None) -> None:
    """Say on the board whether the optimiser is at work; the plan itself does not turn."""
    plan = plan_in_force(tx)
    if plan.degraded != reason:
        plan.degraded = reason
        touch(plan, tx.now)
        tx.record(PlanDegraded(reason=reason), plan_image(plan))
