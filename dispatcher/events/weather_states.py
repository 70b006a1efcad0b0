"""Image of the weather warnings of an authority's territory."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from pydantic import field_validator

from dispatcher.events.base import State

Phenomenon = Literal[
    "wind",
    "rain_flood",
    "thunderstorm",
    "flood",
    "snow_ice",
    "heat",
    "extreme_cold",
    "avalanche",
    "waves",
]
"""The nine of the vigilance map. Source: Météo-France, dispositif de vigilance."""

WarningColour = Literal["yellow", "orange", "red"]
WarningSource = Literal["hand", "meteofrance", "simulation"]


class WarningState(State):
    """One phenomenon at one level for one stretch of time; `ends_at` is None while unknown."""

    phenomenon: Phenomenon
    colour: WarningColour
    starts_at: datetime
    ends_at: datetime | None
    source: WarningSource

    @field_validator("starts_at", "ends_at")
    @classmethod
    def _in_utc(cls, given: datetime | None) -> datetime | None:
        return None if given is None else given.astimezone(UTC)


class WeatherState(State):
    """The warnings in force or announced.

    `feed` says whether a bulletin is asked for by itself: `none` (people write warnings down),
    `heard`, or `silent` (it was, and no longer answers or no longer names this territory: that a
    warning is missing then means nothing). `bulletin_at` is when the last one was issued.
    """

    kind: Literal["weather"] = "weather"
    id: UUID
    ver: int
    warnings: list[WarningState]
    feed: Literal["none", "heard", "silent"] = "none"
    bulletin_at: datetime | None = None
