"""Verbs that change the plan: take an offer, move time on, take back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict, PlanChanged
from dispatcher.models import Incident, Visit
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.queries import subject_of
from dispatcher.planning.routes import current_route, is_moved, retime_route, write_route
from dispatcher.planning.rows import Scope, is_urgent, open_orders
from dispatcher.planning.snapshot import Snapshot
from dispatcher.planning.visits import plan_in_force, turn_plan, withdraw_visit
from dispatcher.planning.workflow import PLANNED
from scheduling.dispatch.moves import Moves
from scheduling.dispatch.offers import Offer, find_offers

RETIME_TOLERANCE_S = 120


@dataclass(frozen=True, slots=True)
class Choice:
    """A crew, and a place among its stops (the visit itself not counted); None is the best one."""

    crew_id: UUID
    position: int | None = None


def accept_offer(
    tx: Tx,
    incident: Incident,
    choice: Choice,
    freeze: timedelta,
    *,
    plan_version: int | None = None,
) -> Visit:
    """Give an incident to a crew, or move its visit there; return the visit.

    The place is judged again in this transaction, so what is stored is what holds now.

    Args:
        tx: The command's transaction.
        incident: What to place.
        choice: The crew, and the place if a person chose it.
        freeze: Stops starting within this time do not move, unless a person chose the place.
        plan_version: The plan on which the choice was made; None takes the present one.

    Raises:
        PlanChanged: The plan moved on since; look at the new offers.
        Conflict: This crew can no longer take it; `reason` says why.
    """
    plan = plan_in_force(tx)
    if plan_version is not None and plan_version != plan.number:
        raise PlanChanged(current=plan.number)
    crew = str(choice.crew_id)
    if choice.position is None:
        snapshot, name = plan_with(tx.session, incident, tx.now, freeze)
        offer = _offer_of(snapshot, name, crew)
        position, bumped = offer.position, offer.bumped
    else:
        # Drives between all places of a large plan would hold up every other command.
        crews = {choice.crew_id, *_crews_of(tx.session, incident)}
        scope = Scope(crews, {incident.id})
        snapshot = snapshots.take(tx.session, tx.org, tx.now, snapshots.NOTHING_FROZEN, scope)
        name = subject_of(snapshot, incident)
        if is_urgent(incident):
            snapshot = snapshots.for_urgent(snapshot, name)
        position, bumped = _lawful_position(snapshot, name, crew, choice.position), None
    _lift(tx, snapshot, name, crew, bumped)
    stops = [n for n in current_route(snapshot, crew) if n not in {name, bumped}]
    stops.insert(position, name)
    snapshot = snapshots.as_placed(snapshot, name, crew, stops)
    made = write_route(tx, snapshot, crew, stops, "offer")
    turn_plan(tx, "offer")
    return made[0] if made else snapshot.visits[name]


def find_choice(
    session: Session, incident: Incident, crew_id: UUID, now: datetime, freeze: timedelta
) -> Choice:
    """Return the best place of a crew for an incident, judged beside the writer.

    The position is left out where a visit would have to give way: that is judged in the command.

    Args:
        session: One consistent snapshot of the database.
        incident: What to place.
        crew_id: Who should take it.
        now: Service time.
        freeze: Stops starting within this time do not move.

    Raises:
        Conflict: This crew cannot take it; `reason` says why.
    """
    snapshot, name = plan_with(session, incident, now, freeze)
    return _choice_of(_offer_of(snapshot, name, str(crew_id)))


def best_choice(
    session: Session, incident: Incident, now: datetime, freeze: timedelta
) -> Choice | None:
    """Return the best place of all, as `find_choice` does of one crew; None when nobody can go."""
    snapshot, name = plan_with(session, incident, now, freeze)
    found = find_offers(snapshot.problem, name).offers
    return _choice_of(found[0]) if found else None


def _choice_of(offer: Offer) -> Choice:
    return Choice(UUID(offer.crew_id), None if offer.bumped else offer.position)


def plan_with(
    session: Session, incident: Incident, now: datetime, freeze: timedelta
) -> tuple[Snapshot, str]:
    """Return the plan of all crews with one incident, and the name of what is to be placed."""
    if _crews_of(session, incident):
        # The horizon binds the optimiser; a dispatcher may move what is about to start.
        freeze = snapshots.NOTHING_FROZEN
    scope = Scope(incident_ids={incident.id})
    snapshot = snapshots.take(session, incident.org, now, freeze, scope)
    name = subject_of(snapshot, incident)
    return (snapshots.for_urgent(snapshot, name) if is_urgent(incident) else snapshot), name


def _crews_of(session: Session, incident: Incident) -> Sequence[UUID]:
    """Return who has planned visits of an incident of which nothing waits any more."""
    if open_orders(session, incident.org, {incident.id}):
        return []
    return crews_due(session, incident)


def crews_due(session: Session, incident: Incident) -> Sequence[UUID]:
    """Return the crews that are to go to an incident and have not left yet."""
    states = [state.value for state in PLANNED]
    return session.exec(
        select(Visit.crew_id).where(Visit.incident_id == incident.id, col(Visit.state).in_(states))
    ).all()


def _lawful_position(snapshot: Snapshot, name: str, crew: str, position: int) -> int:
    """Return the position within the crew's stops, or say which rule it breaks."""
    if crew not in snapshot.crews:
        raise Conflict("this crew cannot take it", reason="not_on_duty")
    move = Moves(snapshot.problem, name).at(crew, position)
    if not move.place.is_lawful:
        reason = move.broken[0].reason if move.broken else "capacity"
        raise Conflict("this place breaks a rule", reason=reason)
    return move.place.position


def _offer_of(snapshot: Snapshot, name: str, crew_name: str) -> Offer:
    found = find_offers(snapshot.problem, name)
    for offer in found.offers:
        if offer.crew_id == crew_name:
            return offer
    reason = next((r.reason for r in found.refusals if r.crew_id == crew_name), "not_on_duty")
    raise Conflict("this crew cannot take it", reason=reason)


def _lift(tx: Tx, snapshot: Snapshot, name: str, crew: str, bumped: str | None) -> None:
    """Take out what must leave first: a bumped visit, and the visit itself from another crew."""
    if bumped is not None:
        withdraw_visit(tx, snapshot.visits[bumped])
    visit = snapshot.visits.get(name)
    if visit is not None and str(visit.crew_id) != crew:
        source = str(visit.crew_id)
        rest = [n for n in current_route(snapshot, source) if n != name]
        write_route(tx, snapshot, source, rest, "offer")


def retime(tx: Tx, freeze: timedelta, crew_ids: set[UUID] | None = None) -> int:
    """Roll planned routes forward to the present; return how many visits moved.

    Args:
        tx: The command's transaction.
        freeze: As for offers.
        crew_ids: Only these crews; all when None.
    """
    scope = Scope(crew_ids, incident_ids=())
    snapshot = snapshots.take(tx.session, tx.org, tx.now, freeze, scope)
    return sum(retime_route(tx, snapshot, name, RETIME_TOLERANCE_S) for name in snapshot.crews)


def to_retime(session: Session, org: str, now: datetime) -> list[UUID]:
    """Return the crews whose planned routes time has moved, for `retime`."""
    return [
        crew.id
        for snapshot in snapshots.by_crews(session, org, now)
        for name, crew in snapshot.crews.items()
        if is_moved(snapshot, name, RETIME_TOLERANCE_S)
    ]
