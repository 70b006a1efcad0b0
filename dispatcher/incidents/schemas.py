"""Wire models of incidents."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, JsonValue

from dispatcher.events.states import IncidentState, IncidentStatus, Priority
from dispatcher.wire import In, Out


class PlaceIn(In):
    """Where something is, as precisely as the caller knows it. Degrees WGS 84."""

    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)
    insee: str | None = Field(None, pattern=r"^(\d{5}|2[AB]\d{3})$")
    address: str | None = Field(None, max_length=200)


class OverrideIn(In):
    """A class set by hand (None gives it back to the policy), always with a reason."""

    priority: Priority | None
    reason: str = Field(min_length=3, max_length=500)


class IncidentPatch(In):
    """What may be corrected; absent fields stay as they are."""

    title: str | None = Field(None, min_length=3, max_length=160)
    category: str | None = Field(None, max_length=60)
    place: PlaceIn | None = None
    override: OverrideIn | None = None


class MoveIn(In):
    """The state to reach, and why."""

    to: IncidentStatus
    reason: str | None = Field(None, max_length=500)


class MergeIn(In):
    """The incident to join, and why."""

    into: UUID
    reason: str | None = Field(None, max_length=500)


class MergedOut(Out):
    """An incident that joined this one, and can leave it again."""

    id: UUID
    ref: str
    title: str
    at: datetime
    by: str
    reports: int


class MergeOut(Out):
    """Both incidents after they were joined or parted."""

    source: IncidentState
    target: IncidentState


class NoteIn(In):
    """A note for colleagues."""

    text: str = Field(min_length=1, max_length=4000)


class MessageOut(Out):
    """Words of the service to those who reported."""

    id: UUID
    at: datetime
    author: str
    text_fr: str
    text_en: str


class NoteOut(Out):
    """A note and its author."""

    id: UUID
    author: str
    text: str
    at: datetime


class ReportOut(Out):
    """One message about an incident, as the desk reads it."""

    id: UUID
    channel: str
    text: str
    at: datetime
    contact_known: bool


class HistoryEntry(Out):
    """One thing that happened; `params` feed the sentence of `type`."""

    at: datetime
    type: str
    actor: str
    params: dict[str, JsonValue]


class Counterfactual(Out):
    """A change that would give another class."""

    change: str
    priority: Priority
    score: int
    params: dict[str, JsonValue]


class MeasureOut(Out):
    """The last reading of a sensor, with what is normal for it."""

    sensor: str
    metric: str
    unit: str
    low: float | None
    high: float | None
    value: float | None
    at: datetime | None


class BurstOut(Out):
    """Why an incident is suspected to be a burst main.

    Attributes:
        sector: Pressure zone.
        calls: Distinct callers.
        first_at: First sign.
        last_at: Last sign.
        drop: Deepest fall of the pressure, as a share of the lowest normal value.
        sensors: Those that fell, with what they measure now.
    """

    sector: str
    calls: int
    first_at: datetime
    last_at: datetime
    drop: float
    sensors: list[MeasureOut]


class PolicyOut(Out):
    """The policy that scored an incident."""

    name: str
    version: int
    thresholds: dict[str, int]


class IncidentDetail(IncidentState):
    """An incident with everything the desk may read about it."""

    description: str
    kind: Literal["incident"] = "incident"
    report_list: list[ReportOut] = Field(default_factory=list)
    notes: list[NoteOut] = Field(default_factory=list)
    history: list[HistoryEntry] = Field(default_factory=list)
    counterfactuals: list[Counterfactual] = Field(default_factory=list)
    policy: PolicyOut
    merged: list[MergedOut] = Field(default_factory=list)
    messages: list[MessageOut] = Field(default_factory=list)
    burst: BurstOut | None = None
    override_reason: str | None = None


class IncidentPage(Out):
    """A page of incidents; `next_cursor` asks for the following one."""

    items: list[IncidentState]
    next_cursor: str | None
