"""The cover of the territory over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.planning.coverage import Coverages
from dispatcher.planning.coverage_schemas import CoverOut

router = APIRouter(tags=["planning"])


@router.get("/coverage")
def read_coverage(
    request: Request,
    actor: Annotated[Actor, Depends(access.observers)],
    ahead_min: Annotated[int, Query(ge=0, le=480, multiple_of=15)] = 0,
) -> CoverOut:
    """Say how soon a crew would be at a P1 in each commune, now or some quarters of an hour ahead.

    By the plan in force: a crew finishes what it has begun and leaves from there. At most half a
    minute old.
    """
    service = service_of(request)
    with service.store.read() as session:
        now = service.clocks.service.now()
        return Coverages.of(service).read(session, actor.org, now, ahead_min)
