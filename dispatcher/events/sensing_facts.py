"""What happened because sensors spoke."""

from typing import Literal
from uuid import UUID

from dispatcher.events.base import DomainEvent


class BurstSuspected(DomainEvent):
    """A pressure that fell and calls of one sector are followed as one suspected burst main.

    `drop_percent` is a share of the lowest normal pressure, in percent; `calls` counts
    distinct callers.
    """

    type: Literal["burst.suspected"] = "burst.suspected"
    incident_id: UUID
    sector: str
    sensors: list[str]
    calls: int
    drop_percent: int
