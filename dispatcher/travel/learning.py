"""Learns from finished work: read, compute, and store as the next version.

Deterministic: the same history gives the same parameters, to the digit. Real history alone teaches
as soon as there is any; a simulated day teaches its own demo, and is labelled.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from dispatcher.database import Tx
from dispatcher.events.travel_facts import TravelLearned
from dispatcher.models import LearnedTravel, Visit
from dispatcher.travel import calibration
from dispatcher.travel.history import ENDED, Finished, finished
from dispatcher.travel.learned import (
    DRIVES_SIGMA,
    PLANNED,
    History,
    Learned,
    experience,
    guess,
    newest,
    to_body,
)
from scheduling.dispatch.estimates import LEARNED
from scheduling.dispatch.eta import Durations, Job, Spread, learn_durations, spread_of
from scheduling.dispatch.promises import learn_reaches
from scheduling.dispatch.trips import BELIEVABLE, LearnedRatios, Trip, learn_ratios

ENOUGH = 30
"""Finished drives of a source, or visits, below which the stated guesses hold."""

NEWS = 0.02
"""Share of new visits since the last version that is worth another."""

KEPT = 200
"""Versions kept; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a history taught.

    Attributes:
        learned: The parameters, without their version.
        trips: Drives that taught.
        jobs: Visits that taught.
        body: Parameters and calibration as stored.
    """

    learned: Learned
    trips: int
    jobs: int
    body: dict[str, Any]


def is_due(session: Session, org: str) -> bool:
    """Return whether enough work was finished since the last version to study history again."""
    last = newest(session, org)
    done = select(func.count()).where(Visit.org == org, col(Visit.state).in_(ENDED))
    if last is not None:
        done = done.where(col(Visit.updated_at) > last.at)
    enough = max(1, NEWS * last.body["seen"]) if last is not None else 1
    return session.exec(done).one() >= enough


def study(session: Session, org: str, now: datetime, zone: ZoneInfo) -> Lesson:
    """Return what the history of an authority teaches now; stores nothing."""
    every = finished(session, org, now)
    real = [one for one in every if not one.visit.simulated]
    history: History = "real" if real else "simulated" if every else "none"
    return lesson(real or every, history, zone)


def lesson(visits: Sequence[Finished], history: History, zone: ZoneInfo) -> Lesson:
    """Return what finished visits teach, oldest first."""
    drives = _drives(visits, zone)
    ratios: dict[str, LearnedRatios] = {}
    residuals: list[float] = []
    for source, trips in sorted(drives.items()):
        if len(trips) < ENOUGH:
            continue
        ratios[source] = learn_ratios(trips)
        residuals += _residuals(trips, ratios[source])
    jobs, done = _jobs(visits)
    learned = Learned(
        history=history if ratios or len(jobs) >= ENOUGH else "none",
        ratios=ratios,
        drives=Spread(spread_of(residuals), len(residuals))
        if len(residuals) >= ENOUGH
        else guess(DRIVES_SIGMA),
        works=learn_durations(jobs) if len(jobs) >= ENOUGH else Durations({}),
        done=done,
        reaches=learn_reaches(calibration.held(visits)),
    )
    body = to_body(learned) | {
        "calibration": calibration.to_body(calibration.measure(visits)),
        "seen": len(visits),
    }
    return Lesson(learned, sum(map(len, drives.values())), len(jobs), body)


def store(tx: Tx, taught: Lesson) -> int | None:
    """Store a lesson as the next version and return it; None when it says nothing new."""
    last = newest(tx.session, tx.org)
    if taught.body["seen"] == 0 or (last is not None and last.body == taught.body):
        return None
    row = LearnedTravel(
        id=tx.new_id(),
        org=tx.org,
        version=last.version + 1 if last is not None else 1,
        at=tx.now,
        history=taught.learned.history,
        trips=taught.trips,
        jobs=taught.jobs,
        body=taught.body,
    )
    tx.session.add(row)
    tx.session.execute(
        delete(LearnedTravel).where(
            col(LearnedTravel.org) == tx.org, col(LearnedTravel.version) <= row.version - KEPT
        )
    )
    tx.record(
        TravelLearned(version=row.version, trips=row.trips, jobs=row.jobs, history=row.history)
    )
    return row.version


def _drives(visits: Sequence[Finished], zone: ZoneInfo) -> dict[str, list[Trip]]:
    """Return finished drives by the source that had estimated them."""
    found: dict[str, list[Trip]] = defaultdict(list)
    for one in visits:
        visit = one.visit
        if one.left_at is None or one.arrived_at is None or visit.travel_base_s <= 0:
            continue
        found[visit.travel_source.removesuffix(LEARNED)].append(
            Trip(
                territory=one.territory,
                distance_m=visit.distance_m,
                estimated_s=visit.travel_base_s,
                took_s=round((one.arrived_at - one.left_at).total_seconds()),
                hour=one.left_at.astimezone(zone).hour,
            )
        )
    return found


def _residuals(trips: Sequence[Trip], ratios: LearnedRatios) -> list[float]:
    """Return real ÷ planned of each believable drive, planned with what was learned."""
    found = []
    for trip in trips:
        real = trip.took_s / trip.estimated_s
        if BELIEVABLE[0] <= real <= BELIEVABLE[1]:
            planned = ratios.ratio(trip.territory, trip.distance_m, trip.hour).value
            found.append(real / planned)
    return found


def _jobs(visits: Sequence[Finished]) -> tuple[list[Job], dict[str, dict[str, int]]]:
    """Return finished work with the experience that the crew had then, and what it has now."""
    done: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    jobs = []
    for one in visits:
        visit = one.visit
        if one.worked_s is None or visit.duration_s <= 0:
            continue
        ratio = one.worked_s / visit.duration_s
        known = done[str(visit.crew_id)]
        if BELIEVABLE[0] / 4 <= ratio <= BELIEVABLE[1] * 2:
            level = experience(known[one.category])
            jobs.append(Job(one.category, level, round(ratio * PLANNED)))
        known[one.category] += 1
    return jobs, {crew: dict(counts) for crew, counts in sorted(done.items())}
