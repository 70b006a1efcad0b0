"""What is known of an incident at the moment it is scored.

Facts are evidence, already looked up: distances measured, weather fetched, words found. This
module knows no weights and fetches nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Colour = Literal["yellow", "orange", "red"]
"""Vigilance level. Green is the absence of a vigilance. Source: Météo-France, vigilance map."""

RoadClass = Literal["motorway", "national", "departmental", "communal", "private"]
"""Who a road belongs to. Source: Code de la voirie routière."""


def require_aware(name: str, at: datetime | None) -> None:
    """Refuse an instant without a time zone.

    Args:
        name: The field, for the message.
        at: The instant; None passes.

    Raises:
        ValueError: The instant is naive.
    """
    if at is not None and at.utcoffset() is None:
        raise ValueError(f"{name} must carry a time zone")


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """What the catalogue says of this kind of incident.

    Attributes:
        code: Category code, for example ``water_leak_road``.
        service: Service code, for example ``drinking_water``.
        severity: Base points, 0–30: the usual harm of this kind.
        urgency: Base points, 0–30: how fast that harm usually grows.
    """

    code: str
    service: str
    severity: int
    urgency: int


@dataclass(frozen=True, slots=True)
class Danger:
    """One danger told by a person.

    Attributes:
        kind: What it threatens, for example ``flooding``; the policy gives points by kind.
        word: The words as they were written or spoken.
    """

    kind: str
    word: str


@dataclass(frozen=True, slots=True)
class NearbySite:
    """A vulnerable site near the incident.

    Attributes:
        kind: ``hospital``, ``care_home``, ``school``…; the policy gives points by kind.
        name: For the reader of the reason.
        distance_m: Metres from the incident, 0 or more.
    """

    kind: str
    name: str
    distance_m: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One measure of one sensor, with the range that is normal for it.

    Attributes:
        metric: What is measured, for example ``pressure``.
        value: The measure, in ``unit``.
        unit: For example ``bar``.
        low: Lowest normal value, None when any low value is normal.
        high: Highest normal value, None when any high value is normal.
        at: When it was measured, aware.
        sensor: Which device, for the reader of the reason; empty when unknown.
    """

    metric: str
    value: float
    unit: str
    low: float | None
    high: float | None
    at: datetime
    sensor: str = ""

    def __post_init__(self) -> None:
        """Refuse a naive instant."""
        require_aware("at", self.at)

    @property
    def deviation(self) -> float:
        """How far outside the normal range, as a share of the broken bound; 0 inside."""
        if self.low is not None and self.value < self.low:
            return (self.low - self.value) / (abs(self.low) or 1.0)
        if self.high is not None and self.value > self.high:
            return (self.value - self.high) / (abs(self.high) or 1.0)
        return 0.0


@dataclass(frozen=True, slots=True)
class Vigilance:
    """A weather warning in force or announced for the place.

    Attributes:
        phenomenon: ``snow_ice``, ``wind``, ``rain_flood``…; see the policy's weather table.
        colour: Level.
        starts_at: Aware, inclusive.
        ends_at: Aware, exclusive; None while the end is unknown.
    """

    phenomenon: str
    colour: Colour
    starts_at: datetime
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse naive instants."""
        require_aware("starts_at", self.starts_at)
        require_aware("ends_at", self.ends_at)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the score may depend on. Nothing else may change a score.

    Attributes:
        at: The instant of scoring, aware.
        reported_at: First report, aware.
        category: Kind of incident.
        dangers: Dangers told, in the order told.
        sites: Vulnerable sites near the incident, any order.
        population_density: People per km² of the commune, None when the place is unknown.
        traffic: Vehicles a day counted on the road concerned, None when unknown or no road.
        road: Class of that road, None when unknown; stands for the traffic where none is counted.
        homes_without_water: Homes known or measured to be cut off, 0 or more.
        readings: Sensor measures linked with the incident.
        reports: Reports joined to the incident, the first included; 1 or more.
        sources: Distinct people or devices behind them, 1 or more.
        vigilances: Weather warnings for the place.
        respond_by: Promised arrival, aware; None before deadlines are set or while on hold.
        is_attended: A crew is on site or the place is made safe: waiting stops counting.
        reopenings: Times that a citizen or agent said "not repaired" after closing.
    """

    at: datetime
    reported_at: datetime
    category: CategoryFacts
    dangers: tuple[Danger, ...] = ()
    sites: tuple[NearbySite, ...] = ()
    population_density: float | None = None
    traffic: int | None = None
    homes_without_water: int = 0
    readings: tuple[Reading, ...] = ()
    reports: int = 1
    sources: int = 1
    vigilances: tuple[Vigilance, ...] = ()
    respond_by: datetime | None = None
    is_attended: bool = False
    reopenings: int = 0
    road: RoadClass | None = None

    def __post_init__(self) -> None:
        """Refuse naive instants and impossible counts."""
        require_aware("at", self.at)
        require_aware("reported_at", self.reported_at)
        require_aware("respond_by", self.respond_by)
        if self.reports < 1 or self.sources < 1:
            raise ValueError("an incident has at least one report from one source")
        if self.homes_without_water < 0 or self.reopenings < 0:
            raise ValueError("counts cannot be negative")

    @property
    def waited(self) -> timedelta:
        """Time since the first report; zero when clocks disagree and the report lies ahead."""
        return max(self.at - self.reported_at, timedelta(0))
