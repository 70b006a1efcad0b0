"""On-call rotas over HTTP: who is on call, the rota in force, making and publishing one."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import Service, service_of
from dispatcher.events.states import OnCallAlertsState, OnCallState, PageState
from dispatcher.oncall import commands, queries
from dispatcher.oncall.board import on_call_state
from dispatcher.oncall.generation import Wanted, generate
from dispatcher.oncall.images import page_image
from dispatcher.oncall.paging_queries import live_pages
from dispatcher.oncall.schemas import GenerateIn, RotaVersionOut, RotaView, SearchOut, StageOut
from dispatcher.oncall.searching import PART, Searches
from dispatcher.oncall.snapshot import Horizon
from dispatcher.oncall.solving import Effort
from dispatcher.oncall.watching import alerts_of

router = APIRouter(tags=["on-call"])


def _searches(service: Service) -> Searches:
    found: Searches = service.parts.setdefault(PART, Searches())
    return found


def zone_of(request: Request) -> ZoneInfo:
    """Return the civil time zone of the service."""
    return ZoneInfo(service_of(request).settings.timezone)


@router.get("/oncall/now")
def read_on_call(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> OnCallState:
    """Say who is on call now and who comes next."""
    with service_of(request).store.read() as session:
        return on_call_state(session, actor.org)


@router.get("/oncall/pages")
def read_live_pages(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> list[PageState]:
    """Say who is being called now and who took what, as the live topics show it."""
    with service_of(request).store.read() as session:
        return [page_image(page) for page in live_pages(session, actor.org)]


@router.get("/oncall/alerts")
def read_alerts(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> OnCallAlertsState:
    """Say what is wrong with on-call now or within a fortnight."""
    with service_of(request).store.read() as session:
        return alerts_of(session, actor.org)


@router.get("/rotas")
def list_rotas(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> list[RotaVersionOut]:
    """List the versions of the rota, newest first: each can be opened and compared."""
    with service_of(request).store.read() as session:
        return queries.versions(session, actor.org)


@router.get("/rotas/current")
def read_current_rota(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> RotaView:
    """Show the rota in force, or the latest draft while none is."""
    with service_of(request).store.read() as session:
        return queries.current(session, actor, zone_of(request))


@router.get("/rotas/search")
def read_search(
    request: Request, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> SearchOut | None:
    """Say how far the search for a rota is, with the bound of each stage; null when none runs."""
    search = _searches(service_of(request)).of(actor.org)
    if search is None:
        return None
    so_far = search.so_far()
    return SearchOut(
        weeks=search.weeks,
        started_at=search.started_at,
        parts=so_far.parts,
        begun=so_far.begun,
        gains=so_far.gains,
        stages=[
            StageOut(name=one.name, value=one.value, bound=one.bound, gap=round(one.gap, 4))
            for one in so_far.stages
        ],
    )


@router.post("/rotas/search/stop", status_code=204)
def stop_search(request: Request, actor: Annotated[Actor, Depends(access.oncall_managers)]) -> None:
    """End the search with the best rota so far, which is lawful; nothing when none runs."""
    search = _searches(service_of(request)).of(actor.org)
    if search is not None:
        search.stop()


@router.get("/rotas/{rota_id}")
def read_rota(
    request: Request, rota_id: UUID, actor: Annotated[Actor, Depends(access.observers)]
) -> RotaView:
    """Show one version of the rota."""
    with service_of(request).store.read() as session:
        return queries.by_id(session, actor, rota_id, zone_of(request))


@router.post("/rotas/generate", status_code=201)
def generate_rota(
    request: Request, body: GenerateIn, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> RotaView:
    """Make a rota, lawful and fair; it replaces the one in force unless told not to."""
    service = service_of(request)
    horizon = Horizon(body.start, body.weeks, service.settings.timezone)
    # A plain function: it runs in a thread and waits there for the solver's process.
    at = service.clocks.wall.now()
    with _searches(service).watched(actor.org, body.weeks, at) as search:
        effort = Effort(body.effort, search.slate)
        rota_id = generate(service.store, actor, Wanted(horizon, body.publish, effort))
    with service.store.read() as session:
        return queries.by_id(session, actor, rota_id, zone_of(request))


@router.post("/rotas/{rota_id}/publish")
def publish_rota(
    request: Request, rota_id: UUID, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> RotaView:
    """Put a draft in force."""
    service = service_of(request)
    service.store.submit_wait(lambda tx: commands.publish_rota(tx, rota_id).id, actor)
    with service.store.read() as session:
        return queries.by_id(session, actor, rota_id, zone_of(request))
