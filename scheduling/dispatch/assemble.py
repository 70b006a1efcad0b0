"""Whole plans from lists of visit ids: timed routes, and a reason for every visit left out.

The one way by which engines, offers and the plan in force become a :class:`Solution`. Refuses to
choose anything.
"""

from collections.abc import Sequence

from scheduling.dispatch.arrays import Tables, tables
from scheduling.dispatch.linked import boxed, tied, timed_routes
from scheduling.dispatch.meetings import find_meeting, unit_of
from scheduling.dispatch.offers import Desk, Offer
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.shares import RULES
from scheduling.dispatch.solution import Param, Solution, Unserved, UnservedReason

Routes = Sequence[Sequence[str]]
"""Visit ids in order, one sequence per crew, in the order of the problem's crews."""


def assemble(problem: Problem, routes: Routes, known: Tables | None = None) -> Solution:
    """The plan in which each crew serves its list, with reasons for the rest.

    Args:
        problem: the question.
        routes: visit ids per crew.
        known: the problem as arrays, if the caller has them.
    """
    bare = unexplained(problem, routes)
    if not bare.unserved:
        return bare
    if problem.links:
        loose = boxed(problem, routes)
        known = tables(loose.problem, loose.held)
    desk, waiting = Desk(known or tables(problem), routes), tied(problem)
    left_out = (
        _why_tied(problem, left.visit_id, routes)
        if left.visit_id in waiting
        else _why(desk, left.visit_id)
        for left in bare.unserved
    )
    return Solution(bare.routes, tuple(left_out))


def unexplained(problem: Problem, routes: Routes) -> Solution:
    """As :func:`assemble`, without looking for reasons (a few milliseconds each)."""
    timed = timed_routes(problem, Scheduler(problem), routes)
    served = {name for route in routes for name in route}
    left_out = [Unserved(v.id, "not_tried") for v in problem.visits if v.id not in served]
    return Solution(tuple(timed), tuple(left_out))


def in_force(problem: Problem) -> list[list[str]]:
    """The routes of the plan in force, one list per crew."""
    planned = {route.crew_id: [s.visit_id for s in route.stops] for route in problem.plan}
    return [planned.get(crew.id, []) for crew in problem.crews]


def with_offer(problem: Problem, routes: Routes, visit_id: str, offer: Offer) -> list[list[str]]:
    """The routes after the dispatcher accepted the offer for the visit."""
    gone = {visit_id, offer.bumped}
    after = [[name for name in route if name not in gone] for route in routes]
    after[problem.crew_index[offer.crew_id]].insert(offer.position, visit_id)
    return after


TIMED_REASONS = frozenset(
    {
        "window_closed",
        "delays_other",
        "break",
        "hard_end",
        "capacity",
        "on_call",
        "incompatible",
        "travel_limit",
        "distance_limit",
        "load_limit",
        "visit_limit",
        "reserve",
        *RULES,
    }
)


def _why_tied(problem: Problem, visit_id: str, routes: Routes) -> Unserved:
    """The reason a visit tied to others stayed out: no joint place, or a dear one."""
    unit = unit_of(problem, visit_id)
    if any(name in route for route in routes for name in unit):
        return Unserved(visit_id, "no_time", None, {"example_reason": "linked"})
    meeting = find_meeting(problem, visit_id, routes)
    if meeting is None:
        return Unserved(visit_id, "no_time", None, {"example_reason": "linked"})
    cost: dict[str, Param] = {"urgent_s": meeting.cost.urgent, "cost": meeting.cost.ordinary}
    crew_id = meeting.places[unit.index(visit_id)].crew_id
    return Unserved(visit_id, "costs_more_than_leaving_out", crew_id, cost)


def _why(desk: Desk, visit_id: str) -> Unserved:
    """The reason a visit stayed out of these routes, with an example crew."""
    answer = desk.offers(visit_id, may_bump=False)
    if answer.offers:
        best = answer.offers[0]
        cost: dict[str, Param] = {"urgent_s": best.cost.urgent, "cost": best.cost.ordinary}
        return Unserved(visit_id, "costs_more_than_leaving_out", best.crew_id, cost)
    # A crew whose own day has room says most: only what routes share stands against it.
    timed = [r for r in answer.refusals if r.reason in RULES]
    timed += [r for r in answer.refusals if r.reason in TIMED_REASONS and r.reason not in RULES]
    reason: UnservedReason = "no_time" if timed else "no_crew_allowed"
    for example in (*timed, *answer.refusals):
        params: dict[str, Param] = {"example_reason": example.reason, **example.params}
        return Unserved(visit_id, reason, example.crew_id, params)
    return Unserved(visit_id, reason)
