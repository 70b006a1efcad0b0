"""The problem with its rules widened just enough to admit what is already decided.

A frozen stop is a fact, not a decision: the crew drives there even if its window has meanwhile
closed or the shift has run over. Judging facts would make every route of a late crew unlawful and
every search fail. So at the border, once, the rules that the frozen prefix already breaks are
widened to the point it needs; afterwards every module treats every rule as hard.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from scheduling.dispatch.binding import frozen_stops
from scheduling.dispatch.facts import widened
from scheduling.dispatch.hours import home_by, pauses, rested_at, skills_held
from scheduling.dispatch.linked import members, orphans, placed_in
from scheduling.dispatch.problem import (
    Break,
    Crew,
    Link,
    LoadLimit,
    Pin,
    Problem,
    TerritoryRule,
    Together,
    Visit,
    Window,
)
from scheduling.dispatch.schedule import Scheduler, earliest_start, over_limit, start_windows
from scheduling.dispatch.solution import Route


def settle(problem: Problem) -> Problem:
    """The same problem, whose frozen prefixes break no rule."""
    visits = {visit.id: visit for visit in problem.visits}
    pins = {pin.visit_id: pin for pin in problem.pins}
    scheduler, crews = Scheduler(problem), []
    for one in problem.crews:
        frozen = frozen_stops(problem, one.id)
        crew, route = _present(problem, scheduler, one, frozen)
        for stop in route.stops:
            pin = _honest_pin(pins.get(stop.visit_id), crew.id)
            visit = _reachable(visits[stop.visit_id], pin, crew, stop.start_at)
            visits[stop.visit_id] = _at_home(problem, visit, crew)
            pins.pop(stop.visit_id, None)
            if pin is not None:
                is_kept = earliest_start(start_windows(visit, pin), stop.start_at) == stop.start_at
                pins[stop.visit_id] = pin if is_kept else replace(pin, window=None)
        broken = over_limit(problem, route)
        if broken is not None and broken.rule == "incompatible":
            visits |= {name: replace(visits[name], kind=None) for name in frozen}
        crews.append(_able(problem, crew, route, [visits[name] for name in frozen]))
    settled = replace(
        problem,
        visits=tuple(visits.values()),
        crews=tuple(crews),
        pins=tuple(pins.values()),
    )
    settled = widened(settled)
    return replace(settled, links=_honest_links(settled)) if problem.links else settled


def _honest_links(problem: Problem) -> tuple[Link, ...]:
    """The links without those that frozen stops, driven to anyway, do not keep."""
    heads = [list(frozen_stops(problem, crew.id)) for crew in problem.crews]
    frozen = {name for head in heads for name in head}
    scheduler = Scheduler(problem)
    alone = placed_in(scheduler.route(c.id, h) for c, h in zip(problem.crews, heads, strict=True))
    kept = []
    for link in problem.links:
        here = [name for name in members(link) if name in frozen]
        # A frozen stop waits for nobody: it keeps a link only as its own clock has it.
        is_leader = not isinstance(link, Together) and here == [link.first]
        if not here or is_leader or not orphans(link, alone):
            kept.append(link)
    return tuple(kept)


def _present(
    problem: Problem, scheduler: Scheduler, crew: Crew, frozen: Sequence[str]
) -> tuple[Crew, Route]:
    """The crew with pauses that its frozen prefix leaves room for, and that prefix timed."""
    route = scheduler.route(crew.id, frozen)
    for _ in range(len(crew.absences) + 2):
        late = {
            rule: pause.start_at
            for pause, rule in zip(route.pauses, pauses(crew), strict=False)
            if pause.start_at > rule.latest_at
        }
        # A limit that more time would only stretch further cannot be kept by this prefix.
        is_endless = crew.work_limit is not None and route.end_at > home_by(crew)
        if not late and not is_endless:
            break
        breaks = tuple(replace(b, latest_at=late.get(b, b.latest_at)) for b in crew.breaks)
        absences = tuple(_trimmed(crew.absences, late))
        is_fixed = (breaks, absences) == (crew.breaks, crew.absences)
        limit = None if is_fixed or is_endless else crew.work_limit
        crew = replace(crew, breaks=breaks, absences=absences, work_limit=limit)
        route = Scheduler(replace(problem, crews=_with(problem, crew))).route(crew.id, frozen)
    return crew, route


def _with(problem: Problem, crew: Crew) -> tuple[Crew, ...]:
    return tuple(crew if one.id == crew.id else one for one in problem.crews)


def _trimmed(absences: Sequence[Window], late: Mapping[Break, int]) -> Iterator[Window]:
    """The absences without the part in which the prefix still keeps the crew busy."""
    for away in absences:
        rule = Break(away.opens_at, away.opens_at, away.closes_at - away.opens_at)
        opens_at = late.get(rule, away.opens_at)
        if opens_at < away.closes_at:
            yield Window(opens_at, away.closes_at)


def _honest_pin(pin: Pin | None, crew_id: str) -> Pin | None:
    """The pin, unless it sends a frozen stop to another crew than the one on its way."""
    return pin if pin is not None and pin.crew_id == crew_id else None


def _reachable(visit: Visit, pin: Pin | None, crew: Crew, start_at: int) -> Visit:
    """The visit with no rule against this crew serving it at ``start_at``."""
    if earliest_start(start_windows(visit, pin), start_at) != start_at:
        visit = replace(visit, windows=(), ready_at=None)
    held = skills_held(crew)
    on_duty = crew.on_call is None or crew.on_call.opens_at <= start_at < crew.on_call.closes_at
    return replace(
        visit,
        skills=tuple(s for s in visit.skills if held.get(s.code, 0) >= s.level),
        any_skills=tuple(s for s in visit.any_skills if held.get(s.code, 0) >= s.level),
        equipment=tuple(code for code in visit.equipment if code in crew.equipment),
        required_crews=visit.required_crews if crew.id in visit.required_crews else (),
        crew_size=min(visit.crew_size, crew.size),
        bars=tuple(bar for bar in visit.bars if bar.crew_id != crew.id),
        is_escalated=visit.is_escalated or not on_duty,
    )


def _at_home(problem: Problem, visit: Visit, crew: Crew) -> Visit:
    """The visit, of no sector if its own is closed to the crew on its way."""
    codes = {territory.code for territory in crew.territories}
    is_closed = problem.territory_rule is TerritoryRule.HARD and codes
    return replace(visit, territory=None) if is_closed and visit.territory not in codes else visit


def _able(problem: Problem, crew: Crew, route: Route, visits: Sequence[Visit]) -> Crew:
    """The crew with hours, reach and room that its frozen prefix fits in."""
    if not (route.stops or crew.is_out):
        return crew
    load = sum(visit.load for visit in visits)
    plain_s = sum(v.lasts_s(crew.experience) for v in visits if not v.is_urgent)
    away_s = (problem.matrix.seconds[crew.end_place, visit.place] for visit in visits)
    away_m = (problem.matrix.metres[crew.end_place, visit.place] for visit in visits)
    most_reserved_s = max(0, crew.shift_end - rested_at(crew) - plain_s)
    return replace(
        crew,
        hard_end=max(crew.hard_end, route.end_at),
        capacity=_at_least(crew.capacity, load),
        max_route_s=_at_least(crew.max_route_s, route.end_at - rested_at(crew)),
        max_travel_s=_at_least(crew.max_travel_s, route.travel_s),
        max_distance_m=_at_least(crew.max_distance_m, route.distance_m),
        max_from_home_s=_at_least(crew.max_from_home_s, int(max(away_s, default=0))),
        max_from_home_m=_at_least(crew.max_from_home_m, int(max(away_m, default=0))),
        max_visits=_at_least(crew.max_visits, len(visits)),
        reserve_s=min(crew.reserve_s, most_reserved_s),
        limits=tuple(_roomier(limit, visits) for limit in crew.limits),
    )


def _at_least(limit: int | None, needed: int) -> int | None:
    return None if limit is None else max(limit, needed)


def _roomier(limit: LoadLimit, visits: Sequence[Visit]) -> LoadLimit:
    units = sum(load.units for v in visits for load in v.loads if load.code == limit.code)
    soft_most = limit.most if limit.soft_most is None else limit.soft_most
    return replace(limit, most=max(limit.most, units), soft_most=soft_most)
