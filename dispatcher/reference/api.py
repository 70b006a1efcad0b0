"""Reference data over HTTP: open data, so everybody may read the catalogue and the outlines."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import Service, service_of
from dispatcher.auth.http import etag
from dispatcher.reference import queries
from dispatcher.reference.queries import Outlines
from dispatcher.reference.schemas import CategoryOut, SectorOut

router = APIRouter(prefix="/reference", tags=["reference"])

_FRESH_S = 3600
_GEOJSON = "application/geo+json"
_PART = "reference.outlines"


@router.get("/categories")
def list_categories(
    request: Request, actor: Annotated[Actor, Depends(access.public)]
) -> list[CategoryOut]:
    """List every kind of incident, in the order of the catalogue."""
    with service_of(request).store.read() as session:
        return queries.categories(session, actor.org)


@router.get("/sectors")
def list_sectors(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> list[SectorOut]:
    """List the sectors with their depots and crews."""
    with service_of(request).store.read() as session:
        return queries.sectors(session, actor.org)


@router.get(
    "/communes.geojson",
    response_class=Response,
    responses={200: {"content": {_GEOJSON: {}}}, 304: {"description": "Not modified."}},
)
def read_outlines(
    request: Request,
    actor: Annotated[Actor, Depends(access.public)],
    if_none_match: Annotated[str | None, Header()] = None,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Read the outlines of all communes; the ETag is the version of the reference data."""
    found = _outlines(service_of(request), actor.org)
    headers = {
        "ETag": etag(found.version),
        # Before the first import there is nothing worth keeping.
        "Cache-Control": f"public, max-age={_FRESH_S if found.version else 0}",
        "Vary": "Accept-Encoding",
    }
    if headers["ETag"] in (if_none_match or ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in accept_encoding:
        headers["Content-Encoding"] = "gzip"
        return Response(found.zipped, media_type=_GEOJSON, headers=headers)
    return Response(found.plain, media_type=_GEOJSON, headers=headers)


def _outlines(service: Service, org: str) -> Outlines:
    """Return the outlines, made once per version: they are the same for everybody."""
    kept: dict[str, Outlines] = service.parts.setdefault(_PART, {})
    with service.store.read() as session:
        if org not in kept or kept[org].version != queries.version(session, org):
            kept[org] = queries.outlines(session, org)
    return kept[org]
