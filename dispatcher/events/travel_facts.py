"""What the service learned of travel, and windows that narrowed."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from dispatcher.events.base import DomainEvent


class TravelLearned(DomainEvent):
    """Travel factors and durations were learned anew from finished work."""

    type: Literal["travel.learned"] = "travel.learned"
    version: int
    trips: int
    jobs: int
    history: str


class WindowTold(DomainEvent):
    """People were told a narrower or another window for the same plan."""

    type: Literal["visit.window_told"] = "visit.window_told"
    visit_id: UUID
    incident_id: UUID
    window_from: datetime
    window_to: datetime
