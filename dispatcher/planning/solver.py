"""The optimiser in a process of its own: it may take the whole core, crash or hang; the service
does not.

OR-Tools routing holds the interpreter's lock for a whole solve, and one process per solve is its
own advice.
"""

import asyncio
import logging
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from dispatcher.clock import cpu_s, elapsed_ms, monotonic_s
from dispatcher.errors import Unavailable
from scheduling.dispatch.check import check
from scheduling.dispatch.codec import (
    problem_from_json,
    problem_to_json,
    solution_from_json,
    solution_to_json,
)
from scheduling.dispatch.problem import Crew, Problem, Visit
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.travel import GreatCircle, Point

log = logging.getLogger("cpo.solver")

GRACE_S = 20.0
COLD_GRACE_S = 180.0
"""The first answer of a process may wait for imports and compilation on a busy machine."""


def _solve(problem: str, seconds: float, seed: int) -> str:
    """Improve the plan in force of a problem (runs in the solver process)."""
    # Here and not above: only this process pays for loading OR-Tools, the service starts without.
    from scheduling.dispatch.improve import Effort, improve

    effort = Effort(seconds=seconds, seed=seed)
    return solution_to_json(improve(problem_from_json(problem), effort, cpu_s).solution)


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


class Solver:
    """One solver process, replaced when it dies or hangs."""

    def __init__(self) -> None:
        """Prepare; the process starts with the first question."""
        self._pool: ProcessPoolExecutor | None = None
        self._is_warm = False
        self.trouble: str | None = None

    async def improve(self, problem: Problem, seconds: float, seed: int) -> tuple[Solution, float]:
        """Return a better plan (or the same) and the milliseconds it took.

        Raises:
            Unavailable: The process died, hung, or broke a rule; the plan in force stays.
        """
        started_s = monotonic_s()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds + (GRACE_S if self._is_warm else COLD_GRACE_S)):
                text = await loop.run_in_executor(
                    self._alive(), _solve, problem_to_json(problem), seconds, seed
                )
        except (BrokenProcessPool, TimeoutError) as error:
            self.stop()
            self.trouble = type(error).__name__
            raise Unavailable(f"the solver failed: {self.trouble}") from error
        except Exception as error:  # the edge of the other process: it lives, its answer does not
            self.trouble = type(error).__name__
            log.exception("solver_failed")
            raise Unavailable(f"the solver failed: {self.trouble}") from error
        solution = solution_from_json(text)
        breaches = check(problem, solution)
        if breaches:
            self.trouble = f"unlawful plan: {breaches[0].rule}"
            raise Unavailable(self.trouble)
        self.trouble = None
        self._is_warm = True
        return solution, elapsed_ms(started_s)

    def start(self) -> None:
        """Start the process now and let it warm up."""
        self._alive().submit(_warm_up)

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
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        return self._pool
