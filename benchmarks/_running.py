"""Plans already running, and one urgent visit more: the questions of ``urgent`` and ``replan``."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks._instances import live_problem, named
from scheduling.dispatch.problem import PlannedRoute, PlannedStop, Prices, Problem
from scheduling.dispatch.schedule import Scheduler

HOUR = 3600
URGENT = {"prio": "P1", "ready": 0, "due": 2 * HOUR, "w": 400, "drop": 200_000}
"""An urgent visit: due within two hours, very dear to leave out."""

PRICES = replace(Prices(), crew_change=200_000, slot_lost=400_000)


def with_urgent(case: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The case and one urgent visit more, at the place of a visit drawn by the seed.

    Its skill is one that somebody has; it becomes the last visit, so plans of the case stay valid.
    """
    draw = np.random.default_rng(seed)
    visits = case["nt"]
    at = int(draw.integers(0, visits))
    held = sorted({skill for crew in case["crews"] for skill in crew["skills"]})
    duration = int(draw.choice([16, 36, 48, 72]) * 60)
    task = {**URGENT, "dur": duration, "skill": int(draw.choice(held))}
    rows = [[*row[:visits], row[at], *row[visits:]] for row in case["D"]]
    rows.insert(visits, list(rows[at]))
    return {**case, "nt": visits + 1, "tasks": [*case["tasks"], task], "D": rows}


def running(
    case: Mapping[str, Any], routes: Sequence[Sequence[int]], prices: Prices = PRICES
) -> Problem:
    """The case with these routes as the plan in force."""
    problem = live_problem(case)
    scheduler = Scheduler(problem)
    plan = []
    for crew, route in zip(problem.crews, named(routes), strict=True):
        timed = scheduler.route(crew.id, route)
        stops = tuple(PlannedStop(s.visit_id, s.start_at) for s in timed.stops)
        plan.append(PlannedRoute(crew.id, stops))
    return replace(problem, plan=tuple(plan), prices=prices)


def moved(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> int:
    """Visits planned before that changed crew or left the plan."""
    crew_of = {visit: k for k, route in enumerate(after) for visit in route}
    return sum(crew_of.get(visit) != k for k, route in enumerate(before) for visit in route)
