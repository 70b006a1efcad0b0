"""Cost of a live plan after half a second, two and ten, against VROOM on the same processor time.

Run ``python -m benchmarks.live_plan [seconds …]``; prints one JSON line per budget. Cases are
made, seeds never used for tuning; every plan is checked and priced by one objective.
"""

import json
import sys
from time import process_time

import numpy as np

from benchmarks._instances import make_live
from benchmarks._rivals import vroom_routes
from scheduling.dispatch.assemble import unexplained
from scheduling.dispatch.check import check
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.warm import warm_up

SEEDS = (301, 302, 303, 304)
RUNS = 3
RIVAL_EXPLORATION = {0.5: 0, 2.0: 1, 10.0: 3}
GOALS = {0.5: 0.90, 2.0: 0.90, 10.0: 0.93}


def rival(problem: Problem, seconds: float) -> tuple[float, float]:
    """VROOM's cost in seconds of driving, and the processor seconds it took."""
    routes, took = vroom_routes(problem, RIVAL_EXPLORATION.get(seconds, 1))
    plan = unexplained(problem, routes)
    return cost_of(problem, plan).ordinary / 100, took


def ours(problem: Problem, seconds: float, seed: int) -> float:
    """Our cost in seconds of driving; a plan that breaks a rule is an error."""
    found = improve(problem, Effort(seconds=seconds, seed=seed), process_time)
    breaches = check(found.problem, found.solution)
    if breaches:
        raise RuntimeError(f"unlawful plan: {breaches[0]}")
    return found.after.ordinary / 100


def measure(seconds: float) -> dict[str, object]:
    """Mean ratio to the rival over all cases."""
    ratios, costs, rival_took = [], [], []
    for case_seed in SEEDS:
        problem = make_live(case_seed)
        theirs, took = rival(problem, seconds)
        mine = [ours(problem, seconds, run + 1) for run in range(RUNS)]
        ratios += [cost / theirs for cost in mine]
        costs += mine
        rival_took.append(took)
    return {
        "benchmark": "live_plan",
        "seconds": seconds,
        "mean_cost_s": round(float(np.mean(costs))),
        "ratio_to_vroom": round(float(np.mean(ratios)), 3),
        "worst_ratio": round(max(ratios), 3),
        "vroom_s": round(float(np.mean(rival_took)), 2),
        "goal": GOALS.get(seconds),
    }


def main() -> None:
    """Print the figures."""
    warm_up()
    for seconds in [float(word) for word in sys.argv[1:]] or [0.5, 2.0]:
        print(json.dumps(measure(seconds)), flush=True)


if __name__ == "__main__":
    main()
