"""How long a dispatcher waits for ranked offers with every reason: 40 crews and 250 visits, then
100 crews and 1,000 visits.

Run ``python -m benchmarks.offers``; one JSON line per size. Each sample adds one new incident to a
planned day and asks who could go, arrays and explanation included.
"""

from dataclasses import replace
from time import perf_counter, process_time

import numpy as np

from benchmarks._instances import make_live
from benchmarks._results import say
from scheduling.dispatch.arrays import tables
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.offers import Desk
from scheduling.dispatch.problem import PlannedRoute, PlannedStop, Prices, Problem

SEEDS = (101, 102)
ASKED = 60
SIZES = ((40, 250), (100, 1000))


def planned_day(seed: int, held_back: int, crews: int = 40, visits: int = 250) -> Problem:
    """A case whose last ``held_back`` visits came in after the plan was made.

    They are asked about one at a time, so each question sees only planned or waiting visits.
    """
    case = make_live(seed, visits=visits + held_back, crews=crews)
    day = Problem(case.visits[:visits], case.crews, case.matrix, prices=Prices())
    found = improve(day, Effort(iterations=8000, seed=seed), process_time)
    plan = tuple(
        PlannedRoute(r.crew_id, tuple(PlannedStop(s.visit_id, s.start_at) for s in r.stops))
        for r in found.solution.routes
    )
    return Problem(
        case.visits, case.crews, case.matrix, frozen_until=1800, plan=plan, prices=Prices()
    )


def measure(seed: int, crews: int, visits: int) -> tuple[list[float], int]:
    """Milliseconds per question, and places compared in all."""
    day = planned_day(seed, ASKED, crews, visits)
    samples, compared = [], 0
    for visit in day.visits[visits:]:
        question = replace(day, visits=(*day.visits[:visits], replace(visit, is_urgent=True)))
        began = perf_counter()
        answer = Desk(tables(question)).offers(visit.id)
        samples.append((perf_counter() - began) * 1000)
        compared += answer.compared
    return samples, compared


def main() -> None:
    """Print the figures."""
    for crews, visits in SIZES:
        runs = [measure(seed, crews, visits) for seed in SEEDS]
        samples = np.array([ms for run, _ in runs for ms in run])
        say(
            "offers",
            crews=crews,
            visits=visits,
            asked=len(samples),
            p50_ms=round(float(np.percentile(samples, 50)), 2),
            p95_ms=round(float(np.percentile(samples, 95)), 2),
            max_ms=round(float(samples.max()), 2),
            compared_mean=round(sum(c for _, c in runs) / len(samples)),
            goal_p95_ms=15,
            stretch_p95_ms=5,
        )


if __name__ == "__main__":
    main()
