"""A visit's card over HTTP."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.database import Tx
from dispatcher.events.states import VisitState
from dispatcher.field import card, turns
from dispatcher.field.card_schemas import CardOut, PartIn, TickIn, TurnOut
from dispatcher.idempotency import keyed
from dispatcher.models import Visit
from dispatcher.planning.images import visit_image

router = APIRouter(tags=["field"])

Key = Annotated[str | None, Header(alias="Idempotency-Key")]


@router.get("/visits/{visit_id}/card")
def read_card(
    request: Request, visit_id: UUID, actor: Annotated[Actor, Depends(access.crews)]
) -> CardOut:
    """Return hazards, access, past visits here, checklist, parts and experts' answers."""
    service = service_of(request)
    with service.store.read() as session:
        visit = access.visible_visit(session, actor, visit_id)
        return card.card_of(session, visit, service.clocks.service.now())


@router.get("/crews/{crew_id}/on-call")
def list_turns(
    request: Request, crew_id: UUID, actor: Annotated[Actor, Depends(access.crews)]
) -> list[TurnOut]:
    """List the on-call turns of a crew's people, now and in the next four weeks."""
    service = service_of(request)
    with service.store.read() as session:
        crew = access.visible_crew(session, actor, crew_id)
        return list(turns.turns_of(session, crew, service.clocks.service.now()))


@router.post("/visits/{visit_id}/checks")
async def tick(
    request: Request,
    visit_id: UUID,
    body: TickIn,
    actor: Annotated[Actor, Depends(access.crews)],
    idempotency_key: Key = None,
) -> VisitState:
    """Tick a thing of the checklist, or take the tick back. Safe to repeat with a key."""
    note = _note(visit_id, lambda tx, visit: card.tick(tx, visit, body))
    return await _run(request, actor, (f"check:{visit_id}", idempotency_key), body, note)


@router.post("/visits/{visit_id}/parts")
async def use_part(
    request: Request,
    visit_id: UUID,
    body: PartIn,
    actor: Annotated[Actor, Depends(access.crews)],
    idempotency_key: Key = None,
) -> VisitState:
    """Say how many of a part were used on this visit in all. Safe to repeat with a key."""
    note = _note(visit_id, lambda tx, visit: card.use_part(tx, visit, body))
    return await _run(request, actor, (f"part:{visit_id}", idempotency_key), body, note)


def _note(visit_id: UUID, change: Callable[[Tx, Visit], None]) -> Callable[[Tx], dict[str, Any]]:
    def note(tx: Tx) -> dict[str, Any]:
        visit = access.visible_visit(tx.session, tx.actor, visit_id)
        change(tx, visit)
        return visit_image(visit).model_dump(mode="json")

    return note


async def _run(
    request: Request,
    actor: Actor,
    once_by: tuple[str, str | None],
    body: BaseModel,
    note: Callable[[Tx], dict[str, Any]],
) -> VisitState:
    scope, key = once_by
    answer = await service_of(request).store.submit(keyed(scope, key, body, note), actor)
    return VisitState.model_validate(answer)
