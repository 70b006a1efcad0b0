"""Cost of a live plan against VROOM, PyVRP and OR-Tools routing on the same processor time.

``python -m benchmarks.live_dispatch --instance FILE --seconds S`` solves one case: ``--warm PLAN``
starts from a plan, ``--out FILE`` keeps the plan found, ``--seed N`` names the run, ``--compare``
runs the others. Without an instance made cases, never used for tuning, are solved at half a
second, two and ten; one JSON line per budget. Everything from the case as read to the routes is
paid from the budget; every plan is judged by an evaluator that shares no code with the engine.
"""

import json
from dataclasses import dataclass
from time import process_time

import numpy as np

from benchmarks._evaluate import Case, Verdict, judge
from benchmarks._instances import (
    live_case,
    live_problem,
    make_live,
    named,
    numbered,
    read_routes,
    write_routes,
)
from benchmarks._results import arguments, say
from benchmarks._rivals import run_rival
from scheduling.dispatch.improve import Effort, find_routes
from scheduling.dispatch.warm import warm_up

SEEDS = (301, 302, 303, 304)
RUNS = 3
GOALS = {0.5: 0.90, 2.0: 0.90, 10.0: 0.93}
PEERS = ("vroom", "pyvrp", "ortools")


@dataclass(frozen=True, slots=True)
class Solved:
    """A plan, its verdict, and what it took."""

    routes: list[list[int]]
    verdict: Verdict
    iterations: int
    cpu_s: float


def solve(case: Case, seconds: float, seed: int, warm: list[list[int]] | None = None) -> Solved:
    """Our plan for a case within the processor seconds."""
    began = process_time()
    problem = live_problem(case)
    left = seconds - (process_time() - began)
    start = None if warm is None else named(warm)
    found = find_routes(problem, Effort(seconds=left, seed=seed, start=start), process_time)
    routes = numbered(found.routes)
    took = process_time() - began
    return Solved(routes, judge(case, routes), found.iterations, took)


def peers(case: Case, seconds: float, seed: int) -> dict[str, float]:
    """Cost of the best plan of each of the others, by the same evaluator."""
    problem = live_problem(case)
    return {
        name: min(
            judge(case, routes).cost for routes in run_rival(name, problem, seconds, seed).routes
        )
        for name in PEERS
    }


def measure(seconds: float) -> None:
    """Mean ratio to the best of the others over all made cases."""
    ratios, costs, broken = [], [], 0
    sums = dict.fromkeys(PEERS, 0.0)
    for case_seed in SEEDS:
        case = live_case(make_live(case_seed))
        others = peers(case, seconds, 1)
        for name, cost in others.items():
            sums[name] += cost / len(SEEDS)
        for run in range(RUNS):
            mine = solve(case, seconds, run + 1).verdict
            ratios.append(mine.cost / min(others.values()))
            costs.append(mine.cost)
            broken += mine.hard_violations
    say(
        "live_dispatch",
        seconds=seconds,
        mean_cost=round(float(np.mean(costs))),
        hard_violations=broken,
        peers={name: round(cost) for name, cost in sums.items()},
        ratio_to_best_peer=round(float(np.mean(ratios)), 3),
        worst_ratio=round(max(ratios), 3),
        goal=GOALS.get(seconds),
    )


def main() -> None:
    """Print the figures."""
    asked = arguments(__doc__, "seconds", "warm", "out", "compare")
    warm_up()
    if asked.instance is None:
        for seconds in [asked.seconds] if asked.seconds else GOALS:
            measure(seconds)
        return
    seconds = asked.seconds or 2.0
    case = json.loads(asked.instance.read_text())
    found = solve(case, seconds, asked.seed, read_routes(asked.warm) if asked.warm else None)
    write_routes(asked.out, found.routes)
    figures: dict[str, object] = {
        "instance": asked.instance.name,
        "seconds": seconds,
        "seed": asked.seed,
        "cost": found.verdict.cost,
        "unserved": found.verdict.unserved,
        "hard_violations": found.verdict.hard_violations,
        "iterations": found.iterations,
        "cpu_s": round(found.cpu_s, 3),
    }
    if asked.compare:
        others = peers(case, seconds, asked.seed)
        figures["peers"] = others
        figures["ratio_to_best_peer"] = round(found.verdict.cost / min(others.values()), 4)
    say("live_dispatch", **figures)


if __name__ == "__main__":
    main()
