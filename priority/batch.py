"""Scores of many incidents at once: the arithmetic of ``rules`` and ``score`` on columns.

Gives severity, urgency, score and class, without reasons; equal to ``assess`` for every incident,
which a property test keeps true. Who wants reasons asks ``assess`` for the few he looks at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from priority.columns import COLOURS, EPOCH, NEVER, Batch, Flags, Floats, Ints
from priority.policy import Band, Policy
from priority.timetable import SlotRule

__all__ = ["Batch", "Scores", "assess_batch"]

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_DAY_MIN = 1440
_QUARTER = 15 * _MINUTE
"""Civil time moves at whole quarters of an hour, so one look-up serves a whole quarter."""

(_AT, _REPORTED, _RESPOND, _CODE, _SERVICE, _SEVERITY, _URGENCY) = range(7)
(_HOMES, _REPORTS, _SOURCES, _REOPENINGS, _ATTENDED, _ROAD) = range(7, 13)


@dataclass(frozen=True, slots=True)
class Scores:
    """Results by row.

    Attributes:
        severity: 0 to the policy's axis cap.
        urgency: Likewise.
        scores: Their sum, 0–100.
        classes: 0 for P1 to 3 for P4.
    """

    severity: Ints
    urgency: Ints
    scores: Ints
    classes: Ints


@dataclass(frozen=True, slots=True)
class _Civil:
    """Civil time of each row: days since 1970, minute of the day."""

    days: Ints
    minutes: Ints


def assess_batch(batch: Batch, policy: Policy) -> Scores:
    """Return severity, urgency, score and class of every incident of a batch.

    Args:
        batch: Facts as columns.
        policy: What the council decided.
    """
    civil = _civil(batch, policy)
    severity = _severity(batch, policy, civil)
    urgency = _urgency(batch, policy, civil)
    np.minimum(severity, policy.axis_cap, out=severity)
    np.minimum(urgency, policy.axis_cap, out=urgency)
    scores = severity + urgency
    steps = policy.thresholds
    edges = np.array([steps.p3, steps.p2, steps.p1])
    classes = 3 - np.searchsorted(edges, scores, side="right")
    return Scores(severity, urgency, scores, classes)


def _severity(batch: Batch, policy: Policy, civil: _Civil) -> Ints:
    rows = batch.rows
    points = _base(batch, policy, "severity") + _dangers(batch, policy, "severity")
    points += _sites(batch, policy, civil)
    points += _banded(policy.population_density, batch.measures[:, 0])
    points += _banded(policy.traffic, _vehicles(batch, policy))
    points += _banded(policy.homes_without_water, rows[:, _HOMES].astype(np.float64))
    return points + _sensors(batch, policy)


def _urgency(batch: Batch, policy: Policy, civil: _Civil) -> Ints:
    rows = batch.rows
    points = _base(batch, policy, "urgency") + _dangers(batch, policy, "urgency")
    points += _banded(policy.repeats, rows[:, _REPORTS].astype(np.float64))
    points += _banded(policy.independent_sources, rows[:, _SOURCES].astype(np.float64))
    points += _weather(batch, policy) + _slots(batch, policy, civil)
    points += _waiting(batch, policy) + _due(batch, policy)
    return points + np.minimum(rows[:, _REOPENINGS] * policy.reopened, policy.reopened_cap)


def _base(batch: Batch, policy: Policy, axis: str) -> Ints:
    """Base points: the catalogue's, or the council's own."""
    own = batch.rows[:, _SEVERITY if axis == "severity" else _URGENCY].copy()
    for code, points in policy.categories.items():
        if code in batch.names:
            own[batch.rows[:, _CODE] == batch.names.index(code)] = getattr(points, axis)
    return own


def _vehicles(batch: Batch, policy: Policy) -> Floats:
    """Vehicles a day: counted, or as usual for the class of road."""
    usual = np.full(batch.size, np.nan)
    for name, vehicles in policy.road_traffic.items():
        if name in batch.names:
            usual[batch.rows[:, _ROAD] == batch.names.index(name)] = vehicles
    counted = batch.measures[:, 1]
    return np.where(np.isnan(counted), usual, counted)


def _dangers(batch: Batch, policy: Policy, axis: str) -> Ints:
    table = _by_name(
        batch, lambda kind: getattr(policy.dangers[kind], axis) if kind in policy.dangers else 0
    )
    told = np.bincount(
        batch.dangers[:, 0], weights=table[batch.dangers[:, 1]], minlength=batch.size
    )
    return told.astype(np.int64)


def _sites(batch: Batch, policy: Policy, civil: _Civil) -> Ints:
    """The one site near by that weighs most, while people are there."""
    owner, kind, distance = batch.sites.T
    best = np.zeros(batch.size, dtype=np.int64)
    days = civil.days[owner]
    for name, rule in policy.sites.items():
        if name not in batch.names:
            continue
        counts = (kind == batch.names.index(name)) & (distance <= rule.within_m)
        if rule.hours is not None:
            counts &= _within(rule.hours, civil.minutes[owner]) & _open_days(policy, days)
        np.maximum.at(best, owner[counts], rule.points)
    return best


def _sensors(batch: Batch, policy: Policy) -> Ints:
    """The fresh reading that is furthest outside its normal range."""
    owner, at = batch.readings.T
    now = batch.rows[owner, _AT]
    fresh = (at <= now) & (at >= now - policy.sensor.max_age_min * _MINUTE)
    worst = np.full(batch.size, np.nan)
    np.fmax.at(worst, owner[fresh], batch.deviations[fresh])
    return _banded(policy.sensor.bands, worst)


def _weather(batch: Batch, policy: Policy) -> Ints:
    """Each phenomenon that harms this service, at its worst level."""
    owner, phenomenon, colour, start, end = batch.warnings.T
    now, service = batch.rows[owner, _AT], batch.rows[owner, _SERVICE]
    holds = (end > now) & (start <= now + policy.weather_ahead_h * _HOUR)
    total = np.zeros(batch.size, dtype=np.int64)
    for name, rule in policy.weather.items():
        if name not in batch.names:
            continue
        harmed = [batch.names.index(one) for one in rule.services if one in batch.names]
        counts = holds & (phenomenon == batch.names.index(name)) & np.isin(service, harmed)
        levels = np.array([rule.points(one) for one in COLOURS], dtype=np.int64)
        worst = np.zeros(batch.size, dtype=np.int64)
        np.maximum.at(worst, owner[counts], levels[colour[counts]])
        total += worst
    return total


def _slots(batch: Batch, policy: Policy, civil: _Civil) -> Ints:
    """Night, week-end, public holiday."""
    calendar = policy.calendar
    weekday = (civil.days + 3) % 7  # 1 January 1970 was a Thursday
    points = _slot(batch, calendar.night, _within(calendar.night_hours, civil.minutes))
    points += _slot(batch, calendar.week_end, weekday >= 5)
    is_holiday = _by_day(
        civil.days, lambda day: calendar.working.holiday(EPOCH.date() + day) is not None
    )
    return points + _slot(batch, calendar.public_holiday, is_holiday)


def _slot(batch: Batch, slot: SlotRule, holds: Flags) -> Ints:
    if slot.services:
        services = [batch.names.index(one) for one in slot.services if one in batch.names]
        holds = holds & np.isin(batch.rows[:, _SERVICE], services)
    return np.where(holds, slot.points, 0).astype(np.int64)


def _waiting(batch: Batch, policy: Policy) -> Ints:
    rows = batch.rows
    minutes = np.maximum(rows[:, _AT] - rows[:, _REPORTED], 0) // _MINUTE
    points = np.minimum(minutes // policy.waiting.every_min, policy.waiting.cap)
    return np.where(rows[:, _ATTENDED] == 1, 0, points)


def _due(batch: Batch, policy: Policy) -> Ints:
    """Nearness of the promised arrival, the first band that holds."""
    rows = batch.rows
    counts = (rows[:, _RESPOND] != NEVER) & (rows[:, _ATTENDED] == 0)
    respond = np.where(counts, rows[:, _RESPOND], rows[:, _AT])
    promised = respond - rows[:, _REPORTED]
    left = respond - rows[:, _AT]
    share = np.where(promised > 0, left / np.where(promised > 0, promised, 1), 0)
    bands = policy.due.bands
    shares = np.array([band.share_left for band in bands])
    points = np.array([*(band.points for band in bands), 0], dtype=np.int64)
    return np.where(counts, points[np.searchsorted(shares, share, side="left")], 0)


def _banded(bands: Sequence[Band], values: Floats) -> Ints:
    """Points of the highest band that each value reaches, 0 below the first and for NaN."""
    edges = np.array([band.at_least for band in bands])
    points = np.array([0, *(band.points for band in bands)], dtype=np.int64)
    reached = np.searchsorted(edges, values, side="right")
    return np.where(np.isnan(values), 0, points[np.where(np.isnan(values), 0, reached)])


def _by_name(batch: Batch, points: Callable[[str], int]) -> Ints:
    return np.array([points(name) for name in batch.names], dtype=np.int64)


def _civil(batch: Batch, policy: Policy) -> _Civil:
    """Civil time of scoring, by one look-up for each quarter of an hour met."""
    quarters, where = np.unique(batch.rows[:, _AT] // _QUARTER, return_inverse=True)
    working = policy.calendar.working
    offsets = [
        working.local(EPOCH + timedelta(microseconds=int(one) * _QUARTER)).utcoffset()
        for one in quarters
    ]
    shift = np.array([one // timedelta(microseconds=1) for one in offsets if one is not None])
    local = batch.rows[:, _AT] + (shift[where] if len(shift) else 0)
    minutes = local // _MINUTE
    return _Civil(minutes // _DAY_MIN, minutes % _DAY_MIN)


def _within(span: tuple[int, int], minutes: Ints) -> Flags:
    start, end = span
    if start < end:
        return (minutes >= start) & (minutes < end)
    return (minutes >= start) | (minutes < end)


def _open_days(policy: Policy, days: Ints) -> Flags:
    working = policy.calendar.working
    return _by_day(days, lambda day: any(True for _ in working.open_intervals(EPOCH.date() + day)))


def _by_day(days: Ints, holds: Callable[[timedelta], bool]) -> Flags:
    """Ask once for each day met."""
    unique, where = np.unique(days, return_inverse=True)
    answers = np.array([holds(timedelta(days=int(day))) for day in unique], dtype=bool)
    return answers[where] if len(answers) else np.zeros(0, dtype=bool)
