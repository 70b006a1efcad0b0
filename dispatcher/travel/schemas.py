"""Wire models of travel: where times come from, what was learned, how windows held."""

from datetime import datetime
from typing import Literal

from dispatcher.wire import Out


class RoadsOut(Out):
    """The road network in use, and whom its licence asks to name."""

    file: str
    data_at: str | None
    compiled_at: str
    nodes: int
    arcs: int
    road_km: float
    credit: str
    licence: str


class QuantilesOut(Out):
    """A spread of real ÷ planned: one in ten is below `p10`, half below `p50`, nine below `p90`."""

    p10: float
    p50: float
    p90: float
    count: int


class FactorOut(Out):
    """Real ÷ estimated travel of a group of finished drives; null = of all of them."""

    source: str
    territory: str | None
    length: Literal["short", "medium", "long"] | None
    band: Literal["peak", "day", "night"] | None
    factor: float
    trips: int


class WorkOut(Out):
    """Real ÷ planned time on site of a group of finished visits; null = of all of them."""

    category: str | None
    experience: Literal["new", "seasoned", "expert"] | None
    ratio: QuantilesOut


class CoverageOut(Out):
    """How the windows told at one moment held: the first, the last before leaving, at leaving; or
    the first told under half an hour ahead (`soon`), an hour, two (`later`), four (`distant`), more
    (`far`).

    `score_min` is the interval score: the width, and ten times by what an arrival missed it.
    """

    moment: Literal["first", "planned", "left", "soon", "hour", "later", "distant", "far"]
    arrivals: int
    inside: int
    early: int
    late: int
    share: float | None
    mean_width_min: float
    mean_lead_min: float
    score_min: float


class LearnedOut(Out):
    """Parameters in force; version 0 are the stated guesses."""

    version: int
    at: datetime | None
    history: Literal["real", "simulated", "none"]
    trips: int
    jobs: int
    factors: list[FactorOut]
    drives: QuantilesOut
    works: list[WorkOut]


class TravelOut(Out):
    """Sources of travel times, the most trusted first; what was learned; whether windows hold."""

    order: list[str]
    roads: RoadsOut | None
    router_trouble: str | None
    places: int
    pairs: dict[str, int]
    memory_bytes: int
    learned: LearnedOut
    goal: float
    calibration: list[CoverageOut]
    ahead: list[CoverageOut]
    kept_at: datetime | None
    refreshed_at: datetime | None
    plans_use_durations: bool
