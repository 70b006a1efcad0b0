"""The doors: one function per protected thing, and one door named by every route.

Roles are ordered: council < observer < crew < expert < operator < dispatcher < on-call manager <
admin. A crew sees and moves only its own visits. An elected council pilots the model (policy, rules
of competence, reply templates) and sees no incident: what may name people stays behind `observers`.
A law test walks the OpenAPI document and expects 401 or 403 behind every door that is not `public`.
"""

import hmac
from uuid import UUID

from fastapi import Request
from sqlmodel import Session

from dispatcher.actors import Actor, Role, citizen, system
from dispatcher.auth.context import service_of, signed_in_actor
from dispatcher.errors import Forbidden, NotFound, NotSignedIn
from dispatcher.models import Crew, Incident, Visit

RANK: dict[Role, int] = {role: rank for rank, role in enumerate(Role)}


def has_rank(actor: Actor, least: Role) -> bool:
    """Return whether an actor's role is `least` or above; the service itself may do everything."""
    if actor.kind in {"system", "simulation"}:
        return True
    return actor.role is not None and RANK[actor.role] >= RANK[least]


class Door:
    """A dependency that lets an actor in or says why not."""

    def __init__(self, least: Role | None, also: Role | None = None) -> None:
        """Open to `least` and above, and to one more role; None opens to everybody."""
        self.least = least
        self.also = also

    @property
    def is_public(self) -> bool:
        """Whether anybody may come in."""
        return self.least is None

    async def __call__(self, request: Request) -> Actor:
        """Return who comes in.

        Raises:
            NotSignedIn: Nobody is signed in.
            Forbidden: The role is not enough.
        """
        actor = await signed_in_actor(request)
        if self.least is None:
            return actor or citizen(service_of(request).settings.org)
        if actor is None:
            raise NotSignedIn()
        if not has_rank(actor, self.least) and (self.also is None or actor.role is not self.also):
            raise Forbidden(role=str(actor.role), needs=str(self.least))
        return actor


class TokenDoor(Door):
    """Open to a machine that carries the bearer token of one setting, and to people of a role."""

    def __init__(self, least: Role, setting: str) -> None:
        """Open to `least` and above, and to whoever has the token that `setting` holds; an empty
        one opens nothing.
        """
        super().__init__(least)
        self.setting = setting

    async def __call__(self, request: Request) -> Actor:
        """Return who comes in; raises what `Door` raises."""
        settings = service_of(request).settings
        token = getattr(settings, self.setting).get_secret_value()
        given = request.headers.get("authorization", "")
        if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return system(settings.org)
        return await super().__call__(request)


public = Door(None)
staff = Door(Role.COUNCIL)
observers = Door(Role.OBSERVER)
crews = Door(Role.CREW)
experts = Door(Role.EXPERT)
operators = Door(Role.OPERATOR)
dispatchers = Door(Role.DISPATCHER)
oncall_managers = Door(Role.ONCALL_MANAGER)
admins = Door(Role.ADMIN)
pilots = Door(Role.ADMIN, also=Role.COUNCIL)
field_pilots = Door(Role.ONCALL_MANAGER, also=Role.COUNCIL)
scrapers = TokenDoor(Role.ADMIN, "metrics_token")
sms_provider = TokenDoor(Role.ADMIN, "sms_hook_token")
sensors = TokenDoor(Role.ADMIN, "sensors_token")
walls = TokenDoor(Role.OBSERVER, "wall_token")


def visible_incident(session: Session, actor: Actor, incident_id: UUID) -> Incident:
    """Return an incident of the actor's authority.

    Raises:
        NotFound: Absent, or of another authority.
    """
    found = session.get(Incident, incident_id)
    if found is None or found.org != actor.org:
        raise NotFound(what="incident")
    return found


def visible_visit(session: Session, actor: Actor, visit_id: UUID) -> Visit:
    """Return a visit; a crew sees only its own.

    Raises:
        NotFound: Absent, of another authority, or of another crew.
    """
    found = session.get(Visit, visit_id)
    if found is None or found.org != actor.org:
        raise NotFound(what="visit")
    if not has_rank(actor, Role.EXPERT) and found.crew_id != actor.crew_id:
        raise NotFound(what="visit")
    return found


def visible_crew(session: Session, actor: Actor, crew_id: UUID) -> Crew:
    """Return a crew; a crew member sees only his own.

    Raises:
        NotFound: Absent, of another authority, or another's crew.
    """
    found = session.get(Crew, crew_id)
    if found is None or found.org != actor.org:
        raise NotFound(what="crew")
    if actor.role is Role.CREW and actor.crew_id != crew_id:
        raise NotFound(what="crew")
    return found


def may_follow(actor: Actor, topic: str) -> bool:
    """Return whether an actor may subscribe to a live topic (asked again at every replay)."""
    kind, _, name = topic.partition(":")
    if kind in {"board", "rota"}:
        return name == actor.org and actor.role is not Role.CREW and has_rank(actor, Role.OBSERVER)
    if kind == "experts":
        return name == actor.org and has_rank(actor, Role.EXPERT)
    if kind == "crew" and _is_id(name):
        return has_rank(actor, Role.EXPERT) or (
            actor.role is Role.CREW and name == str(actor.crew_id)
        )
    return False


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
