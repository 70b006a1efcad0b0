"""The planner of experts' time: whenever questions or duties change, plan who answers when.

Nothing waits for a person here: a planned answer binds nobody, whoever takes a question first has
it, and the next plan reckons with that.
"""

import asyncio
import logging
import os
from datetime import timedelta

from starlette.concurrency import run_in_threadpool

from dispatcher import jobs
from dispatcher.actors import system
from dispatcher.auth.context import Service
from dispatcher.clock import new_id
from dispatcher.database import Tx
from dispatcher.errors import Conflict, CpoError
from dispatcher.expertise import hours
from dispatcher.expertise.hours import ExpertHours
from dispatcher.planning.solver import Solver
from scheduling.dispatch.assemble import assemble
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.suppose import insert_all

log = logging.getLogger("cpo.experts")

IDLE_S = 1.0
EFFORT_S = 0.3
"""Processor time of a search: a dozen questions need less, and crews' plans come first."""
SEED = 1


class ExpertPlanner:
    """Leases jobs, asks the solver, writes times; without a solver it inserts one by one."""

    def __init__(self, service: Service, solver: Solver) -> None:
        """Prepare; nothing runs before `run()`."""
        self.service = service
        self.solver = solver
        self.actor = system(service.settings.org)
        self.name = f"experts-{os.getpid()}-{new_id().hex[-8:]}"
        self._lease = timedelta(seconds=service.settings.lease_seconds)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                worked = await self.step()
            except Exception:  # the edge of a job: logged; its lease ends and it is tried again
                log.exception("expert_plan_failed")
                worked = False
            if not worked:
                await asyncio.sleep(IDLE_S)

    async def step(self) -> bool:
        """Take one job if there is one; return whether there was."""
        store = self.service.store
        held = await store.submit(
            lambda tx: jobs.lease(tx, [hours.PLAN_EXPERTS], self.name, self._lease), self.actor
        )
        if held is None:
            return False
        taken = await run_in_threadpool(self._take)
        solution = await self._solve(taken)

        def keep(tx: Tx) -> None:
            jobs.finish(tx, held)
            hours.store(tx, taken, solution)

        try:
            await store.submit(keep, self.actor)
        except Conflict:
            log.warning("lease_lost", extra={"job": str(held.job_id)})
        return True

    async def _solve(self, taken: ExpertHours) -> Solution:
        problem = taken.problem
        if not problem.visits or not problem.crews:
            return assemble(problem, [[] for _ in problem.crews])
        try:
            return (await self.solver.improve(problem, EFFORT_S, SEED))[0]
        except CpoError as trouble:
            log.error("solver_unavailable", extra={"detail": trouble.detail})
            return await run_in_threadpool(_by_insertion, taken)

    def _take(self) -> ExpertHours:
        with self.service.store.read() as session:
            now = self.service.clocks.service.now()
            return hours.take(session, self.service.settings.org, now)


def _by_insertion(taken: ExpertHours) -> Solution:
    # From nothing: the plan in force may have lost its experts, and only prices hold it together.
    problem = taken.problem
    empty: list[list[str]] = [[] for _ in problem.crews]
    return assemble(problem, insert_all(problem, empty, taken.versions))
