"""What several routes share: crews kept free, hours kept for urgent work, crews that may go out.

Each of these rules says of a group of crews that the sum of one amount over their routes has a
most, which no plan exceeds, or which each unit above it has a price. As arrays here, present only
where the problem uses them: for evaluators, which ask what one route adds, and for the kernel.
Refuses to time routes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.crew import Crew
from scheduling.dispatch.hours import free_from, rested_at, skills_held
from scheduling.dispatch.plan import KeptHours, Reserve
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.visit import Window

SharedRule = Literal["active_crews", "kept_hours", "coverage"]

ACTIVE: Final = 0
HOURS: Final = 1
COVER: Final = 2
HARD: Final = -1
"""Price of what no price allows."""
RULES: Final[tuple[SharedRule, ...]] = ("active_crews", "kept_hours", "coverage")
"""Names of the kinds, in their order."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """One row per shared rule.

    Attributes:
        kind: g, what is added up: ``ACTIVE`` routes with stops, ``HOURS`` seconds of service
            without urgency, ``COVER`` crews on site without urgency in the window.
        most: g, the largest sum.
        price: g, cost of each unit above ``most``; ``HARD`` where there may be none.
        window: g×2, of ``COVER``: first second, and the first one after.
        member: c×g, 1 = the crew belongs to the group.
    """

    kind: Ints
    most: Ints
    price: Ints
    window: Ints
    member: Ints


def shares(problem: Problem) -> Shares | None:
    """The shared rules, or ``None`` if there are none."""
    rows = list(_rows(problem))
    if not rows:
        return None
    return Shares(
        kind=np.array([row[0] for row in rows], dtype=np.int64),
        most=np.array([row[1] for row in rows], dtype=np.int64),
        price=np.array([row[2] for row in rows], dtype=np.int64),
        window=np.array([row[3] for row in rows], dtype=np.int64),
        member=np.array([row[4] for row in rows], dtype=np.int64).reshape(len(rows), -1).T,
    )


def _rows(problem: Problem) -> Iterator[tuple[int, int, int, tuple[int, int], list[bool]]]:
    crews = problem.crews
    if problem.max_active_crews is not None:
        yield ACTIVE, problem.max_active_crews, HARD, (0, 0), [True] * len(crews)
    for hours in problem.kept_hours:
        members = [is_of(crew, hours.territory) for crew in crews]
        yield HOURS, room_s(problem, hours), HARD, (0, 0), members
    for reserve in problem.reserves:
        for window in windows_left(problem, reserve):
            pool = [stands_by(crew, reserve, window) for crew in crews]
            most = max(0, sum(pool) - reserve.crews)
            price = HARD if reserve.price is None else reserve.price
            yield COVER, most, price, (window.opens_at, window.closes_at), pool


def room_s(problem: Problem, hours: KeptHours) -> int:
    """Seconds of service that visits without urgency may fill."""
    own = (crew for crew in problem.crews if is_of(crew, hours.territory))
    whole_s = sum(max(0, crew.shift_end - rested_at(crew)) for crew in own)
    return whole_s * (100 - hours.percent) // 100


def windows_left(problem: Problem, reserve: Reserve) -> list[Window]:
    """The windows of a reserve that are not over, from now on."""
    return [
        Window(max(one.opens_at, problem.now), one.closes_at)
        for one in reserve.windows
        if one.closes_at > problem.now
    ]


def is_of(crew: Crew, territory: str | None) -> bool:
    """True if the sector is the crew's own: one it serves at no cost, or it has none at all."""
    if territory is None or not crew.territories:
        return True
    return any(one.code == territory and one.cost == 0 for one in crew.territories)


def stands_by(crew: Crew, reserve: Reserve, window: Window) -> bool:
    """True if the crew is of the sector, able, and there throughout the window."""
    held = skills_held(crew)
    is_away = any(
        one.opens_at < window.closes_at and window.opens_at < one.closes_at for one in crew.absences
    )
    return (
        is_of(crew, reserve.territory)
        and all(held.get(need.code, 0) >= need.level for need in reserve.skills)
        and free_from(crew) <= window.opens_at
        and window.closes_at <= crew.shift_end
        and not is_away
    )


def standing_by(problem: Problem) -> frozenset[str]:
    """Crews whose hours on site decide whether a reserve is kept."""
    return frozenset(
        crew.id
        for reserve in problem.reserves
        for window in windows_left(problem, reserve)
        for crew in problem.crews
        if stands_by(crew, reserve, window)
    )
