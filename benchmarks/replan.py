"""What one emergency does to a running day of 40 crews and 250 visits: calm against cold.

``python -m benchmarks.replan [--instance FILE --plan PLAN] [--seconds S] [--seed N]`` replans after
an urgent visit with stability prices from the plan in force, and once from nothing without them;
prints the share of visits that change crew, arrivals moved by more than 15 minutes, and costs.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from time import process_time
from typing import Any

import numpy as np

from benchmarks._evaluate import judge
from benchmarks._instances import live_case, make_live, numbered, read_routes
from benchmarks._results import arguments, say
from benchmarks._running import moved, running, with_urgent
from benchmarks.live_dispatch import solve
from scheduling.dispatch.assemble import unexplained
from scheduling.dispatch.improve import Effort, find_routes
from scheduling.dispatch.problem import FREE, Problem
from scheduling.dispatch.warm import warm_up

SEEDS = (401, 402, 403)
NOTICED_S = 900

Routes = list[list[int]]


def _shifted(problem: Problem, routes: Routes) -> int:
    """Planned visits that still are planned and start over 15 minutes earlier or later."""
    before = {stop.visit_id: stop.start_at for route in problem.plan for stop in route.stops}
    plan = unexplained(problem, [[f"v{visit}" for visit in route] for route in routes])
    starts = {stop.visit_id: stop.start_at for route in plan.routes for stop in route.stops}
    both = before.keys() & starts.keys()
    return sum(abs(starts[name] - before[name]) > NOTICED_S for name in both)


def replan(case: Mapping[str, Any], plan: Routes, seconds: float, seed: int) -> dict[str, Any]:
    """Both ways on one emergency."""
    question = with_urgent(case, seed)
    problem = running(question, plan)
    planned = sum(len(route) for route in plan)
    line: dict[str, Any] = {"planned": planned}
    cold = replace(problem, plan=(), prices=FREE)
    for way, asked in (("calm", problem), ("cold", cold)):
        found = find_routes(asked, Effort(seconds=seconds, seed=seed), process_time)
        routes = numbered(found.routes)
        verdict = judge(question, routes)
        line[way] = {
            "cost": verdict.cost,
            "hard_violations": verdict.hard_violations,
            "is_placed": any(question["nt"] - 1 in route for route in routes),
            "churn_percent": round(100 * moved(plan, routes) / max(planned, 1), 2),
            "eta_moved": _shifted(problem, routes),
        }
    return line


def main() -> None:
    """Print the figures."""
    asked = arguments(__doc__, "plan", "seconds")
    seconds = asked.seconds or 1.0
    warm_up()
    if asked.instance is not None:
        case = json.loads(asked.instance.read_text())
        plan = read_routes(asked.plan) if asked.plan else solve(case, 2.0, asked.seed).routes
        line = replan(case, plan, seconds, asked.seed)
        say("replan", instance=asked.instance.name, seconds=seconds, seed=asked.seed, **line)
        return
    lines = []
    for seed in SEEDS:
        case = live_case(make_live(seed))
        lines.append(replan(case, solve(case, 2.0, seed).routes, seconds, seed))
    figures = {
        f"{way}_{name}": round(float(np.mean([line[way][name] for line in lines])), 2)
        for way in ("calm", "cold")
        for name in ("cost", "churn_percent", "eta_moved", "hard_violations")
    }
    say("replan", crews=40, visits=250, seconds=seconds, runs=len(lines), **figures)


if __name__ == "__main__":
    main()
