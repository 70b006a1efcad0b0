"""Pages over HTTP: who is called now, taking a page, replies by SMS, call-outs, the policy."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.i18n import pick
from dispatcher.oncall import callouts, law, paging, paging_queries
from dispatcher.oncall.ladder import (
    PagingPolicy,
    change_policy,
    paging_policy,
    sectors_of,
    services_of,
    steps_of,
)
from dispatcher.oncall.paging_schemas import (
    AcknowledgeIn,
    CallOutIn,
    CallOutView,
    LadderChoices,
    LegalStandingOut,
    NewCallOutIn,
    PageDetail,
    PolicyVersionOut,
    ReplyIn,
    ReplyOut,
)
from dispatcher.oncall.replies import receive_reply
from dispatcher.oncall.snapshot import posts_of

router = APIRouter(tags=["paging"])


@router.get("/pages")
def read_pages(
    request: Request, actor: Annotated[Actor, Depends(access.operators)]
) -> list[PageDetail]:
    """List live pages first, then the latest of the others, with every call made."""
    with service_of(request).store.read() as session:
        return paging_queries.page_list(session, actor)


@router.post("/pages/{page_id}/acknowledge")
def acknowledge_page(
    request: Request,
    page_id: UUID,
    body: AcknowledgeIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> PageDetail:
    """Note that somebody on call takes a page, as when he answered by voice."""
    store = service_of(request).store
    store.submit_wait(
        lambda tx: paging.acknowledge(tx, page_id, body.person_id, "screen").id, actor
    )
    with store.read() as session:
        return paging_queries.page_detail(session, actor, page_id)


@router.post("/sms/replies")
def receive_sms_reply(
    request: Request, body: ReplyIn, actor: Annotated[Actor, Depends(access.sms_provider)]
) -> ReplyOut:
    """Take a reply by SMS; the same id handed over twice is taken once."""
    outcome = service_of(request).store.submit_wait(
        lambda tx: receive_reply(tx, body.id, body.sender, body.text), actor
    )
    return ReplyOut(outcome=outcome)


@router.get("/paging/policy")
def read_policy(
    request: Request, actor: Annotated[Actor, Depends(access.operators)]
) -> PagingPolicy:
    """Show who is paged for what, when, and how long each is given."""
    with service_of(request).store.read() as session:
        return paging_policy(session, actor.org)


@router.put("/paging/policy")
def change_paging_policy(
    request: Request,
    body: PagingPolicy,
    actor: Annotated[Actor, Depends(access.oncall_managers)],
) -> PagingPolicy:
    """Change the policy; `version` names the one that was edited, 412 if it moved."""
    return service_of(request).store.submit_wait(lambda tx: change_policy(tx, body), actor)


@router.get("/paging/ladder")
def read_ladder(
    request: Request, actor: Annotated[Actor, Depends(access.operators)]
) -> LadderChoices:
    """Show where every post stands in the ladder, and which sectors and services there are."""
    service = service_of(request)
    locale = pick(request.cookies.get("cpo_locale"), service.settings.default_locale)
    with service.store.read() as session:
        policy = paging_policy(session, actor.org)
        return LadderChoices(
            steps=steps_of(session, actor.org, policy),
            labels={
                post.code: post.label_en if locale == "en" else post.label_fr
                for post in posts_of(session, actor.org)
            },
            letters={post.code: post.letter for post in posts_of(session, actor.org)},
            sectors=sectors_of(session, actor.org),
            services=services_of(session, actor.org),
        )


@router.get("/paging/policy/history")
def read_policy_history(
    request: Request, actor: Annotated[Actor, Depends(access.operators)]
) -> list[PolicyVersionOut]:
    """List who changed the policy, when, and each field before and after."""
    with service_of(request).store.read() as session:
        return paging_queries.policy_history(session, actor.org)


@router.get("/call-outs")
def read_call_outs(
    request: Request, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> list[CallOutView]:
    """List the latest work done during on-call time, and the rest it still asks for."""
    service = service_of(request)
    zone, now = ZoneInfo(service.settings.timezone), service.clocks.service.now()
    with service.store.read() as session:
        resting = {
            one.person.id: one.clock.may_start_at
            for one in law.standings(session, actor.org, now, zone)
            if one.owes_rest
        }
        return paging_queries.call_outs(session, actor, resting)


@router.post("/call-outs", status_code=201)
def enter_call_out(
    request: Request,
    body: NewCallOutIn,
    actor: Annotated[Actor, Depends(access.oncall_managers)],
) -> CallOutView:
    """Enter a call-out by hand, as from a paper sheet."""
    store = service_of(request).store
    span = (body.start_at, body.end_at)
    made = store.submit_wait(
        lambda tx: callouts.enter(tx, body.person_id, span, body.incident_id).id, actor
    )
    with store.read() as session:
        return next(one for one in paging_queries.call_outs(session, actor) if one.id == made)


@router.patch("/call-outs/{call_out_id}")
def correct_call_out(
    request: Request,
    call_out_id: UUID,
    body: CallOutIn,
    actor: Annotated[Actor, Depends(access.oncall_managers)],
) -> None:
    """Correct the hours of a call-out; the log keeps what was said before."""
    span = (body.start_at, body.end_at)
    service_of(request).store.submit_wait(
        lambda tx: callouts.correct(tx, call_out_id, span).id, actor
    )


@router.get("/oncall/rest")
def read_rest(
    request: Request, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> list[LegalStandingOut]:
    """Say who may start when, and the hours each has worked: call-outs and overruns included."""
    service = service_of(request)
    zone, now = ZoneInfo(service.settings.timezone), service.clocks.service.now()
    with service.store.read() as session:
        return [
            LegalStandingOut(
                person_id=one.person.id,
                person=one.person.name,
                crew=one.person.crew,
                may_start_at=one.clock.may_start_at,
                is_out=one.is_out,
                owes_rest=one.owes_rest,
                week_min=one.clock.week_min,
                left_min=one.clock.left_min,
                period_min=one.clock.period_min,
                short_rests=one.short_rests,
            )
            for one in law.standings(session, actor.org, now, zone)
        ]
