"""Reports over HTTP: one door for citizens and the desk, and what is understood while typing."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor, Role
from dispatcher.auth import access
from dispatcher.auth.access import has_rank
from dispatcher.auth.context import Service, client_address, service_of
from dispatcher.auth.tracking import tracking_token
from dispatcher.database import Tx
from dispatcher.errors import Conflict, Forbidden
from dispatcher.i18n import pick
from dispatcher.idempotency import (
    KEY_HEADER,
    Running,
    asked_before,
    fingerprint,
    once,
    parse_key,
)
from dispatcher.intake import joining, queries
from dispatcher.intake.addresses import Addresses, addresses_of
from dispatcher.intake.commands import Arrival
from dispatcher.intake.library import Library, Shelf
from dispatcher.intake.schemas import (
    AddressOut,
    DuplicateOut,
    IncidentBrief,
    PreviewIn,
    PreviewOut,
    ReportIn,
    ReportOut,
)
from dispatcher.intake.understanding import Understood, understand
from dispatcher.wire import CleanText

router = APIRouter(prefix="/reports", tags=["reports"])
incidents_router = APIRouter(prefix="/incidents", tags=["incidents"])
places_router = APIRouter(prefix="/places", tags=["reports"])
SHORT_TEXT = 300
"""Characters."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """An idempotency key and the operation and caller it belongs to."""

    scope: str
    key: str


def shelf_of(service: Service) -> Shelf:
    """Return where the reference data in use are kept."""
    shelf: Shelf = service.parts.setdefault("shelf", Shelf())
    return shelf


def library_of(service: Service) -> Library:
    """Return the reference data in use."""
    shelf = shelf_of(service)
    with service.store.read() as session:
        return shelf.library(session, service.settings.org)


@router.post("", status_code=201, response_model=ReportOut, openapi_extra=KEY_HEADER)
async def report(
    request: Request, body: ReportIn, actor: Annotated[Actor, Depends(access.public)]
) -> Response:
    """Store a report; the same Idempotency-Key gives the same answer, before or after a crash."""
    service = service_of(request)
    # Not a parameter: a third of what the framework costs the busiest way in would go to it.
    key = parse_key(request.headers.get("idempotency-key"))
    if body.channel != "web" and not has_rank(actor, Role.OPERATOR):
        raise Forbidden(channel=body.channel)
    address = await limit_reports(request) if actor.kind == "citizen" else ""
    scope = (
        f"report:{actor.label}:{address}" if actor.kind == "citizen" else f"report:{actor.label}"
    )
    locale = pick(request.cookies.get("cpo_locale") or request.headers.get("accept-language"))
    running: Running = service.parts.setdefault("running", Running())
    with running.only(scope, key):
        told = await submit_report(service, actor, body, Keyed(scope, key), locale=locale)
    # Encoded here: what was made by us needs no second validation on the busiest way in.
    return Response(told.model_dump_json(), 201, media_type="application/json")


async def limit_reports(request: Request) -> str:
    """Count one citizen's report and return the address it is counted for.

    Raises:
        TooMany: This address reports too often; staff and sensors are never limited here.
    """
    service, address = service_of(request), client_address(request)
    rate = service.settings.reports_per_minute
    await service.limits.take("report", address, burst=rate, per_s=rate / 60)
    return address


async def submit_report(
    service: Service,
    actor: Actor,
    body: ReportIn,
    keyed: Keyed,
    *,
    locale: str = "fr",
    channel: str | None = None,
) -> ReportOut:
    """Read a message, then store it; every channel comes through here.

    Args:
        service: The running service.
        actor: Who reports.
        body: The message, validated.
        keyed: The idempotency key and whose it is.
        locale: Language of the person who will follow the link.
        channel: Where it came from, when that is not for the caller to say.
    """
    understood = await _understood(service, body)
    arrival = Arrival(channel or body.channel, body.contact, locale)
    print_ = fingerprint(body)

    def receive(tx: Tx) -> dict[str, Any]:
        return once(
            tx,
            keyed.scope,
            keyed.key,
            print_,
            lambda: joining.receive(tx, understood, arrival, service.secret, body.joins),
        )

    deadline_s = service.settings.writer_deadline_s
    ahead = asked_before(keyed.scope, keyed.key)
    try:
        answer = await service.store.submit(receive, actor, deadline_s=deadline_s, ahead=ahead)
    except Conflict:
        # Another process stored this very report, or touched its incident, between our look and our
        # write: now its rows are there to be found.
        answer = await service.store.submit(receive, actor, deadline_s=deadline_s, ahead=ahead)
    token = tracking_token(service.secret, UUID(answer["request_id"]))
    brief = answer["incident"] if has_rank(actor, Role.OBSERVER) else None
    return ReportOut(
        reference=answer["reference"],
        tracking_url=f"{service.settings.origin}/suivi/{token}",
        incident=IncidentBrief.model_validate(brief) if brief else None,
    )


async def _understood(service: Service, body: ReportIn) -> Understood:
    library = shelf_of(service).at_hand()
    if library is None:
        library = await run_in_threadpool(library_of, service)
    if len(body.text) <= SHORT_TEXT:
        # Reading a short message takes less than the way to another thread and back.
        understood = understand(library, body.text, body.category, body.place)
    else:
        understood = await run_in_threadpool(
            understand, library, body.text, body.category, body.place
        )
    addresses = addresses_of(service)
    if not addresses.is_on:
        return understood
    return await run_in_threadpool(_located, addresses, library, body, understood)


def _located(
    addresses: Addresses, library: Library, body: ReportIn, understood: Understood
) -> Understood:
    """Return the message with the place of its street, where only words of it were known."""
    spot = understood.spot
    if spot.precise or spot.insee is None or not spot.label:
        return understood
    found = addresses.locate(library, spot.label, spot.insee)
    if found is None:
        return understood
    return understand(library, body.text, body.category, body.place, found)


@router.post("/preview")
def preview(
    request: Request, body: PreviewIn, actor: Annotated[Actor, Depends(access.operators)]
) -> PreviewOut:
    """Say what is understood of a message as it is typed: category, place, dangers, duplicates."""
    service = service_of(request)
    library = library_of(service)
    understood = understand(library, body.text, body.category, body.place)
    with service.store.read() as session:
        return queries.preview(session, actor.org, understood, service.clocks.service.now())


@places_router.get("")
def list_places(
    request: Request,
    actor: Annotated[Actor, Depends(access.operators)],
    q: Annotated[CleanText, Query(min_length=3, max_length=200)],
    insee: Annotated[str | None, Query(pattern=r"^(\d{5}|2[AB]\d{3})$")] = None,
) -> list[AddressOut]:
    """List places for an address as it is typed, best first: from the geocoder if one is set and
    answers, else from the gazetteer.
    """
    service = service_of(request)
    found = addresses_of(service).suggest(library_of(service), q, insee)
    return [AddressOut.model_validate(one) for one in found]


@incidents_router.get("/{incident_id}/duplicates")
def list_duplicates(
    request: Request,
    incident_id: UUID,
    actor: Annotated[Actor, Depends(access.observers)],
) -> list[DuplicateOut]:
    """List living incidents that may be the same as this one, most alike first, with why."""
    service = service_of(request)
    with service.store.read() as session:
        incident = access.visible_incident(session, actor, incident_id)
        return queries.duplicates_of(session, incident, service.clocks.service.now())
