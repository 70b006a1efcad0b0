"""Everything that can have happened: the closed, versioned union of domain events.

An event is an immutable fact in the past tense. `data` of a stored event is the model without
`type`; sentences about it belong to the reader's language. No personal data: events point to ids.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from dispatcher.events.account_facts import SignInRefused, UserSignedIn, UserSignedOut
from dispatcher.events.attachment_facts import AttachmentAdded, AttachmentRemoved
from dispatcher.events.base import DomainEvent
from dispatcher.events.citizen_facts import (
    CitizenSpoke,
    NoticesChanged,
    NoticeTemplateChanged,
    OutcomeAsked,
    OutcomeTold,
    TimeWished,
    WishDecided,
)
from dispatcher.events.field_facts import FieldFact
from dispatcher.events.oncall_facts import OnCallFact
from dispatcher.events.planning_facts import PlanChanged, PlanDegraded, PlanningTuned
from dispatcher.events.policy_facts import (
    CompetenceRulesAdopted,
    PolicyAdopted,
    ReplyTemplateChanged,
    RetentionChanged,
    WordsForgotten,
)
from dispatcher.events.sensing_facts import BurstSuspected
from dispatcher.events.states import IncidentStatus, Priority, VisitStatus
from dispatcher.events.travel_facts import TravelLearned, WindowTold
from dispatcher.events.weather_facts import WeatherChanged


class ReportReceived(DomainEvent):
    """A message came in by a channel."""

    type: Literal["report.received"] = "report.received"
    report_id: UUID
    incident_id: UUID
    channel: str
    joined: bool


class IncidentOpened(DomainEvent):
    """A new situation is followed."""

    type: Literal["incident.opened"] = "incident.opened"
    incident_id: UUID
    ref: str
    category: str
    priority: Priority
    score: int


class IncidentMoved(DomainEvent):
    """An incident changed state."""

    type: Literal["incident.moved"] = "incident.moved"
    incident_id: UUID
    source: IncidentStatus
    target: IncidentStatus
    reason: str | None = None


class IncidentEdited(DomainEvent):
    """Somebody corrected facts of an incident."""

    type: Literal["incident.edited"] = "incident.edited"
    incident_id: UUID
    fields: list[str]


class IncidentRescored(DomainEvent):
    """The class or score of an incident changed with its facts."""

    type: Literal["incident.rescored"] = "incident.rescored"
    incident_id: UUID
    priority: Priority
    score: int


class PriorityOverridden(DomainEvent):
    """A person set the class by hand, with a reason; None gives it back to the policy."""

    type: Literal["incident.priority_overridden"] = "incident.priority_overridden"
    incident_id: UUID
    priority: Priority | None
    reason: str


class IncidentAcknowledged(DomainEvent):
    """A dispatcher took the incident."""

    type: Literal["incident.acknowledged"] = "incident.acknowledged"
    incident_id: UUID


class IncidentHandedOver(DomainEvent):
    """Somebody gave an incident to a colleague to have in hand; None gives it to nobody."""

    type: Literal["incident.handed_over"] = "incident.handed_over"
    incident_id: UUID
    to_id: UUID | None


class IncidentNoted(DomainEvent):
    """A member of staff wrote a note; its text lives in an erasable table."""

    type: Literal["incident.noted"] = "incident.noted"
    incident_id: UUID
    note_id: UUID


class IncidentMerged(DomainEvent):
    """An incident turned out to be another one and joined it, with all its reports."""

    type: Literal["incident.merged"] = "incident.merged"
    incident_id: UUID
    into_id: UUID
    into_ref: str
    reports: int
    reason: str | None = None


class IncidentJoined(DomainEvent):
    """Another incident turned out to be this one: its reports are followed here."""

    type: Literal["incident.joined"] = "incident.joined"
    incident_id: UUID
    from_id: UUID
    from_ref: str
    reports: int


class IncidentUnmerged(DomainEvent):
    """An incident that had joined another one is followed by itself again."""

    type: Literal["incident.unmerged"] = "incident.unmerged"
    incident_id: UUID
    from_id: UUID
    from_ref: str
    reports: int


class IncidentParted(DomainEvent):
    """An incident that had joined this one left again, with its reports."""

    type: Literal["incident.parted"] = "incident.parted"
    incident_id: UUID
    left_id: UUID
    left_ref: str
    reports: int


class IncidentReplied(DomainEvent):
    """Everybody who reported an incident was told something; the words live in a table."""

    type: Literal["incident.replied"] = "incident.replied"
    incident_id: UUID
    message_id: UUID
    template: str | None
    closes: bool


class ExpertAsked(DomainEvent):
    """An expert's word is needed on an incident, or no longer."""

    type: Literal["incident.expert_asked"] = "incident.expert_asked"
    incident_id: UUID
    needed: bool


class CompetenceMoved(DomainEvent):
    """A body was asked to take an incident, or answered."""

    type: Literal["competence.moved"] = "competence.moved"
    incident_id: UUID
    claim_id: UUID
    body: str
    state: Literal["asked", "accepted", "refused", "handed_over", "closed"]
    motive: str | None


class VisitAssigned(DomainEvent):
    """A visit was given to a crew."""

    type: Literal["visit.assigned"] = "visit.assigned"
    visit_id: UUID
    incident_id: UUID
    crew_id: UUID
    plan_version: int
    start_at: datetime | None
    chosen: Literal["offer", "proposal", "manual"]
    left_crew_id: UUID | None = None


class VisitRetimed(DomainEvent):
    """A planned visit keeps its crew and starts at another time or rank."""

    type: Literal["visit.retimed"] = "visit.retimed"
    visit_id: UUID
    incident_id: UUID
    crew_id: UUID
    start_at: datetime | None


class VisitLengthSet(DomainEvent):
    """A person said how long a visit takes on site, seconds."""

    type: Literal["visit.length_set"] = "visit.length_set"
    visit_id: UUID
    incident_id: UUID
    crew_id: UUID
    from_s: int
    to_s: int


class VisitMoved(DomainEvent):
    """A visit changed state."""

    type: Literal["visit.moved"] = "visit.moved"
    visit_id: UUID
    incident_id: UUID
    crew_id: UUID
    source: VisitStatus
    target: VisitStatus
    asserted_at: datetime
    said_by: Literal["crew", "dispatcher", "service", "simulation"]
    reason: str | None = None


class VisitPinned(DomainEvent):
    """A person fixed or freed a visit against re-planning."""

    type: Literal["visit.pinned"] = "visit.pinned"
    visit_id: UUID
    incident_id: UUID
    pin: Literal["crew", "time"] | None


class VisitArchived(DomainEvent):
    """A finished visit left the board of the day."""

    type: Literal["visit.archived"] = "visit.archived"
    visit_id: UUID
    incident_id: UUID


class VisitBriefed(DomainEvent):
    """A crew was told what changed in the incident behind its visit."""

    type: Literal["visit.briefed"] = "visit.briefed"
    visit_id: UUID
    incident_id: UUID


class VisitWithdrawn(DomainEvent):
    """A visit was taken back from its crew before it began."""

    type: Literal["visit.withdrawn"] = "visit.withdrawn"
    visit_id: UUID
    incident_id: UUID
    crew_id: UUID
    plan_version: int


class ProposalPublished(DomainEvent):
    """The optimiser found a better plan."""

    type: Literal["proposal.published"] = "proposal.published"
    proposal_id: UUID
    plan_version: int
    lines: int


class ProposalDecided(DomainEvent):
    """A proposal was taken, refused, applied by itself, undone, or overtaken by the plan."""

    type: Literal["proposal.decided"] = "proposal.decided"
    proposal_id: UUID
    decision: Literal["accepted", "rejected", "stale", "applied", "undone"]
    lines: int
    reason: str | None = None


class CrewChanged(DomainEvent):
    """A crew's state, shift or known position changed."""

    type: Literal["crew.changed"] = "crew.changed"
    crew_id: UUID
    state: str


class RotaGenerated(DomainEvent):
    """A rota was computed and is in force or in draft."""

    type: Literal["rota.generated"] = "rota.generated"
    rota_id: UUID
    version: int
    uncovered: int
    published: bool


class OnCallChanged(DomainEvent):
    """Who is on call changed: a turn began, or a rota was published."""

    type: Literal["oncall.changed"] = "oncall.changed"


class ReferenceImported(DomainEvent):
    """Reference data were loaded: communes, depots, crews, categories."""

    type: Literal["reference.imported"] = "reference.imported"
    communes: int
    categories: int
    crews: int
    people: int


class ClockChanged(DomainEvent):
    """The pace of the simulated day changed."""

    type: Literal["clock.changed"] = "clock.changed"
    rate: float


Event = Annotated[
    ReportReceived
    | IncidentOpened
    | IncidentMoved
    | IncidentEdited
    | IncidentRescored
    | PriorityOverridden
    | IncidentAcknowledged
    | IncidentHandedOver
    | IncidentNoted
    | IncidentReplied
    | CitizenSpoke
    | TimeWished
    | WishDecided
    | OutcomeAsked
    | OutcomeTold
    | NoticesChanged
    | NoticeTemplateChanged
    | AttachmentAdded
    | AttachmentRemoved
    | ExpertAsked
    | ReplyTemplateChanged
    | RetentionChanged
    | WordsForgotten
    | CompetenceMoved
    | IncidentMerged
    | IncidentJoined
    | IncidentUnmerged
    | IncidentParted
    | BurstSuspected
    | WeatherChanged
    | VisitAssigned
    | VisitRetimed
    | WindowTold
    | VisitMoved
    | VisitPinned
    | VisitArchived
    | VisitBriefed
    | VisitWithdrawn
    | PlanChanged
    | PlanDegraded
    | PlanningTuned
    | ProposalPublished
    | ProposalDecided
    | CompetenceRulesAdopted
    | PolicyAdopted
    | CrewChanged
    | RotaGenerated
    | OnCallChanged
    | OnCallFact
    | FieldFact
    | TravelLearned
    | ReferenceImported
    | ClockChanged
    | UserSignedIn
    | SignInRefused
    | UserSignedOut,
    Field(discriminator="type"),
]
