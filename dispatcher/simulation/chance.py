"""Drawing from a source of chance that the caller owns: counts, choices, points near by."""

import math
from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")

KM_PER_DEGREE = 111.2
"""Kilometres in a degree of latitude, on the sphere of equal volume."""


class Entropy(Protocol):
    """A source of chance, such as `random.Random(seed)`; the caller owns the seed."""

    def random(self) -> float:
        """Return the next number, uniform in [0, 1)."""
        ...

    def gauss(self, mu: float, sigma: float) -> float:
        """Return a number from the normal distribution."""
        ...


def about(chance: Entropy, mean: float) -> int:
    """Return a count around a mean, as spread as rare independent events are."""
    return max(0, round(chance.gauss(mean, math.sqrt(mean))))


def below(chance: Entropy, bound: int) -> int:
    """Return a whole number, uniform in 0 … bound − 1."""
    return int(chance.random() * bound)


def pick(chance: Entropy, options: Sequence[T]) -> T:
    """Return one of the options, all alike."""
    return options[below(chance, len(options))]


def weighted(chance: Entropy, options: Sequence[T], weights: Sequence[float]) -> T:
    """Return one of the options, in proportion to its weight (≥ 0)."""
    left = chance.random() * sum(weights)
    for option, weight in zip(options, weights, strict=True):
        left -= weight
        if left < 0:
            return option
    return options[-1]


def near(chance: Entropy, lat: float, lon: float, spread_km: float) -> tuple[float, float]:
    """Return a point around another one; `spread_km` is one sigma each way, three at most."""
    north, east = (max(-3.0, min(3.0, chance.gauss(0.0, 1.0))) * spread_km for _ in range(2))
    narrow = math.cos(math.radians(lat))
    return (
        round(lat + north / KM_PER_DEGREE, 5),
        round(lon + east / (KM_PER_DEGREE * narrow), 5),
    )
