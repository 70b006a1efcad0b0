"""Other solvers on our problems, priced by our objective: VROOM today.

VROOM has no lateness cost and no cost of leaving out, only hard windows and priorities; it is
given what suits it best: due times hard for priorities 1 and 2, and the priority order.
"""

from collections.abc import Sequence
from time import process_time

import numpy as np
import vroom

from scheduling.dispatch.problem import Problem

FAR = 10_000_000
HARD_DUE_UP_TO = 2
VROOM_PRIORITY = {1: 100, 2: 60, 3: 20, 4: 5}


def vroom_routes(problem: Problem, exploration: int) -> tuple[list[list[str]], float]:
    """VROOM's routes, one list of visit ids per crew, and the processor seconds it took.

    Args:
        problem: visits with at most one skill each, no plan in force.
        exploration: effort, 0 (fastest) to 5.
    """
    began = process_time()
    case = vroom.Input()
    case.set_durations_matrix("car", problem.matrix.seconds.astype(np.uint32))
    skills = {code: n for n, code in enumerate(sorted(_codes(problem)))}
    case.add_vehicle(
        [
            vroom.Vehicle(
                row,
                start=crew.start_place,
                end=crew.end_place,
                skills={skills[skill.code] for skill in crew.skills},
                time_window=(crew.ready_at, crew.hard_end),
            )
            for row, crew in enumerate(problem.crews)
        ]
    )
    case.add_job([_job(problem, row, skills) for row in range(len(problem.visits))])
    answer = case.solve(exploration_level=exploration, nb_threads=1)
    took = process_time() - began
    routes: list[list[str]] = [[] for _ in problem.crews]
    steps = answer.routes[answer.routes["type"] == "job"]
    for crew, visit in zip(steps["vehicle_id"], steps["id"], strict=True):
        routes[int(crew)].append(problem.visits[int(visit)].id)
    return routes, took


def _codes(problem: Problem) -> set[str]:
    held: Sequence[str] = [s.code for crew in problem.crews for s in crew.skills]
    return {*held, *(s.code for visit in problem.visits for s in visit.skills)}


def _job(problem: Problem, row: int, skills: dict[str, int]) -> vroom.Job:
    visit = problem.visits[row]
    is_hard = visit.priority <= HARD_DUE_UP_TO and visit.due_at is not None
    closes = visit.due_at if is_hard and visit.due_at is not None else FAR
    return vroom.Job(
        row,
        location=visit.place,
        default_service=visit.duration_s,
        skills={skills[skill.code] for skill in visit.skills},
        priority=VROOM_PRIORITY[visit.priority],
        time_windows=[(visit.ready_at or 0, closes)],
    )
