"""A rota computed in a process of its own, judged here, and told in names.

The solver takes a whole core for a second or more and could crash; the service only waits for it
in a thread. What comes back is checked by code that shares nothing with the search.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from dispatcher.clock import elapsed_ms, monotonic_s
from dispatcher.errors import Unavailable
from dispatcher.process import pool_of
from scheduling.rota.check import check
from scheduling.rota.counters import Counter, count
from scheduling.rota.model import Fact
from scheduling.rota.problem import Problem
from scheduling.rota.rules import Rule, rules_for
from scheduling.rota.solution import Outcome

P = ParamSpec("P")
T = TypeVar("T")
GRACE_S = 120.0
SEED = 1


@dataclass(frozen=True, slots=True)
class Gap:
    """A turn left short: how many people are missing, why, and what could give way."""

    duty_id: str
    missing: int
    facts: tuple[Fact, ...]
    ways_out: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rota keeps one rule, and where it does not."""

    rule: Rule
    is_kept: bool
    detail: str | None


@dataclass(frozen=True, slots=True)
class Solved:
    """A rota with its accounts, its rules and the reasons for its gaps."""

    outcome: Outcome
    counters: tuple[Counter, ...]
    verdicts: tuple[Verdict, ...]
    gaps: tuple[Gap, ...]
    elapsed_ms: float


class SolverProcess:
    """One process, started by the first question and kept for the next: loading the solver takes
    longer than solving a quarter.
    """

    def __init__(self) -> None:
        """Prepare; nothing starts yet."""
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def ask(self, question: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Return what a function of a module says there; questions wait for one another.

        Raises:
            Unavailable: The process died or hung; the next question gets a fresh one.
        """
        return self.ask_within(GRACE_S, question, *args, **named)

    def ask_within(
        self, grace_s: float, question: Callable[P, T], *args: P.args, **named: P.kwargs
    ) -> T:
        """Return what a function says there, unless it takes longer than the seconds given.

        Raises:
            Unavailable: The process died or hung; the next question gets a fresh one.
        """
        with self._lock:
            if self._pool is None:
                # Fork would copy the event loop, the writer thread and the database's locks.
                self._pool = pool_of(1)
            pool = self._pool
        try:
            return pool.submit(question, *args, **named).result(grace_s)
        except (BrokenProcessPool, TimeoutError) as error:
            self.stop()
            raise Unavailable(f"the rota solver failed: {type(error).__name__}") from error

    def stop(self) -> None:
        """End the process, whatever it does."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            for process in list((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)


PROCESS = SolverProcess()


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search, and where to tell how far it is.

    Attributes:
        times: How many times the usual budget; 1 is enough for a quarter of one centre.
        slate: Folder of a watched search (`searching`), if anybody watches.
    """

    times: int = 1
    slate: Path | None = None


def solve(problem: Problem, effort: Effort | None = None) -> Solved:
    """Return the best rota found (blocking; call it from a thread).

    Args:
        problem: Who, which turns, and what is already decided.
        effort: How long to search; the usual budget by default.

    Raises:
        Unavailable: The process died, hung, or its rota breaks a rule.
    """
    started_s = monotonic_s()
    effort = effort or Effort()
    outcome, gaps = PROCESS.ask_within(GRACE_S * effort.times, _solve, problem, effort)
    faults = [fault for fault in check(problem, outcome.rota) if fault.code != "cover"]
    if faults:
        raise Unavailable(f"the rota solver broke a rule: {faults[0].code}")
    return Solved(
        outcome,
        count(problem, outcome.rota),
        verdicts(problem, outcome),
        gaps,
        round(elapsed_ms(started_s), 1),
    )


def verdicts(problem: Problem, outcome: Outcome) -> tuple[Verdict, ...]:
    """Return one verdict for each rule name, in the order of the catalogue."""
    found: dict[str, Verdict] = {}
    for rule in rules_for(problem.policy):
        breaches = rule.verify(problem, outcome.rota)
        earlier = found.get(rule.name)
        detail = f"{len(breaches)}: {breaches[0].detail}" if breaches else None
        if earlier is None or breaches:
            found[rule.name] = Verdict(rule, not breaches, detail)
    return tuple(found.values())


def _solve(problem: Problem, effort: Effort) -> tuple[Outcome, tuple[Gap, ...]]:
    """Plan and explain what stays short (runs in the solver process)."""
    # Imported here: the web process must not carry the solver's hundred megabytes.
    from dispatcher.oncall.searching import Scribe
    from scheduling.rota.astreinte import Budget, Run, plan

    budget = Budget().times(effort.times)
    if effort.slate is None:
        outcome = plan(problem, Run(budget))
    else:
        scribe = Scribe(effort.slate, monotonic_s)
        run = Run(budget, stop=scribe.is_stopped, on_progress=scribe.hear)
        outcome = plan(problem, run)
        scribe.write()
    return outcome, _gaps(problem, outcome)


def _gaps(problem: Problem, outcome: Outcome) -> tuple[Gap, ...]:
    from scheduling.rota.conflicts import explain_gap

    found: list[Gap] = []
    for duty_id, missing in outcome.rota.uncovered(problem).items():
        conflict = explain_gap(problem, outcome.rota, duty_id)
        reasons: Sequence[Fact] = conflict.facts if conflict else ()
        ways: Sequence[Fact] = conflict.ways_out if conflict else ()
        found.append(Gap(duty_id, missing, tuple(reasons), tuple(ways)))
    return tuple(found)
