"""One urgent visit into forty running routes, against OR-Tools routing warm-started for 3 s.

``python -m benchmarks.urgent --instance FILE --plan PLAN --seed N`` draws the visit and places it;
without an instance made cases are asked six times each. The answer comes in two steps: the proved
displacement at once, then short searches that pay for every visit they move; the cheapest plan
that moves at most three other visits counts. Costs are of the whole plan, in seconds of driving,
without stability prices, by the independent evaluator; OR-Tools pays no such prices.
"""

import json
import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks._evaluate import judge
from benchmarks._instances import live_case, make_live, numbered, read_routes
from benchmarks._results import arguments, say
from benchmarks._running import moved, running, with_urgent
from benchmarks.live_dispatch import solve
from scheduling.dispatch.assemble import in_force
from scheduling.dispatch.displacement import displace
from scheduling.dispatch.improve import WARM_START, Effort, find_routes
from scheduling.dispatch.problem import FREE, Prices, Problem
from scheduling.dispatch.referee import second_opinion
from scheduling.dispatch.warm import warm_up

SEEDS = (201, 202)
INCIDENTS = 6
MOST_MOVED = 3
CREW_CHANGE_S = (3000, 1000, 400)
"""Prices of a moved visit in the short searches, from calm to bold."""
SEARCH_S = 0.15
RIVAL_S = 3.0

Routes = list[list[int]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way of handling one urgent visit."""

    placed: bool
    cost: float
    hard_violations: int
    moved: int
    latency_ms: float


def answer(case: Mapping[str, Any], plan: Routes) -> tuple[Outcome, Outcome]:
    """The displacement, and the best calm plan after the short searches."""
    problem = running(case, plan)
    began = perf_counter()
    name = problem.visits[-1].id
    first = _displaced(problem, name)
    at_once = _judged(case, plan, first, began)
    candidates = [at_once]
    start = [[f"v{visit}" for visit in route] for route in first]
    for price_s in CREW_CHANGE_S:
        prices = replace(Prices(), crew_change=price_s * 100, slot_lost=price_s * 200)
        effort = Effort(seconds=SEARCH_S, seed=1, heat=WARM_START, start=start)
        found = find_routes(replace(problem, prices=prices), effort, process_time)
        candidates.append(_judged(case, plan, numbered(found.routes), began))
    lawful = [c for c in candidates if c.moved <= MOST_MOVED] or candidates
    best = min(lawful, key=lambda outcome: (outcome.hard_violations, outcome.cost))
    return at_once, replace(best, latency_ms=(perf_counter() - began) * 1000)


def _displaced(problem: Problem, name: str) -> Routes:
    found = displace(problem, name)
    changed = {} if found is None else found.routes
    before = zip(problem.crews, in_force(problem), strict=True)
    return numbered([list(changed.get(crew.id, route)) for crew, route in before])


def rival(case: Mapping[str, Any], plan: Routes) -> Outcome:
    """OR-Tools routing, warm-started from the plan."""
    problem = running(case, plan, FREE)
    began = perf_counter()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(second_opinion, problem, RIVAL_S).result()
    routes = numbered([list(route.visit_ids) for route in found.solution.routes])
    return _judged(case, plan, routes, began)


def _judged(case: Mapping[str, Any], plan: Routes, routes: Routes, began: float) -> Outcome:
    took_ms = (perf_counter() - began) * 1000
    verdict = judge(case, routes)
    is_placed = any(case["nt"] - 1 in route for route in routes)
    return Outcome(
        is_placed, verdict.cost, verdict.hard_violations, moved(plan, routes), round(took_ms, 1)
    )


def one(case: Mapping[str, Any], plan: Routes, seed: int) -> tuple[Outcome, Outcome, Outcome]:
    """Ours at once, ours after the searches, and OR-Tools."""
    question = with_urgent(case, seed)
    return (*answer(question, plan), rival(question, plan))


def _said(outcome: Outcome) -> dict[str, object]:
    return {
        "placed": outcome.placed,
        "cost": outcome.cost,
        "moved": outcome.moved,
        "latency_ms": round(outcome.latency_ms, 1),
        "hard_violations": outcome.hard_violations,
    }


def measure() -> None:
    """Made cases, six urgent visits each."""
    outcomes = []
    for case_seed in SEEDS:
        case = live_case(make_live(case_seed))
        plan = solve(case, 2.0, case_seed).routes
        outcomes += [one(case, plan, number + 1) for number in range(INCIDENTS)]
    line: dict[str, object] = {"incidents": len(outcomes)}
    for way, mine in zip(
        ("at_once", "improved", "ortools"), zip(*outcomes, strict=True), strict=True
    ):
        line[way] = {
            "placed": sum(outcome.placed for outcome in mine),
            "mean_cost": round(float(np.mean([outcome.cost for outcome in mine]))),
            "moved_max": max(outcome.moved for outcome in mine),
            "p95_ms": round(float(np.percentile([outcome.latency_ms for outcome in mine], 95))),
            "hard_violations": sum(outcome.hard_violations for outcome in mine),
        }
    ratios = [ours.cost / theirs.cost for _, ours, theirs in outcomes]
    say("urgent", **line, ratio_to_ortools=round(float(np.mean(ratios)), 4), worst=max(ratios))


def main() -> None:
    """Print the figures."""
    asked = arguments(__doc__, "plan", "compare", "seconds")
    warm_up()
    if asked.instance is None:
        measure()
        return
    case = json.loads(asked.instance.read_text())
    plan = read_routes(asked.plan) if asked.plan else solve(case, 2.0, asked.seed).routes
    first, best, theirs = one(case, plan, asked.seed)
    say(
        "urgent",
        instance=asked.instance.name,
        seed=asked.seed,
        cost_before=judge(case, plan).cost,
        **_said(best),
        at_once=_said(first),
        ortools=_said(theirs),
        ratio_to_ortools=round(best.cost / theirs.cost, 4),
    )


if __name__ == "__main__":
    main()
