"""The live half of a service: hub, relay, socket, and the doors that decide who may follow what."""

from dataclasses import dataclass
from functools import partial
from http.cookies import CookieError, SimpleCookie

from dispatcher.actors import Actor, citizen
from dispatcher.auth import access, sessions
from dispatcher.auth.context import Service
from dispatcher.auth.tracking import take_live_token
from dispatcher.clock import monotonic_s
from dispatcher.errors import Conflict
from dispatcher.live.admission import Admission
from dispatcher.live.relay import Relay
from dispatcher.live.source import LogSource
from realtime.asgi import Credentials, LiveEndpoint, Policy
from realtime.broker import Attendee, Broker
from realtime.hub import Hub
from realtime.memory import MemoryBroker

LIVE_PATH = "/api/v1/live"
FRESH_S = 1.0
"""For so long what was found at the door holds for the topics asked for there. A session that ends
meanwhile is closed by the hub, which remembers for longer than that whom it sent away.
"""


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody behind a socket: a signed-in session, or a citizen with one topic.

    Attributes:
        id: Name by which all sockets of a session are closed at logout.
        attendee: How colleagues see him in a presence list.
        expires_in_s: Seconds until he must come back.
        actor: Who he is.
        looked_at_s: When that was looked up, by the monotonic clock.
        token: The session's secret; None for citizens.
        topic: The one topic of a citizen; None for staff.
    """

    id: str
    attendee: Attendee
    expires_in_s: float | None
    actor: Actor
    looked_at_s: float
    token: str | None = None
    topic: str | None = None


class ServiceDoors:
    """Who is behind a socket, and what may he follow."""

    def __init__(self, service: Service) -> None:
        """Ask this service."""
        self._service = service
        self._admission = Admission(service)

    async def authenticate(self, credentials: Credentials) -> Follower | None:
        """Return who connects: by session cookie (own pages only) or by a single-use token."""
        if credentials.token is not None:
            topic = await self._topic_of(credentials.token)
            return None if topic is None else self.holder(topic)
        token = self._cookie(credentials.cookie)
        actor = await self._admission.actor(token) if token else None
        if token is None or actor is None:
            return None
        hours = self._service.settings.session_hours
        name = sessions.public_name(actor.id, sessions.short_name(sessions.token_hash(token)))
        colleague = Attendee(str(actor.id), actor.name)
        looked_at_s = monotonic_s()
        return Follower(name, colleague, hours * 3600.0, actor, looked_at_s, token=token)

    def holder(self, topic: str) -> Follower:
        """Return the citizen who holds the link of a request, by its topic."""
        someone = citizen(self._service.settings.org)
        return Follower(topic, Attendee("", ""), 3600.0, someone, monotonic_s(), topic=topic)

    async def authorise(self, principal: Follower, topic: str) -> bool:
        """Return whether somebody may follow a topic; asked again at every resume."""
        if principal.topic is not None:
            return topic == principal.topic
        if monotonic_s() - principal.looked_at_s < FRESH_S:
            return access.may_follow(principal.actor, topic)
        actor = await self._admission.actor(principal.token) if principal.token else None
        return actor is not None and access.may_follow(actor, topic)

    async def _topic_of(self, token: str) -> str | None:
        service = self._service
        take = partial(take_live_token, secret=service.secret, token=token)
        try:
            return await service.store.submit(take, citizen(service.settings.org))
        except Conflict:  # taken on another process at the same instant
            return None

    def _cookie(self, header: str | None) -> str | None:
        try:
            jar = SimpleCookie(header or "")
        except CookieError:
            return None
        morsel = jar.get(sessions.cookie_name(self._service.settings))
        return morsel.value if morsel else None


def _broker(redis_url: str | None) -> Broker:
    if not redis_url:
        return MemoryBroker()
    # Not at the top: a service without Redis need not wait for its import.
    from realtime.redis import RedisBroker

    return RedisBroker(redis_url)


class Live:
    """Everything live of one process."""

    def __init__(self, service: Service) -> None:
        """Build hub, broker and endpoint for a service."""
        settings = service.settings
        self.source = LogSource(service.store, settings.org)
        self.hub = Hub(self.source)
        self.broker = _broker(settings.redis_url)
        self.relay = Relay(service.store, self.hub, self.broker, settings.org)
        self.doors = ServiceDoors(service)
        self.endpoint = LiveEndpoint(
            self.hub,
            self.doors,
            self.broker,
            Policy(origins=settings.origins),
        )
        service.parts["live"] = self
        service.parts.setdefault("degradations", {}).update(
            hints=lambda: self.broker.degraded, limits=lambda: service.limits.degraded
        )

    async def start(self) -> None:
        """Begin to follow the log and to welcome sockets."""
        await self.relay.start()

    async def stop(self) -> None:
        """Send everybody away with a window to come back in, then stop."""
        await self.hub.drain()
        await self.relay.stop()
        self.hub.stop()
        await self.broker.aclose()
