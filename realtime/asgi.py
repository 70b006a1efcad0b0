"""A live session on an ASGI websocket: who may open one, and who carries out its effects.

Plain ASGI. Mount it in front of the framework: a wrapped `send` hides the transport and with it
the fast path of `frames.py`. Of the application it knows two doors (who is this, may they see that
topic) and nothing else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar

from realtime.broker import Attendee, Broker
from realtime.fanout import Link
from realtime.frames import Message, Send, Writer, writer_for
from realtime.hub import Hub
from realtime.protocol import (
    CloseCode,
    CommandError,
    ErrorCode,
    Position,
    encode,
    error_body,
    reply,
)
from realtime.session import (
    Attend,
    Authenticate,
    Bye,
    Effect,
    GoLive,
    Leave,
    Limits,
    Load,
    Outcome,
    Say,
    Session,
)

log = logging.getLogger("realtime.asgi")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

LOAD_S = 10.0
FAREWELL_S = 2.0
PRESENCE_S = 35.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a connection says about who it is.

    Attributes:
        cookie: The raw Cookie header; None without an Origin of ours, because a browser sends
            cookies whatever page opens the socket.
        token: The token of the first frame.
        address: Where it comes from, for the record.
    """

    cookie: str | None
    token: str | None
    address: str


class Principal(Protocol):
    """Somebody who was let in."""

    @property
    def id(self) -> str:
        """What `Hub.close_principal` is called with; never shown to others."""
        ...

    @property
    def attendee(self) -> Attendee:
        """How others see this person in a presence list; its id may be shown to them."""
        ...

    @property
    def expires_in_s(self) -> float | None:
        """Seconds until the admission ends and the client must come back; None for ever."""
        ...


P = TypeVar("P", bound=Principal)


class Doors(Protocol[P]):
    """The application's two doors."""

    async def authenticate(self, credentials: Credentials) -> P | None:
        """Return who this is, or None."""
        ...

    async def authorise(self, principal: P, topic: str) -> bool:
        """Return whether somebody may see a topic; asked at every subscribe and every resume."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may open a connection, and how many.

    Attributes:
        origins: Exact origins (`https://host[:port]`) of pages that may connect; "null" never may.
        per_principal: Connections of one person, whatever the number of sessions.
        per_address: Connections of one address; generous, a town hall is one address.
        handshakes_per_s: Sustained rate of handshakes; four seconds' worth may come at once.
        limits: What one connection may use.
    """

    origins: frozenset[str]
    per_principal: int = 20
    per_address: int = 200
    handshakes_per_s: float = 200.0
    limits: Limits = field(default_factory=Limits)


class LiveEndpoint(Generic[P]):
    """The ASGI application of the live websocket."""

    def __init__(self, hub: Hub, doors: Doors[P], broker: Broker, policy: Policy) -> None:
        self.hub = hub
        self.doors = doors
        self.broker = broker
        self.policy = policy
        self._serial = 0
        self._tokens = policy.handshakes_per_s * 4
        self._refilled_at: float | None = None
        self._farewells: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket from its handshake to its end."""
        await receive()
        origin, cookie = _header(scope, b"origin"), _header(scope, b"cookie")
        if origin is not None and origin not in self.policy.origins - {"null"}:
            await send({"type": "websocket.close", "code": CloseCode.PERMISSION_DENIED})
            return
        address = str((scope.get("client") or ("",))[0])
        if not self.has_room(address):
            await _refuse_busy(scope, send)
            return
        await send({"type": "websocket.accept"})
        credentials = Credentials(cookie if origin is not None else None, None, address)
        await Connection(self, credentials, send, writer_for(send)).keep(receive)

    def farewell(self, parting: Awaitable[None]) -> None:
        """Run the end of a connection, which may outlive its task."""
        task = asyncio.ensure_future(parting)
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    def next_serial(self) -> int:
        """Return the number of a new connection."""
        self._serial += 1
        return self._serial

    def has_room(self, address: str) -> bool:
        """Return whether an address may open one connection more now, and count it."""
        now, rate = asyncio.get_running_loop().time(), self.policy.handshakes_per_s
        passed = 0.0 if self._refilled_at is None else now - self._refilled_at
        self._tokens, self._refilled_at = min(rate * 4, self._tokens + passed * rate), now
        if self._tokens < 1 or not self.hub.accepting:
            return False
        self._tokens -= 1
        return self.hub.connections_from(address) < self.policy.per_address


class Connection(Generic[P]):
    """The keeper of one connection: reads frames, carries out effects, one after the other."""

    def __init__(
        self, endpoint: LiveEndpoint[P], credentials: Credentials, send: Send, writer: Writer
    ) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._send = send
        self._now = asyncio.get_running_loop().time
        self._serial = endpoint.next_serial()
        self._session = Session(self._serial, endpoint.policy.limits, self._now())
        self._link = Link(writer, self, credentials.address)
        self._principal: P | None = None

    async def keep(self, receive: Receive) -> None:
        """Serve until the client leaves or is sent away."""
        hub = self._endpoint.hub
        hub.join(self._link)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await self._obey(message.get("text"))
        finally:
            hub.leave(self._link)

    async def _obey(self, frame: str | None) -> None:
        try:
            for effect in self._session.receive(frame, self._now()):
                await self._carry_out(effect)
        except Exception:  # the edge of the socket
            log.exception("live_command_failed")
            self.close(CloseCode.SHUTDOWN, "unavailable")

    def tick(self, now: float) -> None:
        """Let a second pass."""
        for effect in self._session.tick(now):
            match effect:
                case Say():
                    self._link.say(effect.payload)
                case Bye():
                    self.close(effect.code, effect.reason)

    def close(self, code: CloseCode, reason: str) -> None:
        """Close soon, without waiting."""
        if not self._link.closing:
            self._endpoint.hub.leave(self._link)
            self._endpoint.farewell(self._part(code, reason))

    async def _part(self, code: CloseCode, reason: str) -> None:
        # A full transport never takes the close frame, and a dead peer never answers it.
        cut = code in (CloseCode.SLOW, CloseCode.NO_PONG)
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self._send({"type": "websocket.close", "code": int(code), "reason": reason})
        except TimeoutError:
            cut = True
        except (OSError, RuntimeError):  # gone already: servers say it in either way
            return
        if cut:
            await asyncio.sleep(FAREWELL_S / 10)
            self._link.abort()

    async def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Say():
                self._link.say(effect.payload)
            case Bye():
                self.close(effect.code, effect.reason)
            case Authenticate():
                await self._authenticate(effect)
            case Load():
                await self._load(effect)
            case GoLive():
                self._endpoint.hub.go_live(self._link, effect.topic)
            case Leave():
                self._endpoint.hub.unsubscribe(self._link, effect.topic)
            case Attend():
                await self._attend(effect)

    async def _authenticate(self, effect: Authenticate) -> None:
        async with asyncio.timeout(LOAD_S):
            self._principal = await self._find(effect)
        if self._principal is None:
            self.close(CloseCode.INVALID_TOKEN, "invalid token")
            return
        if self._is_gone():
            return
        person = self._principal
        account = person.attendee.id or person.id
        mine = self._endpoint.hub.identify(self._link, person.id, account)
        if mine > self._endpoint.policy.per_principal:
            self.close(CloseCode.CONNECTION_LIMIT, "too many connections")
        if self._is_gone():
            return
        for onward in self._session.admitted(self._now(), self._principal.expires_in_s):
            await self._carry_out(onward)

    def _is_gone(self) -> bool:
        return self._link.closing

    async def _find(self, effect: Authenticate) -> P | None:
        said = self._credentials
        return await self._endpoint.doors.authenticate(
            Credentials(said.cookie, effect.token, said.address)
        )

    async def _load(self, effect: Load) -> None:
        outcomes = await self._outcomes(effect)
        # From here on nothing waits: what is said and what is pushed after it stay in order.
        for onward in self._session.loaded(effect, outcomes, self._now()):
            await self._carry_out(onward)

    async def _outcomes(self, load: Load) -> list[Outcome]:
        return [await self._outcome(topic, held) for topic, held in load.wanted]

    async def _outcome(self, topic: str, held: Position | None) -> Outcome:
        hub = self._endpoint.hub
        try:
            subscription = hub.register(self._link, topic)
            async with asyncio.timeout(LOAD_S):
                await self._allow(topic)
                return await hub.load(subscription, held)
        except CommandError as refusal:
            outcome = refusal
        except TimeoutError:
            outcome = CommandError(ErrorCode.UNAVAILABLE, "took too long")
        except Exception:  # the edge of the socket
            log.exception("live_load_failed", extra={"topic": topic})
            outcome = CommandError(ErrorCode.INTERNAL, "internal error")
        hub.unsubscribe(self._link, topic)
        return outcome

    async def _allow(self, topic: str) -> P:
        principal = self._principal
        if principal is None or not await self._endpoint.doors.authorise(principal, topic):
            raise CommandError(ErrorCode.PERMISSION_DENIED, "permission denied")
        return principal

    async def _attend(self, effect: Attend) -> None:
        try:
            principal = await self._allow(effect.topic)
        except CommandError as refusal:
            body = error_body(refusal.code, refusal.message)
            self._link.say(reply(effect.request, "error", body))
            return
        broker, topic = self._endpoint.broker, effect.topic
        here = replace(principal.attendee, at=effect.at)
        people = [_seen(one) for one in await broker.attend(topic, here, PRESENCE_S)]
        body = encode({"topic": effect.topic, "present": people})
        self._link.say(reply(effect.request, "presence", body))


def _seen(one: Attendee) -> dict[str, str]:
    seen = {"id": one.id, "label": one.label}
    return seen | {"at": one.at} if one.at else seen


def _header(scope: Scope, name: bytes) -> str | None:
    """Return a header; "null" when it stands twice, which no browser does."""
    found = [value for key, value in scope.get("headers", ()) if key == name]
    if len(found) > 1:
        return "null"
    return found[0].decode("latin-1") if found else None


async def _refuse_busy(scope: Scope, send: Send) -> None:
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": CloseCode.SHUTDOWN})
        return
    headers = [(b"retry-after", b"2"), (b"content-length", b"0")]
    await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b""})
