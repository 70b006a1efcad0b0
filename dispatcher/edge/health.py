"""Is the process alive, is it ready to serve, and if not, why."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from dispatcher import event_log
from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.edge.figures import Figures
from dispatcher.wire import Out

router = APIRouter(tags=["health"])


class LiveOut(Out):
    """The process answers."""

    status: Literal["live"] = "live"


class ReadyOut(Out):
    """Whether the service can do its work; `checks` says what is missing."""

    status: Literal["ready", "degraded", "not_ready"]
    checks: dict[str, str]


@router.get("/health/live")
async def live(_anyone: Annotated[Actor, Depends(access.public)]) -> LiveOut:
    """Say that the process answers; a failure here means: restart it."""
    return LiveOut()


@router.get("/health/ready", responses={503: {"model": ReadyOut}})
def ready(
    request: Request, response: Response, _anyone: Annotated[Actor, Depends(access.public)]
) -> ReadyOut:
    """Say whether requests should come here; 503 while they should not."""
    service = service_of(request)
    checks: dict[str, str] = {"writer": service.store.failure or "ok"}
    try:
        with service.store.read() as session:
            event_log.head(session)
        checks["database"] = "ok"
    except SQLAlchemyError as error:
        checks["database"] = type(error).__name__
    if service.parts.get("draining"):
        checks["process"] = "draining"
    is_ready = all(state == "ok" for state in checks.values())
    for name, ask in service.parts.get("degradations", {}).items():
        checks[name] = ask() or "ok"
    if not is_ready:
        response.status_code = 503
        return ReadyOut(status="not_ready", checks=checks)
    fine = all(state == "ok" for state in checks.values())
    return ReadyOut(status="ready" if fine else "degraded", checks=checks)


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, _scraper: Annotated[Actor, Depends(access.scrapers)]) -> Response:
    """Return the process's figures for Prometheus."""
    figures: Figures = service_of(request).parts["figures"]
    return Response(figures.text(), media_type=CONTENT_TYPE_LATEST)
