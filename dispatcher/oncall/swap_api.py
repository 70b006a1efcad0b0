"""Swaps and wishes over HTTP, for whoever builds rotas."""

from datetime import date
from functools import partial
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from sqlmodel import col, or_, select

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.models import Swap
from dispatcher.oncall import swapping, wishes
from dispatcher.oncall.snapshot import people_of
from dispatcher.oncall.swap_schemas import (
    AnswerIn,
    ChainOut,
    DecideIn,
    HandoverStep,
    SwapIn,
    SwapOut,
)
from dispatcher.oncall.wishes import WishIn, WishOut
from scheduling.rota.swaps import Chain

router = APIRouter(tags=["on-call"])


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
    command = partial(
        swapping.answer,
        swap_id=swap_id,
        person_id=body.person_id,
        zone=_zone(request),
        yes=body.agrees,
    )
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


@router.get("/oncall/wishes")
def read_wishes(
    request: Request, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> list[WishOut]:
    """List everybody's wishes that are not over, in the order of their days."""
    service = service_of(request)
    with service.store.read() as session:
        rows = wishes.wishes_of(session, actor.org, _today(request))
    return [WishOut.model_validate(row) for row in rows]


@router.post("/oncall/people/{person_id}/wishes", status_code=201)
def enter_wish(
    request: Request,
    person_id: UUID,
    body: WishIn,
    actor: Annotated[Actor, Depends(access.oncall_managers)],
) -> WishOut:
    """Note a wish for somebody who told it by voice."""
    make = partial(wishes.make_wish, person_id=person_id, wanted=body, today=_today(request))
    return WishOut.model_validate(service_of(request).store.submit_wait(make, actor))


@router.delete("/oncall/wishes/{wish_id}", status_code=204)
def drop_wish(
    request: Request, wish_id: UUID, actor: Annotated[Actor, Depends(access.oncall_managers)]
) -> None:
    """Take a wish back."""
    service_of(request).store.submit_wait(partial(wishes.drop_wish, wish_id=wish_id), actor)


def _today(request: Request) -> date:
    return service_of(request).clocks.service.now().astimezone(_zone(request)).date()


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
