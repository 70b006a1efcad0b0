"""Who acts: a person with a role, a citizen with a link, or the service itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID


class Role(StrEnum):
    """What a member of staff may do; doors in `auth/access.py` say which role opens what."""

    COUNCIL = "council"
    OBSERVER = "observer"
    CREW = "crew"
    EXPERT = "expert"
    OPERATOR = "operator"
    DISPATCHER = "dispatcher"
    ONCALL_MANAGER = "oncall_manager"
    ADMIN = "admin"


ActorKind = Literal["user", "citizen", "system", "simulation"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a command, as the event log remembers him.

    Attributes:
        kind: Person of the service, citizen, the service itself, or the simulation player.
        org: Slug of the authority served; every query is bounded by it.
        id: The user's id; None for citizens and the service.
        name: Display name inside the service; never shown to citizens.
        role: None for citizens and the service.
        crew_id: The crew this person belongs to, if any.
    """

    kind: ActorKind
    org: str
    id: UUID | None = None
    name: str = ""
    role: Role | None = None
    crew_id: UUID | None = None

    @property
    def label(self) -> str:
        """A short author for the log: `user:0190…`, `citizen`, `system`, `simulation`."""
        return f"{self.kind}:{self.id}" if self.id else self.kind

    @property
    def simulated(self) -> bool:
        """Whether what this actor makes must be labelled as simulated."""
        return self.kind == "simulation"


def citizen(org: str) -> Actor:
    """Return the anonymous citizen of an authority."""
    return Actor(kind="citizen", org=org)


def system(org: str) -> Actor:
    """Return the service itself, for reactions and background loops."""
    return Actor(kind="system", org=org, name="système")
