"""Competence over HTTP: who should act, ask them, note their answer; admins keep the rules."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import col, select

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.authorities import commands, rules
from dispatcher.authorities.schemas import (
    AnswerIn,
    BodyIn,
    ClaimOut,
    CompetenceOut,
    FoundOut,
    RulesIn,
    RulesOut,
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
        found = rules.who(session, incident, service.clocks.service.now(), road)
        sources = {r.id: r.source for r in rules.parsed(rules.rules_text(session, actor.org))}
        claims = session.exec(
            select(CompetenceClaim)
            .where(CompetenceClaim.incident_id == incident_id)
            .order_by(col(CompetenceClaim.at), col(CompetenceClaim.id))
        ).all()
        return CompetenceOut(
            found=FoundOut(
                level=found.level,
                authority=found.authority,
                name=rules.name_of(session, found),
                rule=found.rule,
                source=sources[found.rule],
                params=dict(found.params),
            )
            if found
            else None,
            road=road or rules.road_of(incident.place_label),
            claims=[_claim(claim) for claim in claims],
        )


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
        return _claim(commands.ask(tx, incident, body, params))

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
        return _claim(commands.answer(tx, claim, body))

    return await service_of(request).store.submit(note, actor)


@router.get("/competence/rules")
def read_rules(request: Request, actor: Annotated[Actor, Depends(access.observers)]) -> RulesOut:
    """Read the rules of competence in force as TOML."""
    with service_of(request).store.read() as session:
        text = rules.rules_text(session, actor.org)
    return RulesOut(text=text, rules=len(rules.parsed(text)))


@router.put("/competence/rules")
async def put_rules(
    request: Request, body: RulesIn, actor: Annotated[Actor, Depends(access.admins)]
) -> RulesOut:
    """Put other rules of competence in force."""
    put = await service_of(request).store.submit(
        lambda tx: commands.put_rules(tx, body.text), actor
    )
    return RulesOut(text=body.text, rules=put)


def _claim(claim: CompetenceClaim) -> ClaimOut:
    return ClaimOut.model_validate(claim.model_dump(include=set(ClaimOut.model_fields)))
