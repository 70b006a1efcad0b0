"""One situation behind several signs: a pressure drop and calls in one sector, one suspected burst.

Proposes a grouping with its evidence; merges nothing. Pure function of open reports and readings.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from priority.facts import Reading

WATER_SIGNS = frozenset(
    {"water_outage", "water_low_pressure", "water_leak_road", "water_main_burst", "water_quality"}
)


@dataclass(frozen=True, slots=True)
class Sign:
    """A report of an open incident.

    Attributes:
        key: Of the incident.
        at: When it came, aware.
        sector: Pressure zone, commune or other area.
        category: Category code.
        source: Who says so: a person or a device; one source counts once.
    """

    key: str
    at: datetime
    sector: str
    category: str
    source: str


@dataclass(frozen=True, slots=True)
class SectorReading:
    """A measure of a sensor of a sector."""

    sector: str
    sensor: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class BurstRule:
    """When signs make a suspicion.

    Attributes:
        within: Longest time from the first sign to the last, inclusive.
        reports: Least number of distinct sources that call, 1 or more.
        drop: Least deviation of the pressure, as a share of the lowest normal value.
    """

    within: timedelta = timedelta(minutes=15)
    reports: int = 3
    drop: float = 0.2


@dataclass(frozen=True, slots=True)
class SuspectedBurst:
    """Signs that are likely one burst main.

    Attributes:
        sector: Where.
        keys: Incidents to look at together, in the order of their first sign.
        sensors: Devices whose pressure fell.
        first_at: First sign.
        last_at: Last sign.
        drop: Deepest fall, as a share of the lowest normal pressure.
    """

    sector: str
    keys: tuple[str, ...]
    sensors: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    drop: float


def suspected_bursts(
    signs: Iterable[Sign], readings: Iterable[SectorReading], rule: BurstRule | None = None
) -> tuple[SuspectedBurst, ...]:
    """Return the suspected bursts, at most one a sector, sectors in order of name.

    The window with the most callers counts, the earliest among equals. The order of the
    arguments does not matter.

    Args:
        signs: Reports of open incidents.
        readings: Recent measures; other metrics than ``pressure`` are left out.
        rule: Limits.
    """
    rule = rule or BurstRule()
    calls: dict[str, list[Sign]] = defaultdict(list)
    for sign in signs:
        if sign.category in WATER_SIGNS:
            calls[sign.sector].append(sign)
    drops: dict[str, list[SectorReading]] = defaultdict(list)
    for one in readings:
        reading = one.reading
        is_low = reading.low is not None and reading.value < reading.low
        if reading.metric == "pressure" and is_low and reading.deviation >= rule.drop:
            drops[one.sector].append(one)
    found = (_in_sector(calls[sector], drops[sector], rule) for sector in sorted(calls))
    return tuple(one for one in found if one is not None)


def _in_sector(
    calls: Sequence[Sign], drops: Sequence[SectorReading], rule: BurstRule
) -> SuspectedBurst | None:
    best: tuple[int, float, SuspectedBurst] | None = None
    starts = sorted({one.at for one in calls} | {one.reading.at for one in drops})
    for start in starts:
        end = start + rule.within
        heard = sorted(
            (one for one in calls if start <= one.at <= end), key=lambda one: (one.at, one.key)
        )
        fell = [one for one in drops if start <= one.reading.at <= end]
        sources = len({one.source for one in heard})
        if not fell or sources < rule.reports:
            continue
        rank = (sources, -start.timestamp())
        if best is None or rank > best[:2]:
            moments = [*(one.at for one in heard), *(one.reading.at for one in fell)]
            burst = SuspectedBurst(
                sector=heard[0].sector,
                keys=tuple(dict.fromkeys(one.key for one in heard)),
                sensors=tuple(sorted({one.sensor for one in fell})),
                first_at=min(moments),
                last_at=max(moments),
                drop=max(one.reading.deviation for one in fell),
            )
            best = (*rank, burst)
    return best[2] if best else None
