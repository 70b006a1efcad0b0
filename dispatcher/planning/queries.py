"""Reading the plan: offers for an incident, a crew's day, the crews."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.clock import elapsed_ms, monotonic_s
from dispatcher.crews.images import crew_image
from dispatcher.errors import InvalidInput, NotFound
from dispatcher.events.states import CrewState
from dispatcher.models import Crew, Depot, Incident, Visit
from dispatcher.planning.images import visit_image
from dispatcher.planning.schemas import (
    BumpedOut,
    CrewDayOut,
    LastingOut,
    OfferOut,
    OffersOut,
    RefusalOut,
    Scalar,
    TermOut,
)
from dispatcher.planning.snapshot import Snapshot
from scheduling.dispatch.estimates import Leg
from scheduling.dispatch.offers import Offer, find_offers
from scheduling.dispatch.refusals import Refusal

INSTANTS = frozenset(
    {"arrive_at", "closes_at", "latest_at", "would_start", "would_end", "shift_end"}
)
"""Parameters of broken rules that are Unix seconds; each gets an instant beside it."""
HIDDEN = ("cancelled", "reassigned", "refused")


def subject_of(snapshot: Snapshot, incident: Incident) -> str:
    """Return the engine's name of what an incident needs placed: its open order, or its planned
    visit.

    Raises:
        InvalidInput: It has no place on the map yet.
        NotFound: Nothing of it waits to be placed.
    """
    if incident.lat is None or incident.lon is None:
        raise InvalidInput("say first where it is", field="place")
    for name, order in snapshot.orders.items():
        if order.incident_id == incident.id:
            return name
    for name, visit in snapshot.visits.items():
        if visit.incident_id == incident.id:
            return name
    raise NotFound("nothing of this incident waits for a crew", what="work_order")


def offers_for(snapshot: Snapshot, incident: Incident, limit: int = 8) -> OffersOut:
    """Return who could go, best first, with reasons for everybody else."""
    started_s = monotonic_s()
    name = subject_of(snapshot, incident)
    found = find_offers(snapshot.problem, name)
    best = enumerate(found.offers[:limit], start=1)
    shown = [_offer(snapshot, rank, offer, name) for rank, offer in best]
    return OffersOut(
        plan_version=snapshot.plan_number,
        elapsed_ms=round(elapsed_ms(started_s), 2),
        compared=len(snapshot.problem.crews),
        travel_source=snapshot.travel.source,
        lasting=LastingOut(**asdict(snapshot.lasting(name))),
        offers=shown,
        refusals=[refusal_out(snapshot, r) for r in found.refusals],
    )


def _leg(snapshot: Snapshot, offer: Offer, name: str) -> Leg:
    """Return the drive to the incident, from where the crew would come."""
    problem = snapshot.problem
    planned = next((r for r in problem.plan if r.crew_id == offer.crew_id), None)
    stops = [s.visit_id for s in planned.stops] if planned is not None else []
    before = [stop for stop in stops if stop not in {name, offer.bumped}][: offer.position]
    start = problem.visit(before[-1]).place if before else problem.crew(offer.crew_id).start_place
    return snapshot.travel.leg(start, problem.visit(name).place)


def _offer(snapshot: Snapshot, rank: int, offer: Offer, name: str) -> OfferOut:
    minutes, leg = offer.bill.minutes(), _leg(snapshot, offer, name)
    bumped = [
        BumpedOut(
            visit_id=UUID(d.visit_id), title=title_of(snapshot, d.visit_id), delay_s=d.delay_s
        )
        for d in offer.delays
    ]
    if offer.bumped is not None:
        title = title_of(snapshot, offer.bumped)
        bumped.insert(0, BumpedOut(visit_id=UUID(offer.bumped), title=title, delay_s=None))
    return OfferOut(
        rank=rank,
        crew_id=UUID(offer.crew_id),
        crew=snapshot.crews[offer.crew_id].name,
        position=offer.position,
        depart_at=instant(offer.depart_at),
        arrive_at=instant(offer.arrive_at),
        start_at=instant(offer.start_at),
        end_at=instant(offer.end_at),
        detour_s=offer.detour_s,
        detour_m=offer.detour_m,
        travel_s=leg.seconds,
        travel_base_s=leg.base_s,
        travel_source=leg.source,
        lasting=LastingOut(**asdict(snapshot.lasting(name, offer.crew_id))),
        margin_s=offer.margin_s,
        cost_min=round(sum(minutes.values()), 1),
        terms=[TermOut(name=term, minutes=round(value, 1)) for term, value in minutes.items()],
        bumped=bumped,
        flags=list(offer.flags),
    )


def refusal_out(snapshot: Snapshot, refusal: Refusal) -> RefusalOut:
    """Return a broken rule for the wire."""
    return RefusalOut(
        crew_id=UUID(refusal.crew_id),
        crew=snapshot.crews[refusal.crew_id].name,
        reason=refusal.reason,
        params=params_out(snapshot, refusal.params),
    )


def params_out(snapshot: Snapshot, given: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Return a reason's parameters with instants beside the seconds, and whom it delays."""
    params = dict(given)
    for name in INSTANTS & params.keys():
        seconds = params[name]
        if isinstance(seconds, int):
            params[f"{name.removesuffix('_at')}_time_at"] = instant(seconds).isoformat()
    if isinstance(delayed := params.get("visit_id"), str):
        params["title"] = title_of(snapshot, delayed)
    return params


def title_of(snapshot: Snapshot, name: str) -> str:
    """Return the title of the incident behind an engine name; empty when there is none."""
    source = snapshot.visits.get(name) or snapshot.orders.get(name)
    return snapshot.incidents[source.incident_id].title if source else ""


def instant(seconds: int) -> datetime:
    """Return the aware instant of Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def crew_states(session: Session, org: str) -> list[CrewState]:
    """Return every crew, in the order of the board."""
    rows = session.exec(
        select(Crew, Depot)
        .where(Crew.depot_id == Depot.id, Crew.org == org)
        .order_by(col(Crew.position))
    ).all()
    return [crew_image(crew, depot) for crew, depot in rows]


def crew_day(session: Session, crew: Crew, now: datetime) -> CrewDayOut:
    """Return a crew's visits under way, planned, and done in the last 12 hours."""
    since = now - timedelta(hours=12)
    rows = session.exec(
        select(Visit)
        .where(
            Visit.crew_id == crew.id,
            col(Visit.state).not_in(HIDDEN),
            col(Visit.updated_at) >= since,
        )
        .order_by(col(Visit.start_at))
    ).all()
    depot = session.get_one(Depot, crew.depot_id)
    return CrewDayOut(crew=crew_image(crew, depot), visits=[visit_image(v) for v in rows])
