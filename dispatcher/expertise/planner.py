"""The planner of experts' time: whenever questions or duties change, plan who answers when.

Nothing waits for a person here: a planned answer binds nobody, whoever takes a question first has
it, and the next plan reckons with that.
"""

import logging

from starlette.concurrency import run_in_threadpool

from dispatcher import jobs
from dispatcher.auth.context import Service
from dispatcher.database import Tx
from dispatcher.errors import Conflict, CpoError
from dispatcher.expertise import hours
from dispatcher.expertise.hours import ExpertHours
from dispatcher.planning.job_loop import JobLoop
from dispatcher.planning.solver import Solver
from scheduling.dispatch.assemble import assemble
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.suppose import insert_all

log = logging.getLogger("cpo.experts")

EFFORT_S = 0.3
"""Processor time of a search: a dozen questions need less, and crews' plans come first."""
SEED = 1


class ExpertPlanner(JobLoop):
    """Leases jobs, asks the solver, writes times; without a solver it inserts one by one."""

    kind = hours.PLAN_EXPERTS
    idle_s = 1.0

    def __init__(self, service: Service, solver: Solver) -> None:
        """Prepare; nothing runs before `run()`."""
        super().__init__(service)
        self.solver = solver

    async def work(self, held: jobs.Lease) -> None:
        """Plan experts' time."""
        taken = await run_in_threadpool(self._take)
        solution = await self._solve(taken)

        def keep(tx: Tx) -> None:
            jobs.finish(tx, held)
            hours.store(tx, taken, solution)

        try:
            await self.service.store.submit(keep, self.actor)
        except Conflict:
            log.warning("lease_lost", extra={"job": str(held.job_id)})

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
