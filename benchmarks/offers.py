"""How long a dispatcher waits for ranked offers with every reason: 40 crews, 250 visits.

Run ``python -m benchmarks.offers``; prints one JSON line. Each sample adds one new incident to a
planned day and asks who could go, arrays and explanation included.
"""

import json
from dataclasses import replace
from time import perf_counter, process_time

import numpy as np

from benchmarks._instances import make_live
from scheduling.dispatch.arrays import tables
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.offers import Desk
from scheduling.dispatch.problem import PlannedRoute, PlannedStop, Prices, Problem

SEEDS = (101, 102)
ASKED = 60


def planned_day(seed: int, held_back: int) -> Problem:
    """A case of 250 visits whose last ``held_back`` came in after the plan was made.

    They are asked about one at a time, so each question sees 250 planned or waiting visits.
    """
    case = make_live(seed, visits=250 + held_back)
    open_visits = case.visits[:250]
    day = Problem(open_visits, case.crews, case.matrix, prices=Prices())
    found = improve(day, Effort(iterations=8000, seed=seed), process_time)
    plan = tuple(
        PlannedRoute(r.crew_id, tuple(PlannedStop(s.visit_id, s.start_at) for s in r.stops))
        for r in found.solution.routes
    )
    return Problem(
        case.visits, case.crews, case.matrix, frozen_until=1800, plan=plan, prices=Prices()
    )


def measure(seed: int) -> tuple[list[float], int]:
    """Milliseconds per question, and places compared in all."""
    day = planned_day(seed, ASKED)
    samples, compared = [], 0
    for visit in day.visits[250:]:
        question = replace(day, visits=(*day.visits[:250], replace(visit, is_urgent=True)))
        began = perf_counter()
        answer = Desk(tables(question)).offers(visit.id)
        samples.append((perf_counter() - began) * 1000)
        compared += answer.compared
    return samples, compared


def main() -> None:
    """Print the figures."""
    runs = [measure(seed) for seed in SEEDS]
    samples = np.array([ms for run, _ in runs for ms in run])
    print(
        json.dumps(
            {
                "benchmark": "offers",
                "crews": 40,
                "visits": 250,
                "asked": len(samples),
                "p50_ms": round(float(np.percentile(samples, 50)), 2),
                "p95_ms": round(float(np.percentile(samples, 95)), 2),
                "max_ms": round(float(samples.max()), 2),
                "compared_mean": round(sum(c for _, c in runs) / len(samples)),
                "goal_p95_ms": 15,
                "stretch_p95_ms": 5,
            }
        )
    )


if __name__ == "__main__":
    main()
