"""Travel times of mixed origin: each pair of places remembers what its estimate comes from.

A pair that a road network or a router knows takes their answer; every other is a great circle.
What was learned from finished trips then stretches each by its own source, by the territory it ends
in, by its length and by the hour. Refuses to fetch and to cache.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.problem import IntMatrix, Matrix
from scheduling.dispatch.travel import GreatCircle, Point
from scheduling.dispatch.trips import LONG_M, SHORT_M, LearnedRatios

Codes = npt.NDArray[np.int8]

SOURCES: Final = ("great_circle", "graph", "valhalla", "osrm")
"""Names by code, the least trusted first; 0 is what everything falls back to."""

LEARNED: Final = "+learned"
"""What is added to the name of a source whose estimate was stretched by finished trips."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One estimate, and where it comes from.

    Attributes:
        source: name of the source, marked if finished trips corrected it.
        seconds: seconds as used.
        base_s: seconds before any learning.
        metres: metres of road.
    """

    source: str
    seconds: int
    base_s: int
    metres: int


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Travel between places, pair by pair.

    Attributes:
        matrix: what planners use, row = from.
        base_s: seconds before any learning.
        codes: source of each pair, an index into ``SOURCES``.
        trips: finished trips that each correction stands on; 0 = none was made.
    """

    matrix: Matrix
    base_s: IntMatrix
    codes: Codes
    trips: IntMatrix

    def leg(self, start: int, end: int) -> Leg:
        """The estimate of one pair."""
        name = SOURCES[int(self.codes[start, end])]
        return Leg(
            source=name + LEARNED if self.trips[start, end] else name,
            seconds=int(self.matrix.seconds[start, end]),
            base_s=int(self.base_s[start, end]),
            metres=int(self.matrix.metres[start, end]),
        )

    @property
    def source(self) -> str:
        """The source that most pairs come from."""
        codes = self.codes[~np.eye(len(self.codes), dtype=bool)]
        if not len(codes):
            return SOURCES[0]
        name = SOURCES[int(np.bincount(codes).argmax())]
        return name + LEARNED if self.trips.any() else name


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What better sources know of some pairs: seconds, metres, whose they are (0 = nobody's)."""

    seconds: IntMatrix
    metres: IntMatrix
    codes: Codes


def combined(points: Sequence[Point], known: Known | None = None) -> Estimates:
    """Every pair by the best source that knows it."""
    plain = GreatCircle().matrix(points)
    nothing = np.zeros(plain.seconds.shape, dtype=np.int32)
    if known is None:
        return Estimates(plain, plain.seconds, nothing.astype(np.int8), nothing)
    # Twin places are one place, whatever a router says of the yard between them.
    codes = np.where(plain.metres > 0, known.codes, 0).astype(np.int8)
    seconds = np.where(codes > 0, known.seconds, plain.seconds)
    metres = np.where(codes > 0, known.metres, plain.metres)
    return Estimates(Matrix(seconds, metres), seconds, codes, nothing)


def stretched(
    plain: Estimates, learned: Mapping[str, LearnedRatios], territories: Sequence[str], hour: int
) -> Estimates:
    """The same pairs, corrected by finished trips.

    Args:
        plain: estimates as their sources gave them.
        learned: name of source → ratios of trips estimated by it.
        territories: sector of each place.
        hour: local hour of departure, 0 to 23.
    """
    if not learned or not len(plain.codes):
        return plain
    names = sorted(set(territories))
    ratios = np.ones((len(SOURCES), len(names), 3))
    trips = np.zeros((len(SOURCES), len(names), 3), dtype=np.int32)
    for code, source in enumerate(SOURCES):
        for rank, name in enumerate(names):
            for size, at_least_m in enumerate((0, SHORT_M, LONG_M)):
                if source in learned:
                    found = learned[source].ratio(name, at_least_m, hour)
                    ratios[code, rank, size], trips[code, rank, size] = found.value, found.trips
    metres = plain.matrix.metres
    sizes = (metres >= SHORT_M).astype(np.int8) + (metres >= LONG_M)
    ends = np.array([names.index(name) for name in territories])[None, :]
    at = (plain.codes, np.broadcast_to(ends, metres.shape), sizes)
    seconds = np.rint(plain.base_s * ratios[at]).astype(np.int32)
    return Estimates(Matrix(seconds, metres), plain.base_s, plain.codes, trips[at])
