"""What crews say from the field, over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.database import Tx
from dispatcher.errors import NotFound
from dispatcher.events.field_states import HelpState
from dispatcher.field import help as calls
from dispatcher.field.images import help_image
from dispatcher.field.schemas import HelpIn, HelpOut
from dispatcher.idempotency import keyed
from dispatcher.models import HelpCall
from dispatcher.planning.images import visit_image

router = APIRouter(tags=["field"])

Key = Annotated[str | None, Header(alias="Idempotency-Key")]


@router.post("/visits/{visit_id}/help")
async def ask_help(
    request: Request,
    visit_id: UUID,
    body: HelpIn,
    actor: Annotated[Actor, Depends(access.crews)],
    idempotency_key: Key = None,
) -> HelpOut:
    """Ask for help from the field; the plan follows at once. Safe to repeat with a key."""

    def ask(tx: Tx) -> dict[str, Any]:
        visit = access.visible_visit(tx.session, tx.actor, visit_id)
        call = calls.ask_help(tx, visit, body)
        return HelpOut(help=help_image(call), visit=visit_image(visit)).model_dump(mode="json")

    command = keyed(f"help:{visit_id}", idempotency_key, body, ask)
    return HelpOut.model_validate(await service_of(request).store.submit(command, actor))


@router.get("/help")
def list_help(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> list[HelpState]:
    """List the calls for help that nobody has seen yet, oldest first."""
    with service_of(request).store.read() as session:
        return [help_image(call) for call in calls.open_calls(session, actor.org)]


@router.post("/help/{help_id}/seen")
async def see_help(
    request: Request, help_id: UUID, actor: Annotated[Actor, Depends(access.dispatchers)]
) -> HelpState:
    """Say that the desk has seen a call for help: it leaves the board."""

    def see(tx: Tx) -> HelpState:
        call = tx.session.get(HelpCall, help_id)
        if call is None or call.org != tx.org:
            raise NotFound(what="help")
        calls.see_help(tx, call)
        return help_image(call)

    return await service_of(request).store.submit(see, actor)
