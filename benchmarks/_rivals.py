"""Other solvers on our problems, each with the encoding that suits it best.

VROOM and PyVRP know no lateness cost: both get due times of priorities 1 and 2 as hard windows
and the others as none (all hard was dearer). VROOM has no cost of leaving out either, only an
order of priorities; it is run at every level of exploration that the time allows and its best plan
counts. PyVRP gets prizes, and one travel matrix per set of skills with prohibitive legs. OR-Tools
routing knows all terms. Each runs in a process of its own on one thread.
"""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from time import process_time

import numpy as np

from scheduling.dispatch.arrays import tables
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.referee import second_opinion
from scheduling.dispatch.repair import lawful_routes

FAR = 10_000_000
HARD_DUE_UP_TO = 2
VROOM_PRIORITY = {1: 100, 2: 60, 3: 20, 4: 5}
LEVELS = (0, 1, 2, 3, 4, 5)

Routes = list[list[int]]


@dataclass(frozen=True, slots=True)
class Rival:
    """A plan by another solver: routes of visit indexes, processor seconds per attempt."""

    routes: list[Routes]
    took_s: list[float]


def run_rival(name: str, problem: Problem, seconds: float, seed: int = 1) -> Rival:
    """Plans by ``vroom``, ``pyvrp`` or ``ortools``, lawful, in a fresh process.

    Args:
        name: which.
        problem: visits with at most one skill each, no plan in force.
        seconds: budget of one attempt.
        seed: names the run where the solver draws.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_run, name, problem, seconds, seed).result()


def _run(name: str, problem: Problem, seconds: float, seed: int) -> Rival:
    solve: dict[str, Callable[[Problem, float, int], Rival]]
    solve = {"vroom": _vroom, "pyvrp": _pyvrp, "ortools": _ortools}
    found = solve[name](problem, seconds, seed)
    known = tables(problem)
    lawful = [lawful_routes(known, tuple(map(tuple, routes))) for routes in found.routes]
    return Rival([[list(map(int, row)) for row in routes] for routes in lawful], found.took_s)


def _vroom(problem: Problem, seconds: float, _seed: int) -> Rival:
    """One plan per level of exploration, each stopped at the budget."""
    answers: list[Routes] = []
    took = []
    for level in LEVELS:
        began = process_time()
        answers.append(vroom_at(problem, level, seconds))
        took.append(process_time() - began)
        if took[-1] >= 0.9 * seconds:
            break
    return Rival(answers, took)


def vroom_at(problem: Problem, level: int, seconds: float) -> Routes:
    """VROOM's routes at one level of exploration, 0 (fastest) to 5."""
    import vroom

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
    case.add_job(
        [
            vroom.Job(
                row,
                location=visit.place,
                default_service=visit.duration_s,
                skills={skills[skill.code] for skill in visit.skills},
                priority=VROOM_PRIORITY[visit.priority],
                time_windows=[(visit.ready_at or 0, _closes(problem, row))],
            )
            for row, visit in enumerate(problem.visits)
        ]
    )
    answer = case.solve(level, nb_threads=1, timeout=timedelta(seconds=seconds))
    routes: Routes = [[] for _ in problem.crews]
    steps = answer.routes[answer.routes["type"] == "job"]
    for crew, visit in zip(steps["vehicle_id"], steps["id"], strict=True):
        routes[int(crew)].append(int(visit))
    return routes


def _codes(problem: Problem) -> set[str]:
    held: Sequence[str] = [s.code for crew in problem.crews for s in crew.skills]
    return {*held, *(s.code for visit in problem.visits for s in visit.skills)}


def _closes(problem: Problem, row: int) -> int:
    visit = problem.visits[row]
    is_hard = visit.priority <= HARD_DUE_UP_TO and visit.due_at is not None
    return visit.due_at if is_hard and visit.due_at is not None else FAR


def _pyvrp(problem: Problem, seconds: float, seed: int) -> Rival:
    import pyvrp

    began = process_time()
    sets = sorted({tuple(sorted(s.code for s in crew.skills)) for crew in problem.crews})
    matrices = [_matrix_for(problem, set(codes)) for codes in sets]
    depots = [place for crew in problem.crews for place in (crew.start_place, crew.end_place)]
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(len(problem.matrix))],
        [_client(problem, row) for row in range(len(problem.visits))],
        [pyvrp.Depot(place) for place in depots],
        [
            pyvrp.VehicleType(
                1,
                [FAR if crew.capacity is None else crew.capacity],
                2 * k,
                2 * k + 1,
                tw_early=crew.ready_at,
                tw_late=crew.hard_end,
                start_late=crew.ready_at if crew.skills else None,
                profile=sets.index(tuple(sorted(s.code for s in crew.skills))),
            )
            for k, crew in enumerate(problem.crews)
        ],
        matrices,
        matrices,
    )
    found = pyvrp.solve(data, lambda _best: process_time() - began >= seconds, seed, False)
    routes: Routes = [[] for _ in problem.crews]
    for route in found.best.routes():
        routes[route.vehicle_type()] = [step.idx for step in route if step.is_client()]
    return Rival([routes], [process_time() - began])


def _client(problem: Problem, row: int) -> object:
    import pyvrp

    visit = problem.visits[row]
    return pyvrp.Client(
        visit.place,
        [visit.load],
        service_duration=visit.duration_s,
        tw_early=_opens(problem, row),
        tw_late=min(_last(problem, row), FAR),
        prize=visit.unserved_cost // 100,
        # Customers of the standard instances must all be served.
        required=not problem.crews[0].skills,
    )


def _opens(problem: Problem, row: int) -> int:
    visit = problem.visits[row]
    return max([visit.ready_at or 0, *(window.opens_at for window in visit.windows[:1])])


def _last(problem: Problem, row: int) -> int:
    visit = problem.visits[row]
    return min([_closes(problem, row), *(window.closes_at - 1 for window in visit.windows[-1:])])


def _matrix_for(problem: Problem, codes: set[str]) -> np.ndarray:
    """Seconds between places, legs to visits that need another skill prohibitive."""
    seconds = problem.matrix.seconds.astype(np.int64).copy()
    for visit in problem.visits:
        if any(skill.code not in codes for skill in visit.skills):
            seconds[:, visit.place] = FAR
    np.fill_diagonal(seconds, 0)
    return seconds


def _ortools(problem: Problem, seconds: float, _seed: int) -> Rival:
    began = process_time()
    found = second_opinion(problem, seconds)
    index = problem.visit_index
    routes = [[index[name] for name in route.visit_ids] for route in found.solution.routes]
    return Rival([routes], [process_time() - began])
