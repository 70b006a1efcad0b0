"""Jobs that need several people with the right skills, and the people who form teams day by day.

The question of technicians and interventions: nobody drives, but every day people are grouped
into teams that stay together until the evening, and a job is done by one team that has enough
people at every level. Refuses to know files and solvers.

Source: ROADEF challenge 2007 (France Télécom), subject; priorities weigh 28, 14, 4 and 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

DAY_LENGTH: Final = 120
"""Units of time in a day; a job starts and ends within one day."""

WEIGHTS: Final = (28, 14, 4)
"""Cost of one unit of the latest end of priorities 1, 2 and 3; the end of everything costs 1."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work for one team.

    Attributes:
        number: name of the job.
        duration: units of time, 1 to ``DAY_LENGTH``.
        before: numbers of jobs that must have ended.
        priority: 1 (most urgent) to 4.
        price: what giving it to a contractor costs.
        needs: people needed, one entry per domain and level (domain by domain, level rising);
            somebody of a higher level counts at every level below.
    """

    number: int
    duration: int
    before: tuple[int, ...]
    priority: int
    price: int
    needs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Technician:
    """One person: level held in each domain (0 = none) and days off (the first day is 1)."""

    number: int
    levels: tuple[int, ...]
    days_off: frozenset[int]


@dataclass(frozen=True, slots=True)
class TeamsProblem:
    """Jobs, people, levels per domain, and the budget for contractors."""

    jobs: tuple[Job, ...]
    technicians: tuple[Technician, ...]
    levels: int
    budget: int


@dataclass(frozen=True, slots=True)
class Placement:
    """When and by which team a job is done: day from 1, start from 0 over all days."""

    job: int
    day: int
    start: int
    team: int


@dataclass(frozen=True, slots=True)
class TeamsPlan:
    """Who works with whom each day, and what they do.

    Attributes:
        placements: one per job not given away.
        teams: per day, per team the numbers of its people; team 0 holds those who are off.
        outsourced: numbers of jobs given to contractors.
    """

    placements: tuple[Placement, ...]
    teams: tuple[tuple[tuple[int, ...], ...], ...]
    outsourced: frozenset[int]


def cost_of(problem: TeamsProblem, placements: Sequence[Placement]) -> int:
    """28, 14 and 4 times the latest end of priorities 1, 2 and 3, plus the latest end of all."""
    jobs = {job.number: job for job in problem.jobs}
    ends = [(jobs[p.job].priority, p.start + jobs[p.job].duration) for p in placements]
    weighted = sum(
        weight * max((end for rank, end in ends if rank == priority), default=0)
        for priority, weight in enumerate(WEIGHTS, start=1)
    )
    return weighted + max((end for _, end in ends), default=0)
