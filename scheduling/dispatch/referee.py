"""A second opinion from OR-Tools routing on the same problem: portfolio member and referee.

It prices routes with code that is not ours (tests assert that both agree), and it can search from
the plan in force when the kernel cannot run. It knows travel, delays between tags, lateness,
overtime, skills, load, the pace of crews, several windows, fixed costs, assignment prices, the
most active crews and frozen heads, and plans inside the boxes of tied visits. It does not know
pauses, one-off breach costs, moved promises, pieces and sums (``extras``), reserves (kept or
priced) and hours kept; routes it finds are repaired and priced by us before anyone sees them.

Two models in one Linux process can crash it (google/or-tools #5076) and a solve holds the
interpreter's lock throughout: one process per solve, never in a web worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from scheduling.dispatch.arrays import FAR, FORBIDDEN, Tables, tables
from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.linked import boxed
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.repair import lawful_routes
from scheduling.dispatch.settle import settle
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.ties import lawful_links

ENGINE: Final = "or-tools-routing"

Rows = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the referee found.

    Attributes:
        problem: the settled problem.
        solution: a lawful plan; the repaired plan in force if the referee found nothing.
        objective: the referee's own cost of what it found, in our units; ``None`` = nothing.
    """

    problem: Problem
    solution: Solution
    objective: int | None
    engine: str = ENGINE


def second_opinion(problem: Problem, seconds: float) -> Opinion:
    """The referee's plan, searched from the plan in force (run it in a process of its own).

    Args:
        problem: the snapshot.
        seconds: wall-clock budget of the search; building the model comes on top.
    """
    settled = settle(problem)
    names = in_force(settled)
    if settled.links:
        names = lawful_links(settled, names)
    # Visits tied to others stay in their boxes, those not yet placed stay out.
    loose = boxed(settled, names)
    known = tables(loose.problem, loose.held)
    index = settled.visit_index
    start = lawful_routes(known, tuple(tuple(index[name] for name in route) for route in names))
    found = _Model(known).search(start, seconds)
    routes = start if found is None else lawful_routes(known, tuple(found[0]))
    names = [[settled.visits[v].id for v in route] for route in routes]
    if settled.links:
        names = lawful_links(settled, names)
    return Opinion(settled, assemble(settled, names), None if found is None else found[1])


def referee_cost(problem: Problem, routes: Sequence[Sequence[str]]) -> int | None:
    """The referee's cost of these routes, in our units; ``None`` if it calls them unlawful.

    Args:
        problem: the question, without pauses, breach costs and promises.
        routes: visit ids per crew, in the problem's order.
    """
    known = tables(problem)
    rows = [[problem.visit_index[name] for name in route] for route in routes]
    return _Model(known).price(rows)


class _Model:
    """One OR-Tools routing model."""

    def __init__(self, known: Tables) -> None:
        self._known = known
        self._visits, self._crews = len(known.visits.place), len(known.crews.ready)
        starts = [self._visits + k for k in range(self._crews)]
        ends = [self._visits + self._crews + k for k in range(self._crews)]
        nodes = self._visits + 2 * self._crews
        self._manager = pywrapcp.RoutingIndexManager(nodes, self._crews, starts, ends)
        self._routing = pywrapcp.RoutingModel(self._manager)
        self._place = np.concatenate(
            [known.visits.place, known.crews.start_place, known.crews.end_place]
        )
        self._travel = known.seconds[np.ix_(self._place, self._place)].astype(np.int64)
        self._add_costs()
        self._add_clock()
        self._add_load()
        self._add_choices()
        if known.problem.max_active_crews is not None:
            most = min(known.problem.max_active_crews, self._crews)
            self._routing.SetMaximumNumberOfActiveVehicles(most)

    def price(self, routes: Rows) -> int | None:
        """Objective of fixed routes, or ``None`` if they break a rule of the model."""
        self._routing.CloseModelWithParameters(self._parameters(1.0))
        found = self._routing.ReadAssignmentFromRoutes([list(r) for r in routes], True)
        return None if found is None else int(found.ObjectiveValue())

    def search(self, start: Rows, seconds: float) -> tuple[list[tuple[int, ...]], int] | None:
        """Best routes found from a start, and their objective."""
        parameters = self._parameters(seconds)
        # Closed with the parameters first, or the warm start would ignore the metaheuristic.
        self._routing.CloseModelWithParameters(parameters)
        heads = [r[: int(n)] for r, n in zip(start, self._known.crews.frozen, strict=True)]
        self._routing.ApplyLocksToAllVehicles([list(head) for head in heads], False)
        # From an empty plan its own first solution is far better than descending from nothing.
        routes = [list(r) for r in start]
        warm = self._routing.ReadAssignmentFromRoutes(routes, True) if any(routes) else None
        if warm is None:
            found = self._routing.SolveWithParameters(parameters)
        else:
            found = self._routing.SolveFromAssignmentWithParameters(warm, parameters)
        return None if found is None else (self._routes(found), int(found.ObjectiveValue()))

    def _parameters(self, seconds: float) -> Any:
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        # The only first-solution strategy that sees soft costs: half the start cost of the others.
        parameters.first_solution_strategy = (
            routing_enums_pb2.FirstSolutionStrategy.LOCAL_CHEAPEST_COST_INSERTION
        )
        parameters.local_search_metaheuristic = (
            routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        )
        parameters.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
        return parameters

    def _add_costs(self) -> None:
        """Travel, plus what giving a visit to a crew costs, on the arc into the visit."""
        shared: dict[bytes, int] = {}
        for k in range(self._crews):
            rate = int(self._known.crews.travel_rate[k])
            given = self._known.assignment[k].copy()
            given[given >= FORBIDDEN] = 0
            into = np.concatenate([given, np.zeros(2 * self._crews, dtype=np.int64)])
            key = rate.to_bytes(8, "big") + into.tobytes()
            if key not in shared:
                matrix = (self._travel * rate + into[None, :]).tolist()
                shared[key] = self._routing.RegisterTransitMatrix(matrix)
            self._routing.SetArcCostEvaluatorOfVehicle(shared[key], k)
            self._routing.SetFixedCostOfVehicle(int(self._known.crews.fixed_cost[k]), k)

    def _add_clock(self) -> None:
        crews, visits = self._known.crews, self._known.visits
        still = np.zeros((2 * self._crews, visits.duration.shape[1]), dtype=np.int64)
        service = np.concatenate([visits.duration, still])
        paces = [
            self._routing.RegisterTransitMatrix((self._travel + one[:, None]).tolist())
            for one in service.T
        ]
        transits = [paces[pace] for pace in crews.pace.tolist()]
        horizon = int(max(crews.hard_end.max(), crews.ready.max())) + 1
        self._routing.AddDimensionWithVehicleTransits(transits, horizon, horizon, False, "clock")
        clock = self._routing.GetDimensionOrDie("clock")
        for k in range(self._crews):
            begin, end = self._routing.Start(k), self._routing.End(k)
            clock.CumulVar(begin).SetValue(int(crews.ready[k]))
            # An idle crew's end is never before its start, whatever the shift says.
            clock.CumulVar(end).SetMax(int(max(crews.hard_end[k], crews.ready[k])))
            overtime = int(crews.overtime_rate[k])
            if overtime:
                clock.SetCumulVarSoftUpperBound(end, int(crews.priced_from[k]), overtime)
        for visit in range(self._visits):
            self._add_windows(clock, visit, horizon)

    def _add_windows(self, clock: Any, visit: int, horizon: int) -> None:
        rows = self._known.visits
        index = self._manager.NodeToIndex(visit)
        variable = clock.CumulVar(index)
        opens, last = rows.opens[visit].tolist(), rows.last[visit].tolist()
        used = [(max(a, 0), min(b, horizon)) for a, b in zip(opens, last, strict=True) if b >= 0]
        if not used or used[0][0] > used[0][1]:
            self._routing.ActiveVar(index).SetValue(0)
            return
        variable.SetRange(used[0][0], used[-1][1])
        for (_, closed), (opened, _) in pairwise(used):
            if closed + 1 <= opened - 1:
                variable.RemoveInterval(closed + 1, opened - 1)
        if int(rows.due[visit]) < FAR and int(rows.late[visit]):
            due = max(int(rows.due[visit]), 0)
            clock.SetCumulVarSoftUpperBound(index, due, int(rows.late[visit]))

    def _add_load(self) -> None:
        crews, visits = self._known.crews, self._known.visits
        if not visits.load.any():
            return
        loads = [*visits.load.tolist(), *([0] * 2 * self._crews)]
        demand = self._routing.RegisterUnaryTransitVector(loads)
        room = np.minimum(crews.capacity, int(visits.load.sum())).tolist()
        self._routing.AddDimensionWithVehicleCapacity(demand, 0, room, True, "load")

    def _add_choices(self) -> None:
        for visit in range(self._visits):
            index = self._manager.NodeToIndex(visit)
            self._routing.AddDisjunction([index], int(self._known.visits.omission[visit]))
            allowed = np.flatnonzero(self._known.assignment[:, visit] < FORBIDDEN).tolist()
            if len(allowed) < self._crews:
                # SetAllowedVehiclesForIndex refuses Python lists in 9.15.
                self._routing.VehicleVar(index).SetValues([-1, *allowed])

    def _routes(self, found: Any) -> list[tuple[int, ...]]:
        routes = []
        for k in range(self._crews):
            route, index = [], found.Value(self._routing.NextVar(self._routing.Start(k)))
            while not self._routing.IsEnd(index):
                route.append(self._manager.IndexToNode(index))
                index = found.Value(self._routing.NextVar(index))
            routes.append(tuple(route))
        return routes
