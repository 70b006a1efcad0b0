"""The rows behind a planning problem, read once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from dispatcher.models import Crew, Depot, Incident, Plan, Shift, Visit, WorkOrder
from dispatcher.planning.workflow import COMMITTED, PLANNED
from dispatcher.travel.learned import Learned, current

LOOK_BACK = timedelta(hours=6)
"""Of urgent work done: longer ago than any pause may have waited for it."""
OUT_OF_PLAY = ("on_hold", "transferred", "merged", "cancelled", "closed", "answered", "resolved")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at of a plan: drives between all places of a large one would take seconds.

    Attributes:
        crew_ids: Only these crews with what they are to do; None are all.
        incident_ids: Of work that waits only what is of these incidents; None is all.
    """

    crew_ids: Collection[UUID] | None = None
    incident_ids: Collection[UUID] | None = None


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Rows:
    """What planning reads of an authority, on one snapshot of the database.

    Attributes:
        plan: Its plan, None before the first.
        crews: In the order of the board.
        depots: By id.
        shifts: The one that runs or comes next, by crew.
        planned: Visits that nobody has begun, in the order of their crews.
        committed: Visits under way, by crew.
        orders: Open work, oldest first.
        incidents: Those of all visits and orders, by id.
        learned: What finished work has taught.
        not_before: When the work of planned visits may start, by work order, where it is bound.
        urgent: Start and end of urgent visits (P1) of the last hours, done ones too, by crew.
    """

    plan: Plan | None
    crews: Sequence[Crew]
    depots: Mapping[UUID, Depot]
    shifts: Mapping[UUID, Shift]
    planned: Sequence[Visit]
    committed: Mapping[UUID, list[Visit]]
    orders: Sequence[WorkOrder]
    incidents: Mapping[UUID, Incident]
    learned: Learned
    not_before: Mapping[UUID, datetime]
    urgent: Mapping[UUID, Sequence[tuple[datetime, datetime]]]

    @property
    def uses_learned(self) -> bool:
        """Whether plans count with learned times on site: unless people have said no."""
        return self.plan is None or self.plan.learned_durations is not False

    def lasts(self, source: Visit | WorkOrder, crew_id: UUID | None = None) -> int:
        """Return the seconds that work takes in the plan."""
        if not self.uses_learned:
            return source.duration_s
        category = self.incidents[source.incident_id].category
        crew = None if crew_id is None else str(crew_id)
        return self.learned.lasting(category, source.duration_s, crew).seconds


def read_rows(session: Session, org: str, now: datetime, scope: Scope = EVERYTHING) -> Rows:
    """Return what planning needs to know at an instant.

    Args:
        session: One consistent snapshot of the database.
        org: The authority.
        now: Service time.
        scope: What is looked at.
    """
    in_play = [state.value for state in PLANNED | COMMITTED]
    wanted_visits = select(Visit).where(Visit.org == org, col(Visit.state).in_(in_play))
    wanted_crews = select(Crew).where(Crew.org == org)
    if scope.crew_ids is not None:
        wanted_visits = wanted_visits.where(col(Visit.crew_id).in_(scope.crew_ids))
        wanted_crews = wanted_crews.where(col(Crew.id).in_(scope.crew_ids))
    visits = session.exec(wanted_visits.order_by(col(Visit.position), col(Visit.start_at))).all()
    planned = [v for v in visits if v.state in PLANNED]
    committed: dict[UUID, list[Visit]] = defaultdict(list)
    for visit in visits:
        if visit.state in COMMITTED:
            committed[visit.crew_id].append(visit)
    orders = open_orders(session, org, scope.incident_ids)
    wanted = {v.incident_id for v in visits} | {o.incident_id for o in orders}
    incidents = session.exec(select(Incident).where(col(Incident.id).in_(wanted))).all()
    shifts = session.exec(
        select(Shift)
        .where(col(Shift.end_at) > now, col(Shift.start_at) < now + timedelta(hours=14))
        .order_by(col(Shift.start_at).desc())
    ).all()
    return Rows(
        plan=session.exec(select(Plan).where(Plan.org == org)).first(),
        crews=session.exec(wanted_crews.order_by(col(Crew.position))).all(),
        depots={d.id: d for d in session.exec(select(Depot).where(Depot.org == org)).all()},
        shifts={shift.crew_id: shift for shift in shifts},
        planned=planned,
        committed=committed,
        orders=orders,
        incidents={i.id: i for i in incidents},
        learned=current(session, org),
        not_before=_not_before(session, planned),
        urgent=_urgent(session, org, now, scope),
    )


def is_urgent(incident: Incident) -> bool:
    """Whether an incident is of the class that everything else makes way for, and still presses."""
    is_first = (incident.override_priority or incident.priority) == "P1"
    return is_first and incident.state != "stabilised"


def _urgent(
    session: Session, org: str, now: datetime, scope: Scope
) -> dict[UUID, list[tuple[datetime, datetime]]]:
    states = [state.value for state in PLANNED | COMMITTED] + ["completed", "incomplete"]
    wanted = (
        select(Visit.crew_id, Visit.start_at, Visit.end_at, Visit.stamps)
        .join(Incident, col(Incident.id) == Visit.incident_id)
        .where(
            Visit.org == org,
            col(Visit.state).in_(states),
            col(Visit.end_at) > now - LOOK_BACK,
            func.coalesce(Incident.override_priority, Incident.priority) == "P1",
        )
    )
    if scope.crew_ids is not None:
        wanted = wanted.where(col(Visit.crew_id).in_(scope.crew_ids))
    found: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for crew_id, start, end, stamps in session.exec(wanted):
        if start is not None and end is not None:
            done = stamps.get("completed") or stamps.get("incomplete")
            late = datetime.fromisoformat(done) if done else now
            found[crew_id].append((start, max(end, late) if "en_route" in stamps else end))
    return found


def open_orders(
    session: Session, org: str, incident_ids: Collection[UUID] | None = None
) -> Sequence[WorkOrder]:
    """Return the work that waits for a crew, oldest first; of some incidents or of all."""
    wanted = (
        select(WorkOrder)
        .join(Incident, col(Incident.id) == WorkOrder.incident_id)
        .where(
            WorkOrder.org == org,
            WorkOrder.state == "open",
            col(Incident.state).not_in(OUT_OF_PLAY),
        )
        .order_by(col(WorkOrder.created_at))
    )
    if incident_ids is not None:
        wanted = wanted.where(col(WorkOrder.incident_id).in_(incident_ids))
    return session.exec(wanted).all()


def planned_stops(session: Session, org: str) -> dict[str, list[str]]:
    """Return the planned visits of every crew that has some, in order, without measuring drives."""
    states = [state.value for state in PLANNED]
    rows = session.exec(
        select(Visit.crew_id, Visit.id)
        .where(Visit.org == org, col(Visit.state).in_(states))
        .order_by(col(Visit.position), col(Visit.start_at))
    )
    stops: dict[str, list[str]] = defaultdict(list)
    for crew_id, visit_id in rows:
        stops[str(crew_id)].append(str(visit_id))
    return stops


def _not_before(session: Session, planned: Sequence[Visit]) -> dict[UUID, datetime]:
    """Return before when the work of planned visits may not start, where that is bound."""
    rows = session.exec(
        select(WorkOrder.id, WorkOrder.not_before).where(
            col(WorkOrder.id).in_([visit.work_order_id for visit in planned]),
            col(WorkOrder.not_before).is_not(None),
        )
    ).all()
    return {order: at for order, at in rows if at is not None}
