"""What it costs to put one visit at any place of any crew, lawful or not, against the plan in
force.

Offers keep only what is lawful; a hand that drags a bar across the timeline hovers over every
place, and wants the price, the hours that move and the rules that break before it lets go. Same
evaluator as the offers: one batch prices every place. Refuses to change anything and to bump.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scheduling.dispatch.arrays import Ints, Tables, tables
from scheduling.dispatch.batch import Batch, evaluate, padded
from scheduling.dispatch.linked import opened
from scheduling.dispatch.objective import Bill, Cost, add_bills
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.refusals import Refusal, standing_refusals, timed_refusals
from scheduling.dispatch.rooms import amounts, gap_changes, gap_costs, overdrawn, shared_refusals
from scheduling.dispatch.schedule import Scheduler

Caution = Literal["late", "overtime", "promise_moved", "frozen", "window_missed"]

Reading = Callable[[Batch], Ints]

NOTICED_SHIFT_S = 60


@dataclass(frozen=True, slots=True)
class Place:
    """One place for the visit: between two stops of a crew.

    Attributes:
        position: index among the crew's stops, the visit itself lifted out.
        start_at: when the visit would start there.
        cost: added to the plan in force, by tier.
        is_lawful: breaks no rule that the plan without the visit keeps.
        is_here: where the visit stands now.
    """

    crew_id: str
    position: int
    start_at: int
    cost: Cost
    is_lawful: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """Another visit that would start later (seconds > 0) or earlier (< 0)."""

    visit_id: str
    shift_s: int


@dataclass(frozen=True, slots=True)
class Move:
    """A place with everything a person wants to know before letting go.

    Attributes:
        detour_s: driving added over all routes.
        detour_m: metres added over all routes.
        margin_s: due time minus start; negative = late; ``None`` = nothing is due.
        bill: added cost by term. What leaving a waiting visit out costs is not counted as saved.
        shifts: other visits whose start moves by a minute or more, on both crews.
        broken: hard rules it breaks beyond those that are broken already; empty = lawful.
        warnings: what is allowed and must be seen.
    """

    place: Place
    depart_at: int
    arrive_at: int
    end_at: int
    detour_s: int
    detour_m: int
    margin_s: int | None
    bill: Bill
    shifts: tuple[Shift, ...]
    broken: tuple[Refusal, ...]
    warnings: tuple[Caution, ...]


class Moves:
    """Every place of one visit, priced in one batch; details on demand."""

    def __init__(self, problem: Problem, visit_id: str, frozen_until: int | None = None) -> None:
        """Price every place.

        Args:
            problem: the snapshot; nothing frozen, so that a person may move what is about to start.
            visit_id: the visit to place; planned or waiting.
            frozen_until: planned starts before it are worth a warning; ``None``: none are.

        Raises:
            KeyError: the problem has no such visit.
        """
        self._visit = problem.visit_index[visit_id]
        self._known = known = _tables(problem, visit_id)
        self._problem, self._name = known.problem, visit_id
        self._horizon = frozen_until
        planned = known.routes
        self._lifted = [tuple(v for v in route if v != self._visit) for route in planned]
        everybody = np.arange(len(planned))
        self._before = evaluate(known, everybody, padded(list(planned)))
        self._base = evaluate(known, everybody, padded(self._lifted))
        self._home = next((k for k, route in enumerate(planned) if self._visit in route), None)
        self._tries = [
            (k, p) for k, route in enumerate(self._lifted) for p in range(len(route) + 1)
        ]
        routes = [self._with(k, p) for k, p in self._tries]
        crews = np.array([k for k, _ in self._tries], dtype=np.int64)
        self._batch = evaluate(known, crews, padded(routes))
        self._freed = self._gain()
        taken, lifted = amounts(known, self._batch), amounts(known, self._base)
        self._overdrawn = overdrawn(known, lifted, crews, taken)
        freed = self._gap_of(lifted) - self._gap_of(amounts(known, self._before))
        self._gaps = gap_changes(known, lifted, crews, taken) + freed
        timely = self._batch.excess_s <= self._base.excess_s[crews]
        self._lawful = timely & ~self._overdrawn.any(axis=1)
        self._rows = {attempt: row for row, attempt in enumerate(self._tries)}
        self._scheduler = Scheduler(known.problem)

    @property
    def crew_id(self) -> str | None:
        """The crew that has the visit now."""
        return None if self._home is None else self._problem.crews[self._home].id

    def places(self, crew_id: str) -> list[Place]:
        """Every place of a crew, first to last."""
        crew = self._problem.crew_index[crew_id]
        return [self._place(self._rows[crew, p]) for p in range(len(self._lifted[crew]) + 1)]

    def best(self, crew_id: str) -> Move:
        """The crew's cheapest lawful place, else the place that misses the rules by least."""
        crew = self._problem.crew_index[crew_id]
        rows = [self._rows[crew, p] for p in range(len(self._lifted[crew]) + 1)]
        excess, cost = self._batch.excess_s, self._batch.scalar + self._gaps
        least = min(rows, key=lambda r: (0 if self._lawful[r] else int(excess[r]), int(cost[r])))
        return self._move(least)

    def at(self, crew_id: str, position: int) -> Move:
        """The place at a position; beyond the last stop means after it."""
        crew = self._problem.crew_index[crew_id]
        return self._move(self._rows[crew, max(0, min(position, len(self._lifted[crew])))])

    def around(self, crew_id: str, start_at: int) -> Move:
        """The place in the crew's order that an hour falls in.

        The visit stands before the first stop whose planned middle is later than the hour: what a
        hand means that drops a bar there. The hour itself is not promised: crews never wait.
        """
        crew = self._problem.crew_index[crew_id]
        starts = self._base.clock.start[crew].tolist()
        visits, experience = self._problem.visits, self._problem.crews[crew].experience
        position = sum(
            starts[p] + visits[v].lasts_s(experience) // 2 < start_at
            for p, v in enumerate(self._lifted[crew])
        )
        return self.at(crew_id, position)

    def _with(self, crew: int, position: int) -> tuple[int, ...]:
        route = self._lifted[crew]
        return (*route[:position], self._visit, *route[position:])

    def _gain(self) -> Bill:
        """What the present crew's route costs less (negative) without the visit."""
        if self._home is None:
            return Bill()
        return _minus(self._base.bill(self._home), self._before.bill(self._home))

    def _gap_of(self, taken: Ints) -> int:
        return int(gap_costs(self._known, taken.sum(axis=0)))

    def _place(self, row: int) -> Place:
        crew, position = self._tries[row]
        return Place(
            crew_id=self._problem.crews[crew].id,
            position=position,
            start_at=int(self._batch.clock.start[row, position]),
            cost=self._bill(row).cost,
            is_lawful=bool(self._lawful[row]),
            is_here=self._known.routes[crew] == self._with(crew, position),
        )

    def _bill(self, row: int) -> Bill:
        added = _minus(self._batch.bill(row), self._base.bill(self._tries[row][0]))
        gap = Bill({"coverage_gap": int(self._gaps[row])})
        return add_bills([added, self._freed, gap])

    def _move(self, row: int) -> Move:
        (crew, position), clock = self._tries[row], self._batch.clock
        start = int(clock.start[row, position])
        wanted = self._problem.visits[self._visit]
        margin = None if wanted.due_at is None else wanted.due_at - start
        bill = Bill({term: amount for term, amount in self._bill(row).amounts.items() if amount})
        return Move(
            place=self._place(row),
            depart_at=int(clock.depart[row, position]),
            arrive_at=int(clock.arrive[row, position]),
            end_at=start + wanted.lasts_s(self._problem.crews[crew].experience),
            detour_s=self._added(row, lambda batch: batch.clock.travel_s),
            detour_m=self._added(row, lambda batch: batch.clock.metres),
            margin_s=margin,
            bill=bill,
            shifts=tuple(self._shifts(row)),
            broken=tuple(self._broken(row)),
            warnings=tuple(self._warnings(row, margin, bill)),
        )

    def _added(self, row: int, of: Reading) -> int:
        crew = self._tries[row][0]
        added = int(of(self._batch)[row] - of(self._base)[crew])
        if self._home is not None:
            added += int(of(self._base)[self._home] - of(self._before)[self._home])
        return added

    def _shifts(self, row: int) -> Iterator[Shift]:
        crew, _ = self._tries[row]
        after = dict(_starts(self._batch, row))
        if self._home is not None and self._home != crew:
            after |= dict(_starts(self._base, self._home))
        before = dict(_starts(self._before, crew))
        if self._home is not None:
            before |= dict(_starts(self._before, self._home))
        for visit, start in after.items():
            moved_s = start - before.get(visit, start)
            if visit != self._visit and abs(moved_s) >= NOTICED_SHIFT_S:
                yield Shift(self._problem.visits[visit].id, moved_s)

    def _broken(self, row: int) -> Iterator[Refusal]:
        if self._lawful[row]:
            return
        number, position = self._tries[row]
        crew, wanted = self._problem.crews[number], self._problem.visits[self._visit]
        yield from standing_refusals(self._problem, crew, wanted, self._known.bound.get(wanted.id))
        yield from shared_refusals(self._known, crew.id, self._overdrawn[row])
        names = [self._problem.visits[v].id for v in self._lifted[number]]
        before = self._scheduler.route(crew.id, names)
        after = self._scheduler.route(crew.id, [*names[:position], wanted.id, *names[position:]])
        yield from timed_refusals(self._problem, self._scheduler, wanted.id, (before, after))

    def _warnings(self, row: int, margin: int | None, bill: Bill) -> Iterator[Caution]:
        crew, position = self._tries[row]
        if margin is not None and margin < 0:
            yield "late"
        if bill.amounts.get("overtime", 0) > 0:
            yield "overtime"
        if bill.amounts.get("promise_moved", 0) > 0:
            yield "promise_moved"
        if not self._place(row).is_here and self._is_frozen(crew, position):
            yield "frozen"
        if self._base.excess_s[crew] > 0:
            yield "window_missed"

    def _is_frozen(self, crew: int, position: int) -> bool:
        """True if the visit, or a stop behind its new place, is about to start."""
        if self._horizon is None:
            return False
        starts = dict(_starts(self._before, crew))
        if self._home is not None:
            starts |= {self._visit: dict(_starts(self._before, self._home))[self._visit]}
        behind = (*self._lifted[crew][position:], self._visit)
        return any(starts.get(visit, self._horizon) < self._horizon for visit in behind)


def _tables(problem: Problem, visit_id: str) -> Tables:
    """The problem as arrays; what is tied to the visit stays where it is planned."""
    if not problem.links:
        return tables(problem)
    planned = {route.crew_id: [stop.visit_id for stop in route.stops] for route in problem.plan}
    lifted = [[n for n in planned.get(c.id, []) if n != visit_id] for c in problem.crews]
    loose = opened(problem, visit_id, lifted)
    return tables(problem) if loose is None else tables(loose.problem, loose.held)


def _minus(one: Bill, other: Bill) -> Bill:
    return add_bills([one, Bill({term: -amount for term, amount in other.amounts.items()})])


def _starts(batch: Batch, row: int) -> Iterator[tuple[int, int]]:
    """Visit positions of a route and their starts."""
    for visit, start in zip(
        batch.stops[row].tolist(), batch.clock.start[row].tolist(), strict=True
    ):
        if visit >= 0:
            yield visit, start
