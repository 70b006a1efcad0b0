"""Wiring: settings in, one ASGI application out. The only place that knows every slice."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache, partial

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from dispatcher import __version__, event_log
from dispatcher.actors import system
from dispatcher.attachments.api import router as attachments_router
from dispatcher.auth import sessions
from dispatcher.auth.api import router as auth_router
from dispatcher.auth.context import Service
from dispatcher.auth.limits import Limits, OwnLimits
from dispatcher.authorities.api import router as competence_router
from dispatcher.authorities.retention_api import router as retention_router
from dispatcher.clock import Clock, ScaledClock, SystemClock
from dispatcher.database import Clocks, Store
from dispatcher.desk.api import router as desk_router
from dispatcher.desk.bulk_api import router as bulk_router
from dispatcher.desk.filters_api import router as filters_router
from dispatcher.edge import health, pages, problems, theme
from dispatcher.edge.figures import Figures
from dispatcher.edge.guard import Guard
from dispatcher.edge.proxies import TrustedProxies
from dispatcher.errors import NotFound
from dispatcher.expertise.api import router as expertise_router
from dispatcher.expertise.planner import ExpertPlanner
from dispatcher.field.api import router as field_router
from dispatcher.field.card_api import router as card_router
from dispatcher.field.lone_api import router as lone_router
from dispatcher.field.track_api import router as track_router
from dispatcher.followup import notices
from dispatcher.followup.api import router as followup_router
from dispatcher.followup.pages import router as followup_pages_router
from dispatcher.incidents.api import router as incidents_router
from dispatcher.intake.api import incidents_router as duplicates_router
from dispatcher.intake.api import library_of, places_router
from dispatcher.intake.api import router as reports_router
from dispatcher.intake.pages import router as citizen_router
from dispatcher.kept import keep_clock
from dispatcher.live.api import public_router as live_public_router
from dispatcher.live.api import router as live_router
from dispatcher.live.streams import public_router as stream_public_router
from dispatcher.live.streams import router as stream_router
from dispatcher.live.wall_api import router as wall_router
from dispatcher.live.wiring import LIVE_PATH, Live
from dispatcher.notifications.api import router as deliveries_router
from dispatcher.notifications.notices_api import router as notices_router
from dispatcher.notifications.push_api import router as push_router
from dispatcher.oncall.api import router as oncall_router
from dispatcher.oncall.mine_api import public_router as mine_router
from dispatcher.oncall.pages import router as oncall_pages_router
from dispatcher.oncall.paging_api import router as paging_router
from dispatcher.oncall.pay_api import router as pay_router
from dispatcher.oncall.planner_api import router as planner_router
from dispatcher.oncall.roster_api import public_router as calendar_router
from dispatcher.oncall.roster_api import router as roster_router
from dispatcher.oncall.shared_calendars_api import public_router as shared_calendar_router
from dispatcher.oncall.shared_calendars_api import router as shared_calendars_router
from dispatcher.oncall.swap_api import router as swap_router
from dispatcher.planning.api import router as planning_router
from dispatcher.planning.coverage_api import router as coverage_router
from dispatcher.planning.moves_api import router as moves_router
from dispatcher.planning.planner import Planner
from dispatcher.planning.solver import Solver
from dispatcher.policies.api import router as policy_router
from dispatcher.reference.api import router as reference_router
from dispatcher.secrets_file import service_secret
from dispatcher.sensing.api import router as sensing_router
from dispatcher.settings import Settings
from dispatcher.simulation.api import router as simulation_router
from dispatcher.simulation.player import Player
from dispatcher.travel import desk as travel
from dispatcher.travel.api import router as travel_router
from dispatcher.weather.api import router as weather_router
from dispatcher.worker import Worker
from ui import DIST

log = logging.getLogger("cpo.app")

API = "/api/v1"
STAND_IN_S = 10.0
"""How long processes that answer people leave the background to the workers before they step in."""
# Looked through in this order: the busiest first.
API_ROUTERS = (
    reports_router,
    incidents_router,
    auth_router,
    duplicates_router,
    places_router,
    desk_router,
    filters_router,
    bulk_router,
    competence_router,
    planning_router,
    field_router,
    lone_router,
    card_router,
    track_router,
    expertise_router,
    travel_router,
    moves_router,
    coverage_router,
    oncall_router,
    paging_router,
    pay_router,
    roster_router,
    shared_calendars_router,
    swap_router,
    planner_router,
    retention_router,
    attachments_router,
    followup_router,
    notices_router,
    deliveries_router,
    push_router,
    policy_router,
    reference_router,
    sensing_router,
    weather_router,
    live_router,
    wall_router,
    stream_router,
)
PAGE_ROUTERS = (
    health.router,
    pages.router,
    theme.router,
    citizen_router,
    followup_pages_router,
    oncall_pages_router,
    calendar_router,
    shared_calendar_router,
    mine_router,
    live_public_router,
    stream_public_router,
)


def build_service(settings: Settings, service_clock: Clock | None = None) -> Service:
    """Return a service that is set up but not started.

    Args:
        settings: How.
        service_clock: Clock of the field; the wall clock by default, a scaled one in the demo.
    """
    wall = SystemClock()
    clocks = Clocks(service=service_clock or wall, wall=wall)
    store = Store(settings.database_url, clocks, event_log.append, queue_size=settings.writer_queue)
    service = Service(settings, store, clocks, _limits(settings), service_secret(settings))
    desk = store.info[travel.KEY] = service.parts[travel.KEY] = travel.TravelDesk.of(settings)
    store.info[notices.KEY] = notices.Rules.of(settings)
    service.parts.setdefault("degradations", {})["travel"] = lambda: desk.trouble
    return service


def _limits(settings: Settings) -> Limits:
    if not settings.redis_url:
        return OwnLimits()
    # Redis takes half a second to import: a service without it starts, and comes back, sooner.
    from dispatcher.auth.shared_limits import SharedLimits

    return SharedLimits(settings.redis_url)


def create_app(settings: Settings, service_clock: Clock | None = None) -> "Front":
    """Return the whole service as one ASGI application."""
    service = build_service(settings, service_clock)
    service.parts[theme.PART] = theme.theme_of(settings)
    live = Live(service)
    app = _bare(service, live, STAND_IN_S if settings.mode == "production" else 0.0)
    app.router.routes.extend(_routes().routes)
    if settings.mode == "demo":
        app.include_router(simulation_router, prefix=API)
    if (DIST / "assets").is_dir():
        app.mount("/static", pages.Assets(directory=DIST), name="static")
    return _guarded(app, service, live)


@cache
def _routes() -> APIRouter:
    """Return all routes, once for the process.

    The framework works them out at the first request that comes to each, a fifth of a second in
    all, and would do so again for each application.
    """
    whole = APIRouter()
    for router in API_ROUTERS:
        whole.include_router(router, prefix=API)
    for router in PAGE_ROUTERS:
        whole.include_router(router)
    return whole


def create_worker(settings: Settings) -> "Front":
    """Return what runs behind a production service: loops and solver, and only its health to
    ask for.
    """
    service = build_service(settings)
    live = Live(service)
    app = _bare(service, live, 0.0)
    app.include_router(health.router)
    return _guarded(app, service, live, sockets=False)


def _bare(service: Service, live: Live, patience_s: float) -> FastAPI:
    app = FastAPI(
        title="CPO dispatcher",
        version=__version__,
        description="Incidents, crews, on-call and live status of an operational control centre.",
        lifespan=_lifespan(service, live, patience_s),
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    problems.install(app)
    return app


def _guarded(app: FastAPI, service: Service, live: Live, *, sockets: bool = True) -> "Front":
    settings = service.settings
    figures = service.parts["figures"] = Figures(service)
    guarded = Guard(app, settings, sessions.cookie_name(settings), figures.count)
    return Front(app, guarded, live, sockets=sockets)


class Front:
    """Sends the live socket past the framework: a wrapped `send` would hide the fast path to its
    frames.
    """

    def __init__(self, api: FastAPI, http: ASGIApp, live: Live, *, sockets: bool) -> None:
        """Join the two halves; `api` is the application inside `http`, for its description."""
        self.api = api
        self.http = http
        self.live = live
        self._sockets = sockets
        settings: Settings = api.state.service.settings
        self._proxies = TrustedProxies(settings.trusted_proxies if settings.behind_proxy else ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "lifespan":
            scope = self._proxies.reveal(scope)
        if self._sockets and scope["type"] == "websocket" and scope["path"] == LIVE_PATH:
            await self.live.endpoint(scope, receive, send)
            return
        await self.http(scope, receive, send)

    async def drain(self) -> None:
        """Say `not ready`, so that proxies look elsewhere, then let the live clients go."""
        self.api.state.service.parts["draining"] = True
        await self.live.hub.drain()


async def _open_store(service: Service) -> None:
    actor, clock = system(service.settings.org), service.clocks.service
    service.store.start()
    await service.store.submit(lambda tx: event_log.found_log(tx.session), actor)
    if isinstance(clock, ScaledClock):
        await service.store.submit(partial(keep_clock, rate=clock.rate), actor)


async def _warm_up(service: Service) -> None:
    """Read the reference data before the first report asks for them: it takes a second or two."""
    try:
        await run_in_threadpool(library_of, service)
    except NotFound as nothing:
        log.info("not_warmed_up", extra={"reason": nothing.detail})
    except Exception:  # whoever needs them will try again, and hear of it
        log.exception("warm_up_failed")


def _plan(service: Service, solver: Solver) -> list[asyncio.Task[None]]:
    """Start what plans crews' days and experts' time."""
    return [
        asyncio.create_task(Planner(service, solver).run(), name="planner"),
        asyncio.create_task(ExpertPlanner(service, solver).run(), name="expert-planner"),
    ]


def _lifespan(
    service: Service, live: Live, patience_s: float
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        settings, desk = service.settings, service.parts[travel.KEY]
        await _open_store(service)
        worker, solver = Worker(service, patience_s=patience_s), Solver(settings.solver_processes)
        planning: list[asyncio.Task[None]] = []
        player = Player(service) if settings.mode == "demo" else None
        await live.start()
        worker.start()
        warming = asyncio.create_task(_warm_up(service), name="warm-up")
        desk.start()
        if settings.solver:
            service.parts["solver"] = solver.start()
            planning = _plan(service, solver)
        if player is not None:
            service.parts["player"] = player
            player.start()
        log.info("started", extra={"mode": settings.mode, "address": settings.origin})
        try:
            yield
        finally:
            service.parts["draining"] = True
            await warming
            if player is not None:
                await player.stop()
            for task in planning:
                task.cancel()
            await asyncio.gather(*planning, return_exceptions=True)
            await desk.stop()
            await worker.stop()
            await live.stop()
            await service.limits.aclose()
            solver.stop()
            await run_in_threadpool(service.store.stop)

    return lifespan
