"""What reserves cost that may fall short at a price: crews missing in each window.

Read from timed routes, for bills. Searches get the same from ``shares`` and ``rooms``.
"""

from collections.abc import Sequence

from scheduling.dispatch.plan import Reserve
from scheduling.dispatch.problem import Problem, Window
from scheduling.dispatch.shares import stands_by, windows_left
from scheduling.dispatch.solution import Route


def gap_cost(problem: Problem, routes: Sequence[Route]) -> int:
    """Cost of every crew missing from every window of the reserves that have a price."""
    return sum(
        reserve.price * _missing(problem, routes, reserve, window)
        for reserve in problem.reserves
        if reserve.price
        for window in windows_left(problem, reserve)
    )


def _missing(problem: Problem, routes: Sequence[Route], reserve: Reserve, window: Window) -> int:
    pool = {crew.id for crew in problem.crews if stands_by(crew, reserve, window)}
    busy = sum(one.crew_id in pool and is_on_site(problem, one, window) for one in routes)
    return max(0, min(reserve.crews, len(pool)) - len(pool) + busy)


def is_on_site(problem: Problem, route: Route, window: Window) -> bool:
    """True if the crew is at work that is not urgent at some second of the window."""
    return any(
        stop.start_at < stop.end_at
        and stop.start_at < window.closes_at
        and window.opens_at < stop.end_at
        and not problem.visit(stop.visit_id).is_urgent
        for stop in route.stops
    )
