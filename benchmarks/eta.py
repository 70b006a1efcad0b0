"""Do the windows told to people hold? Coverage of P10–P90 and width, on a synthetic history.

``python -m benchmarks.eta [--seed N]`` makes up finished work (log-normal durations by category
and experience, drives slower in some territories and at peak hours, forgotten statuses), learns
from it, and looks at later routes. Synthetic: it shows that the method is calibrated where its
assumptions are close to true, not how well it does on real crews. Good is a coverage near 0.8; a
naive window of plan ± 30 minutes, and windows that ignore experience, stand beside it.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks._results import arguments, say
from scheduling.dispatch.eta import (
    Durations,
    EtaWindow,
    Expected,
    Job,
    Spread,
    eta_windows,
    learn_durations,
    spread_of,
)
from scheduling.dispatch.solution import Route, Stop
from scheduling.dispatch.trips import LearnedRatios, Trip, learn_ratios

CATEGORIES = {
    "leak": (75, 0.45),
    "meter": (25, 0.3),
    "blockage": (50, 0.5),
    "valve": (40, 0.4),
    "signal": (60, 0.35),
    "rare": (110, 0.5),
}
SHARES = (0.3, 0.25, 0.2, 0.14, 0.1, 0.01)
EXPERIENCES = {"new": 1.35, "seasoned": 1.0, "expert": 0.85}
TERRITORIES = {"hills": 1.25, "plain": 0.95, "town": 1.1}
HISTORY, ROUTES = 2_000, 600
NAIVE_S = 1_800


@dataclass(frozen=True, slots=True)
class World:
    """The truth behind the history."""

    draw: np.random.Generator

    def job(self) -> tuple[str, str, int]:
        """Category, experience and seconds on site of one visit."""
        category = str(self.draw.choice(list(CATEGORIES), p=SHARES))
        experience = str(self.draw.choice(list(EXPERIENCES)))
        return category, experience, self.seconds(category, experience)

    def seconds(self, category: str, experience: str) -> int:
        """Seconds on site."""
        minutes, sigma = CATEGORIES[category]
        factor = EXPERIENCES[experience] * self.draw.lognormal(0, sigma)
        return int(60 * minutes * factor)

    def trip(self, territory: str, hour: int) -> Trip:
        """One drive; every fiftieth status is forgotten for hours."""
        distance_m = int(self.draw.gamma(2.0, 7_000)) + 500
        estimated_s = int(distance_m * 3.6 / 52)
        factor = TERRITORIES[territory] * (1.15 if 7 <= hour < 9 or 16 <= hour < 19 else 1.0)
        took_s = estimated_s * factor * self.draw.lognormal(0, 0.18)
        took_s += 6 * 3600 if self.draw.random() < 0.02 else 0
        return Trip(territory, distance_m, estimated_s, int(took_s), hour)


def history(world: World) -> tuple[list[Job], list[Trip]]:
    """Finished work of some months."""
    jobs = [Job(*world.job()) for _ in range(HISTORY)]
    trips = [
        world.trip(str(world.draw.choice(list(TERRITORIES))), int(world.draw.integers(6, 20)))
        for _ in range(HISTORY)
    ]
    return jobs, trips


@dataclass(slots=True)
class Score:
    """Windows and what came true."""

    inside: int = 0
    total: int = 0
    width_s: int = 0

    def add(self, window: EtaWindow, start_at: float) -> None:
        """Count one arrival."""
        self.inside += window.low_at <= start_at <= window.high_at
        self.total += 1
        self.width_s += window.width_s

    def figures(self) -> dict[str, float]:
        """Coverage and mean width in minutes."""
        return {
            "coverage": round(self.inside / self.total, 3),
            "mean_width_min": round(self.width_s / self.total / 60, 1),
        }


@dataclass(frozen=True, slots=True)
class Day:
    """A planned route, what may vary on it, and when its stops really started."""

    route: Route
    expected: Expected
    pooled: Expected
    starts: list[float]


def route_day(world: World, known: Durations, ratios: LearnedRatios, travel: Spread) -> Day:
    """Five visits of one crew in one territory, planned with what was learned, then driven."""
    territory = str(world.draw.choice(list(TERRITORIES)))
    experience = str(world.draw.choice(list(EXPERIENCES)))
    at, clock, stops, starts = 8 * 3600, 8.0 * 3600, [], []
    own: dict[str, Spread] = {}
    pooled: dict[str, Spread] = {}
    for number in range(5):
        category = str(world.draw.choice(list(CATEGORIES), p=SHARES))
        trip = world.trip(territory, at // 3600)
        while trip.took_s > 5 * max(trip.estimated_s, 600):
            trip = world.trip(territory, at // 3600)
        ratio = ratios.ratio(territory, trip.distance_m, at // 3600).value
        name, planned_s = f"v{number}", int(trip.estimated_s * ratio)
        spread = known.spread(category, experience)
        if spread is None:
            raise ValueError("nothing was learned")
        own[name], pooled[name] = spread, known.groups.get((category,), known.groups[()])
        duration_s = int(spread.at(0.5))
        start_at = at + planned_s
        stops.append(
            Stop(name, at, planned_s, trip.distance_m, start_at, start_at, start_at + duration_s)
        )
        at = start_at + duration_s
        clock += trip.took_s
        starts.append(clock)
        clock += world.seconds(category, experience)
    return Day(
        Route("crew", tuple(stops), (), at, 0, 0),
        Expected(own, travel),
        Expected(pooled, travel),
        starts,
    )


def scores(world: World, days: list[Day]) -> dict[str, Score]:
    """Coverage by method, and by position in the route for ours."""
    found: dict[str, Score] = {}
    for number, day in enumerate(days):
        ours = eta_windows(day.route, day.expected, seed=number)
        plain = eta_windows(day.route, day.pooled, seed=number)
        for rank, (stop, start_at) in enumerate(zip(day.route.stops, day.starts, strict=True)):
            planned = stop.start_at
            naive = EtaWindow(planned - NAIVE_S, planned, planned + NAIVE_S)
            for name, window in (
                ("ours", ours[stop.visit_id]),
                ("without_experience", plain[stop.visit_id]),
                ("plan_30_min", naive),
                (f"stop_{rank + 1}", ours[stop.visit_id]),
            ):
                found.setdefault(name, Score()).add(window, start_at)
    return found


def duration_coverage(world: World, known: Durations) -> dict[str, float]:
    """Share of new jobs whose seconds on site lie in P10–P90, by category."""
    inside: dict[str, list[bool]] = {}
    for category in CATEGORIES:
        for experience in EXPERIENCES:
            spread = known.spread(category, experience)
            for _ in range(400 if spread is not None else 0):
                took_s = world.seconds(category, experience)
                low, high = (spread.at(0.1), spread.at(0.9)) if spread else (0.0, 0.0)
                inside.setdefault(category, []).append(low <= took_s <= high)
    return {name: round(float(np.mean(values)), 3) for name, values in inside.items()}


def travel_spread(trips: list[Trip], ratios: LearnedRatios) -> Spread:
    """Spread of real ÷ learned seconds of one drive."""
    left = [trip.took_s / max(trip.estimated_s * _learned(ratios, trip), 1.0) for trip in trips]
    return Spread(spread_of([ratio for ratio in left if 0.2 <= ratio <= 5.0]), len(left))


def _learned(ratios: LearnedRatios, trip: Trip) -> float:
    return ratios.ratio(trip.territory, trip.distance_m, trip.hour).value


def drive_error(trips: list[Trip], ratios: LearnedRatios | None) -> float:
    """Median error of the estimated seconds, percent."""
    errors = [
        abs(trip.estimated_s * (_learned(ratios, trip) if ratios else 1.0) / trip.took_s - 1)
        for trip in trips
    ]
    return round(float(np.median(errors)) * 100, 1)


def main() -> None:
    """Print the figures."""
    asked = arguments(__doc__)
    world = World(np.random.default_rng(asked.seed))
    jobs, trips = history(world)
    known, ratios = learn_durations(jobs), learn_ratios(trips)
    travel = travel_spread(trips, ratios)
    found = scores(world, [route_day(world, known, ratios, travel) for _ in range(ROUTES)])
    _, later = history(world)
    say(
        "eta",
        data="synthetic",
        seed=asked.seed,
        jobs_learned=len(jobs),
        trips_learned=len(trips) - ratios.dropped,
        trips_dropped=ratios.dropped,
        goal_coverage=0.8,
        **{name: score.figures() for name, score in found.items()},
        duration_coverage=duration_coverage(world, known),
        drive_error_percent={
            "as_estimated": drive_error(later, None),
            "learned": drive_error(later, ratios),
        },
    )


if __name__ == "__main__":
    main()
