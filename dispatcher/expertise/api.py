"""The expert desk over HTTP."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.crews.policy import FieldPolicy, change_field_policy, field_policy
from dispatcher.database import Tx
from dispatcher.errors import Forbidden
from dispatcher.expertise import commands, duty, queries
from dispatcher.expertise.schemas import (
    AnswerIn,
    DutyIn,
    DutyOut,
    ExpertsOut,
    NoTripIn,
    QuestionOut,
)
from dispatcher.models import ExpertQuestion

router = APIRouter(tags=["expertise"])


@router.get("/questions")
def list_questions(
    request: Request, actor: Annotated[Actor, Depends(access.experts)], settled: bool = False
) -> list[QuestionOut]:
    """List the questions that wait for an expert, or the last 50 that were settled."""
    with service_of(request).store.read() as session:
        return queries.questions(session, actor.org, settled=settled)


@router.get("/questions/{question_id}")
def read_question(
    request: Request, question_id: UUID, actor: Annotated[Actor, Depends(access.experts)]
) -> QuestionOut:
    """Read one question with its words and visits."""
    with service_of(request).store.read() as session:
        found = queries.visible_question(session, actor, question_id)
        return queries.question_out(session, found)


@router.post("/questions/{question_id}/take")
async def take_question(
    request: Request, question_id: UUID, actor: Annotated[Actor, Depends(access.experts)]
) -> QuestionOut:
    """Claim a question, to call back; 409 when somebody else has it."""
    return await _change(request, question_id, actor, commands.take)


@router.post("/questions/{question_id}/answer")
async def answer_question(
    request: Request,
    question_id: UUID,
    body: AnswerIn,
    actor: Annotated[Actor, Depends(access.experts)],
) -> QuestionOut:
    """Answer whoever asked; 409 when it is settled already."""
    return await _change(
        request,
        question_id,
        actor,
        lambda tx, row: commands.answer(tx, row, body.text, by_phone=body.by_phone),
    )


@router.post("/questions/{question_id}/no-trip")
async def settle_without_trip(
    request: Request,
    question_id: UUID,
    body: NoTripIn,
    actor: Annotated[Actor, Depends(access.experts)],
) -> QuestionOut:
    """Settle the incident by advice alone; its visits are called off. 409 once a crew is there."""
    return await _change(
        request,
        question_id,
        actor,
        lambda tx, row: commands.settle_without_trip(tx, row, body.text, body.told),
    )


@router.post("/questions/{question_id}/escalate")
async def escalate_question(
    request: Request, question_id: UUID, actor: Annotated[Actor, Depends(access.experts)]
) -> QuestionOut:
    """Pass a question on to the next level: other experts and decision, then the desk."""
    return await _change(
        request, question_id, actor, lambda tx, row: commands.escalate(tx, row, "expert")
    )


@router.get("/experts")
def list_experts(request: Request, actor: Annotated[Actor, Depends(access.experts)]) -> ExpertsOut:
    """Say who is on duty as an expert, and what the desk has done in 30 days."""
    service = service_of(request)
    with service.store.read() as session:
        return queries.experts(session, actor, service.clocks.service.now())


@router.put("/experts/me")
async def set_duty(
    request: Request, body: DutyIn, actor: Annotated[Actor, Depends(access.experts)]
) -> DutyOut:
    """Say until when, where and for which domains I may be asked."""
    if actor.id is None:
        raise Forbidden(needs="an account")
    return await service_of(request).store.submit(lambda tx: duty.set_duty(tx, body), actor)


@router.get("/field/policy")
def read_policy(request: Request, actor: Annotated[Actor, Depends(access.staff)]) -> FieldPolicy:
    """Say how long experts have to answer, and how lone workers are watched."""
    with service_of(request).store.read() as session:
        return field_policy(session, actor.org)


@router.put("/field/policy")
async def set_policy(
    request: Request, body: FieldPolicy, actor: Annotated[Actor, Depends(access.field_pilots)]
) -> FieldPolicy:
    """Change those delays; 412 when somebody else did meanwhile."""
    return await service_of(request).store.submit(lambda tx: change_field_policy(tx, body), actor)


async def _change(
    request: Request,
    question_id: UUID,
    actor: Actor,
    change: Callable[[Tx, ExpertQuestion], None],
) -> QuestionOut:
    def run(tx: Tx) -> QuestionOut:
        found = queries.visible_question(tx.session, tx.actor, question_id)
        change(tx, found)
        tx.session.flush()
        return queries.question_out(tx.session, found)

    return await service_of(request).store.submit(run, actor)
