"""What everybody may know of a thing after a change: the images that events carry.

An image is the full, non-personal state of one entity at one version. The live feed, snapshots and
the time-travel board derive from images alone, so `apply(snapshot, publications)` equals a fresh
snapshot. Names, phone numbers and free text of citizens never enter an image: the log cannot
forget.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from dispatcher.events.base import State as State
from dispatcher.events.field_states import HelpState, LoneState, QuestionState
from dispatcher.events.statuses import IncidentStatus as IncidentStatus
from dispatcher.events.statuses import Priority as Priority
from dispatcher.events.statuses import VisitStatus as VisitStatus
from dispatcher.events.weather_states import WeatherState

Step = Literal[
    "received",
    "examined",
    "planned",
    "en_route",
    "on_site",
    "done",
    "closed",
    "answered",
    "transferred",
    "cancelled",
]


class PlaceState(State):
    """Where something is, as precisely as it is known."""

    label: str | None = None
    commune: str | None = None
    insee: str | None = None
    lat: float | None = None
    lon: float | None = None


class ReasonState(State):
    """One named part of a score: rule id, points and the evidence as parameters."""

    rule: str
    axis: Literal["severity", "urgency"]
    points: int
    params: dict[str, JsonValue] = Field(default_factory=dict)


class ProgressState(State):
    """What a citizen may follow: the step, an honest window, and when each step came."""

    step: Step = "received"
    window_from: datetime | None = None
    window_to: datetime | None = None
    stamps: dict[str, datetime] = Field(default_factory=dict)


class IncidentState(State):
    """An incident as the operators' board shows it."""

    kind: Literal["incident"] = "incident"
    id: UUID
    ver: int
    ref: str
    state: IncidentStatus
    category: str
    service: str
    title: str
    place: PlaceState
    priority: Priority
    score: int = Field(ge=0, le=100)
    severity: int
    urgency: int
    overridden: bool
    computed: Priority | None = None
    """The class by the policy, beside the one in force; None in events older than the field."""
    reasons: list[ReasonState]
    reported_at: datetime
    updated_at: datetime
    respond_by: datetime | None
    restore_by: datetime | None
    acknowledge_by: datetime | None = None
    make_safe_by: datetime | None = None
    reports: int
    channels: list[str]
    acknowledged_by: str | None
    hold_reason: str | None
    merged_into: UUID | None
    needs_expert: bool = False
    wished_from: datetime | None = None
    wished_to: datetime | None = None
    asks: int = 0
    """Other times asked for that nobody has decided."""
    simulated: bool
    progress: ProgressState


class BriefState(State):
    """What a crew needs to know of the incident behind a visit."""

    ref: str
    title: str
    category: str
    service: str
    priority: Priority
    place: PlaceState
    notes: str | None = None


class VisitState(State):
    """One crew's planned or done presence for a work order."""

    kind: Literal["visit"] = "visit"
    id: UUID
    ver: int
    incident_id: UUID
    work_order_id: UUID
    crew_id: UUID
    state: VisitStatus
    position: int
    depart_at: datetime | None
    start_at: datetime | None
    end_at: datetime | None
    travel_s: int
    travel_base_s: int = 0
    travel_source: str = "great_circle"
    distance_m: int
    duration_s: int
    pin: Literal["crew", "time"] | None
    stamps: dict[str, datetime]
    due_at: datetime | None
    flags: list[str]
    archived: bool
    simulated: bool
    brief: BriefState


class SpotState(State):
    """A named point on the map."""

    name: str
    lat: float
    lon: float


class BreakState(State):
    """A pause owed to a crew: it begins between two instants, when the work allows; urgent work
    that lies over it comes first.
    """

    earliest_at: datetime
    latest_at: datetime
    duration_s: int


class ShiftState(State):
    """Paid working time, start inclusive, end exclusive."""

    start_at: datetime
    end_at: datetime
    breaks: list[BreakState] = Field(default_factory=list)


class PositionState(State):
    """Where a crew was last known to be, and who said so."""

    lat: float
    lon: float
    at: datetime
    source: Literal["depot", "crew", "simulated"]


class CrewState(State):
    """A crew as the board shows it."""

    kind: Literal["crew"] = "crew"
    id: UUID
    ver: int
    name: str
    sector: str
    depot: SpotState
    skills: list[str]
    vehicle: str | None
    members: int
    shift: ShiftState | None
    may_start_at: datetime | None = None
    out_until: datetime | None = None
    out_reason: str | None = None
    state: Literal["off", "available", "en_route", "on_site", "paused"]
    position: PositionState | None


class ProposalEnd(State):
    """One side of a proposed change: who, and when the visit would start."""

    crew_id: UUID
    crew: str
    start_at: datetime | None


class ProposalLine(State):
    """One visit that the proposal would move."""

    visit_id: UUID
    incident_id: UUID
    ref: str
    title: str
    priority: Priority
    before: ProposalEnd | None = Field(None, alias="from", serialization_alias="from")
    after: ProposalEnd | None = Field(None, alias="to", serialization_alias="to")

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True
    )


class ProposalSummary(State):
    """What a proposal changes, in figures."""

    crews_changed: int
    arrivals_moved: int
    citizens_to_tell: int
    km_delta: float
    cost_delta_min: float


class SolverNote(State):
    """Which engine answered, and how long it took."""

    name: str
    elapsed_ms: float


class ProposalState(State):
    """A better plan that the optimiser found, as a difference with the plan in force."""

    kind: Literal["proposal"] = "proposal"
    id: UUID
    ver: int
    state: Literal["open", "accepted", "rejected", "stale", "applied", "undone"]
    plan_version: int
    created_at: datetime
    summary: ProposalSummary
    lines: list[ProposalLine]
    solver: SolverNote
    applied_at: datetime | None = None
    applied_by: Literal["person", "automatic"] | None = None


class PlanState(State):
    """Which plan is in force, and whether the optimiser is at work."""

    kind: Literal["plan"] = "plan"
    id: UUID
    ver: int
    version: int
    frozen_until: datetime | None
    degraded: str | None
    auto_classes: list[str] = Field(default_factory=list)
    auto_sectors: list[str] = Field(default_factory=list)
    freeze_minutes: int | None = None


class OnCallNow(State):
    """Who is on call for a post, until when."""

    post: str
    label: str
    person: str
    until: datetime


class OnCallNext(State):
    """Who takes over a post, from when."""

    post: str
    label: str
    person: str
    starts_at: datetime


class OnCallState(State):
    """Who can be reached now, outside service hours too."""

    kind: Literal["oncall"] = "oncall"
    id: UUID
    ver: int
    service_hours: bool
    now: list[OnCallNow]
    next: list[OnCallNext]


class PageCalledState(State):
    """Somebody who was called for a page, for which post, and when last."""

    person: str
    post: str
    rung: int
    at: datetime


class PageState(State):
    """A demand for attention of people on call; `next_at` is when the next call goes out."""

    kind: Literal["page"] = "page"
    id: UUID
    ver: int
    incident_id: UUID
    ref: str
    title: str
    place: str | None
    priority: Priority
    state: Literal["open", "acknowledged", "ended"]
    opened_at: datetime
    rung: int
    rungs: int
    round: int
    called: list[PageCalledState]
    next_at: datetime | None
    unanswered_at: datetime | None
    acknowledged_by: str | None
    ended_at: datetime | None
    ended_why: str | None
    simulated: bool


class OnCallAlert(State):
    """Something about on-call that needs a person; `code` names the sentence that says it."""

    code: Literal[
        "gap",
        "on_leave",
        "not_rested",
        "not_reachable",
        "no_channel",
        "page_lost",
        "page_unanswered",
        "delivery_dead",
    ]
    post: str | None = None
    person: str | None = None
    ref: str | None = None
    start_at: datetime | None = None
    until: datetime | None = None
    count: int = 1


class OnCallAlertsState(State):
    """Everything wrong with on-call now or soon."""

    kind: Literal["oncall_alerts"] = "oncall_alerts"
    id: UUID
    ver: int
    alerts: list[OnCallAlert]


class ClockState(State):
    """The service clock: now = `at` + (wall time − `wall_at`) × `rate`, or `at` while paused."""

    kind: Literal["clock"] = "clock"
    id: UUID
    ver: int
    at: datetime
    wall_at: datetime
    rate: float
    paused: bool
    simulated: bool


Image = Annotated[
    IncidentState
    | VisitState
    | CrewState
    | ProposalState
    | PlanState
    | OnCallState
    | OnCallAlertsState
    | PageState
    | HelpState
    | QuestionState
    | LoneState
    | ClockState
    | WeatherState,
    Field(discriminator="kind"),
]
