"""Files of an incident over HTTP: the desk's door and the crews' door; the body is the file."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor, Role
from dispatcher.attachments import commands, queries, receiving
from dispatcher.attachments.commands import About, Kept
from dispatcher.attachments.keeping import folder_of
from dispatcher.attachments.media import TAKEN
from dispatcher.attachments.schemas import (
    AttachmentAuthor,
    AttachmentIn,
    AttachmentKind,
    AttachmentOut,
    RemovalIn,
)
from dispatcher.auth import access
from dispatcher.auth.context import Service, service_of
from dispatcher.database import Tx
from dispatcher.idempotency import fingerprint, once, parse_key
from dispatcher.models import Attachment
from dispatcher.wire import CleanText

router = APIRouter(tags=["attachments"])

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            media: {"schema": {"type": "string", "format": "binary"}}
            for media in sorted(set().union(*TAKEN.values()))
        },
    }
}
SHUT = {"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "inline"}
"""What a file is served with: whatever it holds, a browser runs none of it."""


class _Print(BaseModel):
    said: AttachmentIn
    sha256: str


def said_of(
    kind: AttachmentKind = "photo",
    caption: Annotated[CleanText | None, Query(max_length=300)] = None,
    taken_at: datetime | None = None,
) -> AttachmentIn:
    """Return what the query says about the file in the body."""
    return AttachmentIn(kind=kind, caption=caption, taken_at=taken_at)


Said = Annotated[AttachmentIn, Depends(said_of)]


@router.post("/incidents/{incident_id}/attachments", status_code=201, openapi_extra=_BODY)
async def add_to_incident(
    request: Request,
    incident_id: UUID,
    actor: Annotated[Actor, Depends(access.operators)],
    said: Said,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> AttachmentOut:
    """Add a photo, a voice note or a signature to an incident."""
    service = service_of(request)
    key = parse_key(idempotency_key)
    with service.store.read() as session:
        access.visible_incident(session, actor, incident_id)
    kept = await receiving.receive(service, request.stream(), said.kind)

    def add(tx: Tx) -> dict[str, Any]:
        incident = access.visible_incident(tx.session, tx.actor, incident_id)
        return _added(tx, kept, said, About(incident.id, "desk"))

    return await _store(service, actor, add, kept, (said, key))


@router.post("/visits/{visit_id}/attachments", status_code=201, openapi_extra=_BODY)
async def add_to_visit(
    request: Request,
    visit_id: UUID,
    actor: Annotated[Actor, Depends(access.crews)],
    said: Said,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> AttachmentOut:
    """Add a photo, a voice note or a signature made during a visit; a crew only to its own."""
    service = service_of(request)
    key = parse_key(idempotency_key)
    with service.store.read() as session:
        access.visible_visit(session, actor, visit_id)
    kept = await receiving.receive(service, request.stream(), said.kind)

    def add(tx: Tx) -> dict[str, Any]:
        visit = access.visible_visit(tx.session, tx.actor, visit_id)
        author: AttachmentAuthor = "crew" if tx.actor.role is Role.CREW else "desk"
        return _added(tx, kept, said, About(visit.incident_id, author, visit_id=visit.id))

    return await _store(service, actor, add, kept, (said, key))


@router.get("/incidents/{incident_id}/attachments")
def list_of_incident(
    request: Request, incident_id: UUID, actor: Annotated[Actor, Depends(access.observers)]
) -> list[AttachmentOut]:
    """List the files of an incident, oldest first."""
    with service_of(request).store.read() as session:
        incident = access.visible_incident(session, actor, incident_id)
        return queries.out(queries.of_incident(session, incident.id))


@router.get("/visits/{visit_id}/attachments")
def list_of_visit(
    request: Request, visit_id: UUID, actor: Annotated[Actor, Depends(access.crews)]
) -> list[AttachmentOut]:
    """List the files of the incident behind a visit, oldest first: what citizens sent, too."""
    with service_of(request).store.read() as session:
        visit = access.visible_visit(session, actor, visit_id)
        return queries.out(queries.of_incident(session, visit.incident_id))


@router.get("/attachments/{attachment_id}", response_class=FileResponse)
def read_attachment(
    request: Request,
    attachment_id: UUID,
    actor: Annotated[Actor, Depends(access.observers)],
    small: bool = False,
) -> FileResponse:
    """Return the bytes of a file; `small` asks for a picture of at most 320 pixels."""
    service = service_of(request)
    with service.store.read() as session:
        row = queries.visible_attachment(session, actor, attachment_id)
    return serve(service, row, small=small)


@router.delete("/attachments/{attachment_id}", status_code=204)
async def remove_attachment(
    request: Request,
    attachment_id: UUID,
    body: RemovalIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> None:
    """Delete a file, such as one that shows a face, and say why."""
    service = service_of(request)

    def remove(tx: Tx) -> str:
        row = queries.visible_attachment(tx.session, tx.actor, attachment_id)
        return commands.remove(tx, row, body.reason)

    name = await service.store.submit(remove, actor)
    await run_in_threadpool(folder_of(service).delete, name)


def serve(service: Service, row: Attachment, *, small: bool = False) -> FileResponse:
    """Return a file as an answer that no browser runs; the caller has checked who asks.

    Raises:
        NotFound: The file is gone.
    """
    path = folder_of(service).find(row.name, small=small)
    media = "image/jpeg" if path.name != row.name else row.media_type
    headers = {**SHUT, "Cache-Control": "private, max-age=600"}
    return FileResponse(path, media_type=media, headers=headers)


def _added(tx: Tx, kept: Kept, said: AttachmentIn, about: About) -> dict[str, Any]:
    row = commands.add(tx, kept, said, about)
    return {"name": row.name, "out": queries.out([row])[0].model_dump(mode="json")}


async def _store(
    service: Service,
    actor: Actor,
    add: Any,
    kept: Kept,
    asked: tuple[AttachmentIn, str],
) -> AttachmentOut:
    said, key = asked
    print_ = fingerprint(_Print(said=said, sha256=kept.sha256))
    scope = f"attachment:{actor.label}"
    answer = await service.store.submit(
        lambda tx: once(tx, scope, key, print_, partial(add, tx)), actor
    )
    if answer["name"] != kept.name:
        # Sent twice: the first file stays.
        await run_in_threadpool(folder_of(service).delete, kept.name)
    return AttachmentOut.model_validate(answer["out"])
