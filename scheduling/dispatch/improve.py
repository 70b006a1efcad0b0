"""Better plans the longer it runs, from the plan in force, with a lawful answer at any moment.

The driver of the compiled search: makes a lawful start, sets the temperature from the budget
spent, looks up between slices of about ten milliseconds whether somebody wants it to stop, and
reports every better plan. Refuses to read a clock or to run itself in a process: time, chance and
interruption are arguments.

Annealing is only good at its own deadline (a ten-second schedule stands at 400 k where a
half-second one has reached 330 k), so a caller who wants early answers asks for steps, each from
the plan before it, not for one long effort.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scheduling.dispatch.arrays import Tables, tables
from scheduling.dispatch.assemble import Routes, assemble, in_force, unexplained
from scheduling.dispatch.churn import within_limit
from scheduling.dispatch.linked import boxed
from scheduling.dispatch.meetings import placed_units
from scheduling.dispatch.objective import Cost, cost_of
from scheduling.dispatch.partition import Pool, recombine
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.repair import lawful_routes
from scheduling.dispatch.search import COLD_START, WARM_START, Clock, Heat, Hooks, Progress, Search
from scheduling.dispatch.settle import settle
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.ties import lawful_links, links_cost, replaced_units

__all__ = [
    "COLD_START",
    "WARM_START",
    "Clock",
    "Effort",
    "Found",
    "Heat",
    "Improvement",
    "Progress",
    "find_routes",
    "improve",
    "improve_in_steps",
]

ENGINE: Final = "ruin-recreate"

RECOMBINE_FROM_S: Final = 3.0
RECOMBINE_SHARE: Final = 0.1
"""Part of a long effort given to CP-SAT; with a fifth of a second it gained nothing in three cases
of three, and the search uses that better."""

LINKED_SHARES: Final = (0.4, 0.3, 0.3)
"""Parts of an effort between which visits tied to others are placed anew."""

ANYTIME_S: Final = (0.05, 0.3, 2.0, 10.0)
"""Lengths of the steps of :func:`improve_in_steps`: an answer at once, then better ones."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search, from where, and from which chance.

    Attributes:
        seconds: budget on the caller's clock, used if ``iterations`` is ``None``.
        iterations: exact budget; same seed and iterations give the same routes, to the bit.
        seed: names the run.
        heat: temperatures; chosen from the start plan if left out.
        start: visit ids per crew to start from; the plan in force if left out. Changes are
            priced against the plan in force either way.
        with_reasons: say of each visit left out why it was; else ``not_tried``, sooner.
    """

    seconds: float = 2.0
    iterations: int | None = None
    seed: int = 1
    heat: Heat | None = None
    start: Routes | None = None
    with_reasons: bool = True


@dataclass(frozen=True, slots=True)
class Improvement:
    """What a search found.

    Attributes:
        problem: the settled problem the solution answers (and is to be checked against).
        before: cost of the lawful part of the start, everything else left out.
        after: cost of ``solution``.
        iterations: rounds of the search.
        elapsed_s: on the caller's clock.
    """

    problem: Problem
    solution: Solution
    before: Cost
    after: Cost
    iterations: int
    elapsed_s: float
    engine: str = ENGINE


@dataclass(frozen=True, slots=True)
class Found:
    """Routes a search found: visit ids per crew, those it started from, and its rounds."""

    known: Tables
    routes: list[list[str]]
    start: list[list[str]]
    iterations: int


def never() -> bool:
    """A stop signal that does not come."""
    return False


def ignore(_progress: Progress) -> None:
    """A listener that does not care."""


def improve(
    problem: Problem,
    effort: Effort,
    clock: Clock,
    should_stop: Callable[[], bool] = never,
    on_better: Callable[[Progress], None] = ignore,
) -> Improvement:
    """The best plan found within the effort, never dearer than a lawful start.

    Args:
        problem: the snapshot; settled here.
        effort: budget, seed and start.
        clock: seconds, any origin (wall or processor time, the caller's choice).
        should_stop: asked every ten milliseconds or so.
        on_better: told of every slice that found a better plan.
    """
    began = clock()
    found = find_routes(problem, effort, clock, should_stop, on_better)
    settled, routes = found.known.problem, found.routes
    if settled.churn_max is not None:
        routes = [list(r) for r in within_limit(found.known, routes, settled.churn_max)]
    return Improvement(
        settled,
        solution := _planned(found, routes, effort),
        cost_of(settled, unexplained(settled, found.start)),
        cost_of(settled, solution),
        found.iterations,
        clock() - began,
    )


def _planned(found: Found, routes: Routes, effort: Effort) -> Solution:
    problem = found.known.problem
    if effort.with_reasons:
        return assemble(problem, routes, found.known)
    return unexplained(problem, routes)


def find_routes(
    problem: Problem,
    effort: Effort,
    clock: Clock,
    should_stop: Callable[[], bool] = never,
    on_better: Callable[[Progress], None] = ignore,
) -> Found:
    """As :func:`improve`, but only the routes: nothing timed, priced or explained."""
    began = clock()
    settled = settle(problem)
    watch = _Watch(clock, should_stop, on_better)
    if settled.links:
        return _find_linked(settled, effort, watch)
    known = tables(settled)
    rows = known.routes if effort.start is None else _rows(settled, effort.start)
    start = lawful_routes(known, rows)
    best, rounds = _search(known, start, effort, watch, began)
    return Found(known, _names(settled, best), _names(settled, start), rounds)


@dataclass(frozen=True, slots=True)
class _Watch:
    """Who is asked and told during a search."""

    clock: Clock
    should_stop: Callable[[], bool]
    on_better: Callable[[Progress], None]


def _search(
    known: Tables, start: list[tuple[int, ...]], effort: Effort, watch: _Watch, began: float
) -> tuple[list[tuple[int, ...]], int]:
    """The best routes found from lawful ones, and the rounds it took."""
    search = Search(known, start, effort.seed)
    pool = Pool()
    share = RECOMBINE_SHARE if _is_long(effort) else 0.0
    budget = _Budget(effort, watch.clock, began, share)
    hooks = Hooks(watch.should_stop, watch.on_better, pool.add if share else None)
    search.run(_heat(effort, known.problem, start), budget, hooks)
    best = search.best()
    if share and not watch.should_stop():
        best = list(recombine(known, pool, best, effort.seconds * share, effort.seed).routes)
    return best, search.iterations


def _find_linked(settled: Problem, effort: Effort, watch: _Watch) -> Found:
    """As :func:`find_routes` where visits are tied: boxes are drawn, searched in, drawn anew."""
    first = in_force(settled) if effort.start is None else [list(names) for names in effort.start]
    start = lawful_links(settled, first)
    best, rounds = start, 0
    for rank, share in enumerate(LINKED_SHARES):
        began = watch.clock()
        routes = replaced_units(settled, best) if rank else placed_units(settled, best)
        loose = boxed(settled, routes)
        known = tables(loose.problem, loose.held)
        count = None if effort.iterations is None else int(effort.iterations * share)
        part = replace(
            effort, seconds=effort.seconds * share, iterations=count, seed=effort.seed + rank
        )
        lawful = lawful_routes(known, _rows(settled, routes))
        found, took = _search(known, lawful, part, watch, began)
        rounds += took
        for names in (routes, _names(settled, found)):
            plan = lawful_links(settled, names)
            if links_cost(settled, plan) < links_cost(settled, best):
                best = plan
    return Found(tables(settled), best, start, rounds)


def improve_in_steps(
    problem: Problem,
    effort: Effort,
    clock: Clock,
    should_stop: Callable[[], bool] = never,
    steps_s: Sequence[float] = ANYTIME_S,
) -> Iterator[Improvement]:
    """Ever better plans, each searched from the one before and longer.

    Args:
        problem: the snapshot.
        effort: seed, start, and heat of the first step; later steps reheat less.
        clock: as for :func:`improve`.
        should_stop: ends the steps; the plan of the step it interrupts still comes.
        steps_s: seconds of each step.
    """
    now = replace(effort, iterations=None)
    for rank, seconds in enumerate(steps_s):
        if should_stop():
            return
        found = improve(problem, replace(now, seconds=seconds), clock, should_stop)
        yield found
        routes = [route.visit_ids for route in found.solution.routes]
        now = replace(now, start=routes, seed=effort.seed + rank + 1, heat=REHEAT)


REHEAT: Final = Heat(WARM_START.start * 4, WARM_START.end)


class _Budget:
    """How much of an effort is spent, 0 to 1."""

    def __init__(self, effort: Effort, clock: Clock, began: float, share: float) -> None:
        self._effort, self._clock, self._began = effort, clock, began
        self._seconds = max(effort.seconds * (1.0 - share), 1e-3)
        self.iterations = effort.iterations

    def elapsed_s(self) -> float:
        return self._clock() - self._began

    def spent(self, iterations: int) -> float:
        if self.iterations is not None:
            return iterations / self.iterations if self.iterations > 0 else 1.0
        return self.elapsed_s() / self._seconds


def _is_long(effort: Effort) -> bool:
    return effort.iterations is None and effort.seconds >= RECOMBINE_FROM_S


def _heat(effort: Effort, problem: Problem, start: Sequence[tuple[int, ...]]) -> Heat:
    """Gentle when most visits are planned already, strong when the plan is yet to be made."""
    if effort.heat is not None:
        return effort.heat
    planned = sum(len(route) for route in start)
    return WARM_START if 2 * planned >= len(problem.visits) else COLD_START


def _rows(problem: Problem, routes: Routes) -> tuple[tuple[int, ...], ...]:
    index = problem.visit_index
    return tuple(tuple(index[name] for name in route) for route in routes)


def _names(problem: Problem, routes: Sequence[tuple[int, ...]]) -> list[list[str]]:
    return [[problem.visits[v].id for v in route] for route in routes]
