"""Incidents over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.auth.http import etag, seen_version
from dispatcher.database import Tx
from dispatcher.errors import InvalidInput
from dispatcher.events.states import IncidentState, IncidentStatus, Priority
from dispatcher.idempotency import keyed
from dispatcher.incidents import commands, edits, merging, queries
from dispatcher.incidents.images import image_of
from dispatcher.incidents.schemas import (
    IncidentDetail,
    IncidentPage,
    IncidentPatch,
    MergeIn,
    MergeOut,
    MoveIn,
    NoteIn,
    NoteOut,
)
from dispatcher.wire import CleanText

router = APIRouter(prefix="/incidents", tags=["incidents"])


@router.get("")
def list_incidents(
    request: Request,
    actor: Annotated[Actor, Depends(access.observers)],
    state: Annotated[list[IncidentStatus] | None, Query()] = None,
    priority: Annotated[list[Priority] | None, Query()] = None,
    q: Annotated[CleanText | None, Query(max_length=100)] = None,
    cursor: Annotated[CleanText | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> IncidentPage:
    """List incidents, newest reference first."""
    with service_of(request).store.read() as session:
        states = [s.value for s in state or []]
        wanted = queries.Filter(states, priority or [], q, cursor, limit)
        return queries.page(session, actor.org, wanted)


@router.get("/{incident_id}")
def read_incident(
    request: Request,
    response: Response,
    incident_id: UUID,
    actor: Annotated[Actor, Depends(access.observers)],
) -> IncidentDetail:
    """Read one incident whole; the ETag is its version."""
    service = service_of(request)
    with service.store.read() as session:
        incident = access.visible_incident(session, actor, incident_id)
        response.headers["ETag"] = etag(incident.version)
        return queries.detail(session, incident, service.clocks.service.now())


@router.patch("/{incident_id}")
async def edit_incident(
    request: Request,
    response: Response,
    incident_id: UUID,
    body: IncidentPatch,
    actor: Annotated[Actor, Depends(access.operators)],
    if_match: Annotated[str | None, Header()] = None,
) -> IncidentState:
    """Correct an incident; If-Match must name the version that was read."""
    seen = seen_version(if_match)

    def correct(tx: Tx) -> IncidentState:
        incident = access.visible_incident(tx.session, tx.actor, incident_id)
        commands.expect_version(incident, seen)
        edits.apply_patch(tx, incident, body)
        return image_of(incident)

    state = await service_of(request).store.submit(correct, actor)
    response.headers["ETag"] = etag(state.ver)
    return state


@router.post("/{incident_id}/transitions")
async def move_incident(
    request: Request,
    incident_id: UUID,
    body: MoveIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> IncidentState:
    """Change the state of an incident by hand."""

    def move(tx: Tx) -> IncidentState:
        incident = access.visible_incident(tx.session, tx.actor, incident_id)
        if IncidentStatus.MERGED in {body.to, incident.state}:
            raise InvalidInput("joining and parting incidents have verbs of their own", field="to")
        commands.move(tx, incident, body.to, body.reason)
        return image_of(incident)

    return await service_of(request).store.submit(move, actor)


@router.post("/{incident_id}/acknowledge")
async def acknowledge_incident(
    request: Request, incident_id: UUID, actor: Annotated[Actor, Depends(access.operators)]
) -> IncidentState:
    """Take an incident in hand."""

    def acknowledge(tx: Tx) -> IncidentState:
        incident = access.visible_incident(tx.session, tx.actor, incident_id)
        commands.acknowledge(tx, incident)
        return image_of(incident)

    return await service_of(request).store.submit(acknowledge, actor)


@router.post("/{incident_id}/merge")
async def merge_incident(
    request: Request,
    incident_id: UUID,
    body: MergeIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> MergeOut:
    """Let an incident join the one it turned out to be; its reports and followers go with it."""

    def join(tx: Tx) -> MergeOut:
        source = access.visible_incident(tx.session, tx.actor, incident_id)
        target = access.visible_incident(tx.session, tx.actor, body.into)
        merging.merge(tx, source, target, body.reason)
        return MergeOut(source=image_of(source), target=image_of(target))

    return await service_of(request).store.submit(join, actor)


@router.post("/{incident_id}/unmerge")
async def unmerge_incident(
    request: Request, incident_id: UUID, actor: Annotated[Actor, Depends(access.operators)]
) -> MergeOut:
    """Part an incident from the one it had joined, as both were before."""

    def part(tx: Tx) -> MergeOut:
        source = access.visible_incident(tx.session, tx.actor, incident_id)
        target = merging.unmerge(tx, source)
        return MergeOut(source=image_of(source), target=image_of(target))

    return await service_of(request).store.submit(part, actor)


@router.post("/{incident_id}/notes", status_code=201)
async def add_note(
    request: Request,
    incident_id: UUID,
    body: NoteIn,
    actor: Annotated[Actor, Depends(access.crews)],
    idempotency_key: Annotated[str | None, Header()] = None,
) -> NoteOut:
    """Write a note on an incident. Safe to repeat with a key."""

    def write(tx: Tx) -> dict[str, Any]:
        incident = access.visible_incident(tx.session, tx.actor, incident_id)
        note = commands.add_note(tx, incident, body.text)
        return {"id": str(note.id), "author": note.author, "at": note.at.isoformat()}

    command = keyed(f"note:{incident_id}", idempotency_key, body, write)
    # What was written is not kept a second time with the key: it may be about somebody.
    made = await service_of(request).store.submit(command, actor)
    return NoteOut.model_validate({**made, "text": body.text})
