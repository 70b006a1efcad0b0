"""The board as one document, and a citizen's key to his own live topic."""

import json
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.auth.tracking import new_live_token, request_by_token
from dispatcher.errors import Forbidden, InvalidInput
from dispatcher.events.states import Image
from dispatcher.live import past
from dispatcher.live.wiring import Live
from dispatcher.wire import Out
from realtime.protocol import snapshot_body

router = APIRouter(tags=["live"])
public_router = APIRouter(tags=["citizens"])


class BoardItem(Out):
    """One key of the board at one version."""

    key: str
    ver: int
    data: Image


class BoardOut(Out):
    """Everything on the board at a position from which the live socket can go on."""

    epoch: str
    offset: int
    items: list[BoardItem]


class LiveTokenOut(Out):
    """A single-use token of 60 seconds for one topic."""

    token: str
    topic: str


class RequestState(Out):
    """What a citizen's topic holds under its one key, `request`."""

    ref: str
    ver: int
    step: str
    category: str
    category_label_fr: str
    category_label_en: str
    place: dict[Literal["label", "commune"], str | None]
    reports: int
    window_from: str | None
    window_to: str | None
    stamps: dict[str, str]
    updated_at: str
    simulated: bool


@router.get("/board", response_model=BoardOut)
def board(request: Request, actor: Annotated[Actor, Depends(access.observers)]) -> Response:
    """Return the whole board, for clients without sockets and for starting up."""
    live: Live = service_of(request).parts["live"]
    topic = f"board:{actor.org}"
    if not access.may_follow(actor, topic):
        raise Forbidden(role=str(actor.role))
    snapshot = live.source.read_snapshot(topic)
    # What the socket says, byte for byte: reading thousands of items again would take seconds.
    head = json.dumps({"epoch": live.hub.epoch, "offset": snapshot.offset})[:-1].encode()
    body = head + b', "items": ' + snapshot_body(snapshot.items) + b"}"
    return Response(body, media_type="application/json")


@router.get("/board/past")
def past_board(
    request: Request,
    actor: Annotated[Actor, Depends(access.observers)],
    at: Annotated[datetime, Query(description="Service time, with its offset from UTC.")],
) -> BoardOut:
    """Return the board as everybody saw it at an instant: to understand, not to act on."""
    service = service_of(request)
    live: Live = service.parts["live"]
    topic = f"board:{actor.org}"
    if not access.may_follow(actor, topic):
        raise Forbidden(role=str(actor.role))
    if at.tzinfo is None:
        raise InvalidInput("an instant needs its offset from UTC", field="at")
    with service.store.read() as session:
        seq, found = past.board_at(session, actor.org, at)
    items = [{"key": item.key, "ver": item.ver, "data": item.data} for item in found]
    return BoardOut.model_validate({"epoch": live.hub.epoch, "offset": seq, "items": items})


@public_router.post("/suivi/{token}/live")
def live_token(
    request: Request, token: str, _anyone: Annotated[Actor, Depends(access.public)]
) -> LiveTokenOut:
    """Give a tracking page its key to the live socket."""
    service = service_of(request)
    with service.store.read() as session:
        topic = request_by_token(session, token).topic
    wall = service.clocks.wall.now()
    return LiveTokenOut(token=new_live_token(service.secret, topic, wall), topic=topic)


@public_router.get("/suivi/{token}/etat")
def request_state(
    request: Request, token: str, _anyone: Annotated[Actor, Depends(access.public)]
) -> RequestState:
    """Return what the tracking page shows, for clients whose network lets no socket through."""
    service = service_of(request)
    live: Live = service.parts["live"]
    with service.store.read() as session:
        topic = request_by_token(session, token).topic
    return RequestState.model_validate(live.source.read_snapshot(topic).items[0].data)
