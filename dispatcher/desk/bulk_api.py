"""One action on many incidents over HTTP: 200 when all were served, 207 with the list else."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.database import Tx
from dispatcher.desk import bulk
from dispatcher.desk.bulk_actions import colleagues
from dispatcher.desk.bulk_schemas import BulkIn, BulkOut, ColleagueOut
from dispatcher.idempotency import fingerprint, once, parse_key
from dispatcher.planning.tuning import freeze_of

router = APIRouter(prefix="/board", tags=["desk"])

MULTI_STATUS = 207
PARTIAL: dict[int | str, dict[str, Any]] = {
    MULTI_STATUS: {"model": BulkOut, "description": "Some were refused; the list says which."}
}


@router.post("/bulk", responses=PARTIAL)
async def act_on_many(
    request: Request,
    response: Response,
    body: BulkIn,
    actor: Annotated[Actor, Depends(access.operators)],
    idempotency_key: Annotated[str | None, Header()] = None,
) -> BulkOut:
    """Do one action to many incidents in one transaction; needs an idempotency key.

    Each incident is served or refused alone, with the status it would have had alone. Assigning
    asks for a dispatcher.
    """
    service, key = service_of(request), parse_key(idempotency_key)

    def run(tx: Tx) -> dict[str, Any]:
        freeze = freeze_of(tx.session, tx.org, service)
        return bulk.run(tx, body, freeze).model_dump(mode="json")

    def keyed(tx: Tx) -> dict[str, Any]:
        return once(tx, f"bulk:{tx.actor.label}", key, fingerprint(body), lambda: run(tx))

    told = BulkOut.model_validate(await service.store.submit(keyed, actor, deadline_s=30.0))
    response.status_code = MULTI_STATUS if told.refused else 200
    return told


@router.post("/bulk/{bulk_id}/undo", responses=PARTIAL)
async def undo_on_many(
    request: Request,
    response: Response,
    bulk_id: UUID,
    actor: Annotated[Actor, Depends(access.operators)],
) -> BulkOut:
    """Undo an action on many incidents; what moved on since stays, and is listed."""
    told = await service_of(request).store.submit(lambda tx: bulk.give_back(tx, bulk_id), actor)
    response.status_code = MULTI_STATUS if told.refused else 200
    return told


@router.get("/colleagues")
def list_colleagues(
    request: Request, actor: Annotated[Actor, Depends(access.operators)]
) -> list[ColleagueOut]:
    """List to whom incidents can be handed over, by name."""
    with service_of(request).store.read() as session:
        return [ColleagueOut.model_validate(one) for one in colleagues(session, actor.org)]
