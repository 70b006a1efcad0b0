"""On-call rotas: a quarter for one centre, a year for a département, repair, and reasons.

Run ``python -m benchmarks.rota``; prints one JSON line. Worst of three seeds, one core; every
rota is judged by the independent checker.
"""

import json
from dataclasses import replace
from datetime import timedelta
from time import process_time
from typing import Any

from scheduling.rota.astreinte import plan
from scheduling.rota.check import check
from scheduling.rota.conflicts import explain_gap
from scheduling.rota.problem import Absence, AbsenceKind, Problem
from scheduling.rota.repair import Situation, is_minimal, repair
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


def repairs(solved: list[tuple[Problem, Outcome]]) -> dict[str, Any]:
    """Six weeks of sickness for one person of each of ten sectors: fewest changes, proven."""
    seconds, changes, minimal, faults = [], [], 0, 0
    problem, outcome = solved[0]
    starts = sorted({duty.start_at for duty in problem.duties})
    for sector in range(10):
        absence = Absence(f"s{sector}p3", starts[20], starts[26], AbsenceKind.SICK)
        changed = replace(problem, absences=(*problem.absences, absence))
        now = starts[18] + timedelta(hours=10)
        began = process_time()
        way = repair(Situation(changed, outcome.rota, now))[0]
        seconds.append(process_time() - began)
        changes.append(len(way.changes))
        minimal += is_minimal(way)
        faults += len(check(changed, way.rota))
    return {
        "worst_s": round(max(seconds), 2),
        "changes": changes,
        "proven_minimal": minimal,
        "faults": faults,
        "goal_s": 1,
    }


def reasons() -> dict[str, Any]:
    """A week that everybody has off: how long until the minimal reason is named."""
    seconds, facts = [], []
    for seed in SEEDS:
        base = centre(seed, 16)
        week = sorted({duty.start_at for duty in base.duties})[6]
        gone = tuple(Absence(p.id, week, week + timedelta(days=5)) for p in base.people)
        problem = replace(base, absences=(*base.absences, *gone), wishes=())
        outcome = plan(problem)
        for duty_id in outcome.rota.uncovered(problem):
            began = process_time()
            conflict = explain_gap(problem, outcome.rota, duty_id)
            seconds.append(process_time() - began)
            facts.append(len(conflict.facts) if conflict else 0)
    return {"worst_s": round(max(seconds), 3), "facts": facts, "goal_s": 0.3}


def main() -> None:
    """Print the figures."""
    # The first large part compiles the annealing; a running service has done so already.
    plan(department(0, 1, 26))
    hundred, solved = year(10, goal_s=10)
    three_hundred, _ = year(32, goal_s=30)
    print(
        json.dumps(
            {
                "benchmark": "rota",
                "quarter": quarter(),
                "year_100": hundred,
                "year_300": three_hundred,
                "repair": repairs(solved),
                "reason": reasons(),
            }
        )
    )


if __name__ == "__main__":
    main()
