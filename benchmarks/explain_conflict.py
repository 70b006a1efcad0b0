"""A week that everybody has off: how long until the minimal reason is named.

Run ``python -m benchmarks.explain_conflict``; prints one JSON line; the independent checker judges.
"""

import json
from dataclasses import replace
from datetime import timedelta
from time import process_time
from typing import Any

from scheduling.rota.astreinte import plan
from scheduling.rota.conflicts import explain_gap
from scheduling.rota.problem import Absence
from tests.support.rotas import centre

SEEDS = (1, 2, 3)


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
    print(json.dumps({"benchmark": "explain_conflict", **reasons()}))


if __name__ == "__main__":
    main()
