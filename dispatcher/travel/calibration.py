"""Do crews come inside the windows that people were told? Measured on every arrival.

Windows are meant to hold eight times out of ten. Kept of each visit are the first one told, the
last one before the crew left, the one told as it left, and the first one told at each distance
ahead: those teach, because nothing that came after has chosen them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from dispatcher.models import LearnedTravel
from dispatcher.travel.history import Finished
from scheduling.dispatch.promises import KINDS, LEFT, Held, scale_of

MOMENTS: Final = ("first", "planned", "left")
AHEAD: Final = tuple(kind for kind in KINDS if kind != LEFT)
GOAL: Final = 0.8
COMPUTED: Final = 5
"""Instants kept of a window that was computed: ends told, when, and ends computed."""


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
        score_min: Interval score, minutes: the width, and ten times by what each arrival missed
            it, on average. Less is better; wide windows and broken ones both cost.
            Source: Gneiting and Raftery, Strictly Proper Scoring Rules, 2007, 6.2.
    """

    arrivals: int
    inside: int
    early: int
    late: int
    mean_width_min: float
    mean_lead_min: float
    score_min: float = 0.0

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


def measure(visits: Iterable[Finished], moments: Sequence[str] = MOMENTS) -> dict[str, Coverage]:
    """Return how the windows of each moment held; `AHEAD` names the distances ahead."""
    arrivals: dict[str, list[Arrival]] = {moment: [] for moment in moments}
    for one in visits:
        if one.arrived_at is None:
            continue
        for moment in moments:
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
        score_min=mean(map(_interval_score, arrivals)),
    )


def _interval_score(one: Arrival) -> float:
    missed = max(one.low - one.at, one.at - one.high, timedelta(0))
    return (one.high - one.low + 2 / (1 - GOAL) * missed).total_seconds() / 60


def held(visits: Iterable[Finished]) -> list[Held]:
    """Return where arrivals fell in the windows computed for them, whatever was told."""
    found = []
    for one in visits:
        level = str(one.visit.brief.get("priority", ""))
        for kind in KINDS:
            told = one.visit.told.get(kind, ())
            if one.arrived_at is None or len(told) < COMPUTED:
                continue
            at, low, high = map(datetime.fromisoformat, told[2:COMPUTED])
            middle = low + (high - low) / 2
            half_s, lead_s = (high - low).total_seconds() / 2, (middle - at).total_seconds()
            off_s = (one.arrived_at - middle).total_seconds()
            found.append(Held(kind, level, off_s / scale_of(kind, half_s, lead_s)))
    return found


def to_body(measured: dict[str, Coverage]) -> dict[str, Any]:
    """Return coverages as stored."""
    return {moment: asdict(one) for moment, one in measured.items()}


def last_measured(session: Session) -> dict[str, tuple[int, int]]:
    """Return arrivals, and those inside their window, by moment: as of the last learning."""
    newest = select(LearnedTravel.body).order_by(col(LearnedTravel.at).desc()).limit(1)
    stored = session.exec(newest).first() or {}
    told: dict[str, Any] = stored.get("calibration", {})
    return {moment: (int(one["arrivals"]), int(one["inside"])) for moment, one in told.items()}
