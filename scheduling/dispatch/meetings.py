"""The cheapest joint place for visits that are tied to one another, in the plan as it stands.

Visits that start together are tried at every second at which one of them could start anyway; at
each, every crew's best place is priced and the cheapest choice of different crews kept. What
follows something else is placed after it, unit by unit. Greedy by unit, exact within one but for
reserves with a price: there each crew is chosen as if it came alone, and the sum told is right.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final, NamedTuple

import numpy as np

from scheduling.dispatch.arrays import FAR, FORBIDDEN, Ints, Tables, tables
from scheduling.dispatch.batch import evaluate, padded
from scheduling.dispatch.linked import (
    Box,
    boxed,
    freed,
    placed_in,
    room_for,
    tied,
    timed_routes,
)
from scheduling.dispatch.objective import TIER, Cost
from scheduling.dispatch.problem import After, Problem, Together
from scheduling.dispatch.rooms import amounts, gap_changes, gap_costs, over_all
from scheduling.dispatch.schedule import Scheduler

SECONDS_AT_MOST: Final = 24
"""Starts of a meeting that are tried: spread over all at which somebody could be there."""

Rows = list[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one visit of a meeting goes."""

    visit_id: str
    crew_id: str
    position: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """A joint place.

    Attributes:
        start_at: second by which all can start; ``None`` for a visit that meets nobody.
        places: one per visit, each with another crew; positions in the routes as given.
        cost: added cost by tier, saved omissions not counted.
    """

    start_at: int | None
    places: tuple[Place, ...]
    cost: Cost


def find_meeting(
    problem: Problem, visit_id: str, routes: Sequence[Sequence[str]]
) -> Meeting | None:
    """The cheapest way to place a visit and those that start with it; ``None`` if there is none.

    Args:
        problem: settled, with its links.
        visit_id: one of the visits; a visit without partners meets alone.
        routes: visit ids per crew, keeping every link, none of these visits in them.
    """
    unit = unit_of(problem, visit_id)
    scheduler = Scheduler(problem)
    timed = timed_routes(problem, scheduler, routes)
    placed = placed_in(timed)
    box = Box()
    for name in unit:
        room = room_for(problem, name, placed)
        if room is None:
            return None
        box.narrow(room.first, room.last)
        box.crew_id = box.crew_id or room.crew_id
    loose = freed(boxed(problem, routes), problem, unit, box, placed)
    known = tables(loose.problem, loose.held)
    index = problem.visit_index
    rows = [tuple(index[name] for name in names) for names in routes]
    broken = {route.crew_id for route in timed if scheduler.broken(route) is not None}
    for meeting in _Table(known, rows, [index[name] for name in unit]).ranked():
        # All may be there sooner than the second tried, and a pause then falls otherwise.
        after = timed_routes(problem, scheduler, with_meeting(problem, routes, meeting))
        is_timely = all(r.crew_id in broken or scheduler.broken(r) is None for r in after)
        if is_timely and not _overdraws(known, rows, meeting):
            return meeting
    return None


def _overdraws(known: Tables, rows: Rows, meeting: Meeting) -> bool:
    """True if the meeting breaks a rule that routes share and keep without it."""
    if known.shares is None:
        return False
    after, problem = list(rows), known.problem
    for place in meeting.places:
        crew, visit = problem.crew_index[place.crew_id], problem.visit_index[place.visit_id]
        after[crew] = (*after[crew][: place.position], visit, *after[crew][place.position :])
    _, before, _ = over_all(known, rows)
    _, taken, over = over_all(known, after)
    return bool((over & (taken.sum(axis=0) > before.sum(axis=0))).any())


def unit_of(problem: Problem, visit_id: str) -> tuple[str, ...]:
    """The visits that start with this one, itself included."""
    for link in problem.links:
        if isinstance(link, Together) and visit_id in link.visit_ids:
            return link.visit_ids
    return (visit_id,)


def units(problem: Problem) -> list[tuple[str, ...]]:
    """Tied visits by unit, each after those it follows, dearest to leave out first."""
    left = {unit_of(problem, name) for name in tied(problem)}
    follows = [link for link in problem.links if isinstance(link, After)]
    ordered: list[tuple[str, ...]] = []
    while left:
        waiting = {link.then for link in follows if any(link.first in unit for unit in left)}
        free = [unit for unit in left if not waiting & set(unit)]
        chosen = min(free, key=lambda unit: (-_worth(problem, unit), unit))
        ordered.append(chosen)
        left.remove(chosen)
    return ordered


def _worth(problem: Problem, unit: Iterable[str]) -> int:
    visits = [problem.visit(name) for name in unit]
    return sum(v.unserved_cost + (TIER if v.is_urgent else 0) for v in visits)


def with_meeting(
    problem: Problem, routes: Sequence[Sequence[str]], meeting: Meeting
) -> list[list[str]]:
    """The routes with every visit of the meeting at its place."""
    after = [list(names) for names in routes]
    for place in meeting.places:
        after[problem.crew_index[place.crew_id]].insert(place.position, place.visit_id)
    return after


class _Option(NamedTuple):
    """A crew's cheapest place for one visit.

    Attributes:
        cost: added by this visit alone, ``gap`` included.
        more: taken of each rule that routes share.
        gap: part of ``cost`` for what that lacks elsewhere.
    """

    cost: int
    position: int
    more: tuple[int, ...]
    gap: int


class _Table:
    """Every place of every visit of one unit, and what it costs at a given second."""

    def __init__(self, known: Tables, rows: Rows, unit: Sequence[int]) -> None:
        self._known, self._rows, self._unit = known, rows, unit
        self._base = evaluate(known, np.arange(len(rows)), padded(rows))
        self._taken = amounts(known, self._base)
        self._tries = [self._places(visit) for visit in unit]

    def ranked(self) -> Iterator[Meeting]:
        """Joint places that cost less than leaving all out, one for each second, cheapest first."""
        worth = sum(int(self._known.visits.omission[visit]) for visit in self._unit)
        found: list[tuple[int, int | None, tuple[tuple[int, int], ...]]] = []
        # A visit that meets nobody starts whenever its place lets it.
        for at in self._seconds() if len(self._unit) > 1 else [None]:
            choice = self._choose([self._at(n, at) for n in range(len(self._unit))])
            if choice is not None and choice[0] < worth:
                found.append((choice[0], at, choice[1]))
        problem = self._known.problem
        for cost, at, chosen in sorted(found, key=lambda one: one[0]):
            places = tuple(
                Place(problem.visits[visit].id, problem.crews[crew].id, position)
                for visit, (crew, position) in zip(self._unit, chosen, strict=True)
            )
            urgent = (cost + TIER // 2) // TIER
            yield Meeting(at, places, Cost(urgent, cost - urgent * TIER))

    def _places(self, visit: int) -> list[tuple[int, int]]:
        """Crew and position of every place that the visit may have."""
        heads = self._known.crews.frozen.tolist()
        return [
            (crew, position)
            for crew, route in enumerate(self._rows)
            if self._known.assignment[crew, visit] < FORBIDDEN
            for position in range(min(heads[crew], len(route)), len(route) + 1)
        ]

    def _evaluated(self, known: Tables, n: int) -> tuple[Ints, Ints, Ints, Ints]:
        """Starts, added costs, excesses and shared amounts of the places of the n-th visit."""
        visit, tries = self._unit[n], self._tries[n]
        crews: Ints = np.array([crew for crew, _ in tries], dtype=np.int64)
        stops = [(*self._rows[c][:p], visit, *self._rows[c][p:]) for c, p in tries]
        batch = evaluate(known, crews, padded(stops))
        positions = np.array([p for _, p in tries], dtype=np.int64)
        start = batch.clock.start[np.arange(len(tries)), positions]
        excess = batch.excess_s - self._base.excess_s[crews]
        return start, batch.scalar - self._base.scalar[crews], excess, amounts(known, batch)

    def _seconds(self) -> list[int]:
        """Seconds at which one of the visits could start by itself."""
        found: set[int] = set()
        for n, tries in enumerate(self._tries):
            if tries:
                start, _, excess, _ = self._evaluated(self._known, n)
                found |= set(start[excess <= 0].tolist())
        ordered = sorted(found)
        step = max(1, -(-len(ordered) // SECONDS_AT_MOST))
        return ordered[::step]

    def _fixed(self, visit: int, at: int) -> Tables:
        """The tables with a visit that starts at this second or not at all."""
        rows = self._known.visits
        opens, last = rows.opens.copy(), rows.last.copy()
        is_open = (opens[visit] <= at) & (at <= last[visit])
        opens[visit], last[visit] = FAR, -FAR
        if is_open.any():
            opens[visit, 0] = last[visit, 0] = at
        return replace(self._known, visits=replace(rows, opens=opens, last=last))

    def _at(self, n: int, at: int | None) -> dict[int, _Option]:
        """Crew → its cheapest place for a start at this second."""
        if not self._tries[n]:
            return {}
        known = self._known if at is None else self._fixed(self._unit[n], at)
        _, added, excess, taken = self._evaluated(known, n)
        crews: Ints = np.array([crew for crew, _ in self._tries[n]], dtype=np.int64)
        gaps = gap_changes(known, self._taken, crews, taken)
        more, costs = taken - self._taken[crews], added + gaps
        best: dict[int, _Option] = {}
        for row in np.flatnonzero(excess <= 0).tolist():
            crew, position = self._tries[n][row]
            if crew not in best or costs[row] < best[crew].cost:
                beyond = tuple(more[row].tolist())
                best[crew] = _Option(int(costs[row]), position, beyond, int(gaps[row]))
        return best

    def _together(self, chosen: Sequence[_Option]) -> int:
        """What all of them lack elsewhere beyond the sum of what each would lack alone."""
        total = self._taken.sum(axis=0)
        after = total + np.sum([one.more for one in chosen], axis=0, dtype=np.int64)
        gap = gap_costs(self._known, after) - gap_costs(self._known, total)
        return int(gap) - sum(one.gap for one in chosen)

    def _choose(
        self, options: Sequence[dict[int, _Option]]
    ) -> tuple[int, tuple[tuple[int, int], ...]] | None:
        """The cheapest different crews, one per visit; each visit needs only its first few."""
        few = [
            sorted(one.items(), key=lambda each: (each[1].cost, each[0]))[: len(options)]
            for one in options
        ]
        best: tuple[int, tuple[tuple[int, int], ...]] | None = None
        for choice in product(*few):
            if len({crew for crew, _ in choice}) == len(choice):
                cost = sum(one.cost for _, one in choice)
                if self._known.shares is not None:
                    cost += self._together([one for _, one in choice])
                if best is None or cost < best[0]:
                    best = (cost, tuple((crew, one.position) for crew, one in choice))
        return best


def placed_units(problem: Problem, routes: Sequence[Sequence[str]]) -> list[list[str]]:
    """The routes with every unit placed that costs less there than left out.

    Args:
        problem: settled, with its links.
        routes: visit ids per crew, keeping every link.
    """
    now = [list(names) for names in routes]
    for unit in units(problem):
        if not any(name in names for names in now for name in unit):
            meeting = find_meeting(problem, unit[0], now)
            if meeting is not None:
                now = with_meeting(problem, now, meeting)
    return now
