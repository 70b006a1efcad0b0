"""Verbs that change the plan: take an offer, move time on, take back."""

from datetime import timedelta
from uuid import UUID

from dispatcher.database import Tx
from dispatcher.errors import Conflict, PlanChanged
from dispatcher.models import Incident, Visit
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.queries import subject_of
from dispatcher.planning.routes import current_route, retime_route, write_route
from dispatcher.planning.snapshot import Snapshot
from dispatcher.planning.visits import plan_in_force, turn_plan, withdraw_visit
from scheduling.dispatch.offers import Offer, find_offers

RETIME_TOLERANCE_S = 120


def accept_offer(
    tx: Tx, incident: Incident, crew_id: UUID, freeze: timedelta, *, plan_version: int | None = None
) -> Visit:
    """Give an incident to a crew at its best place in the plan; return the visit.

    The offer is computed again in this transaction, so what is stored is what holds now.

    Args:
        tx: The command's transaction.
        incident: What to place.
        crew_id: The crew chosen.
        freeze: Stops starting within this time do not move.
        plan_version: The plan on which the choice was made; None takes the present one.

    Raises:
        PlanChanged: The plan moved on since; look at the new offers.
        Conflict: This crew can no longer take it; `reason` says why.
    """
    plan = plan_in_force(tx)
    if plan_version is not None and plan_version != plan.number:
        raise PlanChanged(current=plan.number)
    snapshot = snapshots.take(tx.session, tx.org, tx.now, freeze)
    name = subject_of(snapshot, incident)
    if name in snapshot.visits:
        # The horizon binds the optimiser; a dispatcher may move what is about to start.
        snapshot = snapshots.take(tx.session, tx.org, tx.now, snapshots.NOTHING_FROZEN)
    offer = _offer_of(snapshot, name, str(crew_id))
    _lift(tx, snapshot, name, offer)
    stops = [n for n in current_route(snapshot, offer.crew_id) if n not in {name, offer.bumped}]
    stops.insert(offer.position, name)
    made = write_route(tx, snapshot, offer.crew_id, stops, "offer")
    turn_plan(tx, "offer")
    return made[0] if made else snapshot.visits[name]


def _offer_of(snapshot: Snapshot, name: str, crew_name: str) -> Offer:
    found = find_offers(snapshot.problem, name)
    for offer in found.offers:
        if offer.crew_id == crew_name:
            return offer
    reason = next((r.reason for r in found.refusals if r.crew_id == crew_name), "not_on_duty")
    raise Conflict("this crew cannot take it", reason=reason)


def _lift(tx: Tx, snapshot: Snapshot, name: str, offer: Offer) -> None:
    """Take out what must leave first: a bumped visit, and the visit itself from another crew."""
    if offer.bumped is not None:
        withdraw_visit(tx, snapshot.visits[offer.bumped])
    visit = snapshot.visits.get(name)
    if visit is not None and str(visit.crew_id) != offer.crew_id:
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
    snapshot = snapshots.take(tx.session, tx.org, tx.now, freeze)
    moved = 0
    for name, crew in snapshot.crews.items():
        if crew_ids is None or crew.id in crew_ids:
            moved += retime_route(tx, snapshot, name, RETIME_TOLERANCE_S)
    return moved
