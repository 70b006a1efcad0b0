"""Do crews come inside the windows that people were told? Measured on every arrival.

Windows are meant to hold eight times out of ten. Three are kept of each visit: the first one told,
the last one before the crew left, and the one told as it left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from dispatcher.models import LearnedTravel
from dispatcher.travel.history import Finished
from scheduling.dispatch.eta import HIGH, LOW, Spread, spread_of

MOMENTS: Final = ("first", "planned", "left")
GOAL: Final = 0.8
COMPUTED: Final = 5
"""Instants kept of a window that was computed: ends told, when, and ends computed."""

LEADS: Final = (("soon", timedelta(minutes=30)), ("later", timedelta(hours=2)))
"""Kinds of windows of crews that have not left, by how far ahead they lie; beyond is `far`."""

ENOUGH_ARRIVALS: Final = 30
HALF_AT_LEAST_S: Final = 150.0
FARTHEST, NARROWEST = 6.0, 0.5
"""Half widths that a correction may reach, and that a window keeps at least."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How windows told at one moment held.

    Attributes:
        arrivals: Arrivals that had such a window.
        inside: Of these, inside it, ends included.
        early: Before it.
        late: After it.
        mean_width_min: Width of the windows, minutes.
        mean_lead_min: How long before the arrival they were told, minutes.
    """

    arrivals: int
    inside: int
    early: int
    late: int
    mean_width_min: float
    mean_lead_min: float

    @property
    def share(self) -> float | None:
        """Share of arrivals inside, 0..1; None without any."""
        return round(self.inside / self.arrivals, 4) if self.arrivals else None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One arrival against one window."""

    low: datetime
    high: datetime
    told_at: datetime
    at: datetime


def measure(visits: Iterable[Finished]) -> dict[str, Coverage]:
    """Return how the windows of each moment held."""
    arrivals: dict[str, list[Arrival]] = {moment: [] for moment in MOMENTS}
    for one in visits:
        if one.arrived_at is None:
            continue
        for moment in MOMENTS:
            told = one.visit.told.get(moment)
            if told is not None:
                low, high, at = map(datetime.fromisoformat, told[:3])
                arrivals[moment].append(Arrival(low, high, at, one.arrived_at))
    return {moment: coverage(found) for moment, found in arrivals.items()}


def coverage(arrivals: Sequence[Arrival]) -> Coverage:
    """Return how windows held."""
    early = sum(one.at < one.low for one in arrivals)
    late = sum(one.at > one.high for one in arrivals)
    count = len(arrivals)

    def mean(minutes: Iterable[float]) -> float:
        return round(sum(minutes) / count, 1) if count else 0.0

    return Coverage(
        arrivals=count,
        inside=count - early - late,
        early=early,
        late=late,
        mean_width_min=mean((one.high - one.low).total_seconds() / 60 for one in arrivals),
        mean_lead_min=mean((one.at - one.told_at).total_seconds() / 60 for one in arrivals),
    )


def kind_of(lead: timedelta) -> str:
    """Return how far ahead a window lies, by the time to its middle."""
    return next((kind for kind, at_most in LEADS if lead < at_most), "far")


def corrections(visits: Iterable[Finished]) -> dict[str, tuple[float, float]]:
    """Return by how many half widths windows of each kind must reach from their middle.

    Split conformal prediction: the P10 and P90 of past arrivals, measured in half widths of what
    was computed for them, whatever the model behind had left out (the minutes until a crew says
    that it leaves, a plan that changes: the more so the farther ahead). A kind with few arrivals
    is left out.

    Source: Angelopoulos and Bates, A Gentle Introduction to Conformal Prediction, 2021, 2.3.
    """
    scores: dict[str, list[float]] = {}
    for one in visits:
        # The first window told may also be the last: it counts once.
        windows = {tuple(told): moment for moment, told in one.visit.told.items()}
        for told, moment in windows.items():
            if one.arrived_at is not None and len(told) == COMPUTED:
                at, low, high = map(datetime.fromisoformat, told[2:])
                half = max((high - low).total_seconds() / 2, HALF_AT_LEAST_S)
                middle = low + (high - low) / 2
                kind = "left" if moment == "left" else kind_of(middle - at)
                scores.setdefault(kind, []).append((one.arrived_at - middle).total_seconds() / half)
    return {
        kind: _reach(found)
        for kind, found in sorted(scores.items())
        if len(found) >= ENOUGH_ARRIVALS
    }


def _reach(scores: Sequence[float]) -> tuple[float, float]:
    quantiles = Spread(spread_of(scores))
    early = min(max(quantiles.at(LOW), -FARTHEST), 0.0)
    late = max(min(quantiles.at(HIGH), FARTHEST), early + NARROWEST)
    return round(early, 4), round(late, 4)


def to_body(measured: dict[str, Coverage]) -> dict[str, Any]:
    """Return coverages as stored."""
    return {moment: asdict(one) for moment, one in measured.items()}


def last_measured(session: Session) -> dict[str, tuple[int, int]]:
    """Return arrivals, and those inside their window, by moment: as of the last learning."""
    newest = select(LearnedTravel.body).order_by(col(LearnedTravel.at).desc()).limit(1)
    stored = session.exec(newest).first() or {}
    told: dict[str, Any] = stored.get("calibration", {})
    return {moment: (int(one["arrivals"]), int(one["inside"])) for moment, one in told.items()}
