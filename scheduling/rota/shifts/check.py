"""Judges a finished shift roster by reading its rows, sharing no code with the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from scheduling.rota.shifts.problem import RosterProblem, Shift, Worker

Names = Mapping[str, Sequence[str]]
"""Shift ids of each worker, one a day; an empty string is a day off."""


@dataclass(frozen=True, slots=True)
class RosterBreach:
    """One place where a roster breaks a hard rule."""

    rule: str
    worker_id: str
    day: int
    detail: str = ""


def check_roster(problem: RosterProblem, roster: Names) -> tuple[RosterBreach, ...]:
    """Every breach of a hard rule, worker by worker; an empty answer means lawful."""
    found: list[RosterBreach] = []
    shifts = {shift.id: shift for shift in problem.shifts}
    for worker in problem.workers:
        days = list(roster.get(worker.id, ()))
        if len(days) != problem.days or any(name and name not in shifts for name in days):
            found.append(RosterBreach("form", worker.id, 0, f"{len(days)} days"))
            continue
        found += _totals(worker, days, shifts)
        found += _sequence(worker, days, shifts)
        found += _runs(worker, days)
    strangers = set(roster) - {worker.id for worker in problem.workers}
    found += [RosterBreach("form", name, 0, "unknown") for name in sorted(strangers)]
    return tuple(found)


def _totals(worker: Worker, days: Sequence[str], shifts: Mapping[str, Shift]) -> list[RosterBreach]:
    found: list[RosterBreach] = []
    minutes = sum(shifts[name].minutes for name in days if name)
    if not worker.min_minutes <= minutes <= worker.max_minutes:
        found.append(RosterBreach("minutes", worker.id, 0, str(minutes)))
    for name, cap in worker.caps.items():
        if days.count(name) > cap:
            found.append(RosterBreach("cap", worker.id, 0, f"{name}: {days.count(name)} > {cap}"))
    worked = {day // 7 for day, name in enumerate(days) if name and day % 7 >= 5}
    if len(worked) > worker.max_weekends:
        found.append(RosterBreach("weekends", worker.id, 0, str(len(worked))))
    return found


def _sequence(
    worker: Worker, days: Sequence[str], shifts: Mapping[str, Shift]
) -> list[RosterBreach]:
    forbidden = [
        RosterBreach("succession", worker.id, day, f"{one} > {other}")
        for day, (one, other) in enumerate(pairwise(days))
        if one and other and other in shifts[one].not_before
    ]
    away = [
        RosterBreach("day_off", worker.id, day, days[day])
        for day in sorted(worker.days_off)
        if day < len(days) and days[day]
    ]
    return forbidden + away


def _runs(worker: Worker, days: Sequence[str]) -> list[RosterBreach]:
    found: list[RosterBreach] = []
    first = 0
    for works, group in groupby(days, key=bool):
        length = len(list(group))
        touches_edge = first == 0 or first + length == len(days)
        shortest = worker.min_run if works else worker.min_off
        if length < shortest and not touches_edge:
            found.append(RosterBreach("min_run" if works else "min_off", worker.id, first))
        if works and length > worker.max_run:
            found.append(RosterBreach("max_run", worker.id, first))
        first += length
    return found


def roster_cost(problem: RosterProblem, roster: Names) -> int:
    """What a roster costs: unmet requests, and people short or too many on each shift."""
    cost = 0
    for request in problem.requests:
        has_it = roster[request.worker_id][request.day] == request.shift_id
        cost += request.weight * (has_it != request.wants_shift)
    for demand in problem.demands:
        present = sum(days[demand.day] == demand.shift_id for days in roster.values())
        cost += demand.under * max(0, demand.need - present)
        cost += demand.over * max(0, present - demand.need)
    return cost
