"""What can happen to people on call: pages, call-outs, swaps, and the messages that leave."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from dispatcher.events.base import DomainEvent


class OnCallAlertsChanged(DomainEvent):
    """What is wrong with on-call changed: a gap ahead, a page that fell through, or neither."""

    type: Literal["oncall.alerts_changed"] = "oncall.alerts_changed"
    codes: list[str]


class PolicyChange(BaseModel):
    """One field of a policy, before and after."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str
    before: Any
    after: Any


class PagingPolicyChanged(DomainEvent):
    """Somebody changed who is paged, when, and how long each is given to answer."""

    type: Literal["paging.policy_changed"] = "paging.policy_changed"
    version: int
    changes: list[PolicyChange] = Field(default_factory=list)


class PageOpened(DomainEvent):
    """An incident asks for somebody on call."""

    type: Literal["page.opened"] = "page.opened"
    page_id: UUID
    incident_id: UUID
    cause: Literal["arrival", "raised", "closing", "audit", "lone"]
    due_at: datetime | None


class PageCalled(DomainEvent):
    """People of one rung of the ladder were called; nobody when the rung is empty."""

    type: Literal["page.called"] = "page.called"
    page_id: UUID
    incident_id: UUID
    rung: int
    round: int
    person_ids: list[UUID]


class PageUnanswered(DomainEvent):
    """The whole ladder was called and nobody answered; it begins anew."""

    type: Literal["page.unanswered"] = "page.unanswered"
    page_id: UUID
    incident_id: UUID
    round: int


class PageAcknowledged(DomainEvent):
    """Somebody on call takes it."""

    type: Literal["page.acknowledged"] = "page.acknowledged"
    page_id: UUID
    incident_id: UUID
    person_id: UUID
    via: Literal["link", "screen", "sms", "simulation"]


class PageEnded(DomainEvent):
    """A page is over: the incident is, or somebody is there, or its class fell."""

    type: Literal["page.ended"] = "page.ended"
    page_id: UUID
    incident_id: UUID
    why: Literal["incident_over", "attended", "class_lowered", "well"]


class CallOutMoved(DomainEvent):
    """Work during on-call time began, ended or was corrected."""

    type: Literal["call_out.moved"] = "call_out.moved"
    call_out_id: UUID
    person_id: UUID
    incident_id: UUID | None
    start_at: datetime
    end_at: datetime | None


class PayExported(DomainEvent):
    """Somebody took the pay file of a month out of the service."""

    type: Literal["pay.exported"] = "pay.exported"
    month: str
    lines: int


class RosterTaken(DomainEvent):
    """Somebody took the roster with its telephone numbers out of the service."""

    type: Literal["roster.taken"] = "roster.taken"


class HandoverNoted(DomainEvent):
    """Somebody left a note for the next turn; its text lives in an erasable table."""

    type: Literal["handover.noted"] = "handover.noted"
    note_id: UUID
    post: str | None


class HandoverRead(DomainEvent):
    """Somebody who takes over has read a note."""

    type: Literal["handover.read"] = "handover.read"
    note_id: UUID


class LinksChanged(DomainEvent):
    """Somebody's personal links were made anew or shut; those given out before open nothing."""

    type: Literal["oncall.links_changed"] = "oncall.links_changed"
    person_id: UUID
    open: bool


class SharedLinkChanged(DomainEvent):
    """The calendar link of a post or sector was made anew or shut; older ones open nothing."""

    type: Literal["oncall.shared_link_changed"] = "oncall.shared_link_changed"
    scope: Literal["post", "sector"]
    code: str
    open: bool


class WishMoved(DomainEvent):
    """Somebody wished to hold or not to hold a turn on some days, or took the wish back."""

    type: Literal["oncall.wish_moved"] = "oncall.wish_moved"
    wish_id: UUID
    person_id: UUID
    kept: bool


class TurnsMoved(DomainEvent):
    """Turns of a rota changed hands by a planner's hand, or to repair it after an absence."""

    type: Literal["rota.turns_moved"] = "rota.turns_moved"
    rota_id: UUID
    edition: int
    turns: list["TurnMoved"]


class TurnMoved(BaseModel):
    """One turn (`post:week`): who gave it and who has it now; None is nobody."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    duty_id: str
    before: UUID | None
    after: UUID | None


class PushChanged(DomainEvent):
    """A browser takes web push for somebody, or takes it no more; `gone` when its maker says so."""

    type: Literal["push.changed"] = "push.changed"
    subscription_id: UUID
    state: Literal["added", "removed", "gone"]


class SwapMoved(DomainEvent):
    """A swap was asked for, agreed to, refused, approved or dropped."""

    type: Literal["swap.moved"] = "swap.moved"
    swap_id: UUID
    rota_id: UUID
    state: Literal["proposed", "agreed", "approved", "refused", "withdrawn"]
    person_ids: list[UUID]


class DeliveryDied(DomainEvent):
    """A message could not be sent and will not be tried again by itself."""

    type: Literal["delivery.died"] = "delivery.died"
    delivery_id: UUID
    channel: str
    page_id: UUID | None


class DeliveryRetried(DomainEvent):
    """Somebody asked to send again a message that had been given up."""

    type: Literal["delivery.retried"] = "delivery.retried"
    delivery_id: UUID


TurnsMoved.model_rebuild()

OnCallFact = (
    OnCallAlertsChanged
    | PagingPolicyChanged
    | PageOpened
    | PageCalled
    | PageUnanswered
    | PageAcknowledged
    | PageEnded
    | CallOutMoved
    | PayExported
    | RosterTaken
    | HandoverNoted
    | HandoverRead
    | LinksChanged
    | SharedLinkChanged
    | WishMoved
    | TurnsMoved
    | PushChanged
    | SwapMoved
    | DeliveryDied
    | DeliveryRetried
)
"""Every fact of this file, for the union of all."""
