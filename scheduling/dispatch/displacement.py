"""The cheapest way to serve one urgent visit by moving few others, with a proof.

Makes route columns around the plan in force (a crew as it is; with the urgent visit; with it and
without one less urgent visit; with a visit that gave way elsewhere) and lets CP-SAT choose one
column per crew. Where warm-started routing moves a dozen visits to place one, this moves as many
as it is allowed, one by default, and places every urgent case that has a place.

Refuses to search beyond its columns: the proof is about them. ``improve`` does the rest later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from ortools.sat.python import cp_model

from scheduling.dispatch.arrays import FORBIDDEN, Ints, Tables, tables
from scheduling.dispatch.batch import evaluate, padded
from scheduling.dispatch.linked import opened, unplaced_partners
from scheduling.dispatch.objective import TIER, Cost
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.rooms import amounts, gap_costs
from scheduling.dispatch.shares import HARD
from scheduling.dispatch.solution import Change, Slot, diff

GAVE_WAY_AT_MOST: Final = 16
"""Visits whose second home is looked for: the cheapest to take out of the urgent one's way."""

SOLVE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Displacement:
    """A way to place the visit.

    Attributes:
        routes: new visit ids of every crew whose route changes.
        moved: other visits that change crew or leave the plan.
        cost: added cost by tier, the saved omission of the urgent visit not counted.
        is_proven: no cheaper choice exists among the columns.
        columns: routes priced.
    """

    visit_id: str
    routes: dict[str, tuple[str, ...]]
    moved: tuple[Change, ...]
    cost: Cost
    is_proven: bool
    columns: int


@dataclass(frozen=True, slots=True)
class _Column:
    """A crew's route after taking a visit in and perhaps letting one go (-1 = none).

    ``more`` is what it takes beyond the route before, of each rule that routes share.
    """

    crew: int
    taken: int
    left: int
    stops: tuple[int, ...]
    added: int
    more: tuple[int, ...] = ()


def displace(problem: Problem, visit_id: str, most_moved: int = 1) -> Displacement | None:
    """The cheapest placement that moves at most ``most_moved`` other visits; ``None`` if none is.

    Args:
        problem: a settled problem whose plan in force is lawful.
        visit_id: the visit to place; if planned, it is lifted out first.
        most_moved: other visits that may change crew or leave the plan, ≥ 0.
    """
    if problem.links:
        planned = {route.crew_id: route.stops for route in problem.plan}
        lifted = [
            [stop.visit_id for stop in planned.get(crew.id, ()) if stop.visit_id != visit_id]
            for crew in problem.crews
        ]
        loose = opened(problem, visit_id, lifted)
        if loose is None or unplaced_partners(problem, visit_id, lifted):
            return None
        known = tables(loose.problem, loose.held)
    else:
        known = tables(problem)
    urgent = problem.visit_index[visit_id]
    current = [tuple(v for v in route if v != urgent) for route in known.routes]
    yard = _Yard(known, current)
    columns = yard.columns([urgent], may_leave=most_moved > 0)
    known_left = {urgent}
    for depth in range(most_moved):
        gave_way = _cheapest_to_leave(columns, known_left)
        if not gave_way:
            break
        known_left |= set(gave_way)
        columns += yard.columns(gave_way, may_leave=depth + 1 < most_moved)
    chosen, is_proven = _choose(known, columns, yard.taken, (urgent, most_moved))
    if not any(column.taken == urgent for column in chosen):
        return None
    more = np.sum([column.more for column in chosen], axis=0, dtype=np.int64)
    total = yard.taken.sum(axis=0)
    gap = int(gap_costs(known, total + more) - gap_costs(known, total))
    return _answer(known, current, urgent, (chosen, is_proven, len(columns), gap))


class _Yard:
    """Prices routes of the plan in force with one visit more, and perhaps one less."""

    def __init__(self, known: Tables, current: Sequence[tuple[int, ...]]) -> None:
        self._known, self._current = known, current
        self._base = evaluate(known, np.arange(len(current)), padded(list(current)))
        self.taken = amounts(known, self._base)
        pinned = {pin.visit_id for pin in known.problem.pins}
        self._may_go = [
            visit.id not in pinned
            and not visit.is_urgent
            and not known.anchored[row]
            and visit.bump_cost is not None
            and visit.id not in known.held
            for row, visit in enumerate(known.problem.visits)
        ]

    def columns(self, taken: Sequence[int], may_leave: bool) -> list[_Column]:
        """The cheapest lawful column of every (crew, visit taken, visit that leaves)."""
        tries = [one for visit in taken for one in self._tries(visit, may_leave)]
        if not tries:
            return []
        crews: Ints = np.array([one.crew for one in tries], dtype=np.int64)
        batch = evaluate(self._known, crews, padded([one.stops for one in tries]))
        added = (batch.scalar - self._base.scalar[crews]).tolist()
        more = (amounts(self._known, batch) - self.taken[crews]).tolist()
        lawful = (batch.excess_s <= self._base.excess_s[crews]).tolist()
        best: dict[tuple[int, ...], _Column] = {}
        for one, cost, is_lawful, beyond in zip(tries, added, lawful, more, strict=True):
            # Two routes that take unlike parts of what is shared do not replace one another.
            key = (one.crew, one.taken, one.left, *self._kinds(beyond))
            if is_lawful and (key not in best or cost < best[key].added):
                best[key] = replace(one, added=cost, more=tuple(beyond))
        return list(best.values())

    def _kinds(self, more: Sequence[int]) -> list[int]:
        """What of each shared rule two routes must take alike to be compared by cost alone."""
        prices = [] if self._known.shares is None else self._known.shares.price.tolist()
        return [
            int(part > 0) if price == HARD else part
            for part, price in zip(more, prices, strict=True)
        ]

    def _tries(self, visit: int, may_leave: bool) -> Iterator[_Column]:
        urgency = self._known.problem.visits[visit].priority
        for crew, route in enumerate(self._current):
            if self._known.assignment[crew, visit] >= FORBIDDEN or visit in route:
                continue
            first = min(int(self._known.crews.frozen[crew]), len(route))
            yield from self._places(crew, visit, -1, (first, route))
            for index in range(first, len(route) if may_leave else first):
                other = route[index]
                if self._may_go[other] and self._known.problem.visits[other].priority >= urgency:
                    rest = (*route[:index], *route[index + 1 :])
                    yield from self._places(crew, visit, other, (first, rest))

    def _places(
        self, crew: int, visit: int, left: int, rest: tuple[int, tuple[int, ...]]
    ) -> Iterator[_Column]:
        first, route = rest
        for position in range(first, len(route) + 1):
            stops = (*route[:position], visit, *route[position:])
            yield _Column(crew, visit, left, stops, 0)


def _cheapest_to_leave(columns: Sequence[_Column], known: set[int]) -> list[int]:
    """Visits that leave in the cheapest columns, cheapest first, each once."""
    ranked = sorted((c for c in columns if c.left >= 0), key=lambda c: c.added)
    found: list[int] = []
    for column in ranked:
        if column.left not in known and column.left not in found:
            found.append(column.left)
    return found[:GAVE_WAY_AT_MOST]


def _choose(
    known: Tables, columns: Sequence[_Column], taken: Ints, asked: tuple[int, int]
) -> tuple[list[_Column], bool]:
    """The cheapest set of columns in which every visit is served at most once."""
    urgent, most_moved = asked
    model = cp_model.CpModel()
    used = [model.new_bool_var(f"column{n}") for n in range(len(columns))]
    for crew in {column.crew for column in columns}:
        model.add_at_most_one(u for u, c in zip(used, columns, strict=True) if c.crew == crew)
    terms = _share(known, model, taken, list(zip(used, columns, strict=True)))
    omission = known.visits.omission
    saved = int(omission[urgent])
    terms += [(u, c.added) for u, c in zip(used, columns, strict=True)]
    moves = [u for u, c in zip(used, columns, strict=True) if c.left >= 0]
    model.add(sum(moves) <= most_moved)
    for visit in {c.left for c in columns if c.left >= 0}:
        leaves = [u for u, c in zip(used, columns, strict=True) if c.left == visit]
        enters = [u for u, c in zip(used, columns, strict=True) if c.taken == visit]
        # It may only enter elsewhere what has left, and what has left twice is nonsense.
        model.add(sum(enters) <= sum(leaves))
        model.add_at_most_one(leaves)
        terms += [(u, int(omission[visit])) for u in leaves]
        terms += [(u, -int(omission[visit])) for u in enters]
    entering = [u for u, c in zip(used, columns, strict=True) if c.taken == urgent]
    model.add_at_most_one(entering)
    terms += [(u, -saved) for u in entering]
    model.minimize(sum(cost * u for u, cost in terms))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = SOLVE_S
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [], False
    chosen = [c for u, c in zip(used, columns, strict=True) if solver.boolean_value(u)]
    return chosen, status == cp_model.OPTIMAL


def _share(
    known: Tables,
    model: cp_model.CpModel,
    taken: Ints,
    columns: Sequence[tuple[cp_model.IntVar, _Column]],
) -> list[tuple[cp_model.IntVar, int]]:
    """Together the chosen columns take no more than is left of what routes share, or pay for it.

    Returns:
        What is taken beyond, and the price of each unit of it.
    """
    if known.shares is None:
        return []
    beyond = []
    for group, (limit, price) in enumerate(zip(known.shares.most, known.shares.price, strict=True)):
        total = int(taken[:, group].sum())
        more = sum(column.more[group] * used for used, column in columns)
        if price == HARD:
            model.add(more <= max(0, int(limit) - total))
        elif price > 0:
            over = model.new_int_var(0, len(taken), f"over{group}")
            model.add(more - over <= int(limit) - total)
            beyond.append((over, int(price)))
    return beyond


def _answer(
    known: Tables,
    current: Sequence[tuple[int, ...]],
    urgent: int,
    found: tuple[list[_Column], bool, int, int],
) -> Displacement:
    chosen, is_proven, columns, gap = found
    problem = known.problem
    after = list(current)
    for column in chosen:
        after[column.crew] = column.stops
    left = {c.left for c in chosen if c.left >= 0} - {c.taken for c in chosen}
    added = gap + sum(c.added for c in chosen) + sum(int(known.visits.omission[v]) for v in left)
    before_slots, after_slots = _homes(known, current), _homes(known, after)
    moved = diff(before_slots, after_slots).changes
    return Displacement(
        visit_id=problem.visits[urgent].id,
        routes={
            problem.crews[c.crew].id: tuple(problem.visits[v].id for v in c.stops) for c in chosen
        },
        moved=tuple(change for change in moved if change.visit_id != problem.visits[urgent].id),
        cost=_split(added),
        is_proven=is_proven,
        columns=columns,
    )


def _homes(known: Tables, routes: Sequence[tuple[int, ...]]) -> dict[str, Slot]:
    """Crew of every visit; the start is not compared here."""
    problem = known.problem
    return {
        problem.visits[visit].id: Slot(problem.crews[crew].id, 0)
        for crew, route in enumerate(routes)
        for visit in route
    }


def _split(scalar: int) -> Cost:
    """One integer back into its tiers; ordinary parts stay within half a tier of zero."""
    urgent = (scalar + TIER // 2) // TIER
    return Cost(urgent, scalar - urgent * TIER)
