"""Where incidents and visits can stand in their life cycles."""

from enum import StrEnum
from typing import Literal

Priority = Literal["P1", "P2", "P3", "P4"]


class IncidentStatus(StrEnum):
    """Where an incident stands in its life cycle."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    IN_PROGRESS = "in_progress"
    STABILISED = "stabilised"
    RESOLVED = "resolved"
    CLOSED = "closed"
    ANSWERED = "answered"
    ON_HOLD = "on_hold"
    TRANSFERRED = "transferred"
    MERGED = "merged"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


class VisitStatus(StrEnum):
    """Where one crew's visit stands in its life cycle."""

    PROPOSED = "proposed"
    ASSIGNED = "assigned"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    PAUSED = "paused"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    REASSIGNED = "reassigned"
    CANCELLED = "cancelled"
