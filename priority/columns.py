"""Facts of many incidents as columns, ready to be scored at once under any policy.

One row an incident; what an incident has several of (sites, readings, warnings) lies in flat
columns with the row of its owner. Holds no points and knows no policy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from priority.facts import Colour, Facts

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = np.iinfo(np.int64).max
"""Instead of an instant that is not known."""
COLOURS: tuple[Colour, ...] = ("yellow", "orange", "red")
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Batch:
    """Columns; instants are microseconds since 1970 in UTC, names are indexes of ``names``.

    Attributes:
        size: Incidents.
        names: Every code, kind and phenomenon met, by index.
        rows: at, reported_at, respond_by (``NEVER`` if none), code, service, severity, urgency,
            homes, reports, sources, reopenings, attended (0 or 1), road (-1 if none): size × 13.
        measures: People per km², vehicles a day; NaN where unknown: size × 2.
        dangers: Row and kind, each kind once a row: k × 2.
        sites: Row, kind, distance in metres: k × 3.
        readings: Row, instant: k × 2.
        deviations: One for each reading.
        warnings: Row, phenomenon, colour, start, end (``NEVER`` if open): k × 5.
    """

    size: int
    names: tuple[str, ...]
    rows: Ints
    measures: Floats
    dangers: Ints
    sites: Ints
    readings: Ints
    deviations: Floats
    warnings: Ints

    @classmethod
    def of(cls, facts: Sequence[Facts]) -> "Batch":
        """Return the columns of many incidents, in their order."""
        names: dict[str, int] = {}
        deviations = [one.deviation for fact in facts for one in fact.readings]
        measures = [(_or_nan(fact.population_density), _or_nan(fact.traffic)) for fact in facts]
        return cls(
            size=len(facts),
            rows=_table((_row(fact, names) for fact in facts), 13),
            measures=np.array(measures, dtype=np.float64).reshape(-1, 2),
            dangers=_table(
                (
                    (at, _index(names, kind))
                    for at, fact in enumerate(facts)
                    for kind in {one.kind for one in fact.dangers}
                ),
                2,
            ),
            sites=_table(
                (
                    (at, _index(names, one.kind), one.distance_m)
                    for at, fact in enumerate(facts)
                    for one in fact.sites
                ),
                3,
            ),
            readings=_table(
                ((at, _ticks(one.at)) for at, fact in enumerate(facts) for one in fact.readings),
                2,
            ),
            deviations=np.array(deviations, dtype=np.float64),
            warnings=_table(_warnings(facts, names), 5),
            names=tuple(names),
        )


def _row(fact: Facts, names: dict[str, int]) -> tuple[int, ...]:
    kind = fact.category
    return (
        _ticks(fact.at),
        _ticks(fact.reported_at),
        NEVER if fact.respond_by is None else _ticks(fact.respond_by),
        _index(names, kind.code),
        _index(names, kind.service),
        kind.severity,
        kind.urgency,
        fact.homes_without_water,
        fact.reports,
        fact.sources,
        fact.reopenings,
        int(fact.is_attended),
        -1 if fact.road is None else _index(names, fact.road),
    )


def _warnings(facts: Sequence[Facts], names: dict[str, int]) -> Iterable[tuple[int, ...]]:
    for at, fact in enumerate(facts):
        for one in fact.vigilances:
            yield (
                at,
                _index(names, one.phenomenon),
                COLOURS.index(one.colour),
                _ticks(one.starts_at),
                NEVER if one.ends_at is None else _ticks(one.ends_at),
            )


def _index(names: dict[str, int], name: str) -> int:
    return names.setdefault(name, len(names))


def _ticks(at: datetime) -> int:
    return (at - EPOCH) // _TICK


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _table(rows: Iterable[tuple[int, ...]], width: int) -> Ints:
    return np.array([*rows], dtype=np.int64).reshape(-1, width)
