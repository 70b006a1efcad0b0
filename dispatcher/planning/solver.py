"""The optimiser in a process of its own: it may take the whole core, crash or hang; the service
does not.

OR-Tools routing holds the interpreter's lock for a whole solve, and one process per solve is its
own advice.
"""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from starlette.concurrency import run_in_threadpool

from dispatcher.clock import cpu_s, elapsed_ms, monotonic_s
from dispatcher.errors import Unavailable
from dispatcher.process import pool_of
from scheduling.dispatch.arrays import tables
from scheduling.dispatch.assemble import unexplained
from scheduling.dispatch.check import check
from scheduling.dispatch.churn import within_limit
from scheduling.dispatch.codec import (
    problem_from_json,
    problem_to_json,
    solution_from_json,
    solution_to_json,
)
from scheduling.dispatch.problem import Crew, Problem, Visit
from scheduling.dispatch.sectors import join, split
from scheduling.dispatch.settle import settle
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.travel import GreatCircle, Point

log = logging.getLogger("cpo.solver")

LARGE_VISITS = 600
"""From here on one search per sector does more in the same time than one search over all."""
GRACE_S = 20.0
COLD_GRACE_S = 180.0
"""The first answer of a process may wait for imports and compilation on a busy machine."""


def _solve(problem: str, seconds: float, seed: int) -> str:
    """Improve the plan in force of a problem (runs in the solver process)."""
    # Here and not above: only this process pays for loading OR-Tools, the service starts without.
    from scheduling.dispatch.improve import Effort, improve

    # Nobody is told why work waits: looking for reasons takes milliseconds for each.
    effort = Effort(seconds=seconds, seed=seed, with_reasons=False)
    return solution_to_json(improve(problem_from_json(problem), effort, cpu_s).solution)


def _search(problem: str, routes: list[list[str]], iterations: int, seed: int) -> list[list[str]]:
    """Search on from routes for so many rounds (runs in the solver process)."""
    from scheduling.dispatch.improve import Effort, find_routes

    effort = Effort(iterations=iterations, seed=seed, start=routes)
    return find_routes(problem_from_json(problem), effort, cpu_s).routes


def _warm_up() -> None:
    """Import and compile before the first emergency needs it: solve a toy to the end."""
    from scheduling.dispatch.improve import Effort, improve

    places = [Point(45.27, 1.77), Point(45.16, 1.53)]
    toy = Problem(
        visits=(Visit("v", place=1, duration_s=60),),
        crews=(Crew("c", 0, 0, ready_at=0, shift_end=36_000, hard_end=36_000),),
        matrix=GreatCircle().matrix(places),
    )
    improve(toy, Effort(iterations=10), cpu_s)


def _asked(problem: Problem, sectors: Mapping[str, str] | None) -> tuple[list[Problem], list[str]]:
    """Return what the processes are asked, as problems and as text: cut by sector when large."""
    is_large = len(problem.visits) >= LARGE_VISITS
    parts = split(problem, sectors) if sectors and is_large else [problem]
    return parts, [problem_to_json(part) for part in parts]


def _answered(
    problem: Problem, parts: list[Problem], texts: list[str]
) -> tuple[Solution, str | None]:
    """Return the plan that the processes found, and the rule it breaks if it does."""
    solution = _joined(problem, parts, [solution_from_json(text) for text in texts])
    breaches = check(problem, solution)
    return solution, breaches[0].rule if breaches else None


def _joined(problem: Problem, parts: list[Problem], plans: list[Solution]) -> Solution:
    """Return one plan from those of the parts, within the one churn budget."""
    if len(parts) == 1:
        return plans[0]
    solution = join(problem, plans)
    if problem.churn_max is None:
        return solution
    settled = settle(problem)
    routes = within_limit(
        tables(settled), [r.visit_ids for r in solution.routes], problem.churn_max
    )
    return unexplained(settled, routes)


def _is_lawful(problem: Problem, routes: list[list[str]]) -> bool:
    settled = settle(problem)
    return not check(settled, unexplained(settled, routes))


class Solver:
    """A few solver processes, replaced when one dies or hangs.

    A usual problem takes one of them; a large one is cut by sector and takes them all.
    """

    def __init__(self, processes: int = 1) -> None:
        """Prepare; each process starts with the first question it is needed for."""
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._is_warm = False
        self.trouble: str | None = None

    async def improve(
        self, problem: Problem, seconds: float, seed: int, sectors: Mapping[str, str] | None = None
    ) -> tuple[Solution, float]:
        """Return a better plan (or the same) and the milliseconds it took.

        Args:
            problem: The snapshot.
            seconds: Processor time for each process.
            seed: Of the search.
            sectors: Crew to sector; a large problem is then cut along them.

        Raises:
            Unavailable: A process died, hung, or broke a rule; the plan in force stays.
        """
        started_s = monotonic_s()
        # What takes a second for thousands of visits is not for the event loop.
        parts, texts = await run_in_threadpool(_asked, problem, sectors)
        rounds = -(-len(parts) // self._processes)
        patience_s = seconds * rounds + (GRACE_S if self._is_warm else COLD_GRACE_S)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(patience_s):
                found = await asyncio.gather(
                    *(
                        loop.run_in_executor(self._alive(), _solve, text, seconds, seed)
                        for text in texts
                    )
                )
        except (BrokenProcessPool, TimeoutError) as error:
            self.stop()
            self.trouble = type(error).__name__
            raise Unavailable(f"the solver failed: {self.trouble}") from error
        except Exception as error:  # the edge of the other process: it lives, its answer does not
            self.trouble = type(error).__name__
            log.exception("solver_failed")
            raise Unavailable(f"the solver failed: {self.trouble}") from error
        solution, breach = await run_in_threadpool(_answered, problem, parts, found)
        if breach is not None:
            self.trouble = f"unlawful plan: {breach}"
            raise Unavailable(self.trouble)
        self.trouble = None
        self._is_warm = True
        return solution, elapsed_ms(started_s)

    async def search(
        self, problem: Problem, routes: list[list[str]], iterations: int, seed: int = 1
    ) -> list[list[str]]:
        """Return better routes for a supposed problem, or the same; touches no plan.

        Args:
            problem: What is supposed.
            routes: Lawful routes to start from.
            iterations: Rounds: the same question gets the same answer, however busy the machine.
            seed: Of the search.

        Raises:
            Unavailable: The processes are busy with the plan itself, died, or broke a rule.
        """
        loop = asyncio.get_running_loop()
        text = await run_in_threadpool(problem_to_json, problem)
        try:
            async with asyncio.timeout(GRACE_S):
                found = await loop.run_in_executor(
                    self._alive(), _search, text, routes, iterations, seed
                )
        except TimeoutError as error:
            # Whoever is at work on the plan goes on: the first answer stands.
            raise Unavailable("the solver is busy") from error
        except Exception as error:  # the edge of the other process
            log.exception("search_failed")
            raise Unavailable(f"the search failed: {type(error).__name__}") from error
        if not await run_in_threadpool(_is_lawful, problem, found):
            raise Unavailable("unlawful plan")
        return found

    def start(self) -> "Solver":
        """Start the process now, let it warm up, and return this solver."""
        self._alive().submit(_warm_up)
        return self

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._is_warm = False
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):
                process.kill()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _alive(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Fork would copy the event loop, the writer thread and the database's locks.
            self._pool = pool_of(self._processes)
        return self._pool
