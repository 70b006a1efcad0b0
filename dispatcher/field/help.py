"""« Besoin d'aide »: what a crew asks for in one tap, and what the plan makes of it at once.

A second crew is another work order of the incident, which the planner places. More time lengthens
the visit, and reactions move those that follow. A missing part pauses the visit, or ends it and
holds the incident until the part is there. Made safe and left ends it too; what remains is
planned later, as less urgent. A question goes to the experts by a reaction.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import IllegalMove
from dispatcher.events.field_facts import HelpAsked, HelpSeen
from dispatcher.events.states import IncidentStatus, VisitStatus
from dispatcher.field.images import brief_of, help_image
from dispatcher.field.schemas import HelpIn
from dispatcher.incidents import commands as incidents
from dispatcher.incidents.more_work import order_more_work
from dispatcher.incidents.workflow import MOVES
from dispatcher.models import Crew, HelpCall, Incident, Visit, WorkOrder
from dispatcher.models.base import touch
from dispatcher.planning.images import visit_image
from dispatcher.planning.presence import extend_visit, others_there
from dispatcher.planning.visits import move_visit
from dispatcher.planning.workflow import COMMITTED, PLANNED

REMAINING_AFTER = timedelta(hours=2)
"""What was made safe is not taken up again before: whoever left it there has more pressing work."""
REMAINING_DUE = timedelta(hours=24)
"""When the rest is due if nothing was promised for it."""
THERE = frozenset({VisitStatus.ON_SITE, VisitStatus.PAUSED})
MAY_ASK: dict[str, frozenset[VisitStatus]] = {
    "expert": PLANNED | COMMITTED,
    "second_crew": COMMITTED,
    "more_time": COMMITTED,
    "part_missing": THERE,
    "made_safe": THERE,
}
"""In which states of a visit each kind of help makes sense."""
AT_MOST = 200


def ask_help(tx: Tx, visit: Visit, wanted: HelpIn) -> HelpCall:
    """Record a crew's call for help and do at once what it means; return the call.

    Raises:
        IllegalMove: The visit is not in a state in which this can be asked.
    """
    if VisitStatus(visit.state) not in MAY_ASK[wanted.need]:
        raise IllegalMove(source=visit.state, target=wanted.need)
    incident = tx.session.get_one(Incident, visit.incident_id)
    call = HelpCall(
        id=tx.new_id(),
        org=tx.org,
        visit_id=visit.id,
        incident_id=incident.id,
        crew_id=visit.crew_id,
        need=wanted.need,
        minutes=wanted.minutes,
        note=wanted.note,
        asked_at=min(wanted.at or tx.now, tx.now).astimezone(UTC),
        asked_by=tx.actor.name or tx.actor.label,
        brief=brief_of(incident, tx.session.get_one(Crew, visit.crew_id)),
        simulated=visit.simulated,
        updated_at=tx.now,
    )
    if wanted.phone:
        call.brief = {**call.brief, "phone": wanted.phone}
    tx.session.add(call)
    _act(tx, visit, incident, call, wanted)
    tx.session.flush()
    tx.record(
        HelpAsked(
            help_id=call.id,
            visit_id=visit.id,
            incident_id=incident.id,
            crew_id=visit.crew_id,
            need=wanted.need,
            minutes=wanted.minutes,
            asserted_at=call.asked_at,
        ),
        help_image(call),
        visit_image(visit),
    )
    return call


def see_help(tx: Tx, call: HelpCall) -> None:
    """Note that the desk has seen a call; seeing it twice changes nothing."""
    if call.state == "seen":
        return
    call.state, call.seen_at = "seen", tx.now
    call.seen_by = tx.actor.name or tx.actor.label
    touch(call, tx.now)
    fact = HelpSeen(help_id=call.id, visit_id=call.visit_id, incident_id=call.incident_id)
    tx.record(fact, help_image(call))


def settle_help(tx: Tx, incident_id: UUID) -> None:
    """Take calls off the board that an incident's end has answered."""
    rows = tx.session.exec(
        select(HelpCall).where(HelpCall.incident_id == incident_id, HelpCall.state == "open")
    ).all()
    for call in rows:
        see_help(tx, call)


def answer_with(tx: Tx, order_id: UUID) -> None:
    """Take the call that asked for a work order off the board: somebody has been given it."""
    rows = tx.session.exec(
        select(HelpCall).where(HelpCall.order_id == order_id, HelpCall.state == "open")
    ).all()
    for call in rows:
        see_help(tx, call)


def open_calls(session: Session, org: str) -> list[HelpCall]:
    """Return the calls that nobody has seen, oldest first."""
    return list(
        session.exec(
            select(HelpCall)
            .where(HelpCall.org == org, HelpCall.state == "open")
            .order_by(col(HelpCall.asked_at), col(HelpCall.id))
            .limit(AT_MOST)
        ).all()
    )


def _act(tx: Tx, visit: Visit, incident: Incident, call: HelpCall, wanted: HelpIn) -> None:
    if wanted.need == "more_time":
        extend_visit(tx, visit, timedelta(minutes=wanted.minutes or 0))
    elif wanted.need == "second_crew":
        duration_s = wanted.minutes * 60 if wanted.minutes else visit.duration_s
        call.order_id = order_more_work(tx, incident, tx.now, duration_s).id
    elif wanted.need == "part_missing":
        _wait_for_part(tx, visit, incident, wanted)
    elif wanted.need == "made_safe":
        _leave_safe(tx, visit, incident, wanted)


def _wait_for_part(tx: Tx, visit: Visit, incident: Incident, wanted: HelpIn) -> None:
    if wanted.stays:
        move_visit(tx, visit, VisitStatus.PAUSED, wanted.at, wanted.note)
        return
    move_visit(tx, visit, VisitStatus.INCOMPLETE, wanted.at, wanted.note)
    _shorten(tx, visit, wanted.minutes)
    may_hold = IncidentStatus.ON_HOLD in MOVES[IncidentStatus(incident.state)]
    if may_hold and not others_there(tx, visit):
        incidents.move(tx, incident, IncidentStatus.ON_HOLD, wanted.note)


def _leave_safe(tx: Tx, visit: Visit, incident: Incident, wanted: HelpIn) -> None:
    """End the visit; the incident is safe, and its work comes back later."""
    if IncidentStatus.STABILISED in MOVES[IncidentStatus(incident.state)]:
        incidents.move(tx, incident, IncidentStatus.STABILISED)
    move_visit(tx, visit, VisitStatus.INCOMPLETE, wanted.at, wanted.note)
    order = _shorten(tx, visit, wanted.minutes)
    order.not_before = tx.now + REMAINING_AFTER
    order.due_at = _later(incident.restore_by, tx.now)


def _later(promised: datetime | None, now: datetime) -> datetime:
    """Return when the rest is due: when it was promised, if that can still be kept."""
    soonest = now + REMAINING_AFTER
    return promised if promised is not None and promised > soonest else now + REMAINING_DUE


def _shorten(tx: Tx, visit: Visit, minutes: int | None) -> WorkOrder:
    """Return the visit's work order, asking for the time that the crew says is left."""
    order = tx.session.get_one(WorkOrder, visit.work_order_id)
    if minutes is not None:
        order.duration_s = minutes * 60
    return order
