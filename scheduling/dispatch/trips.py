"""How much longer drives really take than estimated, learned from finished trips.

Ratios of real to estimated seconds, by territory, length and hour of the day. Medians, because one
forgotten status makes a trip of six hours; shrunk towards the wider group, because a commune with
three trips knows little. Refuses to read trips from anywhere: they are arguments.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

import numpy as np

from scheduling.dispatch.problem import IntMatrix, Matrix
from scheduling.dispatch.travel import Point, TravelTimes

Length = Literal["short", "medium", "long"]
Band = Literal["peak", "day", "night"]
Cell = tuple[str, ...]

SHORT_M: Final = 5_000
LONG_M: Final = 20_000
"""Metres at which a trip stops being a ride in town, and at which it becomes a main-road ride."""

PRIOR_TRIPS: Final = 12
"""Trips of its own that a group needs to weigh as much as the wider group it lies in."""

BELIEVABLE: Final = (0.2, 5.0)
"""Ratios outside are forgotten or doubled statuses, not drives."""


@dataclass(frozen=True, slots=True)
class Trip:
    """A finished drive.

    Attributes:
        territory: sector it ended in.
        distance_m: metres as estimated.
        estimated_s: seconds as estimated, before any learning.
        took_s: seconds it took.
        hour: local hour of departure, 0 to 23.
    """

    territory: str
    distance_m: int
    estimated_s: int
    took_s: int
    hour: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """What a group has learned.

    Attributes:
        value: real ÷ estimated seconds, shrunk.
        trips: believable trips of the group itself.
    """

    value: float
    trips: int


@dataclass(frozen=True, slots=True)
class LearnedRatios:
    """Ratios by group; a group without trips answers as the one around it.

    Attributes:
        groups: ``()`` is everything, then territory, length, band.
        dropped: trips that were not believed.
    """

    groups: Mapping[Cell, Ratio]
    dropped: int = 0

    def ratio(self, territory: str, distance_m: int, hour: int) -> Ratio:
        """The ratio of the narrowest group that has trips; ``Ratio(1, 0)`` if none has.

        >>> LearnedRatios({}).ratio("19031", 4000, 8)
        Ratio(value=1.0, trips=0)
        """
        found = Ratio(1.0, 0)
        for cell in _cells(territory, distance_m, hour):
            found = self.groups.get(cell, found)
        return found


def length_of(distance_m: int) -> Length:
    """Class of a trip by its metres."""
    if distance_m < SHORT_M:
        return "short"
    return "medium" if distance_m < LONG_M else "long"


def band_of(hour: int) -> Band:
    """Part of the day of a local hour.

    >>> [band_of(hour) for hour in (3, 8, 12, 17, 22)]
    ['night', 'peak', 'day', 'peak', 'night']
    """
    if 7 <= hour < 9 or 16 <= hour < 19:
        return "peak"
    return "day" if 6 <= hour < 21 else "night"


def _cells(territory: str, distance_m: int, hour: int) -> tuple[Cell, ...]:
    """Groups of a trip, widest first."""
    length, band = length_of(distance_m), band_of(hour)
    return (), (territory,), (territory, length), (territory, length, band)


def learn_ratios(trips: Iterable[Trip]) -> LearnedRatios:
    """Ratios of every group that trips fall into.

    Each is ``n`` parts its own median and ``PRIOR_TRIPS`` parts the group around it, in
    logarithms; the widest is shrunk to 1, the estimate as it was.
    """
    logs: dict[Cell, list[float]] = {}
    dropped = 0
    for trip in trips:
        ratio = trip.took_s / trip.estimated_s if trip.estimated_s > 0 else math.inf
        if not BELIEVABLE[0] <= ratio <= BELIEVABLE[1]:
            dropped += 1
            continue
        for cell in _cells(trip.territory, trip.distance_m, trip.hour):
            logs.setdefault(cell, []).append(math.log(ratio))
    groups: dict[Cell, Ratio] = {}
    for cell in sorted(logs, key=len):
        around = math.log(groups[cell[:-1]].value) if cell else 0.0
        own, count = median(logs[cell]), len(logs[cell])
        shrunk = (count * own + PRIOR_TRIPS * around) / (count + PRIOR_TRIPS)
        groups[cell] = Ratio(math.exp(shrunk), count)
    return LearnedRatios(groups, dropped)


@dataclass(frozen=True, slots=True)
class LearnedTimes:
    """Travel times of another source, stretched by what was learned for one territory and hour.

    Attributes:
        base: the source the trips were estimated with.
        learned: the ratios.
        territory: sector of the crews asking.
        hour: local hour of the plan's start.
    """

    base: TravelTimes
    learned: LearnedRatios
    territory: str
    hour: int

    @property
    def source(self) -> str:
        """Name of the source, marked as learned."""
        return f"{self.base.source}+learned"

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """All pairs: n×n seconds and metres, row = from."""
        plain = self.base.matrix(points)
        return Matrix(self._stretched(plain.seconds, plain.metres), plain.metres)

    def row(self, origin: Point, points: Sequence[Point]) -> tuple[IntMatrix, IntMatrix]:
        """One origin to many places: seconds and metres, each of length n."""
        seconds, metres = self.base.row(origin, points)
        return self._stretched(seconds, metres), metres

    def _stretched(self, seconds: IntMatrix, metres: IntMatrix) -> IntMatrix:
        ratios = [
            self.learned.ratio(self.territory, distance_m, self.hour).value
            for distance_m in (0, SHORT_M, LONG_M)
        ]
        stretch = np.choose((metres >= SHORT_M) + (metres >= LONG_M).astype(np.int32), ratios)
        return np.asarray(np.rint(seconds * stretch), dtype=np.int32)
