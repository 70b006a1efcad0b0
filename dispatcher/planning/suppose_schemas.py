"""Wire models of "what if"."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from dispatcher.events.states import Priority, ProposalEnd
from dispatcher.planning.move_schemas import PriceOut
from dispatcher.planning.schemas import RefusalOut, Scalar, TermOut
from dispatcher.wire import In, Out


class ForcedIn(In):
    """An incident, and the crew that shall serve it."""

    incident_id: UUID
    crew_id: UUID


class AddedIn(In):
    """Work that might come in: where (degrees WGS 84), how long, how urgent, what it needs."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    duration_min: int = Field(45, ge=5, le=720)
    priority: Priority = "P2"
    due_in_min: int | None = Field(None, ge=0, le=10_080)
    skills: list[str] = Field(default=[], max_length=10)


class SupposeIn(In):
    """What is supposed; at least one of the three."""

    forced: ForcedIn | None = None
    without_crews: list[UUID] = Field(default=[], max_length=50)
    added: AddedIn | None = None

    @model_validator(mode="after")
    def _supposes_something(self) -> Self:
        if self.forced is None and self.added is None and not self.without_crews:
            raise ValueError("suppose something: forced, without_crews or added")
        return self


class SupposedLineOut(Out):
    """One visit that would change; the ids are null for supposed work."""

    visit_id: UUID | None
    incident_id: UUID | None
    title: str | None
    priority: Priority
    before: ProposalEnd | None
    after: ProposalEnd | None
    reason: str | None = None
    params: dict[str, Scalar]


class SupposeOut(Out):
    """The plan as it would be, against the one in force; nothing was changed.

    `price` and `terms` are what the supposed plan costs more. A line without `after` loses its
    place, and `reason` says why. `broken` are rules that forcing breaks. `rounds` is how long it
    was searched for; 0: by insertion alone, nothing else moved.
    """

    plan_version: int
    elapsed_ms: float
    price: PriceOut
    terms: list[TermOut]
    km_delta: float
    lines: list[SupposedLineOut]
    broken: list[RefusalOut]
    rounds: int
