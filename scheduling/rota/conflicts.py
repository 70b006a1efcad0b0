"""Why a duty cannot be covered: a minimal set of named facts, and what could give way.

Minimal means that any one of the facts less, the rest no longer excludes a holder. The
search widens from the duty itself to its neighbours in time, so the reason is as local
as it can be: seven leaves in the same week before a chain of spacings over a quarter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ortools.sat.python import cp_model

from scheduling.rota.model import Fact, Model
from scheduling.rota.problem import Assignment, Duty, Problem
from scheduling.rota.rules import Force, Rule, rules_for, state
from scheduling.rota.solution import Rota

_WINDOWS_WEEKS = (0, 1, 2, 4, 8, 16, 520)
_PROBE_S = 2.0
"""Deterministic seconds for one question; the answers below take a few thousandths."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The reason why one duty stays short.

    Attributes:
        duty_id: the duty that cannot be covered.
        candidates: people who hold a qualification for its post, whatever its dates.
        facts: the minimal reason; cover facts name the other duties that compete.
        ways_out: facts of the authority's own rules, any single one of which, given
            up, lets everything be covered; rules of law are never among them.
        is_complete: False when the budget ran out before the reason was minimal.
    """

    duty_id: str
    candidates: tuple[str, ...]
    facts: tuple[Fact, ...]
    ways_out: tuple[Fact, ...]
    is_complete: bool


def explain_gap(
    problem: Problem, rota: Rota, duty_id: str, rules: tuple[Rule, ...] | None = None
) -> Conflict | None:
    """The minimal reason why `duty_id` cannot be covered beside what the rota covers.

    Args:
        problem: the problem the rota answers.
        rota: a rota that leaves the duty short.
        duty_id: the duty to explain.
        rules: the catalogue; by default the one of the problem's policy.

    Returns:
        None when no reason exists: the duty could be covered by another rota.
    """
    catalogue = rules_for(problem.policy) if rules is None else rules
    model = state(problem, catalogue)
    duty = problem.duty_by_id()[duty_id]
    candidates = tuple(sorted(cell.person_id for cell in model.cells if cell.duty_id == duty_id))
    covered = [d for d in problem.duties if d.id not in rota.uncovered(problem)]
    widest = 0
    for weeks in _WINDOWS_WEEKS:
        near = [other for other in covered if _is_near(other, duty, timedelta(weeks=weeks))]
        if len(near) == widest and weeks:
            continue
        widest = len(near)
        question = _Question(model, duty, near)
        if question.is_possible(question.facts) is False:
            facts, is_complete = question.minimal_core()
            everything = _Question(model, duty, covered)
            ways = _ways_out(everything, facts, catalogue)
            return Conflict(duty_id, candidates, facts, ways, is_complete)
    return None


def objections(model: Model, rota: Rota, cell: Assignment) -> tuple[Fact, ...]:
    """Every fact that speaks against giving one duty to one person, the rest unchanged.

    The answer to a click on an empty cell; priced preferences are included.
    """
    if cell not in set(model.cells):
        return (Fact("qualification", cell.person_id, (cell.duty_id,)),)
    found = list(model.forbidden.get(cell, ()))
    taken = rota.assignments | {cell}
    for cap in model.caps_of.get(cell.person_id, ()):
        if any(term.cell == cell for term in cap.terms):
            total = sum(term.weight for term in cap.terms if term.cell in taken)
            if total > cap.limit:
                found.append(cap.fact)
    found += [
        rule.fact
        for rule in model.companions
        if rule.cell == cell and not taken.intersection(rule.companions)
    ]
    return tuple(dict.fromkeys(found))


def _is_near(other: Duty, duty: Duty, reach: timedelta) -> bool:
    if other.id == duty.id:
        return False
    return other.start_at < duty.end_at + reach and duty.start_at < other.end_at + reach


class _Question:
    """Can `duty` be held while `others` stay covered? One switch for each fact."""

    def __init__(self, model: Model, duty: Duty, others: Sequence[Duty]) -> None:
        self._cp = cp_model.CpModel()
        self._switch: dict[Fact, cp_model.IntVar] = {}
        self._model = model
        inside = {duty.id, *(other.id for other in others)}
        self._taken = {
            cell: self._cp.new_bool_var("") for cell in model.cells if cell.duty_id in inside
        }
        self._state_cover(duty, others)
        self._state_rules()
        self.facts = tuple(self._switch)

    def _on(self, fact: Fact) -> cp_model.IntVar:
        return self._switch.setdefault(fact, self._cp.new_bool_var(""))

    def _state_cover(self, duty: Duty, others: Sequence[Duty]) -> None:
        holders: dict[str, list[cp_model.IntVar]] = {other.id: [] for other in (duty, *others)}
        for cell, var in self._taken.items():
            holders[cell.duty_id].append(var)
        self._cp.add(cp_model.LinearExpr.sum(holders[duty.id]) >= duty.need)
        for other in others:
            fact = self._model.cover.get(other.id, Fact("cover", duty_ids=(other.id,)))
            total = cp_model.LinearExpr.sum(holders[other.id])
            self._cp.add(total >= other.need).only_enforce_if(self._on(fact))

    def _state_rules(self) -> None:
        model, cp, taken = self._model, self._cp, self._taken
        for cell, facts in model.forbidden.items():
            if cell in taken:
                for fact in facts:
                    cp.add_implication(self._on(fact), ~taken[cell])
        for cell, fact in model.required.items():
            if cell in taken:
                cp.add_implication(self._on(fact), taken[cell])
        for cap in model.caps:
            terms = [term for term in cap.terms if term.cell in taken]
            if not cap.price and sum(term.weight for term in terms) > cap.limit:
                total = cp_model.LinearExpr.weighted_sum(
                    [taken[term.cell] for term in terms], [term.weight for term in terms]
                )
                cp.add(total <= cap.limit).only_enforce_if(self._on(cap.fact))
        for rule in model.companions:
            if rule.cell in taken:
                others = [taken[cell] for cell in rule.companions if cell in taken]
                literals = [~self._on(rule.fact), ~taken[rule.cell], *others]
                cp.add_bool_or(literals)

    def is_possible(self, facts: Iterable[Fact]) -> bool | None:
        """Says whether the facts leave a holder; None when the budget does not suffice."""
        answer, _ = self._ask(facts)
        return answer

    def _ask(self, facts: Iterable[Fact]) -> tuple[bool | None, set[Fact]]:
        """The answer and, when it is no, some facts that suffice for it."""
        by_index = {self._switch[fact].index: fact for fact in facts}
        self._cp.clear_assumptions()
        self._cp.add_assumptions([self._switch[fact] for fact in by_index.values()])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = _PROBE_S
        status = solver.solve(self._cp)
        if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return True, set()
        if status != cp_model.INFEASIBLE:
            return None, set()
        core = solver.sufficient_assumptions_for_infeasibility()
        # Presolve is known to return literals that were never assumed (or-tools#5141):
        # anything alien makes the whole answer suspect, so the full set is kept.
        named = {by_index[index] for index in core if index in by_index}
        return False, named if len(named) == len(core) else set(by_index.values())

    def minimal_core(self) -> tuple[tuple[Fact, ...], bool]:
        """A reason none of whose facts can be left out, by deletion; and whether it is minimal."""
        answer, core = self._ask(self.facts)
        if answer is not False or self.is_possible(core) is not False:
            core = set(self.facts)
        is_minimal = True
        for fact in sorted(core, key=_keep_last):
            if fact not in core:
                continue
            answer, smaller = self._ask(core - {fact})
            if answer is False:
                core = smaller if self.is_possible(smaller) is False else core - {fact}
            is_minimal = is_minimal and answer is not None
        return tuple(sorted(core, key=_in_order)), is_minimal


def _keep_last(fact: Fact) -> tuple[int, str, tuple[str, ...]]:
    """Facts to leave out first: competing duties, then spacing; absences are told last."""
    place = {"cover": 0, "frequency": 1, "preferred_spacing": 1, "spacing": 2}
    return place.get(fact.rule, 3), fact.person_id or "", fact.duty_ids


def _in_order(fact: Fact) -> tuple[str, str, tuple[str, ...], str]:
    return fact.rule, fact.person_id or "", fact.duty_ids, fact.reason


def _ways_out(
    everything: _Question, facts: Sequence[Fact], rules: Sequence[Rule]
) -> tuple[Fact, ...]:
    """Local facts of the reason that, given up alone, let the whole rota be covered."""
    local = {rule.name for rule in rules if rule.force is Force.LOCAL} - {"cover"}
    asked = set(everything.facts)
    return tuple(
        fact
        for fact in facts
        if fact.rule in local and fact in asked and everything.is_possible(asked - {fact})
    )[:3]
