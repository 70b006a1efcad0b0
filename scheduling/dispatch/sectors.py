"""A large problem as smaller ones that several processes can work on at once, and back.

Crews are cut by the groups the caller names (sectors); planned visits stay with their crew's
group, waiting ones go to the group of the nearest crew that may take them. What could cross a
border is lost for one round: the next plan is cut again, from where this one ended. Refuses to cut
what is tied together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from scheduling.dispatch.arrays import FORBIDDEN, tables
from scheduling.dispatch.binding import planned_crews
from scheduling.dispatch.problem import Matrix, Problem
from scheduling.dispatch.shares import stands_by, windows_left
from scheduling.dispatch.solution import Solution


def split(problem: Problem, group_of: Mapping[str, str]) -> list[Problem]:
    """Return one problem for each group of crews; the problem itself when it has links.

    It stays whole too when a number of crews is shared across groups; hours kept are a part of
    each group's hours, and of the whole therefore.

    Args:
        problem: the snapshot.
        group_of: crew id → group, for every crew.
    """
    groups = sorted({group_of[crew.id] for crew in problem.crews})
    if problem.links or len(groups) < 2 or is_shared_across(problem, group_of):
        return [problem]
    home = _groups_of_visits(problem, group_of)
    return [_part(problem, group, group_of, home) for group in groups]


def is_shared_across(problem: Problem, group_of: Mapping[str, str]) -> bool:
    """True if a reserve, or the number of crews that go out, concerns crews of two groups."""
    if problem.max_active_crews is not None:
        return True
    pools = (
        {group_of[crew.id] for crew in problem.crews if stands_by(crew, reserve, window)}
        for reserve in problem.reserves
        for window in windows_left(problem, reserve)
    )
    return any(len(pool) > 1 for pool in pools)


def join(problem: Problem, parts: Sequence[Solution]) -> Solution:
    """Return the plan of the whole problem from those of its parts, crews in its order."""
    routes = {route.crew_id: route for part in parts for route in part.routes}
    unserved = [one for part in parts for one in part.unserved]
    order = problem.visit_index
    return Solution(
        tuple(routes[crew.id] for crew in problem.crews),
        tuple(sorted(unserved, key=lambda one: order[one.visit_id])),
    )


def _groups_of_visits(problem: Problem, group_of: Mapping[str, str]) -> dict[str, str]:
    allowed = tables(problem).assignment < FORBIDDEN
    starts = np.array([crew.start_place for crew in problem.crews])
    planned = planned_crews(problem)
    home = {}
    for column, visit in enumerate(problem.visits):
        crew = planned.get(visit.id)
        if crew is None:
            away = problem.matrix.seconds[starts, visit.place].astype(np.int64)
            away = np.where(allowed[:, column], away, away + FORBIDDEN)
            crew = problem.crews[int(np.argmin(away))].id
        home[visit.id] = group_of[crew]
    return home


def _part(
    problem: Problem, group: str, group_of: Mapping[str, str], home: Mapping[str, str]
) -> Problem:
    crews = [crew for crew in problem.crews if group_of[crew.id] == group]
    visits = [visit for visit in problem.visits if home[visit.id] == group]
    ids = {crew.id for crew in crews}
    names = {visit.id for visit in visits}
    places = sorted(
        {visit.place for visit in visits}
        | {place for crew in crews for place in (crew.start_place, crew.end_place)}
    )
    row = {place: number for number, place in enumerate(places)}
    cut = np.ix_(places, places)
    return replace(
        problem,
        visits=tuple(replace(visit, place=row[visit.place]) for visit in visits),
        crews=tuple(
            replace(crew, start_place=row[crew.start_place], end_place=row[crew.end_place])
            for crew in crews
        ),
        matrix=Matrix(
            np.ascontiguousarray(problem.matrix.seconds[cut]),
            np.ascontiguousarray(problem.matrix.metres[cut]),
        ),
        plan=tuple(route for route in problem.plan if route.crew_id in ids),
        # A pin to a crew of another group names somebody the part does not know.
        pins=tuple(p for p in problem.pins if p.visit_id in names and p.crew_id in ids),
    )
