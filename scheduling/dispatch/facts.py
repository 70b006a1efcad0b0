"""Rules that routes share, widened to admit what frozen stops have decided already.

The part of ``settle`` that looks at all routes at once: a crew on its way to a stop is a fact,
even if it leaves its sector with nobody free. Refuses to widen more than the facts need.
"""

from collections.abc import Iterator
from dataclasses import replace

from scheduling.dispatch.binding import frozen_stops
from scheduling.dispatch.gaps import is_on_site
from scheduling.dispatch.hours import rested_at
from scheduling.dispatch.problem import KeptHours, Problem, Reserve, Window
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.shares import is_of, room_s, stands_by, windows_left
from scheduling.dispatch.solution import Route


def widened(problem: Problem) -> Problem:
    """The same problem, whose frozen prefixes break no rule that routes share."""
    if problem.max_active_crews is None and not problem.reserves and not problem.kept_hours:
        return problem
    scheduler, most = Scheduler(problem), problem.max_active_crews
    heads = [scheduler.route(c.id, frozen_stops(problem, c.id)) for c in problem.crews]
    reserves = [one for reserve in problem.reserves for one in _lowered(problem, heads, reserve)]
    kept = [_less(problem, heads, hours) for hours in problem.kept_hours]
    return replace(
        problem,
        max_active_crews=None if most is None else max(most, sum(bool(h.stops) for h in heads)),
        reserves=tuple(reserves),
        kept_hours=tuple(one for one in kept if one is not None),
    )


def _lowered(problem: Problem, heads: list[Route], reserve: Reserve) -> Iterator[Reserve]:
    """The reserve window by window as the frozen stops allow; as it is if it may fall short."""
    if reserve.price is not None:
        yield reserve
        return
    for window in windows_left(problem, reserve):
        lower = _lower(problem, heads, reserve, window)
        if lower is not None:
            yield lower


def _lower(
    problem: Problem, heads: list[Route], reserve: Reserve, window: Window
) -> Reserve | None:
    """The reserve in one window, with no more crews than the frozen stops leave free."""
    pool = [stands_by(crew, reserve, window) for crew in problem.crews]
    left = sum(
        is_there and not is_on_site(problem, head, window)
        for is_there, head in zip(pool, heads, strict=True)
    )
    crews = min(reserve.crews, sum(pool), left)
    return replace(reserve, crews=crews, windows=(window,)) if crews else None


def _less(problem: Problem, heads: list[Route], hours: KeptHours) -> KeptHours | None:
    """The hours kept, less what the frozen stops have taken of them."""
    own = [is_of(crew, hours.territory) for crew in problem.crews]
    plain_s = sum(
        stop.end_at - stop.start_at
        for is_own, head in zip(own, heads, strict=True)
        for stop in head.stops
        if is_own and not problem.visit(stop.visit_id).is_urgent
    )
    if plain_s <= room_s(problem, hours):
        return hours
    whole_s = sum(
        max(0, crew.shift_end - rested_at(crew))
        for is_own, crew in zip(own, problem.crews, strict=True)
        if is_own
    )
    percent = 100 - -(-100 * plain_s // max(whole_s, 1))
    return replace(hours, percent=percent) if percent > 0 else None
