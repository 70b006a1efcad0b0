"""What it costs when work takes longer, or less long, than the plan in force says.

A hand that drags the end of a bar wants what a moved bar tells: the price, whose hours move, the
rules that break. One route before and after, by the evaluator of the offers. Changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from scheduling.dispatch.arrays import tables
from scheduling.dispatch.assemble import in_force, unexplained
from scheduling.dispatch.batch import Batch, evaluate, padded
from scheduling.dispatch.gaps import gap_cost
from scheduling.dispatch.moves import NOTICED_SHIFT_S, Shift
from scheduling.dispatch.objective import Bill, Term, add_bills
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.refusals import Refusal, timed_refusals
from scheduling.dispatch.schedule import Scheduler

Worry = Literal["overtime", "late_behind", "promise_moved"]

OVERTIME_AFTER_S = 7200
"""How far beyond an end of work that is a fact a crew may still serve what is planned, seconds."""


@dataclass(frozen=True, slots=True)
class Length:
    """A crew's day with another length of one piece of work.

    Attributes:
        bill: added cost by term; negative where time is won.
        shifts: later visits of the crew whose start moves by a minute or more.
        broken: hard rules that the day breaks now and did not before; empty = lawful.
        warnings: what is allowed and must be seen.
    """

    crew_id: str
    bill: Bill
    shifts: tuple[Shift, ...]
    broken: tuple[Refusal, ...]
    warnings: tuple[Worry, ...]


def stretch(problem: Problem, visit_id: str, duration_s: int) -> Length:
    """Return the day of the crew that has a planned visit, if that takes so long.

    Args:
        problem: the snapshot, settled, nothing frozen; without links between visits.
        visit_id: a visit of the plan in force.
        duration_s: the new length, seconds, above 0.

    Raises:
        KeyError: no crew has the visit.
    """
    for route in problem.plan:
        names = [stop.visit_id for stop in route.stops]
        if visit_id in names:
            visits = tuple(
                replace(one, duration_s=duration_s, crew_durations=())
                if one.id == visit_id
                else one
                for one in problem.visits
            )
            return _compared(problem, replace(problem, visits=visits), route.crew_id, names)
    raise KeyError(visit_id)


def hold(problem: Problem, crew_id: str, ready_at: int) -> Length:
    """Return a crew's day if what it is doing now ends at another time.

    Args:
        problem: as for :func:`stretch`.
        crew_id: a crew of the problem.
        ready_at: when it is free, Unix seconds. A fact: the shift is widened to admit it.

    Raises:
        KeyError: the problem has no such crew.
    """
    if crew_id not in problem.crew_index:
        raise KeyError(crew_id)
    crews = tuple(
        replace(
            one,
            ready_at=ready_at,
            shift_end=max(one.shift_end, ready_at),
            hard_end=max(one.hard_end, ready_at + OVERTIME_AFTER_S),
        )
        if one.id == crew_id
        else one
        for one in problem.crews
    )
    planned = problem.route_index.get(crew_id)
    names = [stop.visit_id for stop in planned.stops] if planned else []
    return _compared(problem, replace(problem, crews=crews), crew_id, names)


def _compared(before: Problem, after: Problem, crew_id: str, names: Sequence[str]) -> Length:
    was, now = _walked(before, crew_id, names), _walked(after, crew_id, names)
    gap = Bill({"coverage_gap": _gap(after) - _gap(before)})
    added = add_bills([now.bill(0), _negated(was.bill(0)), gap])
    bill = Bill({term: amount for term, amount in added.amounts.items() if amount})
    starts = zip(was.clock.start[0].tolist(), now.clock.start[0].tolist(), strict=True)
    shifts = tuple(
        Shift(name, then - first)
        for name, (first, then) in zip(names, starts, strict=False)
        if abs(then - first) >= NOTICED_SHIFT_S
    )
    return Length(crew_id, bill, shifts, _broken(before, after, crew_id, names), _worries(bill))


def _walked(problem: Problem, crew_id: str, names: Sequence[str]) -> Batch:
    stops = tuple(problem.visit_index[name] for name in names)
    return evaluate(tables(problem), np.array([problem.crew_index[crew_id]]), padded([stops]))


def _gap(problem: Problem) -> int:
    """What the plan in force pays for crews missing from reserves."""
    if not any(reserve.price for reserve in problem.reserves):
        return 0
    return gap_cost(problem, unexplained(problem, in_force(problem)).routes)


def _negated(bill: Bill) -> Bill:
    return Bill({term: -amount for term, amount in bill.amounts.items()})


def _broken(
    before: Problem, after: Problem, crew_id: str, names: Sequence[str]
) -> tuple[Refusal, ...]:
    if not names:
        return ()
    was = Scheduler(before).route(crew_id, names)
    scheduler = Scheduler(after)
    now = scheduler.route(crew_id, names)
    return tuple(timed_refusals(after, scheduler, names[0], (was, now)))


WORRIES: dict[Worry, tuple[Term, ...]] = {
    "overtime": ("overtime",),
    "late_behind": ("lateness", "urgent_lateness", "breach"),
    "promise_moved": ("promise_moved",),
}
"""What a person is warned of when one of these terms grows."""


def _worries(bill: Bill) -> tuple[Worry, ...]:
    grown = {term for term, amount in bill.amounts.items() if amount > 0}
    return tuple(word for word, terms in WORRIES.items() if grown.intersection(terms))
