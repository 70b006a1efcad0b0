"""Problems to measure on: recorded live cases, and made ones of the same family.

A live case is 40 crews on the road with 250 open visits in a field of 80 × 74 km. The maker draws
cases of the same shape from a seed, so that engines are tuned on some and judged on others.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.problem import FREE, Crew, Matrix, Problem, Skill, Visit, Window

SPEED_KMH, DETOUR = 51.0, 1.35
HOUR = 3600
WEIGHTS = {1: 400, 2: 60, 3: 10, 4: 2}
DROPS = {1: 60_000, 2: 20_000, 3: 7_000, 4: 2_500}


def read_live(path: Path) -> Problem:
    """The problem of a ``live-N.json`` file, no plan in force, nobody's habits priced."""
    return live_problem(json.loads(path.read_text()))


def live_problem(case: Mapping[str, Any]) -> Problem:
    """The problem of a live case as read from its file."""
    visits = [
        Visit(
            id=f"v{number}",
            place=number,
            duration_s=task["dur"],
            priority=int(task["prio"][1]),
            ready_at=task["ready"] or None,
            due_at=task["due"],
            late_rate=task["w"],
            unserved_cost=task["drop"] * 100,
            skills=(Skill(str(task["skill"])),),
        )
        for number, task in enumerate(case["tasks"])
    ]
    crews = [
        Crew(
            id=f"c{number}",
            start_place=case["nt"] + number,
            end_place=case["nt"] + case["nc"] + crew["dep"],
            ready_at=crew["start"],
            shift_end=crew["end"],
            hard_end=crew["end"],
            skills=tuple(Skill(str(skill)) for skill in crew["skills"]),
        )
        for number, crew in enumerate(case["crews"])
    ]
    seconds = np.array(case["D"], dtype=np.int32)
    metres = (seconds * (SPEED_KMH / 3.6)).astype(np.int32)
    return Problem(tuple(visits), tuple(crews), Matrix(seconds, metres), prices=FREE)


def live_case(problem: Problem) -> dict[str, Any]:
    """A made problem in the form of a ``live-N.json`` file, for the independent evaluator."""
    visits, crews = problem.visits, problem.crews
    first_depot = len(visits) + len(crews)
    return {
        "nt": len(visits),
        "nc": len(crews),
        "nd": len(problem.matrix) - first_depot,
        "D": problem.matrix.seconds.tolist(),
        "crews": [
            {
                "dep": crew.end_place - first_depot,
                "start": crew.ready_at,
                "end": crew.hard_end,
                "skills": [int(skill.code) for skill in crew.skills],
            }
            for crew in crews
        ],
        "tasks": [
            {
                "dur": visit.duration_s,
                "skill": int(visit.skills[0].code),
                "prio": f"P{visit.priority}",
                "ready": visit.ready_at or 0,
                "due": visit.due_at,
                "w": visit.late_rate,
                "drop": visit.unserved_cost // 100,
            }
            for visit in visits
        ],
    }


def read_routes(path: Path) -> list[list[int]]:
    """Routes of a plan file: visit indexes, one list per crew."""
    routes: list[list[int]] = json.loads(path.read_text())["routes"]
    return routes


def write_routes(path: Path | None, routes: Sequence[Sequence[int]]) -> None:
    """Write routes to a plan file, if one was asked for."""
    if path is not None:
        path.write_text(json.dumps({"routes": [list(map(int, route)) for route in routes]}))


def named(routes: Sequence[Sequence[int]]) -> list[list[str]]:
    """Visit ids of routes of visit indexes."""
    return [[f"v{visit}" for visit in route] for route in routes]


def numbered(routes: Sequence[Sequence[str]]) -> list[list[int]]:
    """Visit indexes of routes of visit ids."""
    return [[int(name[1:]) for name in route] for route in routes]


def make_live(seed: int, visits: int = 250, crews: int = 40, depots: int = 8) -> Problem:
    """A case of the same family as the recorded ones.

    Args:
        seed: names the case.
        visits: open visits.
        crews: crews on the road.
        depots: places where shifts end.
    """
    draw = np.random.default_rng(seed)
    scale = (visits / 250) ** 0.5
    field = np.array([80.0, 73.75]) * scale
    homes = draw.uniform(0.08, 0.92, (depots, 2)) * field
    depot_of = np.arange(crews) % depots
    standing = homes[depot_of] + draw.normal(0, 7, (crews, 2))
    towns = draw.uniform(0, 1, (14, 2)) * field
    town = towns[draw.integers(0, len(towns), visits)] + draw.normal(0, 5, (visits, 2))
    is_rural = draw.random(visits) < 0.4
    sites = np.where(is_rural[:, None], draw.uniform(0, 1, (visits, 2)) * field, town)
    sites = np.clip(sites, 0, field)
    points = np.concatenate([sites, standing, homes])
    return Problem(
        tuple(_visit(draw, number) for number in range(visits)),
        tuple(
            _crew(draw, number, (visits, visits + crews + int(depot_of[number])))
            for number in range(crews)
        ),
        _plane(points),
        prices=FREE,
    )


def _plane(points: npt.NDArray[np.float64]) -> Matrix:
    flight_km = np.linalg.norm(points[:, None] - points[None], axis=2)
    metres = np.rint(flight_km * DETOUR * 1000).astype(np.int32)
    return Matrix(np.rint(metres * 3.6 / SPEED_KMH).astype(np.int32), metres)


def _visit(draw: np.random.Generator, number: int) -> Visit:
    priority = int(draw.choice([1, 2, 3, 4], p=[0.1, 0.22, 0.39, 0.29]))
    ready, due = 0, {1: 2, 2: 4, 3: 8, 4: 10}[priority] * HOUR
    if priority >= 3 and draw.random() < 0.22:
        ready = int(draw.choice([2, 4])) * HOUR
        due = max(due, ready + 8 * HOUR)
    minutes: Sequence[float] = [15, 22.5, 33.75, 45, 67.5, 90]
    duration = int(draw.choice(minutes) * 60)
    if priority == 1:
        duration = int(draw.choice([16, 36, 48, 72], p=[0.25, 0.2, 0.35, 0.2]) * 60)
    skill = int(draw.choice(6, p=[0.32, 0.21, 0.19, 0.14, 0.09, 0.05]))
    return Visit(
        id=f"v{number}",
        place=number,
        duration_s=duration,
        priority=priority,
        ready_at=ready or None,
        due_at=due,
        late_rate=WEIGHTS[priority],
        unserved_cost=DROPS[priority] * 100,
        skills=(Skill(str(skill)),),
    )


def _crew(draw: np.random.Generator, number: int, places: tuple[int, int]) -> Crew:
    visits, end_place = places
    starts, ends = ((0, 8), (0, 7), (2, 10))[int(draw.choice(3, p=[0.76, 0.14, 0.1]))]
    held = draw.choice(6, int(draw.choice([1, 2, 3, 4], p=[0.5, 0.32, 0.13, 0.05])), replace=False)
    if number < 6:
        held = np.union1d(held, [number])
    return Crew(
        id=f"c{number}",
        start_place=visits + number,
        end_place=end_place,
        ready_at=starts * HOUR,
        shift_end=ends * HOUR,
        hard_end=ends * HOUR,
        skills=tuple(Skill(str(skill)) for skill in sorted(held.tolist())),
    )


def read_vrptw(path: Path) -> Problem:
    """A Solomon or Gehring–Homberger instance: distances and times in tenths, truncated.

    Source: DIMACS challenge convention (one decimal, truncated); total distance is minimised and
    every customer must be served.
    """
    lines = [line.split() for line in path.read_text().splitlines() if line.split()]
    fleet, capacity = (int(word) for word in lines[3])
    rows = [[int(float(word)) for word in line] for line in lines if line[0].isdigit()][1:]
    points = np.array([(row[1], row[2]) for row in rows], dtype=np.float64)
    flight = np.linalg.norm(points[:, None] - points[None], axis=2)
    tenths = np.floor(flight * 10 + 1e-9).astype(np.int32)
    visits = tuple(
        Visit(
            id=f"v{number}",
            place=number,
            duration_s=service * 10,
            windows=(Window(ready * 10, due * 10 + 1),),
            unserved_cost=10_000_00,
            load=demand,
        )
        for number, _x, _y, demand, ready, due, service in rows[1:]
    )
    closes = rows[0][5] * 10
    crews = tuple(
        Crew(f"c{k}", 0, 0, rows[0][4] * 10, closes, closes, capacity=capacity)
        for k in range(fleet)
    )
    return Problem(visits, crews, Matrix(tenths, tenths), prices=FREE)
