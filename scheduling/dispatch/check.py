"""Every hard rule a plan breaks, found without any of the code that makes plans.

Shares only the data classes with the search: it re-derives times from the matrix, walks the
clock itself, and re-reads pins, freeze and breaks from the problem. A plan that it passes may be
offered to a dispatcher; one that it refuses is a defect of the search, whoever made it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from scheduling.dispatch.problem import Crew, PinKind, Problem, Relaxation, Visit
from scheduling.dispatch.solution import Route, Solution


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken rule: its name, where, and the amounts."""

    rule: str
    crew_id: str | None = None
    visit_id: str | None = None
    detail: str = ""


def check(problem: Problem, solution: Solution) -> list[Breach]:
    """Every rule the plan breaks; an empty list is a lawful plan."""
    breaches = [*_census(problem, solution)]
    if breaches:
        return breaches
    for route in solution.routes:
        breaches += _fitness(problem, route)
        breaches += _clock(problem, route)
        breaches += _pauses(problem, route)
    breaches += _pins(problem, solution)
    breaches += _freeze(problem, solution)
    return breaches


def _census(problem: Problem, solution: Solution) -> Iterator[Breach]:
    """Each visit exactly once, each crew exactly once."""
    crews = Counter(route.crew_id for route in solution.routes)
    for crew in problem.crews:
        if crews.pop(crew.id, 0) != 1:
            yield Breach("one_route_per_crew", crew_id=crew.id)
    for name in crews:
        yield Breach("unknown_crew", crew_id=name)
    seen = Counter(stop.visit_id for route in solution.routes for stop in route.stops)
    seen.update(unserved.visit_id for unserved in solution.unserved)
    for visit in problem.visits:
        times = seen.pop(visit.id, 0)
        if times != 1:
            yield Breach("each_visit_once", visit_id=visit.id, detail=f"{times} times")
    for name in seen:
        yield Breach("unknown_visit", visit_id=name)


def _by_id(problem: Problem) -> tuple[dict[str, Crew], dict[str, Visit]]:
    return {crew.id: crew for crew in problem.crews}, {v.id: v for v in problem.visits}


def _fitness(problem: Problem, route: Route) -> Iterator[Breach]:
    """Skills, crew size, bars and load."""
    crews, visits = _by_id(problem)
    crew = crews[route.crew_id]
    load = 0
    for stop in route.stops:
        visit = visits[stop.visit_id]
        load += visit.load
        for need in visit.skills:
            if not any(s.code == need.code and s.level >= need.level for s in crew.skills):
                yield Breach("skill", crew.id, visit.id, f"{need.code} {need.level}")
        if visit.crew_size > crew.size:
            yield Breach("crew_size", crew.id, visit.id)
        if any(bar.crew_id == crew.id for bar in visit.bars):
            yield Breach("barred", crew.id, visit.id)
    if crew.capacity is not None and load > crew.capacity:
        yield Breach("capacity", crew.id, detail=f"{load} > {crew.capacity}")


def _clock(problem: Problem, route: Route) -> Iterator[Breach]:
    """Times follow from the matrix; starts are allowed; the crew is home in time."""
    crews, visits = _by_id(problem)
    crew = crews[route.crew_id]
    free_at, place, driven_s, driven_m = crew.ready_at, crew.start_place, 0, 0
    for stop in route.stops:
        visit = visits[stop.visit_id]
        travel_s = int(problem.matrix.seconds[place][visit.place])
        driven_m += int(problem.matrix.metres[place][visit.place])
        driven_s += travel_s
        if stop.depart_at < free_at or stop.arrive_at != stop.depart_at + travel_s:
            yield Breach("travel", crew.id, visit.id, f"{stop.depart_at} to {stop.arrive_at}")
        if stop.start_at < stop.arrive_at or stop.end_at != stop.start_at + visit.duration_s:
            yield Breach("service", crew.id, visit.id)
        if visit.ready_at is not None and stop.start_at < visit.ready_at:
            yield Breach("ready", crew.id, visit.id)
        if not _may_start(problem, visit, stop.start_at):
            yield Breach("window", crew.id, visit.id, f"starts {stop.start_at}")
        free_at, place = stop.end_at, visit.place
    if route.stops or crew.is_out:
        home_s = int(problem.matrix.seconds[place][crew.end_place])
        driven_s += home_s
        driven_m += int(problem.matrix.metres[place][crew.end_place])
        if route.end_at < free_at + home_s:
            yield Breach("travel", crew.id, detail="home too soon")
        if route.end_at > crew.hard_end:
            yield Breach("hard_end", crew.id, detail=f"{route.end_at} > {crew.hard_end}")
    if (route.travel_s, route.distance_m) != (driven_s, driven_m):
        yield Breach("sums", crew.id, detail="travel or distance")


def _may_start(problem: Problem, visit: Visit, at: int) -> bool:
    is_open = not visit.windows or any(w.opens_at <= at < w.closes_at for w in visit.windows)
    for pin in problem.pins:
        if pin.visit_id == visit.id and pin.window is not None:
            if not pin.window.opens_at <= at < pin.window.closes_at:
                return False
            overlaps = not visit.windows or any(
                w.opens_at < pin.window.closes_at and pin.window.opens_at < w.closes_at
                for w in visit.windows
            )
            return is_open or not overlaps
    return is_open


def _pauses(problem: Problem, route: Route) -> Iterator[Breach]:
    """Each break that the route outlasts is taken, whole, while the crew stands."""
    crew = next(crew for crew in problem.crews if crew.id == route.crew_id)
    if not route.stops:
        return
    for index, rule in enumerate(crew.breaks):
        if index >= len(route.pauses):
            if route.end_at > rule.latest_at:
                yield Breach("break_missing", crew.id)
            continue
        pause = route.pauses[index]
        if not rule.earliest_at <= pause.start_at <= rule.latest_at:
            yield Breach("break_time", crew.id, detail=f"starts {pause.start_at}")
        if pause.end_at - pause.start_at < rule.duration_s:
            yield Breach("break_short", crew.id)
    last = next(v for v in problem.visits if v.id == route.stops[-1].visit_id)
    home_s = int(problem.matrix.seconds[last.place][crew.end_place])
    busy = [(stop.depart_at, stop.arrive_at) for stop in route.stops]
    busy += [(stop.start_at, stop.end_at) for stop in route.stops]
    busy += [(route.end_at - home_s, route.end_at)]
    busy_until = crew.ready_at
    for pause in route.pauses:
        is_idle = all(a == b or pause.end_at <= a or b <= pause.start_at for a, b in busy)
        if pause.start_at < busy_until or not is_idle:
            yield Breach("break_while_busy", crew.id, detail=f"{pause.start_at}")
        busy_until = pause.end_at


def _pins(problem: Problem, solution: Solution) -> Iterator[Breach]:
    """Pinned visits stay with their crew, and in order where the order is pinned."""
    crew_of = {s.visit_id: r.crew_id for r in solution.routes for s in r.stops}
    planned = {s.visit_id: r.crew_id for r in problem.plan for s in r.stops}
    bound = {pin.visit_id: pin.crew_id for pin in problem.pins}
    if problem.relaxation is not Relaxation.ALL:
        bound = planned | bound
    for visit_id, crew_id in bound.items():
        if crew_of.get(visit_id, crew_id) != crew_id:
            yield Breach("pin_crew", crew_of[visit_id], visit_id)
    kept = {pin.visit_id for pin in problem.pins if pin.kind is PinKind.ORDER}
    if problem.relaxation is Relaxation.TIMES:
        kept |= planned.keys()
    for route in problem.plan:
        wanted = [s.visit_id for s in route.stops if s.visit_id in kept]
        wanted = [name for name in wanted if crew_of.get(name) == route.crew_id]
        actual = [
            s.visit_id
            for r in solution.routes
            if r.crew_id == route.crew_id
            for s in r.stops
            if s.visit_id in wanted
        ]
        if actual != wanted:
            yield Breach("pin_order", route.crew_id)


def _freeze(problem: Problem, solution: Solution) -> Iterator[Breach]:
    """What starts before the freeze horizon heads its route, in the same order."""
    routes = {route.crew_id: [stop.visit_id for stop in route.stops] for route in solution.routes}
    for planned in problem.plan:
        head = []
        for stop in planned.stops:
            if stop.start_at >= problem.frozen_until:
                break
            head.append(stop.visit_id)
        if routes[planned.crew_id][: len(head)] != head:
            yield Breach("frozen", planned.crew_id, detail=" ".join(head))
