"""Competence over HTTP: who should act, ask them, note their answer; pilots keep the rules."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.authorities import commands, queries, rules
from dispatcher.authorities.schemas import (
    AnswerIn,
    BodyIn,
    ClaimOut,
    CompetenceOut,
    RulesCheckOut,
    RulesIn,
    RulesOut,
    RulesText,
    RulesVersionOut,
    TryIn,
    TryOut,
)
from dispatcher.database import Tx
from dispatcher.errors import NotFound
from dispatcher.models import CompetenceClaim
from priority.facts import RoadClass

router = APIRouter(tags=["competence"])


@router.get("/incidents/{incident_id}/competence")
def read_competence(
    request: Request,
    incident_id: UUID,
    actor: Annotated[Actor, Depends(access.observers)],
    road: Annotated[RoadClass | None, Query()] = None,
) -> CompetenceOut:
    """Say which body is competent by the rules, why, and which bodies were asked."""
    service = service_of(request)
    with service.store.read() as session:
        incident = access.visible_incident(session, actor, incident_id)
        return queries.competence_of(session, incident, service.clocks.service.now(), road)


@router.post("/incidents/{incident_id}/claims", status_code=201)
async def ask_body(
    request: Request,
    incident_id: UUID,
    body: BodyIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> ClaimOut:
    """Pass an incident to the body that is competent for it."""

    def ask(tx: Tx) -> ClaimOut:
        incident = access.visible_incident(tx.session, tx.actor, incident_id)
        found = rules.who(tx.session, incident, tx.now)
        params = dict(found.params) if found and found.rule == body.rule else {}
        return queries.claim_out(commands.ask(tx, incident, body, params))

    return await service_of(request).store.submit(ask, actor)


@router.post("/claims/{claim_id}/answer")
async def note_answer(
    request: Request,
    claim_id: UUID,
    body: AnswerIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> ClaimOut:
    """Note what a body answered: it takes it, refuses with a motive, or hands it to another one."""

    def note(tx: Tx) -> ClaimOut:
        claim = tx.session.get(CompetenceClaim, claim_id)
        if claim is None or claim.org != tx.org:
            raise NotFound(what="claim")
        return queries.claim_out(commands.answer(tx, claim, body))

    return await service_of(request).store.submit(note, actor)


@router.get("/competence/rules")
def read_rules(request: Request, actor: Annotated[Actor, Depends(access.staff)]) -> RulesOut:
    """Read the rules of competence in force as TOML."""
    with service_of(request).store.read() as session:
        text = rules.rules_text(session, actor.org)
        version = rules.rules_version(session, actor.org)
    return RulesOut(text=text, rules=len(rules.parsed(text)), version=version)


@router.get("/competence/rules/versions")
def list_rules_versions(
    request: Request, actor: Annotated[Actor, Depends(access.staff)]
) -> list[RulesVersionOut]:
    """List the rules adopted here, newest first; empty before the first adoption."""
    with service_of(request).store.read() as session:
        return queries.versions(session, actor.org)


@router.post("/competence/check")
def check_rules(
    request: Request, body: RulesText, actor: Annotated[Actor, Depends(access.staff)]
) -> RulesCheckOut:
    """Say what is wrong with a text by line, and which rules it is."""
    with service_of(request).store.read() as session:
        return queries.check_text(session, actor.org, body.text)


@router.post("/competence/try")
def try_rules(
    request: Request, body: TryIn, actor: Annotated[Actor, Depends(access.staff)]
) -> TryOut:
    """Say who is competent for a place, a kind and an hour by rules on trial, and why."""
    service = service_of(request)
    with service.store.read() as session:
        return queries.try_on(session, actor.org, body, service.clocks.service.now())


@router.put("/competence/rules")
async def put_rules(
    request: Request, body: RulesIn, actor: Annotated[Actor, Depends(access.pilots)]
) -> RulesOut:
    """Put other rules of competence in force; what is over keeps those it was judged by."""
    count, version = await service_of(request).store.submit(
        lambda tx: commands.put_rules(tx, body), actor
    )
    return RulesOut(text=body.text, rules=count, version=version)
