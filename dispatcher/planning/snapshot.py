"""From rows to a problem: who can go where from this instant on, and what is already promised.

Done, on-site and en-route visits are rolled into where a crew is next free; what is still planned
keeps its crew and order; open work orders wait unplaced. Times are Unix seconds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.models import Crew, Incident, Visit, WorkOrder
from dispatcher.planning.pauses import breaks_owed, put_off
from dispatcher.planning.places import Places
from dispatcher.planning.rows import EVERYTHING, Rows, Scope, read_rows
from dispatcher.travel.desk import desk_of
from dispatcher.travel.learned import Lasting, Learned
from dispatcher.travel.territories import Sectors
from scheduling.dispatch.estimates import Estimates, stretched
from scheduling.dispatch.problem import (
    COST_PER_MINUTE,
    COST_PER_SECOND,
    FADING,
    Bar,
    Pin,
    PinKind,
    PlannedRoute,
    PlannedStop,
    Problem,
    Promise,
    Skill,
    Window,
)
from scheduling.dispatch.problem import Crew as EngineCrew
from scheduling.dispatch.problem import Visit as EngineVisit
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.settle import settle
from scheduling.dispatch.storm import within_tier
from scheduling.dispatch.travel import Point

OVERTIME_AT_MOST = timedelta(hours=2)
OVERDUE_COUNTS_FOR = timedelta(hours=12)
NOTHING_FROZEN = timedelta(days=-1)
"""A horizon before every planned start, late ones included."""
CREWS_AT_ONCE = 20
"""A table of drives between the places of so many routes takes a few milliseconds."""
FREE_AFTER = timedelta(minutes=5)
"""A crew at work is not expected to be free sooner, whatever the plan says."""
PIN_TOLERANCE_S = 60
LATE_RATE = {1: 10, 2: 6, 3: 2, 4: 1}
UNSERVED_MIN = {1: 6000, 2: 2400, 3: 900, 4: 300}
ALREADY_THERE = "already_there"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A problem and the rows behind its names.

    Attributes:
        problem: What the engines see, frozen prefixes settled.
        plan_number: Number of the plan it was taken from.
        visits: Planned visits by engine id.
        orders: Open work orders by engine id.
        incidents: By their own id.
        crews: Crews by engine id.
        committed: Visits under way, by crew.
        travel: Every pair of places, with what its estimate comes from.
        learned: What finished work has taught.
        uses_learned: Whether times on site are learned ones.
        measure: Travel between any places, as this snapshot has it.
        points: Where each row of the matrix is.
        usual: The problem with pauses as usual, in a snapshot where they wait for urgent work.
    """

    problem: Problem
    plan_number: int
    visits: Mapping[str, Visit]
    orders: Mapping[str, WorkOrder]
    incidents: Mapping[UUID, Incident]
    crews: Mapping[str, Crew]
    committed: Mapping[UUID, Sequence[Visit]]
    travel: Estimates
    learned: Learned
    measure: Callable[[Sequence[Point]], Estimates]
    points: Sequence[Point] = ()
    uses_learned: bool = True
    usual: Problem | None = None

    def lasting(self, name: str, crew_id: str | None = None) -> Lasting:
        """Return how long the work of a visit or open order takes, and what that stands on."""
        source = self.visits.get(name) or self.orders[name]
        if not self.uses_learned:
            return Lasting(source.duration_s, source.duration_s)
        category = self.incidents[source.incident_id].category
        return self.learned.lasting(category, source.duration_s, crew_id)


@dataclass(frozen=True, slots=True)
class Work:
    """Work that nobody has reported: for asking what it would do to the plan.

    Attributes:
        at: (latitude, longitude), degrees.
        level: Class, 1 to 4.
        due_at: Response due, Unix seconds; None when nothing is promised.
    """

    at: tuple[float, float]
    duration_s: int
    level: int
    due_at: int | None
    skills: tuple[str, ...]


def take(
    session: Session,
    org: str,
    now: datetime,
    freeze: timedelta,
    scope: Scope = EVERYTHING,
) -> Snapshot:
    """Return the planning problem of an authority at an instant.

    Args:
        session: One consistent snapshot of the database.
        org: The authority.
        now: Service time, aware.
        freeze: Stops starting within this time do not move.
        scope: What is looked at. Only what is changed or asked about is worth measuring.
    """
    rows = read_rows(session, org, now, scope)
    places = Places()
    crews = [crew for crew in rows.crews if crew.id in rows.shifts]
    engine_crews = tuple(_crew(rows, crew, now, places) for crew in crews)
    on_duty = {crew.id for crew in crews}
    located = _located(rows)
    planned = [v for v in rows.planned if v.crew_id in on_duty and v.incident_id in located]
    orders = [o for o in rows.orders if o.incident_id in located]
    visits = tuple(_planned_visit(rows, visit, now, places) for visit in planned)
    waiting = tuple(_waiting_visit(rows, order, now, places) for order in orders)
    measure = partial(_travel, session, rows, rows.learned, now)
    travel = measure(places.points)
    pins = tuple(_pins(planned))
    problem = Problem(
        visits=within_tier(visits + waiting, engine_crews, pins, _s(now)),
        crews=engine_crews,
        matrix=travel.matrix,
        now=_s(now),
        frozen_until=_s(now + freeze),
        plan=_routes(crews, planned),
        pins=pins,
        prices=FADING,
    )
    named = (
        {str(v.id): v for v in planned},
        {str(o.id): o for o in orders},
        {str(c.id): c for c in crews},
    )
    return _taken(rows, settle(problem), named, (travel, measure, places.points))


def by_crews(session: Session, org: str, now: datetime) -> Iterator[Snapshot]:
    """Yield what crews are to do, a few crews at a time; what should have begun stands.

    Args:
        session: One consistent snapshot of the database.
        org: The authority.
        now: Service time, aware.
    """
    ids = session.exec(select(Crew.id).where(Crew.org == org).order_by(col(Crew.position))).all()
    for start in range(0, len(ids), CREWS_AT_ONCE):
        scope = Scope(ids[start : start + CREWS_AT_ONCE], incident_ids=())
        yield take(session, org, now, timedelta(0), scope)


_Named = tuple[Mapping[str, Visit], Mapping[str, WorkOrder], Mapping[str, Crew]]
_Drives = tuple[Estimates, Callable[[Sequence[Point]], Estimates], Sequence[Point]]


def _taken(rows: Rows, problem: Problem, named: _Named, drives: _Drives) -> Snapshot:
    return Snapshot(
        problem=problem,
        plan_number=rows.plan.number if rows.plan else 1,
        visits=named[0],
        orders=named[1],
        incidents=rows.incidents,
        crews=named[2],
        committed=rows.committed,
        travel=drives[0],
        learned=rows.learned,
        measure=drives[1],
        points=drives[2],
        uses_learned=rows.uses_learned,
    )


def for_urgent(snapshot: Snapshot, name: str) -> Snapshot:
    """Return the snapshot for placing an urgent visit: pauses wait for it, see `pauses`."""
    problem = put_off(snapshot.problem, name)
    return replace(snapshot, problem=problem, usual=snapshot.problem)


def as_placed(snapshot: Snapshot, name: str, crew_name: str, stops: Sequence[str]) -> Snapshot:
    """Return the snapshot in which pauses wait for a placed urgent visit no longer than it takes.

    Args:
        snapshot: From `for_urgent`; any other is returned as it is.
        name: The visit.
        crew_name: Who has it.
        stops: That crew's remaining stops, the visit among them.
    """
    if snapshot.usual is None:
        return snapshot
    route = Scheduler(snapshot.problem).route(crew_name, stops)
    ends_at = next(stop.end_at for stop in route.stops if stop.visit_id == name)
    return replace(snapshot, problem=put_off(snapshot.usual, name, ends_at))


def _located(rows: Rows) -> set[UUID]:
    return {i.id for i in rows.incidents.values() if i.lat is not None and i.lon is not None}


def _travel(
    session: Session, rows: Rows, learned: Learned, now: datetime, points: Sequence[Point]
) -> Estimates:
    """Return travel between all places, corrected by what finished trips have taught."""
    desk = desk_of(session)
    plain = desk.estimate(points)
    sectors = Sectors(rows.depots.values()).of([(p.lat, p.lon) for p in points])
    return stretched(plain, learned.ratios, sectors, now.astimezone(desk.zone).hour)


SUPPOSED = "supposed"
"""Engine name of work that nobody has reported."""


def with_work(snapshot: Snapshot, work: Work) -> Problem:
    """Return the problem with one more visit, named `SUPPOSED`."""
    points = [*snapshot.points, Point(*work.at)]
    visit = _engine_visit(SUPPOSED, len(points) - 1, work, None)
    problem = snapshot.problem
    visits = within_tier((*problem.visits, visit), problem.crews, problem.pins, problem.now)
    return replace(problem, visits=visits, matrix=snapshot.measure(points).matrix)


def _crew(rows: Rows, crew: Crew, now: datetime, places: Places) -> EngineCrew:
    shift, depot = rows.shifts[crew.id], rows.depots[crew.depot_id]
    home = places.row(depot.lat, depot.lon)
    start, ready_at = home, max(now, shift.start_at)
    if crew.rest_until is not None:
        # Rest is law: a call-out at night moves the start of the day.
        ready_at = max(ready_at, crew.rest_until)
    if crew.out_until is not None:
        ready_at = max(ready_at, crew.out_until)
    if crew.lat is not None and crew.lon is not None and shift.start_at <= now:
        start = places.row(crew.lat, crew.lon)
    for visit in rows.committed.get(crew.id, ()):
        incident = rows.incidents[visit.incident_id]
        if incident.lat is not None and incident.lon is not None:
            start = places.row(incident.lat, incident.lon)
        ready_at = max(ready_at, _free_at(visit, rows.lasts(visit, crew.id), now))
    shift_end = max(shift.end_at, ready_at)
    return EngineCrew(
        id=str(crew.id),
        start_place=start,
        end_place=home,
        ready_at=_s(ready_at),
        shift_end=_s(shift_end),
        hard_end=_s(max(shift.end_at + OVERTIME_AT_MOST, ready_at + OVERTIME_AT_MOST)),
        is_out=start != home,
        skills=tuple(Skill(code) for code in crew.skills),
        breaks=breaks_owed(shift, ready_at, rows.urgent.get(crew.id, ())),
        size=crew.members,
    )


def _free_at(visit: Visit, lasts_s: int, now: datetime) -> datetime:
    """Return when a crew should be done with a visit under way; never in the past."""
    planned_end = visit.end_at or now
    if visit.state == "en_route" and visit.start_at is not None and visit.depart_at is not None:
        left = datetime.fromisoformat(visit.stamps["en_route"])
        planned_end = left + timedelta(seconds=visit.travel_s + lasts_s)
    return max(planned_end, now + FREE_AFTER)


def _planned_visit(rows: Rows, visit: Visit, now: datetime, places: Places) -> EngineVisit:
    incident = rows.incidents[visit.incident_id]
    promise = Promise(_s(visit.start_at), is_told=True) if visit.start_at else None
    not_before = rows.not_before.get(visit.work_order_id)
    bars = _bars(rows, visit.incident_id)
    lasts_s = rows.lasts(visit, visit.crew_id)
    work = _Work(lasts_s, visit.due_at, tuple(visit.skills), promise, not_before, bars)
    return _visit(str(visit.id), incident, places, now, work)


def _waiting_visit(rows: Rows, order: WorkOrder, now: datetime, places: Places) -> EngineVisit:
    incident = rows.incidents[order.incident_id]
    bars = _bars(rows, order.incident_id)
    skills = tuple(order.skills)
    work = _Work(rows.lasts(order), order.due_at, skills, None, order.not_before, bars)
    return _visit(str(order.id), incident, places, now, work)


@dataclass(frozen=True, slots=True)
class _Work:
    duration_s: int
    due_at: datetime | None
    skills: tuple[str, ...]
    promise: Promise | None
    not_before: datetime | None
    bars: tuple[Bar, ...]


def _bars(rows: Rows, incident_id: UUID) -> tuple[Bar, ...]:
    """Return the crews that are at work there already: a second crew is another one."""
    return tuple(
        Bar(str(crew), ALREADY_THERE)
        for crew, visits in rows.committed.items()
        if any(visit.incident_id == incident_id for visit in visits)
    )


def _visit(
    name: str, incident: Incident, places: Places, now: datetime, work: _Work
) -> EngineVisit:
    level = int((incident.override_priority or incident.priority)[1])
    if incident.state == "stabilised":
        # Nobody is in danger any more: what is left to do presses less.
        level = min(level + 1, 4)
    due = max(work.due_at, now - OVERDUE_COUNTS_FOR) if work.due_at else None
    assert incident.lat is not None  # noqa: S101 - filtered by `take`
    assert incident.lon is not None  # noqa: S101 - likewise
    at = (incident.lat, incident.lon)
    told = Work(at, work.duration_s, level, _s(due) if due else None, work.skills)
    visit = _engine_visit(name, places.row(*at), told, work.promise)
    ready_at = _s(work.not_before) if work.not_before else None
    windows = _wished(incident, level, now)
    return replace(visit, bars=work.bars, ready_at=ready_at, windows=windows)


def _wished(incident: Incident, level: int, now: datetime) -> tuple[Window, ...]:
    """Return the time that somebody asked for and was granted; urgent work waits for nobody."""
    start, end = incident.wished_from, incident.wished_to
    if level == 1 or start is None or end is None or end <= now:
        return ()
    return (Window(_s(start), _s(end)),)


def _engine_visit(name: str, place: int, work: Work, promise: Promise | None) -> EngineVisit:
    return EngineVisit(
        id=name,
        place=place,
        duration_s=work.duration_s,
        priority=work.level,
        due_at=work.due_at,
        late_rate=LATE_RATE[work.level] * COST_PER_SECOND,
        unserved_cost=UNSERVED_MIN[work.level] * COST_PER_MINUTE,
        is_urgent=work.level == 1,
        skills=tuple(Skill(code) for code in work.skills),
        promise=promise,
    )


def _routes(crews: Sequence[Crew], planned: Sequence[Visit]) -> tuple[PlannedRoute, ...]:
    stops: dict[UUID, list[PlannedStop]] = {crew.id: [] for crew in crews}
    for visit in sorted(planned, key=lambda v: v.position):
        start = _s(visit.start_at) if visit.start_at else 0
        stops[visit.crew_id].append(PlannedStop(str(visit.id), start))
    return tuple(PlannedRoute(str(crew.id), tuple(stops[crew.id])) for crew in crews)


def _pins(planned: Sequence[Visit]) -> list[Pin]:
    pins = []
    for visit in planned:
        if visit.pin == "crew":
            pins.append(Pin(str(visit.id), str(visit.crew_id), PinKind.CREW))
        elif visit.pin == "time" and visit.start_at is not None:
            start = _s(visit.start_at)
            window = Window(start - PIN_TOLERANCE_S, start + PIN_TOLERANCE_S)
            pins.append(Pin(str(visit.id), str(visit.crew_id), PinKind.TIME, window))
    return pins


def _s(at: datetime) -> int:
    return round(at.timestamp())
