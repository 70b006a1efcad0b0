"""Offers, visits, proposals and crews over HTTP."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.crews.commands import set_out
from dispatcher.crews.images import crew_image
from dispatcher.database import Tx
from dispatcher.events.states import CrewState, VisitState
from dispatcher.idempotency import keyed
from dispatcher.models import Depot, Visit
from dispatcher.planning import applying, commands, deadlines, positions, proposals, queries, visits
from dispatcher.planning.images import visit_image
from dispatcher.planning.schemas import (
    AcceptIn,
    AcceptOut,
    CrewDayOut,
    OffersOut,
    OutIn,
    PinIn,
    PositionIn,
    PromisesOut,
    ProposalAcceptIn,
    ProposalAcceptOut,
    ProposalRejectIn,
    UndoOut,
    VisitMoveIn,
)
from dispatcher.planning.tuning import freeze_of, tune, tuning_out
from dispatcher.planning.tuning_schemas import TuningIn, TuningOut

router = APIRouter(tags=["planning"])


@router.get("/incidents/{incident_id}/offers")
def offers(
    request: Request,
    incident_id: UUID,
    actor: Annotated[Actor, Depends(access.operators)],
) -> OffersOut:
    """Say who could go, best first, and why not the others."""
    service = service_of(request)
    with service.store.read() as session:
        incident = access.visible_incident(session, actor, incident_id)
        now = service.clocks.service.now()
        freeze = freeze_of(session, actor.org, service)
        snapshot, _ = commands.plan_with(session, incident, now, freeze)
        return queries.offers_for(snapshot, incident)


@router.post("/incidents/{incident_id}/accept")
async def accept(
    request: Request,
    incident_id: UUID,
    body: AcceptIn,
    actor: Annotated[Actor, Depends(access.dispatchers)],
) -> AcceptOut:
    """Give an incident to a crew, or move its visit there; at its best place or at a position.

    409 `plan_changed` when the plan has turned since the prices were read, 409 `conflict` with the
    reason when a rule forbids it.
    """
    service = service_of(request)

    def choose() -> commands.Choice:
        with service.store.read() as session:
            incident = access.visible_incident(session, actor, incident_id)
            if visits.plan_number(session, actor.org) != body.plan_version:
                # The command will say so, with the number in force.
                return commands.Choice(body.crew_id)
            now, freeze = service.clocks.service.now(), freeze_of(session, actor.org, service)
            return commands.find_choice(session, incident, body.crew_id, now, freeze)

    if body.exact:
        chosen = commands.Choice(body.crew_id, body.position)
    else:
        chosen = await run_in_threadpool(choose)

    def take(tx: Tx) -> AcceptOut:
        incident = access.visible_incident(tx.session, tx.actor, incident_id)
        freeze = freeze_of(tx.session, tx.org, service)
        visit = commands.accept_offer(tx, incident, chosen, freeze, plan_version=body.plan_version)
        number = visits.plan_in_force(tx).number
        return AcceptOut(visit=visit_image(visit), plan_version=number)

    return await service.store.submit(take, actor)


@router.post("/visits/{visit_id}/transitions")
async def move_visit(
    request: Request,
    visit_id: UUID,
    body: VisitMoveIn,
    actor: Annotated[Actor, Depends(access.crews)],
    idempotency_key: Annotated[str | None, Header()] = None,
) -> VisitState:
    """Say what happened to a visit; a crew speaks only of its own. Safe to repeat with a key."""
    service = service_of(request)

    def move(tx: Tx) -> dict[str, Any]:
        visit = access.visible_visit(tx.session, tx.actor, visit_id)
        visits.move_visit(tx, visit, body.to, body.at, body.reason)
        return visit_image(visit).model_dump(mode="json")

    command = keyed(f"visit:{visit_id}", idempotency_key, body, move)
    return VisitState.model_validate(await service.store.submit(command, actor))


async def _change_visit(request: Request, visit_id: UUID, actor: Actor, change: Any) -> VisitState:
    def run(tx: Tx) -> VisitState:
        visit: Visit = access.visible_visit(tx.session, tx.actor, visit_id)
        change(tx, visit)
        return visit_image(visit)

    return await service_of(request).store.submit(run, actor)


@router.post("/visits/{visit_id}/pin")
async def pin_visit(
    request: Request,
    visit_id: UUID,
    body: PinIn,
    actor: Annotated[Actor, Depends(access.dispatchers)],
) -> VisitState:
    """Fix a visit against re-planning, or free it."""
    return await _change_visit(
        request, visit_id, actor, lambda tx, visit: visits.pin_visit(tx, visit, body.pin)
    )


@router.post("/visits/{visit_id}/unassign")
async def unassign_visit(
    request: Request, visit_id: UUID, actor: Annotated[Actor, Depends(access.dispatchers)]
) -> VisitState:
    """Take a planned visit back from its crew: the undo of an assignment."""
    return await _change_visit(request, visit_id, actor, visits.withdraw_visit)


@router.post("/proposals/{proposal_id}/accept")
async def accept_proposal(
    request: Request,
    proposal_id: UUID,
    body: ProposalAcceptIn,
    actor: Annotated[Actor, Depends(access.dispatchers)],
) -> ProposalAcceptOut:
    """Apply a proposal, whole or by line; 409 when the plan has turned since."""
    service = service_of(request)

    def take(tx: Tx) -> ProposalAcceptOut:
        freeze = freeze_of(tx.session, tx.org, service)
        applied, number = applying.accept(tx, proposal_id, body.lines, freeze)
        return ProposalAcceptOut(applied=applied, plan_version=number)

    return await service.store.submit(take, actor)


@router.post("/proposals/{proposal_id}/reject", status_code=204)
async def reject_proposal(
    request: Request,
    proposal_id: UUID,
    body: ProposalRejectIn,
    actor: Annotated[Actor, Depends(access.dispatchers)],
) -> None:
    """Refuse a proposal, with a reason."""
    await service_of(request).store.submit(
        lambda tx: proposals.reject(tx, proposal_id, body.reason), actor
    )


@router.post("/proposals/{proposal_id}/undo")
async def undo_proposal(
    request: Request, proposal_id: UUID, actor: Annotated[Actor, Depends(access.dispatchers)]
) -> UndoOut:
    """Give back what a proposal moved; 409 once something of it has moved on."""
    number = await service_of(request).store.submit(
        lambda tx: applying.undo(tx, proposal_id), actor
    )
    return UndoOut(plan_version=number)


@router.post("/proposals/{proposal_id}/keep", status_code=204)
async def keep_proposal(
    request: Request, proposal_id: UUID, actor: Annotated[Actor, Depends(access.dispatchers)]
) -> None:
    """Say that what was applied by itself was seen, and take it off the board."""
    await service_of(request).store.submit(lambda tx: applying.keep(tx, proposal_id), actor)


@router.get("/plan/settings")
def read_tuning(request: Request, actor: Annotated[Actor, Depends(access.observers)]) -> TuningOut:
    """Say how far the optimiser may go by itself, and who set it."""
    service = service_of(request)
    with service.store.read() as session:
        return tuning_out(session, actor.org, service.settings)


@router.put("/plan/settings")
async def set_tuning(
    request: Request, body: TuningIn, actor: Annotated[Actor, Depends(access.dispatchers)]
) -> TuningOut:
    """Set what applies without asking, how much may move and what stands still; it is recorded."""
    service = service_of(request)

    def save(tx: Tx) -> TuningOut:
        tune(tx, body)
        tx.session.flush()
        return tuning_out(tx.session, tx.org, service.settings)

    return await service.store.submit(save, actor)


@router.get("/deadlines")
def list_deadlines(
    request: Request,
    actor: Annotated[Actor, Depends(access.observers)],
    incident_id: Annotated[
        list[UUID] | None, Query(max_length=100, description="Only these; all when left out.")
    ] = None,
) -> list[PromisesOut]:
    """Say how living incidents stand against their promises, and how likely they are missed.

    A screen asks for the rows it shows: thousands of standings weigh megabytes.
    """
    service = service_of(request)
    with service.store.read() as session:
        now = service.clocks.service.now()
        found = deadlines.standings(session, actor.org, now, incident_id or ())
    return [PromisesOut.model_validate(asdict(one)) for one in found]


@router.get("/crews")
def list_crews(
    request: Request, actor: Annotated[Actor, Depends(access.experts)]
) -> list[CrewState]:
    """List the crews in the order of the board."""
    with service_of(request).store.read() as session:
        return queries.crew_states(session, actor.org)


@router.get("/crews/{crew_id}/day")
def crew_day(
    request: Request, crew_id: UUID, actor: Annotated[Actor, Depends(access.crews)]
) -> CrewDayOut:
    """Show a crew its day."""
    service = service_of(request)
    with service.store.read() as session:
        crew = access.visible_crew(session, actor, crew_id)
        day = queries.crew_day(session, crew, service.clocks.service.now())
    return day.model_copy(update={"desk_phone": service.settings.desk_phone})


@router.put("/crews/{crew_id}/out")
async def set_crew_out(
    request: Request,
    crew_id: UUID,
    body: OutIn,
    actor: Annotated[Actor, Depends(access.dispatchers)],
) -> CrewState:
    """Take a crew out of service until an instant, or back; what it cannot reach is re-planned."""

    def change(tx: Tx) -> CrewState:
        crew = access.visible_crew(tx.session, tx.actor, crew_id)
        set_out(tx, crew, body.until, body.reason)
        return crew_image(crew, tx.session.get_one(Depot, crew.depot_id))

    return await service_of(request).store.submit(change, actor)


@router.post("/crews/{crew_id}/position", status_code=204)
async def report_position(
    request: Request,
    crew_id: UUID,
    body: PositionIn,
    actor: Annotated[Actor, Depends(access.crews)],
) -> None:
    """Say where a crew is; kept only while it is on its way or at work."""

    def locate(tx: Tx) -> None:
        crew = access.visible_crew(tx.session, tx.actor, crew_id)
        positions.locate_crew(tx, crew, (body.lat, body.lon))

    await service_of(request).store.submit(locate, actor)
