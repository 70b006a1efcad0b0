"""Prices of moves over HTTP; asking changes nothing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.database import Tx
from dispatcher.planning import lengths, moves, supposing
from dispatcher.planning.images import visit_image
from dispatcher.planning.kept import Keeper
from dispatcher.planning.length_schemas import LEAST_MIN, MOST_MIN, LengthIn, LengthOut
from dispatcher.planning.move_schemas import MoveOut, MovesOut
from dispatcher.planning.schemas import AcceptOut
from dispatcher.planning.suppose_schemas import SupposeIn, SupposeOut
from dispatcher.planning.tuning import freeze_of
from dispatcher.planning.visits import plan_in_force

router = APIRouter(tags=["planning"])


@router.get("/incidents/{incident_id}/moves")
def price_moves(
    request: Request,
    incident_id: UUID,
    actor: Annotated[Actor, Depends(access.operators)],
) -> MovesOut:
    """Price every place on every crew for an incident's visit, lawful or not.

    For a screen that colours all rows while something is dragged. `position` counts a crew's stops
    without the visit; where a planned visit stands now costs nothing.
    """
    service = service_of(request)
    with service.store.read() as session:
        incident = access.visible_incident(session, actor, incident_id)
        now = service.clocks.service.now()
        freeze = freeze_of(session, actor.org, service)
        kept = Keeper.of(service).read(session, actor.org, now, freeze)
        return moves.price_everywhere(kept, incident)


@router.get("/incidents/{incident_id}/moves/{crew_id}")
def price_move(
    request: Request,
    incident_id: UUID,
    crew_id: UUID,
    actor: Annotated[Actor, Depends(access.operators)],
    position: Annotated[int | None, Query(ge=0, le=500)] = None,
    start_at: AwareDatetime | None = None,
) -> MoveOut:
    """Price one place: a position, where an hour falls, or the crew's best if neither is given.

    Why not this crew: what forcing it would cost, whose hours move, and every rule that breaks.
    """
    service = service_of(request)
    with service.store.read() as session:
        incident = access.visible_incident(session, actor, incident_id)
        now = service.clocks.service.now()
        freeze = freeze_of(session, actor.org, service)
        kept = Keeper.of(service).read(session, actor.org, now, freeze)
        return moves.price_one(kept, incident, crew_id, position, start_at)


@router.get("/visits/{visit_id}/length")
def price_length(
    request: Request,
    visit_id: UUID,
    minutes: Annotated[int, Query(ge=LEAST_MIN, le=MOST_MIN)],
    actor: Annotated[Actor, Depends(access.operators)],
) -> LengthOut:
    """Price another length of a visit: whose hours move, and every rule that breaks."""
    service = service_of(request)
    with service.store.read() as session:
        visit = access.visible_visit(session, actor, visit_id)
        now = service.clocks.service.now()
        freeze = freeze_of(session, actor.org, service)
        kept = Keeper.of(service).read(session, actor.org, now, freeze)
        return lengths.price_length(kept.snapshot, visit, minutes * 60, now)


@router.put("/visits/{visit_id}/length")
async def set_length(
    request: Request,
    visit_id: UUID,
    body: LengthIn,
    actor: Annotated[Actor, Depends(access.dispatchers)],
) -> AcceptOut:
    """Say how long a visit takes on site; what follows on the crew's route moves with it.

    409 `plan_changed` when the plan has turned since the price was read, 409 `conflict` with the
    reason when a rule forbids it. The same length again changes nothing.
    """

    def change(tx: Tx) -> AcceptOut:
        visit = access.visible_visit(tx.session, tx.actor, visit_id)
        lengths.set_length(tx, visit, body.minutes * 60, plan_version=body.plan_version)
        return AcceptOut(visit=visit_image(visit), plan_version=plan_in_force(tx).number)

    return await service_of(request).store.submit(change, actor)


@router.post("/plan/suppose")
def suppose_plan(
    request: Request,
    body: SupposeIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> SupposeOut:
    """Say what the plan would be with a crew forced, crews removed or work added; store nothing."""
    return supposing.answer(_posed(request, body, actor))


@router.post("/plan/suppose/search")
async def search_supposed_plan(
    request: Request,
    body: SupposeIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> SupposeOut:
    """Answer the same question after a bounded search in a solver process; store nothing.

    Slower (a second or so) and never dearer than the first answer: other visits may move. The same
    question on the same plan gets the same answer.
    """
    posed = await run_in_threadpool(_posed, request, body, actor)
    return await supposing.answer_better(posed, service_of(request).parts.get("solver"))


def _posed(request: Request, body: SupposeIn, actor: Actor) -> supposing.Posed:
    service = service_of(request)
    with service.store.read() as session:
        forced = None
        if body.forced is not None:
            forced = access.visible_incident(session, actor, body.forced.incident_id)
        now = service.clocks.service.now()
        freeze = freeze_of(session, actor.org, service)
        kept = Keeper.of(service).read(session, actor.org, now, freeze)
        return supposing.pose(kept.snapshot, body, forced, now)
