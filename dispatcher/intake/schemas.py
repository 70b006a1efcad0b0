"""Wire models of what comes in, and of what is understood of it."""

from typing import Literal
from uuid import UUID

from pydantic import Field, JsonValue

from dispatcher.events.states import IncidentStatus, Priority, ReasonState
from dispatcher.incidents.schemas import PlaceIn
from dispatcher.wire import In, Out

StaffChannel = Literal["web", "phone"]


class ContactIn(In):
    """How to reach the person, all optional; kept apart and erasable."""

    name: str | None = Field(None, max_length=120)
    phone: str | None = Field(None, max_length=30, pattern=r"^[+0-9 .()-]{6,30}$")
    email: str | None = Field(None, max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class ReportIn(In):
    """A message about something seen."""

    text: str = Field(min_length=1, max_length=4000)
    category: str | None = Field(None, max_length=60)
    place: PlaceIn | None = None
    contact: ContactIn | None = None
    channel: StaffChannel = "web"
    joins: UUID | None = None
    """The living incident that the person says it is."""


class IncidentBrief(Out):
    """What the desk learns at once of the incident behind a report."""

    id: UUID
    ref: str
    state: IncidentStatus
    priority: Priority
    score: int
    joined: bool


class ReportOut(Out):
    """Proof of receipt: the reference people quote and the private link they follow."""

    reference: str
    tracking_url: str
    incident: IncidentBrief | None


class PreviewIn(In):
    """A message as it is typed."""

    text: str = Field(max_length=4000)
    category: str | None = Field(None, max_length=60)
    place: PlaceIn | None = None


class CandidateOut(Out):
    """A category the text may mean; confidence 0..1."""

    code: str
    confidence: float


class PlaceOut(Out):
    """A place the text names; confidence 0..1."""

    label: str
    commune: str | None
    insee: str | None
    lat: float | None
    lon: float | None
    confidence: float


class AddressOut(Out):
    """A place for an address as it is typed.

    Attributes:
        label: For people.
        name: Number and street only.
        insee: Commune.
        commune: Its name.
        lat: Degrees WGS 84.
        lon: Likewise.
        is_exact: Known to the house; else somewhere along the street, or only the commune.
        source: `ban` for the geocoder, `gazetteer` for our own names.
    """

    label: str
    name: str
    insee: str
    commune: str
    lat: float
    lon: float
    is_exact: bool
    source: Literal["ban", "gazetteer"]


class DangerOut(Out):
    """A danger told, with its place in the text (end exclusive)."""

    kind: str
    word: str
    start: int
    end: int


class SpanOut(Out):
    """Part of the text that was understood (end exclusive)."""

    start: int
    end: int
    kind: Literal["category", "place", "danger"]


class AssessmentOut(Out):
    """What the incident would score."""

    priority: Priority
    score: int
    severity: int
    urgency: int
    reasons: list[ReasonState]


class DuplicateOut(Out):
    """A living incident that may be the same; likeness 0..1."""

    incident_id: UUID
    ref: str
    title: str
    distance_m: int | None
    age_s: int
    likeness: float
    reasons: list[dict[str, JsonValue]] = Field(default_factory=list)


class PreviewOut(Out):
    """What is understood of a message as it is typed."""

    category: CandidateOut | None
    candidates: list[CandidateOut]
    place: PlaceOut | None
    danger: list[DangerOut]
    spans: list[SpanOut]
    assessment: AssessmentOut | None
    duplicates: list[DuplicateOut]
