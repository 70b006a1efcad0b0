"""Why a score is what it is: the vocabulary of rules and the record one rule leaves behind.

A reason is data (rule, axis, points, parameters); the sentence a reader sees belongs to his
language and is made elsewhere. This module knows no rule's arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

Axis = Literal["severity", "urgency"]
"""``severity`` is the harm if nothing is done, ``urgency`` how fast that harm grows."""

Param = str | int | float | bool
"""One value of evidence. Numbers carry their unit in the parameter's name."""


def instant_text(at: datetime) -> str:
    """Return an aware instant as evidence carries it: ISO 8601, UTC, ending in ``Z``."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Rule(StrEnum):
    """Every rule that can give points; the value is the identifier that readers translate."""

    CATEGORY = "category"
    DANGER = "danger"
    VULNERABLE_SITE = "vulnerable_site"
    POPULATION_DENSITY = "population_density"
    TRAFFIC = "traffic"
    HOMES_WITHOUT_WATER = "homes_without_water"
    SENSOR = "sensor"
    REPEATS = "repeats"
    INDEPENDENT_SOURCES = "independent_sources"
    WEATHER = "weather"
    NIGHT = "night"
    WEEK_END = "week_end"
    PUBLIC_HOLIDAY = "public_holiday"
    WAITING = "waiting"
    DUE = "due"
    REOPENED = "reopened"
    AXIS_CAP = "axis_cap"


@dataclass(frozen=True, slots=True)
class Reason:
    """Points that one rule gave on one axis, with the evidence.

    Attributes:
        rule: The rule that spoke.
        axis: Where the points count.
        points: Points, never 0; negative only for ``axis_cap``, so that points always add up.
        params: Evidence, ready for a sentence: ``distance_m``, ``homes``, ``name``…
    """

    rule: Rule
    axis: Axis
    points: int
    params: Mapping[str, Param] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, object]:
        """Return the reason as the API and the event log carry it."""
        return {
            "rule": self.rule.value,
            "axis": self.axis,
            "points": self.points,
            "params": dict(self.params),
        }
