"""What if: a crew forced, crews removed, a visit added, and everything else as it is planned.

Answers with a whole lawful plan made by insertion, in milliseconds: what loses its place is placed
again, most urgent first, where it costs least; nothing else moves. A person who wonders wants the
order of magnitude now. A search may go on from there (`Question.searchable`), within a stated
number of rounds, and move everything else at the price of moving. Changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from scheduling.dispatch.arrays import FAR, Tables, tables
from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.batch import evaluate, padded
from scheduling.dispatch.moves import Moves
from scheduling.dispatch.objective import Bill, add_bills, explain
from scheduling.dispatch.offers import Desk
from scheduling.dispatch.problem import Bar, Pin, PinKind, Problem, Visit
from scheduling.dispatch.refusals import Refusal
from scheduling.dispatch.shares import RULES
from scheduling.dispatch.solution import Diff, Solution, diff, slots

REMOVED = "crew_removed"

Routes = list[list[str]]


@dataclass(frozen=True, slots=True)
class Supposition:
    """What is supposed beside the plan in force.

    Attributes:
        forced: a visit and the crew that shall serve it.
        without: crews that serve nothing.
        added: visits of the problem to place, beside what loses its place.
    """

    forced: tuple[str, str] | None = None
    without: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The plan in force beside the supposed one.

    Attributes:
        bill: what the supposed plan costs more, by term; leaving an added visit out counts.
        broken: hard rules that forcing breaks whatever else gives way; empty = lawful.
    """

    before: Solution
    after: Solution
    bill: Bill
    changes: Diff
    broken: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A supposition worked out.

    Attributes:
        problem: the snapshot; a person's word lifts the pin of what he forces.
        supposed: the same with the removed crews barred.
        before: the plan in force.
        routes: the supposed plan, made by insertion.
        broken: hard rules that forcing breaks.
        forced: the visit and crew that go together whatever the search does.
    """

    problem: Problem
    supposed: Problem
    before: Solution
    routes: Routes
    broken: tuple[Refusal, ...]
    forced: tuple[str, str] | None

    @property
    def searchable(self) -> Problem | None:
        """What a search may work on; ``None`` when forcing breaks a rule: it would not keep it."""
        if self.broken:
            return None
        if self.forced is None:
            return self.supposed
        name, crew_id = self.forced
        return replace(self.supposed, pins=(*self.supposed.pins, Pin(name, crew_id, PinKind.CREW)))


def suppose(problem: Problem, given: Supposition) -> Outcome:
    """Return the plan as it would be.

    Args:
        problem: the snapshot, settled, nothing frozen; without links between visits.
        given: what is supposed.
    """
    return answered(posed(problem, given))


def posed(problem: Problem, given: Supposition) -> Question:
    """Return the supposed plan by insertion, and what a search needs to better it."""
    routes = in_force(problem)
    before = _without(assemble(problem, routes), given.added)
    if given.forced is not None:
        # A person's word is above a pin of the same visit.
        kept = tuple(p for p in problem.pins if p.visit_id != given.forced[0])
        problem = replace(problem, pins=kept)
    supposed = _barred(problem, given.without)
    loose = [*given.added]
    for row, crew in enumerate(problem.crews):
        if crew.id in given.without:
            loose += routes[row]
            routes[row] = []
    broken: tuple[Refusal, ...] = ()
    if given.forced is not None:
        name, crew_id = given.forced
        loose = [one for one in loose if one != name]
        move = Moves(supposed, name).best(crew_id)
        routes = [[one for one in route if one != name] for route in routes]
        row = supposed.crew_index[crew_id]
        routes[row].insert(move.place.position, name)
        if not move.place.is_lawful:
            gone, broken = _give_way(supposed, routes[row], name, crew_id, move.broken)
            routes[row] = [one for one in routes[row] if one not in gone]
            loose += gone
    routes = insert_all(supposed, routes, loose)
    return Question(problem, supposed, before, routes, broken, given.forced)


def answered(question: Question, routes: Routes | None = None) -> Outcome:
    """Return the plan in force beside the supposed one, or beside these routes."""
    supposed = question.supposed
    after = assemble(supposed, question.routes if routes is None else routes)
    old, new = explain(question.problem, question.before).total, explain(supposed, after).total
    minus = Bill({term: -amount for term, amount in old.amounts.items()})
    bill = Bill({t: a for t, a in add_bills([new, minus]).amounts.items() if a})
    changes = diff(slots(question.before), slots(after))
    return Outcome(question.before, after, bill, changes, question.broken)


def insert_all(
    problem: Problem, routes: Routes, names: Iterable[str], most: int | None = None
) -> Routes:
    """The routes with visits inserted one after the other where each costs least.

    Most urgent first; a visit that costs more than leaving it out, or fits nowhere, stays out.

    Args:
        problem: the question, without links.
        routes: visit ids per crew, in the problem's order.
        names: what to insert.
        most: only the most urgent so many; ``None`` = all. Each takes some milliseconds.
    """
    known = tables(problem)
    routes = [list(route) for route in routes]
    index, visits = problem.visit_index, problem.visits
    ranked = sorted(set(names), key=lambda name: _rank(visits[index[name]]))
    for name in ranked[:most]:
        found = Desk(known, routes).offers(name, may_bump=False).offers
        if found and found[0].cost.scalar < int(known.visits.omission[index[name]]):
            routes[problem.crew_index[found[0].crew_id]].insert(found[0].position, name)
    return routes


def _rank(visit: Visit) -> tuple[bool, int, int, str]:
    due_at = FAR if visit.due_at is None else visit.due_at
    return (not visit.is_urgent, visit.priority, due_at, visit.id)


def _without(plan: Solution, names: frozenset[str]) -> Solution:
    return replace(plan, unserved=tuple(v for v in plan.unserved if v.visit_id not in names))


def _barred(problem: Problem, crews: frozenset[str]) -> Problem:
    """The problem in which these crews may serve nothing; pins to them no longer hold."""
    if not crews:
        return problem
    bars = tuple(Bar(crew, REMOVED) for crew in sorted(crews))
    return replace(
        problem,
        visits=tuple(replace(v, bars=(*v.bars, *bars)) for v in problem.visits),
        pins=tuple(p for p in problem.pins if p.crew_id not in crews),
    )


def _give_way(
    problem: Problem, route: list[str], forced: str, crew_id: str, broken: tuple[Refusal, ...]
) -> tuple[list[str], tuple[Refusal, ...]]:
    """What must leave a route so that a forced visit fits, and what stays broken all the same."""
    known = tables(problem)
    shared = tuple(one for one in broken if one.reason in RULES)
    crew, index = problem.crew_index[crew_id], problem.visit_index
    stays = {pin.visit_id for pin in problem.pins} | {forced}
    kept, gone = list(route), list[str]()
    standing = _excess(known, crew, [[index[forced]]])[0]
    while any(name not in stays for name in kept):
        if _excess(known, crew, [[index[n] for n in kept]])[0] <= standing:
            return gone, broken if standing else shared
        leavers = [name for name in kept if name not in stays]
        tries = [[index[n] for n in kept if n != name] for name in leavers]
        excess = _excess(known, crew, tries)
        lost = [int(known.visits.omission[index[name]]) for name in leavers]
        least = min(range(len(leavers)), key=lambda i: (max(excess[i], standing), lost[i]))
        gone.append(leavers[least])
        kept.remove(leavers[least])
    return gone, broken if _excess(known, crew, [[index[n] for n in kept]])[0] else shared


def _excess(known: Tables, crew: int, routes: list[list[int]]) -> list[int]:
    rows = padded([tuple(route) for route in routes])
    crews = np.full(len(routes), crew, dtype=np.int64)
    found: list[int] = evaluate(known, crews, rows).excess_s.tolist()
    return found
