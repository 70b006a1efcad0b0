"""Cost and broken rules of a live-dispatch plan, from the text of the format and nothing else.

Reads the raw case (the dictionary of a ``live-N.json`` file) and routes of visit indexes; imports
none of the engine, so that a defect there cannot excuse itself here. Every solver is judged by it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
