"""When a crew will be there: a window that holds eight times out of ten.

Durations are learned as quantiles by category of work and experience of the crew, each shrunk
towards the category, that towards all work: a new category answers from the first day, and
narrows as work is done. A route's windows come from walking it many times with drawn durations and
drives. Refuses to read history and clocks: they are arguments; so is chance, by a seed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.schedule import earliest_start
from scheduling.dispatch.solution import Route
from scheduling.dispatch.visit import Window

Floats = npt.NDArray[np.float64]

LEVELS: Final[Floats] = np.array([0.02, 0.05, *np.arange(0.1, 0.91, 0.1), 0.95, 0.98])
"""Probabilities at which a spread is known; P10 and P90 are among them."""

LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9

PRIOR_JOBS: Final = 15
"""Jobs of its own that a group needs to weigh as much as the wider group."""

DRAWS: Final = 400


@dataclass(frozen=True, slots=True)
class Job:
    """A finished visit: category of work, experience class of the crew, seconds on site."""

    category: str
    experience: str
    duration_s: int


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """A distribution by its quantiles.

    Attributes:
        values: one per level of ``LEVELS``, not falling.
        count: observations of the group itself.
    """

    values: Floats
    count: int = 0

    def at(self, level: float) -> float:
        """Quantile at a probability between 0 and 1; beyond the outer levels, the outer value."""
        return float(np.interp(level, LEVELS, self.values))

    def mean(self) -> float:
        """Mean between the outer levels: one forgotten status in a hundred does not move it."""
        within = np.diff(LEVELS)
        return float(((self.values[1:] + self.values[:-1]) / 2 @ within) / within.sum())

    def draw(self, chance: np.random.Generator, count: int) -> Floats:
        """Random values."""
        return np.interp(chance.random(count), LEVELS, self.values)

    def left_after(self, elapsed: float) -> "Spread":
        """What is left once this much has passed without an end.

        Beyond the longest known value a tenth of the median is still expected.
        """
        reached = float(np.interp(elapsed, self.values, LEVELS, left=0.0, right=1.0))
        levels = reached + (1.0 - reached) * LEVELS
        left = np.interp(levels, LEVELS, self.values) - elapsed
        return Spread(np.maximum(left, self.at(MIDDLE) / 10), self.count)


CERTAIN: Final = Spread(np.ones_like(LEVELS))
"""A ratio that is always 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Durations:
    """Spreads of seconds on site; a group without jobs answers as the one around it.

    Attributes:
        groups: ``()`` is all work, then category, experience.
    """

    groups: Mapping[tuple[str, ...], Spread]

    def spread(self, category: str, experience: str) -> Spread | None:
        """The spread of the narrowest group that has jobs; ``None`` before the first job."""
        cells: tuple[tuple[str, ...], ...] = ((category, experience), (category,), ())
        return next((self.groups[cell] for cell in cells if cell in self.groups), None)


def learn_durations(jobs: Iterable[Job]) -> Durations:
    """Spreads of every group that finished jobs fall into, in logarithms, shrunk."""
    logs: dict[tuple[str, ...], list[float]] = {}
    for job in jobs:
        name = (job.category, job.experience)
        for depth in range(len(name) + 1):
            cell: tuple[str, ...] = name[:depth]
            logs.setdefault(cell, []).append(float(np.log(max(job.duration_s, 1))))
    groups: dict[tuple[str, ...], Spread] = {}
    for cell in sorted(logs, key=len):
        own, count = spread_of(logs[cell]), len(logs[cell])
        if cell:
            around = np.log(groups[cell[:-1]].values)
            own = (count * own + PRIOR_JOBS * around) / (count + PRIOR_JOBS)
        groups[cell] = Spread(np.exp(own), count)
    return Durations(groups)


def spread_of(values: Sequence[float]) -> Floats:
    """Quantiles at ``LEVELS`` that a new observation falls below with that probability.

    Ranks count from n + 1 (Weibull), because the plain sample quantile promises too narrow a
    window when few jobs are known.
    """
    return np.asarray(np.quantile(np.array(values), LEVELS, method="weibull"), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class EtaWindow:
    """Start of service: not before ``low_at`` nine times in ten, nor after ``high_at``."""

    low_at: int
    middle_at: int
    high_at: int

    @property
    def width_s(self) -> int:
        """Seconds between the ends."""
        return self.high_at - self.low_at


@dataclass(frozen=True, slots=True)
class Expected:
    """What may vary on a route.

    Attributes:
        durations: visit id → spread of seconds on site; planned ones hold for the others.
        travel: spread of real ÷ planned seconds of one drive.
        windows: visit id → when its service may start; empty or missing = any time.
        late: spread of seconds until the crew is free to begin the route; ``None`` = as planned.
    """

    durations: Mapping[str, Spread]
    travel: Spread = CERTAIN
    windows: Mapping[str, Sequence[Window]] | None = None
    late: Spread | None = None


def eta_windows(route: Route, expected: Expected, seed: int = 1) -> dict[str, EtaWindow]:
    """Visit id → window of its start, P10 to P90.

    Args:
        route: a timed route; its pauses are taken before the stops they were planned before.
        expected: what may vary.
        seed: names the draws; the same seed gives the same windows.
    """
    chance = np.random.default_rng(seed)
    found: dict[str, EtaWindow] = {}
    if not route.stops:
        return found
    pauses = np.zeros(len(route.stops) + 1)
    for pause in route.pauses:
        pauses[pause.before] += pause.end_at - pause.start_at
    leaves_at = route.stops[0].depart_at - route.stops[0].delay_s - pauses[0]
    free: Floats = np.full(DRAWS, float(leaves_at))
    if expected.late is not None:
        free = free + expected.late.draw(chance, DRAWS)
    for index, stop in enumerate(route.stops):
        drive = stop.travel_s * expected.travel.draw(chance, DRAWS)
        starts = _opened(free + pauses[index] + stop.delay_s + drive, expected, stop.visit_id)
        low, middle, high = np.quantile(starts, (LOW, MIDDLE, HIGH))
        found[stop.visit_id] = EtaWindow(round(low), round(middle), round(high))
        spread = expected.durations.get(stop.visit_id)
        planned = float(stop.end_at - stop.start_at)
        free = starts + (planned if spread is None else spread.draw(chance, DRAWS))
    return found


def _opened(arrivals: Floats, expected: Expected, visit_id: str) -> Floats:
    """Starts of service: at the door until it opens, at once if it has closed."""
    windows = (expected.windows or {}).get(visit_id, ())
    if not windows:
        return arrivals
    starts = [earliest_start(windows, round(at)) for at in arrivals]
    return np.array(
        [at if start is None else start for at, start in zip(arrivals, starts, strict=True)]
    )
