"""The wall screen over HTTP: for staff, and for a screen that carries the wall's own token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.live.wall import wall
from dispatcher.live.wall_schemas import WallOut

router = APIRouter(tags=["live"])


@router.get("/wall")
def read_wall(
    request: Request, response: Response, actor: Annotated[Actor, Depends(access.walls)]
) -> WallOut:
    """Say what a wall screen shows: counts, kinds and communes; no person, no address."""
    service = service_of(request)
    response.headers["Cache-Control"] = "no-store"
    with service.store.read() as session:
        return wall(
            session,
            actor.org,
            service.settings.org_name,
            service.clocks.service.now(),
            demo=service.settings.mode == "demo",
        )
