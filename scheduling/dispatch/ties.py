"""Whole plans of tied visits: made lawful, priced, and their ties placed anew.

What ``improve`` does between two searches of a problem with links. Refuses to search single
visits; the kernel does that inside the boxes.
"""

from collections.abc import Sequence

from scheduling.dispatch.arrays import tables
from scheduling.dispatch.assemble import unexplained
from scheduling.dispatch.binding import anchored_visits
from scheduling.dispatch.linked import boxed, whole
from scheduling.dispatch.meetings import placed_units, units
from scheduling.dispatch.objective import Cost, cost_of
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.repair import lawful_routes

Routes = Sequence[Sequence[str]]


def lawful_links(problem: Problem, routes: Routes) -> list[list[str]]:
    """The routes without what breaks a rule or a link, one list per crew.

    Args:
        problem: settled, with its links.
        routes: visit ids per crew.
    """
    kept = whole(problem, routes)
    index = problem.visit_index
    while True:
        loose = boxed(problem, kept)
        rows = tuple(tuple(index[name] for name in names) for names in kept)
        lawful = lawful_routes(tables(loose.problem, loose.held), rows)
        after = whole(problem, [[problem.visits[v].id for v in row] for row in lawful])
        if after == kept:
            return kept
        kept = after


def links_cost(problem: Problem, routes: Routes) -> Cost:
    """Cost of the plan of these routes, timed together."""
    return cost_of(problem, unexplained(problem, routes))


def replaced_units(problem: Problem, routes: Routes) -> list[list[str]]:
    """The routes after every unit that may move was lifted out and placed anew where cheaper."""
    best = placed_units(problem, routes)
    anchored = anchored_visits(problem)
    for unit in units(problem):
        if anchored & set(unit) or not any(unit[0] in names for names in best):
            continue
        lifted = [[name for name in names if name not in unit] for names in best]
        again = placed_units(problem, whole(problem, lifted))
        if links_cost(problem, again) < links_cost(problem, best):
            best = again
    return best
