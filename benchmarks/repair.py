"""Six weeks of sickness in each of ten sectors: fewest changes, proven, and how long it took.

Run ``python -m benchmarks.repair``; prints one JSON line; the independent checker judges.
"""

import json
from dataclasses import replace
from datetime import timedelta
from time import process_time
from typing import Any

from benchmarks.astreintes import year
from scheduling.rota.check import check
from scheduling.rota.problem import Absence, AbsenceKind, Problem
from scheduling.rota.repair import Situation, is_minimal, repair
from scheduling.rota.solution import Outcome


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


def main() -> None:
    """Print the figures."""
    _, solved = year(10, goal_s=10)
    print(json.dumps({"benchmark": "repair", **repairs(solved)}))


if __name__ == "__main__":
    main()
