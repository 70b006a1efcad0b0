"""What a wall screen shows, as it goes over the wire: nothing that names a person or a house."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from dispatcher.events.states import IncidentStatus, Priority, VisitStatus
from dispatcher.wire import Out

Jeopardy = Literal["late", "risk"]


class WallCounts(Out):
    """How much waits.

    Attributes:
        open: Incidents that are not finished.
        unassigned: Of them, without a crew and not on hold.
        urgent: Of these, P1 and P2.
        late: A promise is broken, or that of arrival will be.
        at_risk: It falls due within 60 minutes and nobody is there.
    """

    open: int
    unassigned: int
    urgent: int
    late: int
    at_risk: int


class WallIncident(Out):
    """An incident for people who pass by: kind and commune, no address, no words of anybody.

    Attributes:
        lat: Degrees, rounded to about a kilometre; None when unknown.
        lon: Likewise.
        visit: State of the visit that speaks for it; None when nobody is sent.
        crew: Name of its crew.
        late_s: Seconds beyond the promise most missed; 0 when it is not late.
    """

    id: UUID
    priority: Priority
    category: str
    service: str
    commune: str | None
    lat: float | None
    lon: float | None
    state: IncidentStatus
    visit: VisitStatus | None
    crew: str | None
    due_at: AwareDatetime | None
    jeopardy: Jeopardy | None
    late_s: int


class WallCrew(Out):
    """Where a crew is, to about a kilometre, and what it does; without its name."""

    state: str
    lat: float | None
    lon: float | None


class WallOut(Out):
    """The wall at an instant.

    Attributes:
        at: Service time of the picture.
        org: Name of the authority.
        demo: Whether the day is simulated.
        crews: How many crews are in each state, those off duty too.
        incidents: The gravest first, at most 300.
    """

    at: AwareDatetime
    org: str
    demo: bool
    counts: WallCounts
    crews: dict[str, int]
    on_map: list[WallCrew]
    incidents: list[WallIncident]
