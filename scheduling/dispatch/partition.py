"""The best plan that can be put together from routes already seen, with a proof.

A search throws away good routes with bad plans. CP-SAT chooses one pooled route per crew so that
no visit is served twice, starting from the best plan known; its bound says how much the pool has
left to give. Refuses to make new routes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from ortools.sat.python import cp_model

from scheduling.dispatch.arrays import Ints, Tables
from scheduling.dispatch.batch import evaluate, padded
from scheduling.dispatch.rooms import amounts, gap_costs, over_all
from scheduling.dispatch.shares import HARD

Rows = tuple[int, ...]

POOL_AT_MOST: Final = 4000


class Pool:
    """Routes seen, each once per crew, the newest kept when there are too many."""

    def __init__(self) -> None:
        """Start empty."""
        self._routes: dict[tuple[int, Rows], None] = {}

    def __len__(self) -> int:
        """Number of routes."""
        return len(self._routes)

    def add(self, routes: Iterable[Rows]) -> None:
        """Remember the routes of a plan, one per crew, in order."""
        for crew, route in enumerate(routes):
            if route:
                self._routes.pop((crew, route), None)
                self._routes[crew, route] = None
        while len(self._routes) > POOL_AT_MOST:
            del self._routes[next(iter(self._routes))]

    def columns(self) -> list[tuple[int, Rows]]:
        """Every route with its crew."""
        return list(self._routes)


@dataclass(frozen=True, slots=True)
class Recombined:
    """A plan made of pooled routes.

    Attributes:
        routes: visit positions, one route per crew.
        is_proven: no plan of pooled routes is cheaper.
    """

    routes: tuple[Rows, ...]
    is_proven: bool


def recombine(
    known: Tables, pool: Pool, incumbent: Sequence[Rows], seconds: float, seed: int
) -> Recombined:
    """The cheapest plan of pooled routes, never dearer than the incumbent.

    Args:
        known: the problem as arrays.
        pool: lawful routes.
        incumbent: the best plan known, one route per crew.
        seconds: processor time the solver may take.
        seed: names the run.
    """
    pool.add(incumbent)
    columns = pool.columns()
    gains = _gains(known, columns)
    # A route that costs more than leaving all its visits out is never worth a variable.
    useful = [n for n in range(len(columns)) if gains[n] < 0]
    model = cp_model.CpModel()
    used = {n: model.new_bool_var(f"r{n}") for n in useful}
    _at_most_one_each(model, columns, used)
    beyond = _share(known, model, columns, used)
    gap = sum(price * over for over, price in beyond)
    model.minimize(sum(int(gains[n]) * used[n] for n in useful) + gap)
    kept = {(crew, tuple(route)) for crew, route in enumerate(incumbent)}
    for n in useful:
        model.add_hint(used[n], columns[n] in kept)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % (1 << 31)
    # Full linear relaxation, straight on the columns: with the defaults nothing was gained in the
    # time there is, because presolve alone took it.
    solver.parameters.linearization_level = 2
    solver.parameters.cp_model_presolve = False
    # Deterministic time is about processor time; the clock on the wall starves it under load.
    solver.parameters.max_deterministic_time = seconds
    solver.parameters.max_time_in_seconds = 2 * seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Recombined(tuple(incumbent), False)
    routes: list[Rows] = [() for _ in incumbent]
    for n in useful:
        if solver.boolean_value(used[n]):
            routes[columns[n][0]] = columns[n][1]
    before = sum(int(gains[n]) for n in range(len(columns)) if columns[n] in kept)
    if beyond:
        before += int(gap_costs(known, over_all(known, list(incumbent))[1].sum(axis=0)))
    if round(solver.objective_value) >= before:
        return Recombined(tuple(incumbent), status == cp_model.OPTIMAL)
    return Recombined(tuple(routes), status == cp_model.OPTIMAL)


def _gains(known: Tables, columns: Sequence[tuple[int, Rows]]) -> Ints:
    """Cost of each route less that of its crew staying idle and its visits being left out."""
    crews: Ints = np.array([crew for crew, _ in columns], dtype=np.int64)
    batch = evaluate(known, crews, padded([route for _, route in columns]))
    everyone: Ints = np.arange(len(known.crews.ready), dtype=np.int64)
    idle = evaluate(known, everyone, padded([() for _ in everyone])).scalar
    omitted = np.array(
        [int(known.visits.omission[list(route)].sum()) for _, route in columns], dtype=np.int64
    )
    return np.asarray(batch.scalar - idle[crews] - omitted, dtype=np.int64)


def _share(
    known: Tables,
    model: cp_model.CpModel,
    columns: Sequence[tuple[int, Rows]],
    used: dict[int, cp_model.IntVar],
) -> list[tuple[cp_model.IntVar, int]]:
    """Together the chosen routes take no more than there is, or pay for it.

    Returns:
        What is taken beyond, and the price of each unit of it.
    """
    if known.shares is None or not used:
        return []
    crews: Ints = np.array([crew for crew, _ in columns], dtype=np.int64)
    taken = amounts(known, evaluate(known, crews, padded([route for _, route in columns])))
    beyond = []
    for group, (most, price) in enumerate(zip(known.shares.most, known.shares.price, strict=True)):
        total = sum(int(taken[n, group]) * one for n, one in used.items())
        if price == HARD:
            model.add(total <= int(most))
        elif price > 0:
            over = model.new_int_var(0, len(known.crews.ready), f"over{group}")
            model.add(total - over <= int(most))
            beyond.append((over, int(price)))
    return beyond


def _at_most_one_each(
    model: cp_model.CpModel,
    columns: Sequence[tuple[int, Rows]],
    used: dict[int, cp_model.IntVar],
) -> None:
    """Each crew drives one route, each visit stands in one."""
    by_crew: dict[int, list[cp_model.IntVar]] = {}
    by_visit: dict[int, list[cp_model.IntVar]] = {}
    for n, variable in used.items():
        crew, route = columns[n]
        by_crew.setdefault(crew, []).append(variable)
        for visit in route:
            by_visit.setdefault(visit, []).append(variable)
    for variables in (*by_crew.values(), *by_visit.values()):
        if len(variables) > 1:
            model.add_at_most_one(variables)
