"""From routes back to rows: write a crew's timed route as visits, new and moved alike."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from dispatcher.database import Tx
from dispatcher.models import Incident, Visit
from dispatcher.planning.queries import instant
from dispatcher.planning.snapshot import Snapshot
from dispatcher.planning.visits import Chosen, Placement, give_visit, replace_visit
from dispatcher.planning.windows import Window, route_windows
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.solution import Route


def write_route(
    tx: Tx, snapshot: Snapshot, crew_name: str, names: Sequence[str], chosen: Chosen
) -> list[Visit]:
    """Time a crew's route and store it; return the visits made from open orders.

    Args:
        tx: The command's transaction.
        snapshot: Taken in this transaction.
        crew_name: The crew's engine name.
        names: Engine names of its remaining stops, in order.
        chosen: What led here, for the log.
    """
    route = Scheduler(snapshot.problem).route(crew_name, names)
    told = route_windows(snapshot, route, tx.now)
    made = []
    for rank, stop in enumerate(route.stops):
        place = _placement(snapshot, route, rank, told)
        order = snapshot.orders.get(stop.visit_id)
        if order is not None:
            incident = tx.session.get_one(Incident, order.incident_id)
            made.append(give_visit(tx, incident, order, place, chosen))
        else:
            replace_visit(tx, snapshot.visits[stop.visit_id], place, chosen)
    return made


def retime_route(tx: Tx, snapshot: Snapshot, crew_name: str, tolerance_s: int) -> int:
    """Roll a crew's route forward to the present; return how many visits moved.

    Args:
        tx: The command's transaction.
        snapshot: Taken in this transaction.
        crew_name: The crew's engine name.
        tolerance_s: Movements that nobody needs to hear of, seconds.
    """
    route = _timed(snapshot, crew_name)
    ranks = _moved(snapshot, route, tolerance_s)
    # Walking the route many times is for routes that move, not for every look.
    told = route_windows(snapshot, route, tx.now) if ranks else {}
    return sum(
        replace_visit(
            tx,
            snapshot.visits[route.stops[rank].visit_id],
            _placement(snapshot, route, rank, told),
            "manual",
        )
        for rank in ranks
    )


def is_moved(snapshot: Snapshot, crew_name: str, tolerance_s: int) -> bool:
    """Return whether `retime_route` would move anything."""
    return bool(_moved(snapshot, _timed(snapshot, crew_name), tolerance_s))


def _timed(snapshot: Snapshot, crew_name: str) -> Route:
    return Scheduler(snapshot.problem).route(crew_name, current_route(snapshot, crew_name))


def _moved(snapshot: Snapshot, route: Route, tolerance_s: int) -> list[int]:
    """Return the ranks of a route at which a visit stands otherwise than it is stored."""
    return [
        rank
        for rank, stop in enumerate(route.stops)
        if snapshot.visits[stop.visit_id].position != rank
        or not _is_near(snapshot.visits[stop.visit_id].start_at, stop.start_at, tolerance_s)
    ]


def current_route(snapshot: Snapshot, crew_name: str) -> tuple[str, ...]:
    """Return the engine names of a crew's planned stops, in order."""
    for route in snapshot.problem.plan:
        if route.crew_id == crew_name:
            return tuple(stop.visit_id for stop in route.stops)
    return ()


def _is_near(planned: datetime | None, start_s: int, tolerance_s: int) -> bool:
    return planned is not None and abs(planned.timestamp() - start_s) < tolerance_s


def _placement(
    snapshot: Snapshot, route: Route, rank: int, told: Mapping[str, Window]
) -> Placement:
    problem, stop = snapshot.problem, route.stops[rank]
    visit, crew = problem.visit(stop.visit_id), problem.crew(route.crew_id)
    before = problem.visit(route.stops[rank - 1].visit_id).place if rank else crew.start_place
    leg = snapshot.travel.leg(before, visit.place)
    flags = []
    if visit.due_at is not None and stop.start_at > visit.due_at:
        flags.append("late")
    if stop.end_at > crew.shift_end:
        flags.append("overtime")
    return Placement(
        crew=snapshot.crews[route.crew_id],
        position=rank,
        depart_at=instant(stop.depart_at),
        start_at=instant(stop.start_at),
        end_at=instant(stop.end_at),
        travel_s=stop.travel_s,
        distance_m=stop.distance_m,
        travel_base_s=leg.base_s,
        travel_source=leg.source,
        window=told.get(stop.visit_id),
        flags=tuple(flags),
    )
