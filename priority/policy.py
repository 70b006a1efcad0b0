"""What a council decides about priority: points, thresholds, ageing, promises, opening hours.

A policy is versioned data, validated on entry, the same in TOML and JSON. Every field has the
default of the house, so a council writes only what it changes. This module gives no points
itself: rules read it.
"""

import json
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from priority.deadlines import Commitment
from priority.defaults import TABLES
from priority.facts import Colour, RoadClass
from priority.timetable import CalendarSettings, LocalHours, Points, Promises, Settings
from priority.toml_lines import line_of


class Priority(StrEnum):
    """Class of an incident, first to last: immediate, urgent, normal, can wait."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class PolicyError(ValueError):
    """The policy is not valid: one line for each problem.

    Attributes:
        problems: ``field.path: what is wrong``, with ``(line 12)`` where TOML wrote it.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the problems and join them as the message."""
        super().__init__("\n".join(problems))
        self.problems = problems


def problems_of(error: ValidationError, toml: str = "", root: str = "policy") -> tuple[str, ...]:
    """Return what is wrong, one line for each problem, with the line of the TOML that wrote it.

    Args:
        error: As pydantic raised it.
        toml: The text; empty when there is none.
        root: How the whole document is called.
    """
    found = []
    for problem in error.errors(include_url=False):
        path = problem["loc"]
        line = line_of(toml, path) if toml else None
        where = f" (line {line})" if line is not None else ""
        name = ".".join(str(part) for part in path) or root
        found.append(f"{name}: {problem['msg'].removeprefix('Value error, ')}{where}")
    return tuple(found)


class Thresholds(Settings):
    """Lowest score of each class, inclusive; below ``p3`` an incident is P4."""

    p1: Annotated[int, Field(ge=1, le=100)] = 70
    p2: Annotated[int, Field(ge=1, le=100)] = 50
    p3: Annotated[int, Field(ge=1, le=100)] = 30

    @model_validator(mode="after")
    def _descend(self) -> Self:
        if not self.p1 > self.p2 > self.p3:
            raise ValueError("thresholds must descend: p1 > p2 > p3")
        return self


class AxisPoints(Settings):
    """Points on both axes."""

    severity: Points = 0
    urgency: Points = 0


class Band(Settings):
    """Points from one value on, inclusive, until the next band."""

    at_least: Annotated[float, Field(ge=0)]
    points: Points


def _ascend(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    for lower, upper in pairwise(bands):
        if not (lower.at_least < upper.at_least and lower.points <= upper.points):
            raise ValueError("bands must ascend in value, and never lose points")
    return bands


Bands = Annotated[tuple[Band, ...], AfterValidator(_ascend)]


def _bands(*steps: tuple[float, int]) -> tuple[Band, ...]:
    return tuple(Band(at_least=at_least, points=points) for at_least, points in steps)


class SiteRule(Settings):
    """Points for a vulnerable site of one kind.

    Attributes:
        points: Severity points.
        within_m: Counts up to this distance in metres, inclusive.
        hours: Counts only in these local hours of open days (a school at night is empty).
    """

    points: Points
    within_m: Annotated[int, Field(gt=0)]
    hours: LocalHours | None = None


class SensorRule(Settings):
    """Points for a measure outside its normal range.

    Attributes:
        max_age_min: Older measures say nothing, minutes, inclusive.
        bands: Severity points by deviation, as a share of the broken bound.
    """

    max_age_min: Annotated[int, Field(gt=0)] = 60
    bands: Bands = _bands((0.05, 3), (0.25, 6), (0.5, 10))


class WeatherRule(Settings):
    """Points for one phenomenon, for the services that suffer from it."""

    services: tuple[str, ...]
    yellow: Points
    orange: Points
    red: Points

    def points(self, colour: Colour) -> int:
        """Return the urgency points of a colour."""
        return {"yellow": self.yellow, "orange": self.orange, "red": self.red}[colour]


class WaitingRule(Settings):
    """Ageing: one point per step of waiting, up to a cap, so that old is never forgotten."""

    every_min: Annotated[int, Field(gt=0)] = 30
    cap: Points = 8


class DueBand(Settings):
    """Points once no more than this share of the promised time is left, inclusive."""

    share_left: Annotated[float, Field(ge=0, lt=1)]
    points: Points


class DueRule(Settings):
    """Nearness of the promised arrival, first band that holds; bands from late to early."""

    bands: tuple[DueBand, ...] = (
        DueBand(share_left=0.0, points=10),
        DueBand(share_left=0.1, points=7),
        DueBand(share_left=0.25, points=4),
        DueBand(share_left=0.5, points=2),
    )

    @model_validator(mode="after")
    def _from_late_to_early(self) -> Self:
        for late, early in pairwise(self.bands):
            if not (late.share_left < early.share_left and late.points >= early.points):
                raise ValueError("due bands go from late to early, and never gain points")
        return self


def _laid(default: object, given: object) -> object:
    """Return ``given`` laid over ``default``: tables merge key by key, all else is replaced."""
    if not isinstance(default, Mapping) or not isinstance(given, Mapping):
        return given
    if "minutes" in given or isinstance(given.get("hours"), int):
        return given  # an allowance is one figure in two parts: « 30 minutes » is not « 1 h 30 »
    merged = {key: _laid(default[key], given[key]) for key in default if key in given}
    return {**default, **given, **merged}


class Policy(Settings):
    """A whole policy. Fields without a default here have theirs in ``priority.defaults``.

    Attributes:
        name: For readers, for example ``Hiver 2026``.
        version: Raised by each change that is adopted.
        axis_cap: Most points that one axis may reach; two axes make the 100 of the score.
        categories: Base points that replace those of the catalogue, by category code.
        dangers: Points by kind of danger told.
        sites: Points by kind of vulnerable site.
        road_traffic: Vehicles a day taken for a class of road where nobody has counted.
        reopened: Urgency points for each time that somebody says "not repaired".
        reopened_cap: Most points from reopening.
        weather_ahead_h: A warning counts from this long before it starts, hours.
    """

    name: Annotated[str, Field(min_length=1, max_length=80)] = "Référence"
    version: Annotated[int, Field(ge=1)] = 1
    thresholds: Thresholds = Thresholds()
    axis_cap: Points = 50
    categories: Mapping[str, AxisPoints] = {}
    dangers: Mapping[str, AxisPoints]
    sites: Mapping[str, SiteRule]
    population_density: Bands = _bands((50, 1), (150, 3), (500, 5))
    road_traffic: Mapping[RoadClass, Annotated[int, Field(ge=0)]]
    traffic: Bands = _bands((500, 3), (1500, 6), (4000, 10))
    homes_without_water: Bands = _bands((1, 5), (10, 8), (50, 11), (100, 14), (500, 20))
    sensor: SensorRule = SensorRule()
    repeats: Bands = _bands((2, 3), (4, 5), (8, 8), (15, 12))
    independent_sources: Bands = _bands((2, 2), (3, 4))
    weather: Mapping[str, WeatherRule]
    weather_ahead_h: Annotated[int, Field(ge=0, le=48)] = 12
    calendar: CalendarSettings = CalendarSettings()
    waiting: WaitingRule = WaitingRule()
    due: DueRule = DueRule()
    reopened: Points = 10
    reopened_cap: Points = 20
    promises: Promises

    @model_validator(mode="before")
    @classmethod
    def _over_the_defaults(cls, document: object) -> object:
        """Lay what the council wrote over the tables of the house, entry by entry."""
        if not isinstance(document, Mapping):
            return document
        return {**document, **{key: _laid(TABLES[key], document.get(key, {})) for key in TABLES}}

    @classmethod
    def default(cls) -> "Policy":
        """Return the policy of the house."""
        return cls.model_validate({})

    @classmethod
    def from_toml(cls, text: str) -> "Policy":
        """Read a policy from TOML.

        Raises:
            PolicyError: Not TOML, or not a policy.
        """
        try:
            document: object = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise PolicyError((f"not TOML: {error}",)) from error
        return cls._from_document(document, text)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Policy":
        """Read a policy from JSON.

        Raises:
            PolicyError: Not JSON, or not a policy.
        """
        try:
            document: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise PolicyError((f"not JSON: {error}",)) from error
        return cls._from_document(document)

    @classmethod
    def _from_document(cls, document: object, toml: str = "") -> "Policy":
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            raise PolicyError(problems_of(error, toml)) from error

    def priority_of(self, score: int) -> Priority:
        """Return the class of a score."""
        if score >= self.thresholds.p1:
            return Priority.P1
        if score >= self.thresholds.p2:
            return Priority.P2
        return Priority.P3 if score >= self.thresholds.p3 else Priority.P4

    def commitment(self, priority: Priority) -> Commitment:
        """Return what a class is promised."""
        promise = {
            Priority.P1: self.promises.p1,
            Priority.P2: self.promises.p2,
            Priority.P3: self.promises.p3,
            Priority.P4: self.promises.p4,
        }[priority]
        return promise.commitment()
