"""Saved filters of the queue over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.desk import filters
from dispatcher.desk.filter_schemas import FilterIn, FilterOut

router = APIRouter(prefix="/board/filters", tags=["desk"])


@router.get("")
def list_filters(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> list[FilterOut]:
    """List the reader's own filters and the authority's shared ones, these first."""
    with service_of(request).store.read() as session:
        return filters.filters_of(session, actor)


@router.post("", status_code=201)
async def keep_filter(
    request: Request, body: FilterIn, actor: Annotated[Actor, Depends(access.operators)]
) -> FilterOut:
    """Keep a filter under a name; only administrators share one with everybody."""
    return await service_of(request).store.submit(
        lambda tx: filters.filter_out(filters.keep(tx, body)), actor
    )


@router.put("/{filter_id}")
async def change_filter(
    request: Request,
    filter_id: UUID,
    body: FilterIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> FilterOut:
    """Change a kept filter: its name, what it lets through, whom it is for."""
    return await service_of(request).store.submit(
        lambda tx: filters.filter_out(filters.change(tx, filter_id, body)), actor
    )


@router.delete("/{filter_id}", status_code=204)
async def forget_filter(
    request: Request, filter_id: UUID, actor: Annotated[Actor, Depends(access.operators)]
) -> None:
    """Forget a kept filter."""
    await service_of(request).store.submit(lambda tx: filters.forget(tx, filter_id), actor)
