"""Delays between visits of certain tags, as a wider table of travel.

A tank is rinsed after sewage before drinking water. Searches look up the leg from one place to
another and know nothing else of it, so places of visits with a tag are told apart by it, once at
the border: one row more for each pair of place and tag in use, delays added in. A leg is one
look-up as before, and problems without delays keep their table as it is.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from scheduling.dispatch.problem import IntMatrix, Problem

Tag = str | None


class Legs(NamedTuple):
    """Travel with delays.

    Attributes:
        seconds: n×n, driving and delay, row = from.
        metres: n×n, as driven.
        delays: n×n, the delay in ``seconds``; ``None`` = there are none.
        visits: row of each visit.
        starts: row of each crew's start; its end has the row of its place.
    """

    seconds: IntMatrix
    metres: IntMatrix
    delays: IntMatrix | None
    visits: list[int]
    starts: list[int]


def delays(problem: Problem) -> Mapping[tuple[Tag, Tag], int]:
    """Seconds between a visit of one tag and the next of another; pairs without delay left out."""
    return {(one.from_tag, one.to_tag): one.delay_s for one in problem.transitions if one.delay_s}


def legs(problem: Problem) -> Legs:
    """The travel table of a problem, as wide as its tags need it."""
    matrix, table = problem.matrix, delays(problem)
    stands = [(visit.place, visit.tag) for visit in problem.visits]
    starts = [(crew.start_place, crew.last_tag) for crew in problem.crews]
    if not table:
        plain = [place for place, _ in stands], [place for place, _ in starts]
        return Legs(matrix.seconds, matrix.metres, None, *plain)
    used = {tag for pair in table for tag in pair}
    stands = [(place, tag if tag in used else None) for place, tag in stands]
    starts = [(place, tag if tag in used else None) for place, tag in starts]
    rows: dict[tuple[int, Tag], int] = {(place, None): place for place in range(len(matrix))}
    for stand in (*stands, *starts):
        rows.setdefault(stand, len(rows))
    origin = np.ix_(*2 * ([place for place, _ in rows],))
    numbers = {tag: number for number, tag in enumerate([None, *sorted(used - {None}, key=str)])}
    between = np.zeros((len(numbers), len(numbers)), dtype=np.int32)
    for (before, after), delay_s in table.items():
        between[numbers[before], numbers[after]] = delay_s
    waits = between[np.ix_(*2 * ([numbers[tag] for _, tag in rows],))]
    return Legs(
        np.ascontiguousarray(matrix.seconds[origin] + waits),
        np.ascontiguousarray(matrix.metres[origin]),
        waits,
        [rows[stand] for stand in stands],
        [rows[start] for start in starts],
    )
