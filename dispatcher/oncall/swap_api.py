"""Swaps over HTTP, and the agent's own page behind a secret link, complete without JavaScript."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session, col, or_, select

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.auth.links import read_link, sign_link
from dispatcher.database import Tx
from dispatcher.errors import CpoError, NotFound
from dispatcher.models import OnCallPerson, OnCallPost, Swap
from dispatcher.notifications.sending import MINE_LINK
from dispatcher.oncall import swapping
from dispatcher.oncall.pages import render
from dispatcher.oncall.roster import coming_duties
from dispatcher.oncall.roster_api import CALENDAR
from dispatcher.oncall.snapshot import people_of, posts_of, published_rota
from dispatcher.oncall.swap_schemas import (
    AnswerIn,
    ChainOut,
    DecideIn,
    HandoverStep,
    SwapIn,
    SwapOut,
)
from scheduling.rota.swaps import Chain

router = APIRouter(tags=["on-call"])
public_router = APIRouter(include_in_schema=False)


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(service_of(request).settings.timezone)


@router.get("/oncall/duties/{duty_id}/swaps")
def propose_swaps(
    request: Request, duty_id: UUID, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> list[ChainOut]:
    """List lawful and fair chains of two to four people that free somebody of a turn."""
    service = service_of(request)
    now = service.clocks.service.now()
    with service.store.read() as session:
        found = swapping.propose(session, actor.org, duty_id, now, _zone(request))
        names = {str(one.id): one.name for one in people_of(session, actor.org)}
    return [_chain_out(chain, names) for chain in found]


@router.get("/oncall/swaps")
def read_swaps(
    request: Request, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> list[SwapOut]:
    """List swaps that wait, then those decided within a month."""
    service = service_of(request)
    since = service.clocks.service.now() - swapping.KEPT_SHOWN
    with service.store.read() as session:
        rows = session.exec(
            select(Swap)
            .where(
                Swap.org == actor.org,
                or_(col(Swap.state).in_(swapping.LIVE), col(Swap.decided_at) > since),
            )
            .order_by(col(Swap.created_at).desc())
        ).all()
        names = {str(one.id): one.name for one in people_of(session, actor.org)}
    return [swap_out(row, names) for row in rows]


@router.post("/oncall/swaps", status_code=201)
def ask_for_swap(
    request: Request, body: SwapIn, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> SwapOut:
    """Ask the people of a chain, for somebody who wants to be free of a turn."""
    steps = [
        {"duty_id": s.duty_id, "from_id": str(s.from_id), "to_id": str(s.to_id)}
        for s in body.handovers
    ]
    ask = partial(swapping.ask_swap, duty=body.duty_id, handovers=steps, zone=_zone(request))
    return _done(request, actor, ask)


@router.post("/oncall/swaps/{swap_id}/answer")
def answer_swap(
    request: Request,
    swap_id: UUID,
    body: AnswerIn,
    actor: Annotated[Actor, Depends(access.oncall_managers)],
) -> SwapOut:
    """Note what somebody said, for those who answer by voice."""
    command = partial(swapping.answer, swap_id=swap_id, person_id=body.person_id, yes=body.agrees)
    return _done(request, actor, command)


@router.post("/oncall/swaps/{swap_id}/decide")
def decide_swap(
    request: Request,
    swap_id: UUID,
    body: DecideIn,
    actor: Annotated[Actor, Depends(access.oncall_managers)],
) -> SwapOut:
    """Approve a swap that everybody agreed to, or refuse it."""
    command = partial(swapping.decide, swap_id=swap_id, zone=_zone(request), approve=body.approve)
    return _done(request, actor, command)


@public_router.get("/mes-astreintes/{token}")
def show_mine(
    request: Request, token: str, actor: Annotated[Actor, Depends(access.public)]
) -> HTMLResponse:
    """Show somebody's own turns, and the swaps that wait for his answer."""
    service = service_of(request)
    try:
        person_id = read_link(service.secret, MINE_LINK, token)
        with service.store.read() as session:
            context = _mine(session, actor.org, person_id, service.clocks.service.now())
    except NotFound:
        return render(request, "error.html", 404, kind="404", trace_id=None)
    feed = f"{service.settings.origin}/agenda/{sign_link(service.secret, CALENDAR, person_id)}.ics"
    return render(request, "mine.html", feed=feed, **context)


@public_router.post("/mes-astreintes/{token}/{swap_id}/{said}")
async def answer_mine(
    request: Request,
    token: str,
    swap_id: UUID,
    said: str,
    actor: Annotated[Actor, Depends(access.public)],
) -> Response:
    """Take somebody's own answer, then show his page again."""
    service = service_of(request)
    try:
        person_id = read_link(service.secret, MINE_LINK, token)
        if said not in {"oui", "non"}:
            raise NotFound()

        def command(tx: Tx) -> None:
            swapping.answer(tx, swap_id, person_id, yes=said == "oui")

        await service.store.submit(command, actor)
    except NotFound:
        return render(request, "error.html", 404, kind="404", trace_id=None)
    except CpoError:
        pass  # decided meanwhile: the page shows it
    return RedirectResponse(f"/mes-astreintes/{token}", 303)


def _mine(session: Session, org: str, person_id: UUID, now: datetime) -> dict[str, Any]:
    person = session.get(OnCallPerson, person_id)
    if person is None or person.org != org:
        raise NotFound()
    rota = published_rota(session, org)
    own = coming_duties(session, rota, now) if rota is not None else []
    names = {str(one.id): one.name for one in people_of(session, org)}
    labels = {post.code: post for post in posts_of(session, org)}
    waiting = session.exec(
        select(Swap).where(Swap.org == org, col(Swap.state).in_(swapping.LIVE))
    ).all()
    return {
        "person": person,
        "turns": [(duty, labels[duty.post]) for duty in own if duty.person_id == person_id],
        "swaps": [
            (swap_out(one, names), one.answers.get(str(person_id)), _words(one, names, labels))
            for one in waiting
            if person_id in swapping.people_in(one)
        ],
    }


def _words(
    swap: Swap, names: dict[str, str], labels: dict[str, OnCallPost]
) -> list[tuple[str, str, str, str]]:
    """Return each handover as (giver, taker, post, week)."""
    told = []
    for one in swap.handovers:
        post, _, week = one["duty_id"].rpartition(":")
        label = labels[post].label_fr if post in labels else post
        told.append((names[one["from_id"]], names[one["to_id"]], label, week))
    return told


def _done(request: Request, actor: Actor, command: "partial[Swap]") -> SwapOut:
    store = service_of(request).store
    made = store.submit_wait(command, actor, deadline_s=30)
    with store.read() as session:
        names = {str(one.id): one.name for one in people_of(session, actor.org)}
    return swap_out(made, names)


def _chain_out(chain: Chain, names: dict[str, str]) -> ChainOut:
    steps = [_step(one.duty_id, one.from_id, one.to_id, names) for one in chain.handovers]
    return ChainOut(
        handovers=steps,
        is_cycle=chain.is_cycle,
        unfairness=round(chain.unfairness / 100, 2),
        wishes_broken=chain.wishes_broken,
    )


def _step(duty_id: str, giver: str, taker: str, names: dict[str, str]) -> HandoverStep:
    return HandoverStep(
        duty_id=duty_id,
        from_id=UUID(giver),
        to_id=UUID(taker),
        from_name=names.get(giver, ""),
        to_name=names.get(taker, ""),
    )


def swap_out(swap: Swap, names: dict[str, str]) -> SwapOut:
    """Return a swap as the wire shows it."""
    return SwapOut(
        id=swap.id,
        duty_id=swap.duty_id,
        state=swap.state,
        asked_by=names.get(str(swap.asked_by), ""),
        handovers=[
            _step(one["duty_id"], one["from_id"], one["to_id"], names) for one in swap.handovers
        ],
        answers={UUID(who): said for who, said in swap.answers.items()},
        created_at=swap.created_at,
        decided_at=swap.decided_at,
    )
