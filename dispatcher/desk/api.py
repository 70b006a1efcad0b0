"""The desk over HTTP: find a reply, answer, ask an expert; pilots keep the templates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request

from dispatcher.actors import Actor, Role
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.database import Tx
from dispatcher.desk import commands, queries
from dispatcher.desk.schemas import (
    ExpertIn,
    MessageSent,
    ReplyIn,
    TemplateCheckOut,
    TemplateOut,
    TemplatePut,
    TemplateTextIn,
    TemplateVersionOut,
)
from dispatcher.events.states import IncidentState, IncidentStatus
from dispatcher.incidents.images import image_of
from dispatcher.wire import CleanText

router = APIRouter(tags=["desk"])

Code = Annotated[str, Path(pattern=r"^[a-z0-9_]{2,60}$")]


@router.get("/replies")
def list_templates(
    request: Request,
    actor: Annotated[Actor, Depends(access.staff)],
    q: Annotated[CleanText | None, Query(max_length=100)] = None,
    category: Annotated[CleanText | None, Query(max_length=60)] = None,
    state: Annotated[IncidentStatus | None, Query()] = None,
    inactive: bool = False,
    incident_id: UUID | None = None,
) -> list[TemplateOut]:
    """List reply templates by words, category and state; filled for an incident if one is named."""
    wanted = queries.Wanted(q, category, state.value if state else None, inactive)
    with service_of(request).store.read() as session:
        incident = None
        if incident_id is not None and access.has_rank(actor, Role.OBSERVER):
            incident = access.visible_incident(session, actor, incident_id)
        return queries.templates(session, actor.org, wanted, incident)


@router.post("/replies/check")
def check_template(
    request: Request, body: TemplateTextIn, actor: Annotated[Actor, Depends(access.staff)]
) -> TemplateCheckOut:
    """Say what is wrong with the words of a template, and how they read for a recent incident."""
    exact = access.has_rank(actor, Role.OBSERVER)
    with service_of(request).store.read() as session:
        return queries.check(session, actor.org, body, exact=exact)


@router.get("/replies/{code}/versions")
def list_template_versions(
    request: Request, code: Code, actor: Annotated[Actor, Depends(access.staff)]
) -> list[TemplateVersionOut]:
    """List the versions of a template, newest first; empty before the first edit."""
    with service_of(request).store.read() as session:
        return queries.versions(session, actor.org, code)


@router.put("/replies/{code}")
async def put_template(
    request: Request,
    body: TemplatePut,
    code: Code,
    actor: Annotated[Actor, Depends(access.pilots)],
) -> TemplateOut:
    """Make or change a reply template; earlier versions stay readable."""

    def put(tx: Tx) -> TemplateOut:
        row, version = commands.put_template(tx, code, body)
        return TemplateOut(**row.model_dump(exclude={"org"}), version=version)

    return await service_of(request).store.submit(put, actor)


@router.post("/incidents/{incident_id}/reply", status_code=201)
async def reply(
    request: Request,
    incident_id: UUID,
    body: ReplyIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> MessageSent:
    """Answer everybody who reported an incident; close it as answered when that is enough."""

    def send(tx: Tx) -> MessageSent:
        incident = access.visible_incident(tx.session, tx.actor, incident_id)
        sent = commands.reply(tx, incident, body)
        state = IncidentStatus(incident.state)
        return MessageSent(text_fr=sent.text_fr, text_en=sent.text_en, state=state)

    return await service_of(request).store.submit(send, actor)


@router.post("/incidents/{incident_id}/expert")
async def ask_expert(
    request: Request,
    incident_id: UUID,
    body: ExpertIn,
    actor: Annotated[Actor, Depends(access.experts)],
) -> IncidentState:
    """Ask for an expert's word on an incident, or say that he has given it."""

    def ask(tx: Tx) -> IncidentState:
        incident = access.visible_incident(tx.session, tx.actor, incident_id)
        commands.ask_expert(tx, incident, body.needed, body.question)
        return image_of(incident)

    return await service_of(request).store.submit(ask, actor)
