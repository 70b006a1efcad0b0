"""What the desk sees of those who reported, and does for somebody who has no screen."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.database import Tx
from dispatcher.errors import InvalidInput, NotFound
from dispatcher.followup import commands, notices, queries
from dispatcher.followup.queries import Follower
from dispatcher.followup.schemas import (
    DecisionIn,
    FollowerOut,
    FollowersOut,
    LinkSent,
    OutcomeIn,
    OutcomeOut,
    OutcomesOut,
    SlotOut,
    WishedTimeIn,
    WishedTimeOut,
    WordIn,
    WordOut,
)
from dispatcher.followup.slots import slot_of, slots
from dispatcher.i18n import Locale
from dispatcher.incidents.images import image_of
from dispatcher.intake.following import Following
from dispatcher.intake.wording import Words
from dispatcher.models import Request as Followed
from dispatcher.models import WishedTime

router = APIRouter(tags=["citizens"])


@router.get("/incidents/{incident_id}/followers")
def list_followers(
    request: Request, incident_id: UUID, actor: Annotated[Actor, Depends(access.observers)]
) -> FollowersOut:
    """List those who reported an incident, what they added and ask, and what to read out."""
    service = service_of(request)
    now, zone = service.clocks.service.now(), ZoneInfo(service.settings.timezone)
    with service.store.read() as session:
        incident = access.visible_incident(session, actor, incident_id)
        following = Following.of(image_of(incident), incident.title)

        def said(locale: Locale) -> str:
            return queries.sentence(following, Words(locale, zone, now))

        may_wish = incident.step in commands.MAY_WISH
        return FollowersOut(
            sentence_fr=said("fr"),
            sentence_en=said("en"),
            slots=[SlotOut.model_validate(one) for one in slots(now, zone)] if may_wish else [],
            followers=[_follower(one) for one in queries.followers(session, incident.id)],
        )


@router.post("/requests/{request_id}/words", status_code=201)
async def add_words(
    request: Request,
    request_id: UUID,
    body: WordIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> WordOut:
    """Write down what somebody says: a detail, or the answer to a question."""

    def add(tx: Tx) -> WordOut:
        found = _visible(tx.session, tx.actor, request_id)
        return WordOut.model_validate(commands.add_word(tx, found, body.text, body.message_id))

    return await service_of(request).store.submit(add, actor)


@router.post("/requests/{request_id}/wishes", status_code=201)
async def wish(
    request: Request,
    request_id: UUID,
    body: WishedTimeIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> WishedTimeOut:
    """Ask for another time in somebody's name; it is decided like one from his page."""
    service = service_of(request)
    zone = ZoneInfo(service.settings.timezone)

    def ask(tx: Tx) -> WishedTimeOut:
        slot = slot_of(body.slot, tx.now, zone)
        if slot is None:
            raise InvalidInput("this time is not offered", field="slot")
        found = _visible(tx.session, tx.actor, request_id)
        return WishedTimeOut.model_validate(commands.wish(tx, found, slot, body.why))

    return await service.store.submit(ask, actor)


@router.post("/requests/{request_id}/outcome", status_code=204)
async def tell_outcome(
    request: Request,
    request_id: UUID,
    body: OutcomeIn,
    actor: Annotated[Actor, Depends(access.operators)],
) -> None:
    """Write down whether somebody who was asked says that it is repaired; a no reopens it."""

    def tell(tx: Tx) -> None:
        found = _visible(tx.session, tx.actor, request_id)
        commands.tell_outcome(tx, found, fixed=body.fixed)

    await service_of(request).store.submit(tell, actor)


@router.post("/requests/{request_id}/link", status_code=202)
async def send_link(
    request: Request, request_id: UUID, actor: Annotated[Actor, Depends(access.operators)]
) -> LinkSent:
    """Send the private link of a request to whoever made it, by SMS if his number is known."""

    def send(tx: Tx) -> LinkSent:
        found = _visible(tx.session, tx.actor, request_id)
        return LinkSent(sent=notices.tell_one(tx, found, "link"))

    return await service_of(request).store.submit(send, actor)


@router.post("/wishes/{wish_id}/decision")
async def decide_wish(
    request: Request,
    wish_id: UUID,
    body: DecisionIn,
    actor: Annotated[Actor, Depends(access.dispatchers)],
) -> WishedTimeOut:
    """Accept or refuse another time. Accepted, the planner uses no other time for this incident,
    unless it is urgent; a visit planned outside of it is taken back.
    """

    def decide(tx: Tx) -> WishedTimeOut:
        row = tx.session.get(WishedTime, wish_id, with_for_update=True)
        if row is None or row.org != tx.org:
            raise NotFound(what="wish")
        commands.decide(tx, row, accept=body.accept)
        return WishedTimeOut.model_validate(row)

    return await service_of(request).store.submit(decide, actor)


@router.get("/outcomes")
def read_outcomes(request: Request, actor: Annotated[Actor, Depends(access.staff)]) -> OutcomesOut:
    """Return how many reporters were asked whether it is repaired, and what they said."""
    with service_of(request).store.read() as session:
        return OutcomesOut(**queries.outcomes(session, actor.org))


def _visible(session: Session, actor: Actor, request_id: UUID) -> Followed:
    found = session.get(Followed, request_id)
    if found is None or found.org != actor.org:
        raise NotFound(what="request")
    return found


def _follower(one: Follower) -> FollowerOut:
    return FollowerOut(
        request_id=one.request.id,
        since=one.request.created_at,
        sms=one.sms,
        email=one.email,
        stopped=one.request.muted_at is not None,
        words=[WordOut.model_validate(word) for word in one.words],
        wishes=[WishedTimeOut.model_validate(wish) for wish in one.wishes],
        outcome=OutcomeOut.model_validate(one.outcome) if one.outcome else None,
    )
