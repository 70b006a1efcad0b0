"""The parameters in force: how much longer drives take, how long work takes, and how sure that is.

Until history suffices they are stated guesses: estimates as they are, with the spreads below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any, Final, Literal, cast
from uuid import UUID

import numpy as np
from sqlmodel import Session, col, select

from dispatcher.models import LearnedTravel
from dispatcher.travel.desk import desk_of
from scheduling.dispatch.eta import LEVELS, PRIOR_JOBS, Durations, Spread
from scheduling.dispatch.promises import Reach, Reaches
from scheduling.dispatch.trips import LearnedRatios, Ratio

History = Literal["real", "simulated", "none"]

PLANNED: Final = 1000
"""Spreads of work are in thousandths of the planned time: a new category answers from its own."""

DRIVES_SIGMA: Final = 0.20
WORKS_SIGMA: Final = 0.45
"""Spread of the logarithms before anything is learned: an eighth of drives takes a quarter longer
than planned; a job takes from half to twice its time, nine times in ten."""

SEASONED, EXPERT = 5, 30
"""Visits of a category after which a crew knows it, and after which it masters it."""


def guess(sigma: float) -> Spread:
    """Return a spread around 1 whose logarithms are normal."""
    normal = NormalDist(0.0, sigma)
    return Spread(np.exp([normal.inv_cdf(float(level)) for level in LEVELS]))


def experience(count: int) -> str:
    """Return the class of a crew by how many visits of a category it has finished.

    A count of work, never a judgement of how fast or well it was done.
    """
    if count < SEASONED:
        return "new"
    return "seasoned" if count < EXPERT else "expert"


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long work is planned to take, and why.

    Attributes:
        seconds: What plans count with.
        catalogue_s: What the catalogue of categories says.
        visits: Finished visits of this kind of work that the difference stands on; 0 = none, the
            catalogue's time holds.
    """

    seconds: int
    catalogue_s: int
    visits: int = 0


@dataclass(frozen=True, slots=True)
class Learned:
    """What holds now.

    Attributes:
        version: Of the parameters; 0 before the first.
        history: Whose history taught them.
        ratios: Source of travel → how much longer drives took than it said.
        drives: Real ÷ planned seconds of one drive.
        works: Thousandths of the planned time on site, by category and experience.
        done: Crew → category → visits finished.
        reaches: How far windows told reach from the middle of those computed.
    """

    version: int = 0
    history: History = "none"
    ratios: Mapping[str, LearnedRatios] = field(default_factory=dict)
    drives: Spread = field(default_factory=lambda: guess(DRIVES_SIGMA))
    works: Durations = field(default_factory=lambda: Durations({}))
    done: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    reaches: Reaches = field(default_factory=lambda: Reaches({}))

    def work(self, crew_id: str, category: str, planned_s: int) -> Spread:
        """Return the spread of a crew's seconds on site at a visit."""
        count = self.done.get(crew_id, {}).get(category, 0)
        known = self.works.spread(category, experience(count))
        if known is None:
            known = guess(WORKS_SIGMA)
            return Spread(known.values * planned_s)
        return Spread(known.values * (planned_s / PLANNED), known.count)

    def lasting(self, category: str, catalogue_s: int, crew_id: str | None = None) -> Lasting:
        """Return the time on site that plans count with.

        The mean of finished work of the category, of crews of the same experience if the crew is
        known: a sum of means is the mean of the sum, and a route is a sum. Few visits leave it near
        that of the wider group, and few of any kind near the catalogue's.
        """
        count = self.done.get(crew_id, {}).get(category, 0) if crew_id is not None else 0
        level = experience(count) if crew_id is not None else ""
        known = self.works.spread(category, level)
        if known is None or catalogue_s <= 0:
            return Lasting(catalogue_s, catalogue_s)
        every = self.works.groups[()].count
        ratio = known.mean() / PLANNED
        factor = 1.0 + (ratio - 1.0) * every / (every + PRIOR_JOBS)
        minutes = max(1, round(catalogue_s * factor / 60))
        return Lasting(60 * minutes, catalogue_s, known.count)

    def drive(self, planned_s: float) -> Spread:
        """Return the spread of the seconds of a drive planned at so many."""
        return Spread(self.drives.values * planned_s, self.drives.count)


DEFAULT: Final = Learned()


def to_body(learned: Learned) -> dict[str, Any]:
    """Return the parameters as stored."""
    return {
        "ratios": {
            source: [[list(cell), round(r.value, 5), r.trips] for cell, r in one.groups.items()]
            for source, one in learned.ratios.items()
        },
        "drives": [_values(learned.drives), learned.drives.count],
        "works": [
            [list(cell), _values(spread), spread.count]
            for cell, spread in learned.works.groups.items()
        ],
        "done": learned.done,
        "reaches": [
            [list(cell), round(reach.early, 4), round(reach.late, 4), reach.arrivals]
            for cell, reach in learned.reaches.groups.items()
        ],
    }


def from_row(row: LearnedTravel) -> Learned:
    """Return the parameters of a stored version."""
    body = row.body
    history = cast("History", row.history)
    return Learned(
        version=row.version,
        history=history,
        ratios={
            source: LearnedRatios({tuple(cell): Ratio(value, n) for cell, value, n in groups})
            for source, groups in body["ratios"].items()
        },
        drives=Spread(np.array(body["drives"][0]), body["drives"][1]),
        works=Durations(
            {tuple(cell): Spread(np.array(values), n) for cell, values, n in body["works"]}
        ),
        done=body["done"],
        # Older versions counted in half widths: they teach nothing here, and are soon replaced.
        reaches=Reaches(
            {tuple(cell): Reach(*numbers) for cell, *numbers in body.get("reaches", ())}
        ),
    )


def newest(session: Session, org: str) -> LearnedTravel | None:
    """Return the version in force."""
    return session.exec(
        select(LearnedTravel)
        .where(LearnedTravel.org == org)
        .order_by(col(LearnedTravel.version).desc())
        .limit(1)
    ).first()


def current(session: Session, org: str) -> Learned:
    """Return the parameters in force; a version is read once a process."""
    name = session.exec(
        select(LearnedTravel.id)
        .where(LearnedTravel.org == org)
        .order_by(col(LearnedTravel.version).desc())
        .limit(1)
    ).first()
    if name is None:
        return DEFAULT
    kept: dict[str, tuple[UUID, Learned]] = desk_of(session).remembered
    found = kept.get(org)
    if found is None or found[0] != name:
        found = kept[org] = (name, from_row(session.get_one(LearnedTravel, name)))
    return found[1]


def _values(spread: Spread) -> list[float]:
    return [round(float(value), 5) for value in spread.values]
