"""The live topics for networks that let no WebSocket through: server-sent events and long-poll.

Whoever may open the socket may open these, with the same session and the same limits; a citizen by
the link of his request. `realtime/streams.py` says what travels.
"""

from typing import Annotated, NoReturn

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import client_address, service_of
from dispatcher.auth.tracking import request_by_token
from dispatcher.errors import (
    CpoError,
    ForeignOrigin,
    InvalidInput,
    NotSignedIn,
    TooMany,
    Unavailable,
)
from dispatcher.live.wiring import Follower, Live
from realtime.asgi import Credentials
from realtime.protocol import CloseCode, Position
from realtime.streams import Poll, RefusedError, Stream, positions_of

router = APIRouter(tags=["live"])
public_router = APIRouter(tags=["citizens"])

LONGEST_HOLD_S = 55
"""Below the minute after which the usual proxy takes a silent answer for a dead one."""

Topics = Annotated[list[str], Query(alias="topic", min_length=1, max_length=128)]
Since = Annotated[
    str, Query(max_length=16_384, description="`topic@epoch:offset`, separated by commas")
]
LastEventId = Annotated[str, Header(alias="Last-Event-ID", max_length=16_384)]


class EventStream(Response):
    """An open stream as the framework sees it."""

    media_type = "text/event-stream"

    def __init__(self, stream: Stream[Follower]) -> None:
        """Answer with an open stream."""
        super().__init__()
        self._stream = stream

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until somebody leaves."""
        await self._stream.serve(receive, send)


@router.get("/live/sse", response_class=EventStream, status_code=200)
async def events(
    request: Request,
    _actor: Annotated[Actor, Depends(access.observers)],
    topics: Topics,
    since: Since = "",
    last_event_id: LastEventId = "",
) -> EventStream:
    """Follow topics as server-sent events.

    Begins with what the socket answers to `connect`. Resumes from `Last-Event-ID`, which browsers
    send by themselves, or from `since`.
    """
    return await _open(request, await _staff(request), topics, positions_of(last_event_id or since))


@router.get("/live/poll")
async def poll(
    request: Request,
    _actor: Annotated[Actor, Depends(access.observers)],
    topics: Topics,
    since: Since = "",
    hold_s: Annotated[float, Query(alias="timeout", ge=0, le=LONGEST_HOLD_S)] = 25.0,
) -> Response:
    """Answer what happened on topics since a position, waiting for it up to `timeout` seconds.

    The answer is what the socket replies to `connect`; ask again from the positions in it.
    """
    live: Live = service_of(request).parts["live"]
    reader = Poll(live.endpoint, await _staff(request), client_address(request))
    try:
        told = await reader.answer(topics, positions_of(since), hold_s, request.receive)
    except RefusedError as refusal:
        _refuse(refusal)
    return Response(told, media_type="application/json")


@public_router.get("/suivi/{token}/live", response_class=EventStream, status_code=200)
async def request_events(
    request: Request,
    token: str,
    _anyone: Annotated[Actor, Depends(access.public)],
    last_event_id: LastEventId = "",
) -> EventStream:
    """Follow one's own request as server-sent events; the link is the key."""
    service = service_of(request)
    live: Live = service.parts["live"]

    def look() -> str:
        with service.store.read() as session:
            return request_by_token(session, token).topic

    topic = await run_in_threadpool(look)
    follower = live.doors.holder(topic)
    return await _open(request, follower, [topic], positions_of(last_event_id))


async def _staff(request: Request) -> Follower:
    """Return who reads: by session, from our own pages or from no page at all.

    Raises:
        ForeignOrigin: Another site's page asks with this person's cookie.
        NotSignedIn: The session has just ended.
    """
    live: Live = service_of(request).parts["live"]
    site = request.headers.get("sec-fetch-site", "none")
    origin = request.headers.get("origin")
    if site not in {"same-origin", "none"} or (
        origin is not None and origin not in live.endpoint.policy.origins
    ):
        raise ForeignOrigin()
    said = Credentials(request.headers.get("cookie"), None, client_address(request))
    follower = await live.doors.authenticate(said)
    if follower is None:
        raise NotSignedIn()
    return follower


async def _open(
    request: Request, follower: Follower, topics: list[str], held: dict[str, Position]
) -> EventStream:
    live: Live = service_of(request).parts["live"]
    stream = Stream(live.endpoint, follower, client_address(request))
    try:
        await stream.open(topics, held, "sse")
    except RefusedError as refusal:
        _refuse(refusal)
    return EventStream(stream)


def _refuse(refusal: RefusedError) -> NoReturn:
    """Say over HTTP what a socket would have been closed with."""
    answers: dict[CloseCode, CpoError] = {
        CloseCode.INVALID_TOKEN: NotSignedIn(refusal.reason),
        CloseCode.CONNECTION_LIMIT: TooMany(refusal.reason, retry_after=10),
        CloseCode.BAD_REQUEST: InvalidInput(refusal.reason),
    }
    raise answers.get(refusal.code, Unavailable(refusal.reason, retry_after=2)) from None
