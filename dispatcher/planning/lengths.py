"""How long work takes, as a person says: its price, and the command that takes it at its word."""

from datetime import datetime, timedelta

from dispatcher.database import Tx
from dispatcher.errors import Conflict, NotFound, PlanChanged
from dispatcher.events.facts import VisitLengthSet
from dispatcher.events.states import VisitStatus as S
from dispatcher.incidents.images import image_of
from dispatcher.models import Incident, Visit, WorkOrder
from dispatcher.models.base import touch
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.images import visit_image
from dispatcher.planning.length_schemas import LengthOut
from dispatcher.planning.move_schemas import ShiftOut
from dispatcher.planning.moves import price_out
from dispatcher.planning.queries import refusal_out, title_of
from dispatcher.planning.routes import current_route, write_route
from dispatcher.planning.rows import Scope
from dispatcher.planning.schemas import TermOut
from dispatcher.planning.snapshot import Snapshot
from dispatcher.planning.visits import plan_in_force, turn_plan
from dispatcher.planning.workflow import PLANNED
from scheduling.dispatch.lengths import Length, hold, stretch


def price_length(snapshot: Snapshot, visit: Visit, duration_s: int, now: datetime) -> LengthOut:
    """Return what another length would change.

    Args:
        snapshot: The plan in force, nothing frozen.
        visit: A visit that is planned or under way.
        duration_s: Seconds on site.
        now: Service time; work under way cannot end before it.

    Raises:
        NotFound: The visit is over, or its crew has no shift now or soon.
    """
    start, end = _hours(visit, duration_s, now)
    length = _length(snapshot, visit, duration_s, end, now)
    return LengthOut(
        plan_version=snapshot.plan_number,
        visit_id=visit.id,
        crew_id=visit.crew_id,
        duration_s=duration_s,
        start_at=start,
        end_at=end,
        price=price_out(length.bill.cost),
        terms=[TermOut(name=n, minutes=round(m, 1)) for n, m in length.bill.minutes().items()],
        shifts=[
            ShiftOut(
                visit_id=snapshot.visits[one.visit_id].id,
                title=title_of(snapshot, one.visit_id),
                shift_s=one.shift_s,
            )
            for one in length.shifts
        ],
        broken=[refusal_out(snapshot, rule) for rule in length.broken],
        warnings=list(length.warnings),
        is_lawful=length.broken == () or S(visit.state) not in PLANNED,
    )


def set_length(tx: Tx, visit: Visit, duration_s: int, *, plan_version: int | None = None) -> Visit:
    """Say how long a visit takes; what follows on the crew's route moves with it.

    What a crew does now takes as long as it takes: no rule forbids that, its price is told.

    Args:
        tx: The command's transaction.
        visit: A visit that is planned or under way.
        duration_s: Seconds on site.
        plan_version: The plan on which the price was read; None takes the present one.

    Raises:
        PlanChanged: The plan moved on since; look at the new price.
        Conflict: A planned visit of that length breaks a rule; `reason` names it.
        NotFound: The visit is over, or its crew has no shift now or soon.
    """
    plan = plan_in_force(tx)
    if plan_version is not None and plan_version != plan.number:
        raise PlanChanged(current=plan.number)
    if duration_s == visit.duration_s:
        return visit
    # What it does to one crew's day: all drives of a large plan would hold up every command.
    mine = Scope({visit.crew_id}, incident_ids=())
    snapshot = snapshots.take(tx.session, tx.org, tx.now, snapshots.NOTHING_FROZEN, mine)
    _, end = _hours(visit, duration_s, tx.now)
    length = _length(snapshot, visit, duration_s, end, tx.now)
    if S(visit.state) in PLANNED and length.broken:
        raise Conflict("this length breaks a rule", reason=length.broken[0].reason)
    _write(tx, visit, duration_s, end)
    fresh = snapshots.take(tx.session, tx.org, tx.now, snapshots.NOTHING_FROZEN, mine)
    crew = str(visit.crew_id)
    write_route(tx, fresh, crew, current_route(fresh, crew), "manual")
    turn_plan(tx, "manual")
    return visit


def _length(
    snapshot: Snapshot, visit: Visit, duration_s: int, end: datetime, now: datetime
) -> Length:
    crew, name = str(visit.crew_id), str(visit.id)
    if crew not in snapshot.crews:
        raise NotFound("this crew has no shift", what="crew")
    if name in snapshot.visits:
        return stretch(snapshot.problem, name, duration_s)
    if all(one.id != visit.id for one in snapshot.committed.get(visit.crew_id, ())):
        raise NotFound("this visit is over", what="visit")
    # The snapshot never lets a crew be free at once; neither does the price.
    free = max(end, now + snapshots.FREE_AFTER)
    return hold(snapshot.problem, crew, round(free.timestamp()))


def _hours(visit: Visit, duration_s: int, now: datetime) -> tuple[datetime, datetime]:
    """Return when the visit starts and would end."""
    start = visit.start_at or now
    end = start + timedelta(seconds=duration_s)
    return start, end if S(visit.state) in PLANNED else max(end, now)


def _write(tx: Tx, visit: Visit, duration_s: int, end: datetime) -> None:
    before = visit.duration_s
    visit.duration_s, visit.end_at = duration_s, end
    tx.session.get_one(WorkOrder, visit.work_order_id).duration_s = duration_s
    touch(visit, tx.now)
    tx.session.flush()
    incident = tx.session.get_one(Incident, visit.incident_id)
    fact = VisitLengthSet(
        visit_id=visit.id,
        incident_id=incident.id,
        crew_id=visit.crew_id,
        from_s=before,
        to_s=duration_s,
    )
    tx.record(fact, visit_image(visit), image_of(incident))
