"""What of the plan in force may not change: frozen heads, pins and the relaxation level, read as
one answer per visit.

Refuses to judge whether it is wise; ``settle`` makes it possible.
"""

from scheduling.dispatch.problem import PinKind, Problem, Relaxation


def frozen_stops(problem: Problem, crew_id: str) -> tuple[str, ...]:
    """Visit ids at the head of the crew's planned route that start before ``frozen_until``."""
    route = problem.route_index.get(crew_id)
    head = []
    for stop in route.stops if route is not None else ():
        if stop.start_at >= problem.frozen_until:
            break
        head.append(stop.visit_id)
    return tuple(head)


def planned_crews(problem: Problem) -> dict[str, str]:
    """Visit id → crew id in the plan in force."""
    return {stop.visit_id: route.crew_id for route in problem.plan for stop in route.stops}


def bound_crews(problem: Problem) -> dict[str, str]:
    """Visit id → the only crew that may serve it: pins, frozen stops, relaxation level."""
    bound = planned_crews(problem) if problem.relaxation is not Relaxation.ALL else {}
    bound |= {pin.visit_id: pin.crew_id for pin in problem.pins}
    for crew in problem.crews:
        bound |= dict.fromkeys(frozen_stops(problem, crew.id), crew.id)
    return bound


def anchored_visits(problem: Problem) -> frozenset[str]:
    """Visits whose order within their planned route may not change."""
    if problem.relaxation is Relaxation.TIMES:
        return frozenset(planned_crews(problem))
    planned = planned_crews(problem)
    ordered = {
        pin.visit_id
        for pin in problem.pins
        if pin.kind is PinKind.ORDER and planned.get(pin.visit_id) == pin.crew_id
    }
    for crew in problem.crews:
        ordered.update(frozen_stops(problem, crew.id))
    return frozenset(ordered)
