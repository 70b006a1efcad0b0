"""Cost and broken rules of plans for the public formats, from their text and nothing else.

Reads the raw case (the dictionary of a ``live-N.json`` file, or a Solomon or Gehring–Homberger
file) and routes of visit indexes; imports
none of the engine, so that a defect there cannot excuse itself here. Every solver is judged by it.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Case = Mapping[str, Any]
Routes = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a plan costs (seconds of driving), whom it leaves out, and the rules it breaks."""

    cost: float
    unserved: int
    hard_violations: int


def judge(case: Case, routes: Routes) -> Verdict:
    """Travel seconds, plus w × seconds late / 100, plus drop of every visit left out.

    Args:
        case: a live case.
        routes: visit indexes, one list per crew in the order of the case.
    """
    tasks, crews, times = case["tasks"], case["crews"], case["D"]
    seen = Counter(visit for route in routes for visit in route)
    broken = abs(len(routes) - len(crews)) + sum(times - 1 for times in seen.values())
    broken += sum(not 0 <= visit < len(tasks) for visit in seen)
    cost = float(sum(task["drop"] for visit, task in enumerate(tasks) if visit not in seen))
    for number, (crew, route) in enumerate(zip(crews, routes, strict=False)):
        if not route:
            continue
        place, clock = case["nt"] + number, crew["start"]
        for visit in route:
            task = tasks[visit]
            broken += task["skill"] not in crew["skills"]
            cost += times[place][visit]
            clock = max(clock + times[place][visit], task["ready"])
            cost += task["w"] * max(0, clock - task["due"]) / 100
            clock += task["dur"]
            place = visit
        home = case["nt"] + case["nc"] + crew["dep"]
        cost += times[place][home]
        broken += clock + times[place][home] > crew["end"]
    return Verdict(round(cost, 2), len(tasks) - len(seen), broken)


@dataclass(frozen=True, slots=True)
class Customers:
    """A Solomon or Gehring–Homberger file: row 0 is the depot."""

    fleet: int
    capacity: int
    rows: list[list[int]]

    def tenths(self, one: int, other: int) -> int:
        """Distance in tenths, truncated (DIMACS)."""
        a, b = self.rows[one], self.rows[other]
        return int(math.sqrt((a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) * 10 + 1e-9)


def read_customers(path: Path) -> Customers:
    """The file as numbers."""
    lines = [line.split() for line in path.read_text().splitlines() if line.split()]
    fleet, capacity = (int(word) for word in lines[3])
    rows = [
        [int(float(word)) for word in line]
        for line in lines
        if len(line) == 7 and line[0].isdigit()
    ]
    return Customers(fleet, capacity, rows)


def judge_customers(file: Customers, routes: Routes) -> Verdict:
    """Total distance, customers left out, and broken capacities, windows and fleet."""
    seen = Counter(visit for route in routes for visit in route)
    broken = sum(times - 1 for times in seen.values())
    broken += max(0, sum(bool(route) for route in routes) - file.fleet)
    distance = 0
    for route in routes:
        clock = place = load = 0
        for visit in [*route, 0]:
            _, _, _, demand, ready, due, service = file.rows[visit]
            leg = file.tenths(place, visit)
            clock = max(clock + leg, ready * 10)
            broken += clock > due * 10
            load += demand
            distance += leg
            clock, place = clock + service * 10, visit
        broken += load > file.capacity
    return Verdict(distance / 10, len(file.rows) - 1 - len(seen), broken)
