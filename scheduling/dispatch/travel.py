"""How long and how far between places, when nobody asked a road network.

Great circle × detour ÷ speed, plus a fixed time for parking and walking: 300 × 300 places in a
few milliseconds, no file, no network. Every source of travel times has the same two methods, so
that road-graph rows or an external router take this one's place without a word changing
elsewhere. Refuses to cache and to fetch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.problem import IntMatrix, Matrix

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius. Source: IUGG, R1 of WGS 84."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on Earth, WGS 84 degrees."""

    lat: float
    lon: float


class TravelTimes(Protocol):
    """Anything that knows travel times.

    ``source`` names it, so that an estimate can be marked as one on screen.
    """

    source: str

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """All pairs: n×n seconds and metres, row = from."""
        ...

    def row(self, origin: Point, points: Sequence[Point]) -> tuple[IntMatrix, IntMatrix]:
        """One origin to many places: seconds and metres, each of length n."""
        ...


@dataclass(frozen=True, slots=True)
class Factors:
    """What turns a great circle into a drive; to be learned from finished trips.

    Attributes:
        detour: road length ÷ great circle, ≥ 1.
        speed_kmh: mean speed on the road, > 0.
        stop_s: seconds per trip that do not depend on its length (park, walk, start).
    """

    detour: float = 1.35
    speed_kmh: float = 52.0
    stop_s: int = 0

    def __post_init__(self) -> None:
        """Refuse roads shorter than the bird's flight."""
        if self.detour < 1 or self.speed_kmh <= 0 or self.stop_s < 0:
            raise ValueError("detour ≥ 1, speed > 0 and stop ≥ 0 are needed")


@dataclass(frozen=True, slots=True)
class GreatCircle:
    """Travel times estimated from coordinates alone."""

    factors: Factors = Factors()
    source: str = "great_circle"

    def matrix(self, points: Sequence[Point]) -> Matrix:
        """All pairs: n×n seconds and metres, zero on the diagonal and between twin places.

        >>> m = GreatCircle().matrix([Point(45.27, 1.77), Point(45.16, 1.53)])
        >>> int(m.metres[0, 1]) // 1000, int(m.seconds[0, 1]) // 60
        (30, 34)
        """
        lat, lon = _radians(points)
        return Matrix(*self._drive(_haversine(lat[:, None], lon[:, None], lat, lon)))

    def row(self, origin: Point, points: Sequence[Point]) -> tuple[IntMatrix, IntMatrix]:
        """One origin to many places: seconds and metres, each of length n."""
        lat, lon = _radians(points)
        start_lat, start_lon = _radians([origin])
        return self._drive(_haversine(start_lat, start_lon, lat, lon))

    def _drive(self, flight_m: npt.NDArray[np.float64]) -> tuple[IntMatrix, IntMatrix]:
        metres = np.rint(flight_m * self.factors.detour)
        seconds = np.rint(metres * 3.6 / self.factors.speed_kmh) + self.factors.stop_s
        seconds = np.where(metres > 0, seconds, 0)
        return seconds.astype(np.int32), metres.astype(np.int32)


def _radians(points: Sequence[Point]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    degrees = np.array([(point.lat, point.lon) for point in points], dtype=np.float64)
    angles = np.radians(degrees.reshape(-1, 2))
    return angles[:, 0], angles[:, 1]


def _haversine(
    lat1: npt.NDArray[np.float64],
    lon1: npt.NDArray[np.float64],
    lat2: npt.NDArray[np.float64],
    lon2: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    half = np.sin((lat2 - lat1) / 2) ** 2
    half = half + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
