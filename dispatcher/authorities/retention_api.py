"""How long things are kept, over HTTP: councils read and set it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.incidents.keeping import RetentionPolicy, change_retention, retention_policy

router = APIRouter(tags=["retention"])


@router.get("/retention")
def read_retention(
    request: Request, actor: Annotated[Actor, Depends(access.staff)]
) -> RetentionPolicy:
    """Say how many days positions, contacts and words are kept."""
    with service_of(request).store.read() as session:
        return retention_policy(session, actor.org)


@router.put("/retention")
async def set_retention(
    request: Request, body: RetentionPolicy, actor: Annotated[Actor, Depends(access.pilots)]
) -> RetentionPolicy:
    """Change those days; 412 when somebody else did meanwhile."""
    return await service_of(request).store.submit(lambda tx: change_retention(tx, body), actor)
