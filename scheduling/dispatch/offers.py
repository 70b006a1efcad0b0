"""The best places for one visit in the plan in force, in milliseconds, with every reason.

Tries every allowed (crew, position) after the frozen prefix and, when no crew can come on time,
every place that opens if one less urgent visit gives way. No solver, no search: the dispatcher
never waits for this answer. Refuses to change anything; see ``displacement`` for finding the
visit that gave way another crew.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scheduling.dispatch.arrays import FORBIDDEN, Ints, Tables, tables
from scheduling.dispatch.batch import Batch, evaluate, padded
from scheduling.dispatch.linked import opened
from scheduling.dispatch.objective import Bill, Cost, Term, add_bills, omission_bill
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.refusals import Refusal, standing_refusal, timed_refusal
from scheduling.dispatch.rooms import amounts, gap_changes, overdrawn, shared_refusals
from scheduling.dispatch.schedule import Scheduler

Flag = Literal["late", "overtime", "promise_moved", "bumps", "window_missed", "position_stale"]

NOTICED_DELAY_S = 60


@dataclass(frozen=True, slots=True)
class Delay:
    """A visit already in the route that would start later, and by how many seconds."""

    visit_id: str
    delay_s: int


@dataclass(frozen=True, slots=True)
class Offer:
    """One crew's best place for the visit and what it costs everybody.

    Attributes:
        position: index among the crew's remaining stops, once any bumped visit has left.
        depart_at: leaves the previous stop.
        detour_s: driving added to the route (may be negative when a visit is bumped).
        margin_s: seconds between the start and the due time; negative = late; ``None`` = no due.
        bill: added cost by term, the saved omission of this visit not counted.
        delays: other visits that start at least a minute later.
        bumped: less urgent visit that leaves the plan, if that is what it takes.
        flags: what a dispatcher must see before accepting.
    """

    crew_id: str
    position: int
    depart_at: int
    arrive_at: int
    start_at: int
    end_at: int
    detour_s: int
    detour_m: int
    margin_s: int | None
    bill: Bill
    delays: tuple[Delay, ...]
    bumped: str | None
    flags: tuple[Flag, ...]

    @property
    def cost(self) -> Cost:
        """Added cost by tier; offers are ranked by it."""
        return self.bill.cost


@dataclass(frozen=True, slots=True)
class Offers:
    """The answer to "who could go?".

    Attributes:
        offers: at most one per crew, cheapest first.
        refusals: every other crew with its binding reason.
        compared: places tried.
    """

    visit_id: str
    offers: tuple[Offer, ...]
    refusals: tuple[Refusal, ...]
    compared: int


@dataclass(frozen=True, slots=True)
class _Try:
    """A candidate place: crew row, position, visit that gives way (or -1), resulting route."""

    crew: int
    position: int
    bumped: int
    stops: tuple[int, ...]


def find_offers(
    problem: Problem, visit_id: str, routes: Sequence[Sequence[str]] | None = None
) -> Offers:
    """Every crew's best place for the visit, ranked, and why the others cannot.

    Args:
        problem: the snapshot (settled, so that frozen stops break no rule). What other visits
            are tied to does not move for this one; see ``meetings`` for several at once.
        visit_id: the visit to place; if it is planned it is lifted out first.
        routes: visit ids per crew in the problem's order; the plan in force if left out.
    """
    if not problem.links:
        return Desk(tables(problem), routes).offers(visit_id)
    planned = {route.crew_id: [stop.visit_id for stop in route.stops] for route in problem.plan}
    given = [planned.get(crew.id, []) for crew in problem.crews] if routes is None else routes
    lifted = [[name for name in names if name != visit_id] for names in given]
    loose = opened(problem, visit_id, lifted)
    if loose is None:
        waits = (Refusal(crew.id, "follows_unplaced") for crew in problem.crews)
        return Offers(visit_id, (), tuple(waits), 0)
    return Desk(tables(loose.problem, loose.held), lifted).offers(visit_id)


class Desk:
    """Tables and current routes, ready to answer for any visit."""

    def __init__(self, known: Tables, routes: Sequence[Sequence[str]] | None = None) -> None:
        """Keep the routes as visit positions.

        Args:
            known: the problem as arrays.
            routes: visit ids per crew in the problem's order; the plan in force if left out.
        """
        self._tables = known
        self._problem = known.problem
        self._scheduler: Scheduler | None = None
        self._routes = known.routes
        if routes is not None:
            index = known.problem.visit_index
            self._routes = tuple(tuple(index[name] for name in route) for route in routes)

    def offers(self, visit_id: str, may_bump: bool = True) -> Offers:
        """Ranked offers and refusals for one visit.

        Args:
            visit_id: the visit to place.
            may_bump: whether a less urgent visit may give way when nobody can come on time.
        """
        visit = self._problem.visit_index[visit_id]
        current = [tuple(v for v in route if v != visit) for route in self._routes]
        base = evaluate(self._tables, np.arange(len(current)), padded(current))
        tries = [
            _Try(crew, position, -1, (*route[:position], visit, *route[position:]))
            for crew, route in enumerate(current)
            if self._tables.assignment[crew, visit] < FORBIDDEN
            for position in range(self._first_free(crew, route), len(route) + 1)
        ]
        judged = _Judged(self._tables, base, visit, tries)
        best = judged.best_per_crew()
        compared = len(tries)
        if may_bump and not any(judged.is_on_time(row) for row in best.values()):
            bumps = list(self._bumps(visit, current))
            compared += len(bumps)
            judged, best = self._with_bumps(base, visit, (tries, bumps))
        offers = sorted(
            (judged.offer(row) for row in best.values()), key=lambda o: (o.cost, o.start_at)
        )
        refusals = self._refusals(visit, judged, best.keys())
        return Offers(visit_id, tuple(offers), tuple(refusals), compared)

    def _with_bumps(
        self, base: Batch, visit: int, tries: tuple[list[_Try], list[_Try]]
    ) -> tuple["_Judged", dict[int, int]]:
        judged = _Judged(self._tables, base, visit, tries[0] + tries[1])
        return judged, judged.best_per_crew()

    def _first_free(self, crew: int, route: tuple[int, ...]) -> int:
        return min(int(self._tables.crews.frozen[crew]), len(route))

    def _bumps(self, visit: int, current: list[tuple[int, ...]]) -> Iterator[_Try]:
        """Places that open when one less urgent, unpinned visit leaves."""
        urgency = self._problem.visits[visit].priority
        pinned = {pin.visit_id for pin in self._problem.pins}
        for crew, route in enumerate(current):
            if self._tables.assignment[crew, visit] >= FORBIDDEN:
                continue
            first = self._first_free(crew, route)
            for index in range(first, len(route)):
                other = self._problem.visits[route[index]]
                if other.priority <= urgency or other.id in pinned or other.is_urgent:
                    continue
                if self._tables.anchored[route[index]] or other.bump_cost is None:
                    continue
                if other.id in self._tables.held:
                    continue
                rest = (*route[:index], *route[index + 1 :])
                for position in range(first, len(rest) + 1):
                    stops = (*rest[:position], visit, *rest[position:])
                    yield _Try(crew, position, route[index], stops)

    def _refusals(
        self, visit: int, judged: "_Judged", offered: Container[int]
    ) -> Iterator[Refusal]:
        wanted = self._problem.visits[visit]
        only = self._tables.bound.get(wanted.id)
        for row, crew in enumerate(self._problem.crews):
            if row in offered:
                continue
            standing = standing_refusal(self._problem, crew, wanted, only)
            if standing is not None:
                yield standing
                continue
            shared = judged.shared_refusals(row)
            if shared:
                yield shared[0]
                continue
            stops = judged.least_bad(row)
            names = tuple(self._problem.visits[v].id for v in stops)
            self._scheduler = self._scheduler or Scheduler(self._problem)
            yield timed_refusal(self._problem, self._scheduler, wanted.id, (crew.id, names))


class _Judged:
    """Candidate places with their times and added costs."""

    def __init__(self, known: Tables, base: Batch, visit: int, tries: list[_Try]) -> None:
        self._tables, self._base, self._visit, self._tries = known, base, visit, tries
        self._crews: Ints = np.array([t.crew for t in tries], dtype=np.int64)
        self._batch = evaluate(known, self._crews, padded([t.stops for t in tries]))
        bumped = np.array([t.bumped for t in tries], dtype=np.int64)
        omitted = np.where(bumped >= 0, known.visits.omission[bumped], 0)
        before, taken = amounts(known, base), amounts(known, self._batch)
        self._gaps = gap_changes(known, before, self._crews, taken)
        self._added: Ints = self._batch.scalar - base.scalar[self._crews] + omitted + self._gaps
        # A route already broken by events may be offered again, but not broken further.
        self._least_bad: dict[int, tuple[int, tuple[int, ...]]] = {}
        self._timely = self._batch.excess_s <= base.excess_s[self._crews]
        self._overdrawn = overdrawn(known, before, self._crews, taken)
        self._lawful = self._timely & ~self._overdrawn.any(axis=1)

    def best_per_crew(self) -> dict[int, int]:
        """Crew row → row of its cheapest lawful place."""
        best: dict[int, int] = {}
        for row in np.flatnonzero(self._lawful).tolist():
            crew = self._tries[row].crew
            if crew not in best or self._added[row] < self._added[best[crew]]:
                best[crew] = row
        return best

    def shared_refusals(self, crew: int) -> list[Refusal]:
        """The shared rules that stand against a crew whose own rules would let it come."""
        rows = np.flatnonzero((self._crews == crew) & self._timely)
        if not len(rows):
            return []
        cheapest = rows[self._added[rows].argmin()]
        name = self._tables.problem.crews[crew].id
        return shared_refusals(self._tables, name, self._overdrawn[cheapest])

    def is_on_time(self, row: int) -> bool:
        """True if the visit starts by its due time there."""
        start = self._batch.clock.start[row, self._tries[row].position]
        return bool(start <= self._tables.visits.due[self._visit])

    def least_bad(self, crew: int) -> tuple[int, ...]:
        """The route, without bumps, that misses the rules by least."""
        if not self._least_bad:
            for row, excess in enumerate(self._batch.excess_s.tolist()):
                attempt = self._tries[row]
                known = self._least_bad.get(attempt.crew)
                if attempt.bumped < 0 and (known is None or excess < known[0]):
                    self._least_bad[attempt.crew] = (excess, attempt.stops)
        return self._least_bad[crew][1]

    def offer(self, row: int) -> Offer:
        """The candidate as shown to a dispatcher."""
        attempt, clock, base = self._tries[row], self._batch.clock, self._base
        problem, position = self._tables.problem, attempt.position
        crew = problem.crews[attempt.crew]
        start = int(clock.start[row, position])
        due = problem.visits[self._visit].due_at
        margin = None if due is None else due - start
        bill = self._added_bill(row)
        return Offer(
            crew_id=crew.id,
            position=position,
            depart_at=int(clock.depart[row, position]),
            arrive_at=int(clock.arrive[row, position]),
            start_at=start,
            end_at=start + problem.visits[self._visit].lasts_s(crew.experience),
            detour_s=int(clock.travel_s[row] - base.clock.travel_s[attempt.crew]),
            detour_m=int(clock.metres[row] - base.clock.metres[attempt.crew]),
            margin_s=margin,
            bill=bill,
            delays=self._delays(row),
            bumped=None if attempt.bumped < 0 else problem.visits[attempt.bumped].id,
            flags=self._flags(row, margin, bill),
        )

    def _omission(self, attempt: _Try) -> Bill:
        if attempt.bumped < 0:
            return Bill()
        problem = self._tables.problem
        is_planned = attempt.bumped in self._tables.routes[attempt.crew]
        return omission_bill(problem.visits[attempt.bumped], is_planned, False, problem.prices)

    def _added_bill(self, row: int) -> Bill:
        attempt = self._tries[row]
        before = self._base.bill(attempt.crew)
        minus = Bill({term: -amount for term, amount in before.amounts.items()})
        gap = Bill({"coverage_gap": int(self._gaps[row])})
        added = add_bills([self._batch.bill(row), minus, gap, self._omission(attempt)])
        return Bill({term: amount for term, amount in added.amounts.items() if amount})

    def _delays(self, row: int) -> tuple[Delay, ...]:
        attempt = self._tries[row]
        before = dict(
            zip(
                self._base.stops[attempt.crew].tolist(),
                self._base.clock.start[attempt.crew].tolist(),
                strict=True,
            )
        )
        later = []
        for column, visit in enumerate(attempt.stops):
            if visit == self._visit:
                continue
            delay = int(self._batch.clock.start[row, column]) - before[visit]
            if delay >= NOTICED_DELAY_S:
                later.append(Delay(self._tables.problem.visits[visit].id, delay))
        return tuple(later)

    def _flags(self, row: int, margin: int | None, bill: Bill) -> tuple[Flag, ...]:
        amounts: dict[Term, int] = dict(bill.amounts)
        attempt = self._tries[row]
        flags: list[tuple[Flag, bool]] = [
            ("late", margin is not None and margin < 0),
            ("overtime", amounts.get("overtime", 0) > 0),
            ("promise_moved", amounts.get("promise_moved", 0) > 0),
            ("bumps", attempt.bumped >= 0),
            ("window_missed", bool(self._base.excess_s[attempt.crew] > 0)),
            ("position_stale", _is_stale(self._tables.problem, attempt.crew)),
        ]
        return tuple(flag for flag, holds in flags if holds)


def _is_stale(problem: Problem, row: int) -> bool:
    """True if the crew's position is older than the problem trusts."""
    most, located_at = problem.location_max_age_s, problem.crews[row].located_at
    return most is not None and located_at is not None and problem.now - located_at > most
