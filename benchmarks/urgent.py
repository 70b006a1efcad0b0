"""One urgent incident into forty running routes: offers, displacement and a short search, against
OR-Tools routing warm-started for three seconds.

Run ``python -m benchmarks.urgent``; prints one JSON line. Costs are compared without stability
prices (the searches pay them, the referee does not), in seconds of driving; "moved" counts other
visits that change crew or leave the plan.
"""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from time import perf_counter, process_time

import numpy as np

from benchmarks._instances import make_live
from scheduling.dispatch.assemble import in_force, unexplained, with_offer
from scheduling.dispatch.displacement import displace
from scheduling.dispatch.improve import WARM_START, Effort, improve
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.offers import find_offers
from scheduling.dispatch.problem import FREE, PlannedRoute, PlannedStop, Prices, Problem
from scheduling.dispatch.referee import second_opinion
from scheduling.dispatch.warm import warm_up

SEEDS = (201, 202)
INCIDENTS = 6
URGENT_DROP = 200_000 * 100
PRICES = replace(Prices(), crew_change=200_000, slot_lost=400_000)

Routes = list[list[str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way of handling one incident."""

    way: str
    is_placed: bool
    cost_s: float
    moved: int
    took_ms: float


def planned_day(seed: int) -> Problem:
    """A planned case whose last visits are the incidents to come."""
    case = make_live(seed, visits=250 + INCIDENTS)
    day = replace(case, visits=case.visits[:250])
    found = improve(day, Effort(seconds=2, seed=seed), process_time)
    plan = tuple(
        PlannedRoute(r.crew_id, tuple(PlannedStop(s.visit_id, s.start_at) for s in r.stops))
        for r in found.solution.routes
    )
    return replace(case, plan=plan, prices=PRICES)


def question(day: Problem, number: int) -> Problem:
    """The day and one incident: due within two hours, dear to leave out."""
    urgent = replace(
        day.visits[250 + number],
        priority=1,
        due_at=7200,
        ready_at=None,
        late_rate=400,
        unserved_cost=URGENT_DROP,
    )
    return replace(day, visits=(*day.visits[:250], urgent))


def measure(problem: Problem) -> list[Outcome]:
    """Every way on one question."""
    name = problem.visits[-1].id
    ways = {
        "offer": lambda: _offer(problem, name),
        "displacement": lambda: _displacement(problem, name),
        "improve_0.3s": lambda: _improved(problem),
        "or_tools_3s": lambda: _referee(problem),
    }
    outcomes = []
    for way, answer in ways.items():
        began = perf_counter()
        routes = answer()
        took_ms = (perf_counter() - began) * 1000
        outcomes.append(_judge(problem, way, routes, took_ms))
    return outcomes


def _offer(problem: Problem, name: str) -> Routes:
    offers = find_offers(problem, name).offers
    before = in_force(problem)
    return with_offer(problem, before, name, offers[0]) if offers else before


def _displacement(problem: Problem, name: str) -> Routes:
    found = displace(problem, name)
    before = in_force(problem)
    if found is None:
        return before
    return [
        list(found.routes.get(crew.id, route))
        for crew, route in zip(problem.crews, before, strict=True)
    ]


def _improved(problem: Problem) -> Routes:
    effort = Effort(seconds=0.3, seed=1, heat=WARM_START)
    found = improve(problem, effort, process_time)
    return [list(route.visit_ids) for route in found.solution.routes]


def _referee(problem: Problem) -> Routes:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(second_opinion, replace(problem, prices=FREE), 3.0).result()
    return [list(route.visit_ids) for route in found.solution.routes]


def _judge(problem: Problem, way: str, routes: Routes, took_ms: float) -> Outcome:
    bare = replace(problem, prices=FREE)
    before, after = in_force(problem), unexplained(bare, routes)
    cost = cost_of(bare, after) - cost_of(bare, unexplained(bare, before))
    crew_of = {name: k for k, route in enumerate(routes) for name in route}
    moved = sum(crew_of.get(v) != k for k, route in enumerate(before) for v in route)
    return Outcome(way, problem.visits[-1].id in crew_of, cost.ordinary / 100, moved, took_ms)


def main() -> None:
    """Print the figures."""
    warm_up()
    outcomes = [
        outcome
        for seed in SEEDS
        for day in [planned_day(seed)]
        for number in range(INCIDENTS)
        for outcome in measure(question(day, number))
    ]
    line: dict[str, object] = {"benchmark": "urgent", "incidents": len(SEEDS) * INCIDENTS}
    for way in dict.fromkeys(outcome.way for outcome in outcomes):
        mine = [outcome for outcome in outcomes if outcome.way == way]
        line[way] = {
            "placed": sum(outcome.is_placed for outcome in mine),
            "mean_cost_s": round(float(np.mean([outcome.cost_s for outcome in mine]))),
            "moved_max": max(outcome.moved for outcome in mine),
            "moved_mean": round(float(np.mean([outcome.moved for outcome in mine])), 1),
            "p95_ms": round(float(np.percentile([outcome.took_ms for outcome in mine], 95))),
        }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
