"""The watch over lone workers, over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request

from dispatcher.actors import Actor, Role
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.database import Tx
from dispatcher.errors import NotFound
from dispatcher.events.field_states import LoneState
from dispatcher.field import lone
from dispatcher.field.images import lone_image
from dispatcher.field.schemas import AlarmAnswerIn, AliveIn, LoneIn
from dispatcher.idempotency import keyed
from dispatcher.models import LoneWatch

router = APIRouter(tags=["field"])

Key = Annotated[str | None, Header(alias="Idempotency-Key")]


@router.post("/visits/{visit_id}/lone")
async def start_watch(
    request: Request,
    visit_id: UUID,
    body: LoneIn,
    actor: Annotated[Actor, Depends(access.crews)],
    idempotency_key: Key = None,
) -> LoneState:
    """Watch over whoever makes a visit alone, from now on."""

    def begin(tx: Tx) -> dict[str, Any]:
        visit = access.visible_visit(tx.session, tx.actor, visit_id)
        return lone_image(lone.start(tx, visit, body.interval_min)).model_dump(mode="json")

    command = keyed(f"lone:{visit_id}", idempotency_key, body, begin)
    return LoneState.model_validate(await service_of(request).store.submit(command, actor))


@router.post("/lone/{watch_id}/alive")
async def say_alive(
    request: Request,
    watch_id: UUID,
    body: AliveIn,
    actor: Annotated[Actor, Depends(access.crews)],
    idempotency_key: Key = None,
) -> LoneState:
    """Say that all is well; with `ends`, that the watch is no longer needed."""

    def hear(tx: Tx) -> dict[str, Any]:
        watch = _own(tx, watch_id)
        if body.ends:
            lone.end(tx, watch)
        else:
            lone.hear(tx, watch, body.at)
        return lone_image(watch).model_dump(mode="json")

    command = keyed(f"alive:{watch_id}", idempotency_key, body, hear)
    return LoneState.model_validate(await service_of(request).store.submit(command, actor))


@router.post("/lone/{watch_id}/answer")
async def answer_alarm(
    request: Request,
    watch_id: UUID,
    body: AlarmAnswerIn,
    actor: Annotated[Actor, Depends(access.dispatchers)],
) -> LoneState:
    """Say that somebody takes care of an alarm, or that the person was reached and is well."""

    def reply(tx: Tx) -> LoneState:
        watch = _own(tx, watch_id)
        lone.answer(tx, watch, is_well=body.is_well)
        return lone_image(watch)

    return await service_of(request).store.submit(reply, actor)


def _own(tx: Tx, watch_id: UUID) -> LoneWatch:
    found = tx.session.get(LoneWatch, watch_id)
    if found is None or found.org != tx.org:
        raise NotFound(what="lone_watch")
    if tx.actor.role is Role.CREW and found.crew_id != tx.actor.crew_id:
        raise NotFound(what="lone_watch")
    return found
