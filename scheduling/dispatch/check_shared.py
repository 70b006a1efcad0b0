"""The rules that routes share, checked without any of the code that makes plans.

Beside ``check``, which calls it: crews kept free, hours kept for urgent work, crews that go out.
"""

from collections.abc import Iterator

from scheduling.dispatch.breach import Breach
from scheduling.dispatch.problem import Crew, Problem, Reserve, Window
from scheduling.dispatch.solution import Solution

Span = tuple[int, int, bool]
"""First second on site, first second after, and whether the work is urgent."""


def check_shared(problem: Problem, solution: Solution) -> Iterator[Breach]:
    """Every shared rule the plan breaks."""
    spans = _spans(problem, solution)
    active = sum(bool(own) for own in spans.values())
    if problem.max_active_crews is not None and active > problem.max_active_crews:
        yield Breach("active_crews", detail=f"{active} > {problem.max_active_crews}")
    yield from _hours(problem, spans)
    for reserve in problem.reserves:
        for window in reserve.windows if reserve.price is None else ():
            yield from _cover(problem, spans, reserve, window)


def _spans(problem: Problem, solution: Solution) -> dict[str, list[Span]]:
    """When each crew is on site."""
    urgent = {visit.id: visit.is_urgent for visit in problem.visits}
    return {
        route.crew_id: [(s.start_at, s.end_at, urgent[s.visit_id]) for s in route.stops]
        for route in solution.routes
    }


def _is_own(crew: Crew, territory: str | None) -> bool:
    free = {one.code for one in crew.territories if not one.cost}
    return territory is None or not crew.territories or territory in free


def _hours(problem: Problem, spans: dict[str, list[Span]]) -> Iterator[Breach]:
    for hours in problem.kept_hours:
        whole_s = plain_s = 0
        for crew in problem.crews:
            if _is_own(crew, hours.territory):
                begins = max(crew.ready_at, crew.rest_until or crew.ready_at)
                whole_s += max(0, crew.shift_end - begins)
                plain_s += sum(end - start for start, end, urgent in spans[crew.id] if not urgent)
        if 100 * plain_s > (100 - hours.percent) * whole_s:
            yield Breach("kept_hours", detail=f"{hours.territory}: {plain_s} of {whole_s} s")


def coverage_gap(problem: Problem, solution: Solution) -> int:
    """What crews missing from reserves cost, where that has a price."""
    spans = _spans(problem, solution)
    cost = 0
    for reserve in problem.reserves:
        for window in reserve.windows if reserve.price is not None else ():
            there, free = _counted(problem, spans, reserve, window)
            cost += (reserve.price or 0) * max(0, min(reserve.crews, there) - free)
    return cost


def _cover(
    problem: Problem, spans: dict[str, list[Span]], reserve: Reserve, window: Window
) -> Iterator[Breach]:
    there, free = _counted(problem, spans, reserve, window)
    if free < min(reserve.crews, there):
        opens_at = max(window.opens_at, problem.now)
        yield Breach("coverage", detail=f"{reserve.territory} from {opens_at}: {free} of {there}")


def _counted(
    problem: Problem, spans: dict[str, list[Span]], reserve: Reserve, window: Window
) -> tuple[int, int]:
    """How many crews count in a window, and how many are free; nobody once it is over."""
    opens_at = max(window.opens_at, problem.now)
    there, free = 0, 0
    for crew in problem.crews:
        is_past = opens_at >= window.closes_at
        if is_past or not _stands_by(crew, reserve, Window(opens_at, window.closes_at)):
            continue
        there += 1
        free += not any(
            start < end and start < window.closes_at and opens_at < end and not urgent
            for start, end, urgent in spans[crew.id]
        )
    return there, free


def _stands_by(crew: Crew, reserve: Reserve, window: Window) -> bool:
    """The crew is of the sector, able until its day ends, and there throughout."""
    begins = max(crew.ready_at, crew.rest_until or crew.ready_at)
    for away in crew.absences:
        begins = away.closes_at if away.opens_at <= begins < away.closes_at else begins
    rested = max(crew.ready_at, crew.rest_until or crew.ready_at)
    ends = crew.hard_end
    if crew.max_route_s is not None:
        ends = min(ends, rested + crew.max_route_s)
    is_able = all(
        any(
            held.code == need.code
            and held.level >= need.level
            and (held.valid_until is None or held.valid_until > ends)
            for held in crew.skills
        )
        for need in reserve.skills
    )
    is_away = any(
        away.opens_at < window.closes_at and window.opens_at < away.closes_at
        for away in crew.absences
    )
    is_there = begins <= window.opens_at and window.closes_at <= crew.shift_end
    return _is_own(crew, reserve.territory) and is_able and is_there and not is_away
