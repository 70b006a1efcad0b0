"""How many planned visits a plan sends to another crew, and the best part of a plan within a limit.

A price for moving keeps most visits where they are; a limit is what a dispatcher sets when the
phones ring already. The plan in force is changed a few visits at a time towards the better plan,
largest saving first, until the limit is reached. Refuses to search for other plans.
"""

from collections.abc import Iterator, Sequence

from scheduling.dispatch.arrays import Tables
from scheduling.dispatch.binding import planned_crews
from scheduling.dispatch.objective import Cost, price
from scheduling.dispatch.repair import lawful_routes
from scheduling.dispatch.rooms import gap_costs, over_all
from scheduling.dispatch.schedule import Scheduler

Names = tuple[str, ...]
Routes = list[Names]

LONGEST_STEP = 8


def within_limit(known: Tables, routes: Sequence[Sequence[str]], most: int) -> Routes:
    """Return routes on the way to ``routes`` in which at most ``most`` visits change crew.

    Args:
        known: a settled problem as arrays; a problem with links keeps its plan or takes all.
        routes: the better plan, visit ids per crew.
        most: planned visits that may go to another crew, at least 0.
    """
    wanted = [tuple(route) for route in routes]
    problem = known.problem
    planned = planned_crews(problem)
    if len(_moved(known, wanted, planned)) <= most:
        return wanted
    names = [visit.id for visit in problem.visits]
    routes_now = [tuple(names[v] for v in r) for r in lawful_routes(known, known.routes)]
    if problem.links:
        return routes_now
    return _Walk(known, wanted, routes_now).go(most)


def _moved(known: Tables, routes: Routes, planned: dict[str, str]) -> set[str]:
    crews = known.problem.crews
    return {
        name
        for crew, route in zip(crews, routes, strict=True)
        for name in route
        if planned.get(name, crew.id) != crew.id
    }


class _Walk:
    """From the plan in force towards a better one."""

    def __init__(self, known: Tables, wanted: Routes, routes: Routes) -> None:
        self._known, self._wanted, self._routes = known, wanted, list(routes)
        self._problem, self._scheduler = known.problem, Scheduler(known.problem)
        self._planned = planned_crews(known.problem)
        self._target = {name: row for row, route in enumerate(wanted) for name in route}
        self._at = self._now()
        self._known_savings: dict[tuple[Names, tuple[tuple[int, Names], ...]], int | None] = {}

    def go(self, most: int) -> Routes:
        """Take the step that saves most, again and again."""
        while True:
            left = most - len(_moved(self._known, self._routes, self._planned))
            steps = [self._saved(names) for names in self._steps() if self._churn(names) <= left]
            saved, names = max(steps, default=(0, ()))
            if saved <= 0:
                return self._routes
            self._routes = self._after(names)
            self._at = self._now()

    def _churn(self, names: Names) -> int:
        """How many of the visits would newly leave the crew that the plan gives them."""
        at, crews = self._at, self._problem.crews
        return sum(
            self._planned.get(name, crews[self._target[name]].id) != crews[self._target[name]].id
            and at.get(name) != self._target[name]
            for name in names
        )

    def _now(self) -> dict[str, int]:
        return {name: row for row, route in enumerate(self._routes) for name in route}

    def _steps(self) -> Iterator[Names]:
        """Each visit that is not where the better plan has it, and neighbours of one exchange.

        Alone, the first of two visits at the far end saves nothing: the crew drives there anyway.
        """
        at = self._at
        groups: dict[tuple[int | None, int], list[str]] = {}
        for row, route in enumerate(self._wanted):
            for name in route:
                if at.get(name) != row:
                    groups.setdefault((at.get(name), row), []).append(name)
        for names in groups.values():
            for size in range(1, min(len(names), LONGEST_STEP) + 1):
                for first in range(len(names) - size + 1):
                    yield tuple(names[first : first + size])

    def _saved(self, names: Names) -> tuple[int, Names]:
        """What a step saves; nothing if it is unlawful.

        Most steps touch other routes than the last one taken, and are not worked out again.
        """
        at = self._at
        rows = {self._target[name] for name in names} | {at[name] for name in names if name in at}
        key = (names, tuple((row, self._routes[row]) for row in sorted(rows)))
        if key not in self._known_savings:
            self._known_savings[key] = self._worked_out(names, rows)
        saved = self._known_savings[key]
        if saved is not None and self._known.shares is not None:
            saved = self._shared(names, saved)
        return (0, ()) if saved is None or saved <= 0 else (saved, names)

    def _worked_out(self, names: Names, rows: set[int]) -> int | None:
        """What a step saves on the routes it touches; ``None`` if one becomes unlawful."""
        at, after = self._at, self._after(names)
        if not all(self._is_lawful(row, after[row]) for row in rows):
            return None
        saved = sum(self._cost(row, self._routes[row]).scalar for row in rows)
        saved -= sum(self._cost(row, after[row]).scalar for row in rows)
        index, omission = self._problem.visit_index, self._known.visits.omission
        return saved + sum(int(omission[index[n]]) for n in names if n not in at)

    def _shared(self, names: Names, saved: int) -> int | None:
        """What a step saves with the price of what routes share; ``None`` if they break a rule."""
        gap, is_over = self._gap(self._after(names))
        return None if is_over else saved + self._gap(self._routes)[0] - gap

    def _gap(self, routes: Routes) -> tuple[int, bool]:
        """What routes pay for what they share, and whether they break a rule of it."""
        index = self._problem.visit_index
        rows = [tuple(index[name] for name in route) for route in routes]
        _, taken, over = over_all(self._known, rows)
        return int(gap_costs(self._known, taken.sum(axis=0))), bool(over.any())

    def _after(self, names: Names) -> Routes:
        """The routes with visits where the better plan has them: after their predecessors there."""
        routes = [tuple(n for n in route if n not in names) for route in self._routes]
        for name in names:
            row = self._target[name]
            wanted, route = self._wanted[row], routes[row]
            ahead = set(wanted[: wanted.index(name)])
            last = max((rank for rank, n in enumerate(route) if n in ahead), default=-1) + 1
            last = max(last, min(int(self._known.crews.frozen[row]), len(route)))
            routes[row] = (*route[:last], name, *route[last:])
        return routes

    def _cost(self, row: int, route: tuple[str, ...]) -> Cost:
        return price(self._problem, self._scheduler, self._problem.crews[row].id, route)

    def _is_lawful(self, row: int, route: tuple[str, ...]) -> bool:
        crew = self._problem.crews[row]
        load = sum(self._problem.visit(name).load for name in route)
        fits = crew.capacity is None or load <= crew.capacity
        return fits and self._scheduler.broken(self._scheduler.route(crew.id, route)) is None
