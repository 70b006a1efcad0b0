"""Wire models of planning."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from dispatcher.events.states import CrewState, VisitState, VisitStatus
from dispatcher.wire import In, Out

Scalar = int | float | str | None


class TermOut(Out):
    """One named part of a price, in minutes."""

    name: str
    minutes: float


class BumpedOut(Out):
    """Another visit that would start later, or leave the plan (`delay_s` None)."""

    visit_id: UUID
    title: str
    delay_s: int | None


class LastingOut(Out):
    """Planned time on site, that of the catalogue, and the finished visits it was learned from.

    `visits` 0: nothing was learned of this work, or people have said not to use it.
    """

    seconds: int
    catalogue_s: int
    visits: int


class OfferOut(Out):
    """One crew's best place for the incident, with what it costs everybody."""

    rank: int
    crew_id: UUID
    crew: str
    position: int
    depart_at: datetime
    arrive_at: datetime
    start_at: datetime
    end_at: datetime
    detour_s: int
    detour_m: int
    travel_s: int
    travel_base_s: int
    travel_source: str
    lasting: LastingOut
    margin_s: int | None
    cost_min: float
    terms: list[TermOut]
    bumped: list[BumpedOut]
    flags: list[str]


class RefusalOut(Out):
    """A crew left out, and the rule that binds."""

    crew_id: UUID
    crew: str
    reason: str
    params: dict[str, Scalar]


class OffersOut(Out):
    """Who could go, best first, and why not the others."""

    plan_version: int
    elapsed_ms: float
    compared: int
    travel_source: str
    lasting: LastingOut
    offers: list[OfferOut]
    refusals: list[RefusalOut]


class AcceptIn(In):
    """The crew chosen, on the plan that was seen.

    With `exact` the visit goes to `position` among the crew's stops, as a hand dropped it there;
    without, the best place for the crew is computed again.
    """

    crew_id: UUID
    plan_version: int = Field(ge=0)
    position: int | None = Field(None, ge=0, le=500)
    exact: bool = False


class AcceptOut(Out):
    """The visit made, and the plan's new number."""

    visit: VisitState
    plan_version: int


class VisitMoveIn(In):
    """The state to reach, when it happened on the phone's clock, and why."""

    to: VisitStatus
    at: AwareDatetime | None = None
    reason: str | None = Field(None, max_length=500)


class PositionIn(In):
    """Where a crew's phone is, degrees WGS 84, and how sure it is, metres."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    accuracy_m: float | None = Field(None, ge=0, le=100_000)


class OutIn(In):
    """Until when a crew is out of service (null: it is back), and why."""

    until: AwareDatetime | None
    reason: str | None = Field(None, max_length=200)


class PinIn(In):
    """What to fix: the crew, the time, or nothing."""

    pin: Literal["crew", "time"] | None


class ProposalAcceptIn(In):
    """The lines to take; all when absent."""

    lines: list[UUID] | None = Field(None, max_length=500)


class ProposalRejectIn(In):
    """Why the proposal is refused."""

    reason: str = Field(min_length=2, max_length=500)


class ProposalAcceptOut(Out):
    """How many visits moved, and the plan's new number."""

    applied: int
    plan_version: int


class UndoOut(Out):
    """The plan's number after something was given back."""

    plan_version: int


class CrewDayOut(Out):
    """A crew, its visits of the day in order, and the desk's number."""

    crew: CrewState
    visits: list[VisitState]
    desk_phone: str | None = None


class MilestoneOut(Out):
    """One promise: due, kept, and the likelihood that it is missed, 0..1."""

    due_at: datetime | None
    done_at: datetime | None
    breach: float | None


class PromisesOut(Out):
    """How an incident stands against its promises; null where nothing is promised."""

    incident_id: UUID
    acknowledge: MilestoneOut
    respond: MilestoneOut
    make_safe: MilestoneOut
    restore: MilestoneOut
    paused_since: datetime | None
    pause_reason: str | None
