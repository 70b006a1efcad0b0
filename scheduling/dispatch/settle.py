"""The problem with its rules widened just enough to admit what is already decided.

A frozen stop is a fact, not a decision: the crew drives there even if its window has meanwhile
closed or the shift has run over. Judging facts would make every route of a late crew unlawful and
every search fail. So at the border, once, the rules that the frozen prefix already breaks are
widened to the point it needs; afterwards every module treats every rule as hard.
"""

from collections.abc import Sequence
from dataclasses import replace

from scheduling.dispatch.binding import frozen_stops
from scheduling.dispatch.problem import Break, Crew, Pin, Problem, Visit
from scheduling.dispatch.schedule import Scheduler, earliest_start, start_windows
from scheduling.dispatch.solution import Route


def settle(problem: Problem) -> Problem:
    """The same problem, whose frozen prefixes break no rule."""
    scheduler = Scheduler(problem)
    visits = {visit.id: visit for visit in problem.visits}
    pins = {pin.visit_id: pin for pin in problem.pins}
    crews = []
    for crew in problem.crews:
        frozen = frozen_stops(problem, crew.id)
        route = scheduler.route(crew.id, frozen)
        for stop in route.stops:
            pin = _honest_pin(pins.get(stop.visit_id), crew.id)
            visit = _reachable(visits[stop.visit_id], pin, crew, stop.start_at)
            visits[stop.visit_id] = visit
            pins.pop(stop.visit_id, None)
            if pin is not None:
                is_kept = earliest_start(start_windows(visit, pin), stop.start_at) == stop.start_at
                pins[stop.visit_id] = pin if is_kept else replace(pin, window=None)
        crews.append(_able(crew, route, [visits[name] for name in frozen]))
    return replace(
        problem,
        visits=tuple(visits.values()),
        crews=tuple(crews),
        pins=tuple(pins.values()),
    )


def _honest_pin(pin: Pin | None, crew_id: str) -> Pin | None:
    """The pin, unless it sends a frozen stop to another crew than the one on its way."""
    return pin if pin is not None and pin.crew_id == crew_id else None


def _reachable(visit: Visit, pin: Pin | None, crew: Crew, start_at: int) -> Visit:
    """The visit with no rule against this crew serving it at ``start_at``."""
    if earliest_start(start_windows(visit, pin), start_at) != start_at:
        visit = replace(visit, windows=(), ready_at=None)
    return replace(
        visit,
        skills=tuple(s for s in visit.skills if _has(crew, s.code, s.level)),
        crew_size=min(visit.crew_size, crew.size),
        bars=tuple(bar for bar in visit.bars if bar.crew_id != crew.id),
    )


def _has(crew: Crew, code: str, level: int) -> bool:
    return any(skill.code == code and skill.level >= level for skill in crew.skills)


def _able(crew: Crew, route: Route, visits: Sequence[Visit]) -> Crew:
    """The crew with hours, breaks and capacity that its frozen prefix fits in."""
    load = sum(visit.load for visit in visits)
    breaks: list[Break] = list(crew.breaks)
    for index, pause in enumerate(route.pauses):
        latest_at = max(breaks[index].latest_at, pause.start_at)
        breaks[index] = replace(breaks[index], latest_at=latest_at)
    must_move = bool(route.stops) or crew.is_out
    return replace(
        crew,
        hard_end=max(crew.hard_end, route.end_at) if must_move else crew.hard_end,
        breaks=tuple(breaks),
        capacity=None if crew.capacity is None else max(crew.capacity, load),
    )
