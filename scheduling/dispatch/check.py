"""Every hard rule a plan breaks, found without any of the code that makes plans.

Shares only the data classes with the search: it re-derives times from the matrix, walks the
clock itself, and re-reads pins, freeze and breaks from the problem. A plan that it passes may be
offered to a dispatcher; one that it refuses is a defect of the search, whoever made it.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from scheduling.dispatch.breach import Breach
from scheduling.dispatch.check_shared import check_shared
from scheduling.dispatch.problem import (
    Break,
    Crew,
    PinKind,
    Problem,
    Relaxation,
    Skill,
    TerritoryRule,
    Together,
    Visit,
)
from scheduling.dispatch.solution import Pause, Route, Solution, Stop

__all__ = ["Breach", "check"]


def check(problem: Problem, solution: Solution) -> list[Breach]:
    """Every rule the plan breaks; an empty list is a lawful plan."""
    breaches = [*_census(problem, solution)]
    if breaches:
        return breaches
    for route in solution.routes:
        breaches += _fitness(problem, route)
        breaches += _reach(problem, route)
        breaches += _clock(problem, route)
        breaches += _delays(problem, route)
        breaches += _presence(problem, route)
        breaches += _pauses(problem, route)
        breaches += _sums(problem, route)
    breaches += _pins(problem, solution)
    breaches += _freeze(problem, solution)
    breaches += _churn(problem, solution)
    breaches += _links(problem, solution)
    breaches += check_shared(problem, solution)
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
    """Skills, crew size, equipment, bars, load, and who works from afar."""
    crews, visits = _by_id(problem)
    crew = crews[route.crew_id]
    load = 0
    for stop in route.stops:
        visit = visits[stop.visit_id]
        load += visit.load
        for need in visit.skills:
            if not _holds(crew, need, stop.start_at):
                yield Breach("skill", crew.id, visit.id, f"{need.code} {need.level}")
        has_one = any(_holds(crew, need, stop.start_at) for need in visit.any_skills)
        unmet = {
            "any_skill": bool(visit.any_skills) and not has_one,
            "equipment": not set(visit.equipment) <= set(crew.equipment),
            "required_crew": bool(visit.required_crews) and crew.id not in visit.required_crews,
            "crew_size": visit.crew_size > crew.size,
            "remote": visit.is_remote != crew.is_remote,
            "barred": any(bar.crew_id == crew.id for bar in visit.bars),
        }
        yield from (Breach(rule, crew.id, visit.id) for rule, is_unmet in unmet.items() if is_unmet)
    if crew.capacity is not None and load > crew.capacity:
        yield Breach("capacity", crew.id, detail=f"{load} > {crew.capacity}")


def _holds(crew: Crew, need: Skill, at: int) -> bool:
    """The crew holds the skill at this level, still valid at this second."""
    return any(
        held.code == need.code
        and held.level >= need.level
        and (held.valid_until is None or at < held.valid_until)
        for held in crew.skills
    )


def _reach(problem: Problem, route: Route) -> Iterator[Breach]:
    """Sectors, distance from home, and duty of crews on call."""
    crews, visits = _by_id(problem)
    crew = crews[route.crew_id]
    sectors = [territory.code for territory in crew.territories]
    is_bound = bool(sectors) and problem.territory_rule is TerritoryRule.HARD
    for stop in route.stops:
        visit = visits[stop.visit_id]
        if is_bound and visit.territory is not None and visit.territory not in sectors:
            yield Breach("territory", crew.id, visit.id, visit.territory)
        away_s = problem.matrix.seconds[crew.end_place][visit.place]
        away_m = problem.matrix.metres[crew.end_place][visit.place]
        if crew.max_from_home_s is not None and away_s > crew.max_from_home_s:
            yield Breach("too_far", crew.id, visit.id, f"{away_s} s")
        if crew.max_from_home_m is not None and away_m > crew.max_from_home_m:
            yield Breach("too_far", crew.id, visit.id, f"{away_m} m")
        duty = None if visit.is_escalated else crew.on_call
        if duty is not None and not duty.opens_at <= stop.start_at < duty.closes_at:
            yield Breach("on_call", crew.id, visit.id, f"starts {stop.start_at}")


def _busy(problem: Problem, route: Route) -> list[tuple[int, int]]:
    """Spans of driving, service and delays between tags, the way home included."""
    crews, visits = _by_id(problem)
    last = visits[route.stops[-1].visit_id]
    home_s = int(problem.matrix.seconds[last.place][crews[route.crew_id].end_place])
    spans = [(stop.depart_at, stop.arrive_at) for stop in route.stops]
    spans += [(stop.depart_at - due_s, stop.depart_at) for stop, due_s in _due(problem, route)]
    spans += [(stop.start_at, stop.end_at) for stop in route.stops]
    return [*spans, (route.end_at - home_s, route.end_at)]


def _presence(problem: Problem, route: Route) -> Iterator[Breach]:
    """Rest, absences, length of the route, and work without pause."""
    crew = _by_id(problem)[0][route.crew_id]
    if not route.stops:
        return
    rest_until = crew.ready_at if crew.rest_until is None else crew.rest_until
    leaves_at = min(start for start, _ in _busy(problem, route))
    if leaves_at < rest_until:
        yield Breach("rest", crew.id, detail=f"leaves {leaves_at}")
    for away in crew.absences:
        for start, end in _busy(problem, route):
            if start < end and start < away.closes_at and away.opens_at < end:
                yield Breach("absent", crew.id, detail=f"busy {start} to {end}")
    counted_from = max(crew.ready_at, rest_until)
    if crew.max_route_s is not None and route.end_at - counted_from > crew.max_route_s:
        yield Breach("route_duration", crew.id, detail=f"{route.end_at - counted_from} s")
    if crew.work_limit is not None:
        since = leaves_at
        ends = [p for p in route.pauses if p.end_at - p.start_at >= crew.work_limit.pause_s]
        for start, end in [*((p.start_at, p.end_at) for p in ends), (route.end_at, 0)]:
            if start - since > crew.work_limit.work_s:
                yield Breach("work_limit", crew.id, detail=f"{since} to {start}")
            since = end


def _sums(problem: Problem, route: Route) -> Iterator[Breach]:
    """Driving, distance, visits, loads, reserve, and kinds that may not meet."""
    crews, visits = _by_id(problem)
    crew = crews[route.crew_id]
    served = [visits[stop.visit_id] for stop in route.stops]
    units: Counter[str] = Counter()
    for visit in served:
        for load in visit.loads:
            units[load.code] += load.units
    plain_s = sum(_lasts_s(crew, visit) for visit in served if not visit.is_urgent)
    begins = crew.ready_at if crew.rest_until is None else max(crew.ready_at, crew.rest_until)
    room_s = max(0, crew.shift_end - begins - crew.reserve_s) if crew.reserve_s else None
    limits = [
        ("travel_limit", route.travel_s, crew.max_travel_s),
        ("distance_limit", route.distance_m, crew.max_distance_m),
        ("visit_limit", len(served), crew.max_visits),
        ("reserve", plain_s, room_s),
        *(("load_limit", units[limit.code], limit.most) for limit in crew.limits),
    ]
    for rule, amount, most in limits:
        if most is not None and amount > most:
            yield Breach(rule, crew.id, detail=f"{amount} > {most}")
    for first, second in combinations(served, 2):
        if {(first.kind, second.kind), (second.kind, first.kind)} & set(problem.incompatible):
            yield Breach("incompatible", crew.id, second.id, f"{first.kind} {second.kind}")


def _links(problem: Problem, solution: Solution) -> Iterator[Breach]:
    """Meetings are whole, simultaneous and of different crews; what follows waits for the first."""
    placed = solution.placements()
    for link in problem.links:
        if isinstance(link, Together):
            here = [placed[name] for name in link.visit_ids if name in placed]
            if here and len(here) < len(link.visit_ids):
                yield Breach("together_partly", visit_id=link.visit_ids[0])
            if len({stop.start_at for _, stop in here}) > 1:
                yield Breach("together_time", visit_id=link.visit_ids[0])
            if len({crew_id for crew_id, _ in here}) < len(here):
                yield Breach("together_crew", visit_id=link.visit_ids[0])
            continue
        if link.then not in placed:
            continue
        if link.first not in placed:
            yield Breach("after_missing", visit_id=link.then)
            continue
        lag_s = placed[link.then][1].start_at - placed[link.first][1].end_at
        if lag_s < link.min_lag_s or (link.max_lag_s is not None and lag_s > link.max_lag_s):
            yield Breach("after_lag", visit_id=link.then, detail=f"{lag_s} s")
        if link.same_crew and placed[link.then][0] != placed[link.first][0]:
            yield Breach("after_crew", visit_id=link.then)


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
        lasts_s = _lasts_s(crew, visit)
        if stop.start_at < stop.arrive_at or stop.end_at != stop.start_at + lasts_s:
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


def _due(problem: Problem, route: Route) -> Iterator[tuple[Stop, int]]:
    """Each stop with the seconds of delay that its tag demands after the one before."""
    crews, visits = _by_id(problem)
    before = crews[route.crew_id].last_tag
    for stop in route.stops:
        tag = visits[stop.visit_id].tag
        told = [t.delay_s for t in problem.transitions if (t.from_tag, t.to_tag) == (before, tag)]
        yield stop, sum(told)
        before = tag


def _delays(problem: Problem, route: Route) -> Iterator[Breach]:
    """Between the end of one visit and leaving for the next there is time for what tags demand."""
    free_at = next(crew.ready_at for crew in problem.crews if crew.id == route.crew_id)
    for stop, due_s in _due(problem, route):
        if stop.depart_at < free_at + due_s or stop.delay_s != due_s:
            yield Breach("transition", route.crew_id, stop.visit_id, f"{due_s} s")
        free_at = stop.end_at


def _lasts_s(crew: Crew, visit: Visit) -> int:
    """Seconds that this crew is on site."""
    told = [d.duration_s for d in visit.crew_durations if d.experience == crew.experience]
    return told[0] if told else visit.duration_s


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
    unused = list(route.pauses)
    for rule in crew.breaks:
        taken = next((pause for pause in unused if _takes(pause, rule)), None)
        if taken is not None:
            # One absence may hold several breaks; a pause holds one.
            if not any(away.opens_at == taken.start_at for away in crew.absences):
                unused.remove(taken)
        elif route.end_at > rule.latest_at and not unused:
            yield Breach("break_missing", crew.id)
        elif route.end_at > rule.latest_at:
            is_timed = rule.earliest_at <= unused[0].start_at <= rule.latest_at
            yield Breach("break_short" if is_timed else "break_time", crew.id)
    busy = _busy(problem, route)
    busy_until = crew.ready_at
    for pause in route.pauses:
        is_idle = all(a == b or pause.end_at <= a or b <= pause.start_at for a, b in busy)
        if pause.start_at < busy_until or not is_idle:
            yield Breach("break_while_busy", crew.id, detail=f"{pause.start_at}")
        busy_until = pause.end_at


def _takes(pause: Pause, rule: Break) -> bool:
    """The break lies whole inside the pause."""
    start_at = max(pause.start_at, rule.earliest_at)
    return start_at <= rule.latest_at and pause.end_at - start_at >= rule.duration_s


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


def _churn(problem: Problem, solution: Solution) -> Iterator[Breach]:
    """No more planned visits go to another crew than may."""
    planned = {stop.visit_id: route.crew_id for route in problem.plan for stop in route.stops}
    moved = [
        stop.visit_id
        for route in solution.routes
        for stop in route.stops
        if planned.get(stop.visit_id, route.crew_id) != route.crew_id
    ]
    if problem.churn_max is not None and len(moved) > problem.churn_max:
        yield Breach("churn", detail=f"{len(moved)} > {problem.churn_max}")
