"""On-call rotas: a quarter for one centre, a year for a département.

Run ``python -m benchmarks.astreintes --agents 100`` (or 300);
prints one JSON line. Worst of three seeds, one core; every
rota is judged by the independent checker.
"""

import argparse
import json
from time import process_time
from typing import Any

from scheduling.rota.astreinte import plan
from scheduling.rota.check import check
from scheduling.rota.problem import Problem
from scheduling.rota.solution import SPREAD, UNCOVERED, Outcome, Proof
from tests.support.rotas import centre, department

SEEDS = (1, 2, 3)


def quarter() -> dict[str, Any]:
    """Two posts over twelve weeks: all stages, with their proofs."""
    seconds, proven, faults = [], 0, 0
    for seed in SEEDS:
        for people in (12, 16, 20):
            problem = centre(seed, people)
            began = process_time()
            outcome = plan(problem)
            seconds.append(process_time() - began)
            proven += outcome.proof is Proof.PROVEN
            faults += len(check(problem, outcome.rota))
    return {
        "rotas": len(seconds),
        "worst_s": round(max(seconds), 2),
        "proven_best": proven,
        "faults": faults,
        "goal_s": 2,
    }


def year(sectors: int, goal_s: float) -> tuple[dict[str, Any], list[tuple[Problem, Outcome]]]:
    """Fifty-two weeks for about ten people a sector: cover, spread, time."""
    solved: list[tuple[Problem, Outcome]] = []
    seconds = []
    for seed in SEEDS:
        problem = department(seed, sectors)
        began = process_time()
        solved.append((problem, plan(problem)))
        seconds.append(process_time() - began)
    return {
        "people": len(solved[0][0].people),
        "worst_s": round(max(seconds), 2),
        "uncovered": max(outcome.stage(UNCOVERED).value for _, outcome in solved),
        "worst_spread_weeks": max(outcome.stage(SPREAD).value for _, outcome in solved) / 100,
        "faults": sum(len(check(problem, outcome.rota)) for problem, outcome in solved),
        "goal_s": goal_s,
    }, solved


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, choices=(100, 300), default=100)
    agents = parser.parse_args().agents
    # The first large part compiles the annealing; a running service has done so already.
    plan(department(0, 1))
    figures, _ = year(10, goal_s=10) if agents == 100 else year(32, goal_s=30)
    print(json.dumps({"benchmark": "astreintes", **figures, "quarter": quarter()}))


if __name__ == "__main__":
    main()
