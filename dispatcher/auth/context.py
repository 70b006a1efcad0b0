"""What a request finds at the door: the running service and who is asking."""

from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from dispatcher.actors import Actor
from dispatcher.auth import sessions
from dispatcher.auth.limits import Limits
from dispatcher.database import Clocks, Store
from dispatcher.settings import Settings


@dataclass(slots=True)
class Service:
    """Everything a running service shares between requests.

    Attributes:
        settings: How it was set up.
        store: Truth.
        clocks: Service and wall clock.
        limits: Token buckets by address and purpose.
        secret: Key from which tracking tokens derive.
        parts: Engines' shells that upper layers attach by name (hub, simulation, solver).
    """

    settings: Settings
    store: Store
    clocks: Clocks
    limits: Limits
    secret: bytes
    parts: dict[str, Any] = field(default_factory=dict)


def service_of(request: Request) -> Service:
    """Return the service that serves this request."""
    found: Service = request.app.state.service
    return found


def client_address(request: Request) -> str:
    """Return whom limits count: the caller's address, of IPv6 the /64 network.

    One household or phone has a whole /64, and changes addresses in it as it likes. What proxies
    say was taken into account at the front (`edge/proxies.py`).
    """
    host = request.client.host if request.client else "unknown"
    if ":" not in host:
        return host
    try:
        return str(ip_network(f"{host.partition('%')[0]}/64", strict=False))
    except ValueError:
        return host


async def signed_in_actor(request: Request) -> Actor | None:
    """Return the member of staff behind the session cookie, or None; keeps the session awake."""
    service = service_of(request)
    token = request.cookies.get(sessions.cookie_name(service.settings))
    if not token:
        return None
    wall = service.clocks.wall.now()

    def look() -> tuple[Actor, bool, UUID] | None:
        with service.store.read() as session:
            return sessions.find(session, token, wall, service.settings)

    found = await run_in_threadpool(look)
    if found is None:
        return None
    actor, stale, _user_id = found
    if stale:
        await service.store.submit(lambda tx: sessions.keep_awake(tx, token), actor)
    return actor
