"""The reason for a gap is true, minimal, named, and offers only what is negotiable."""

from dataclasses import replace

import pytest

from scheduling.rota.astreinte import plan
from scheduling.rota.check import check
from scheduling.rota.conflicts import explain_gap, objections
from scheduling.rota.problem import Absence, Assignment, Policy, Problem
from scheduling.rota.rules import rules_for, state
from tests.support.rotas import OPERATIONS, away, centre, person, weekly_duties


def _team(size: int, count: int = 9, policy: Policy | None = None) -> Problem:
    people = tuple(person(f"p{n}", "operations") for n in range(size))
    return Problem(
        (OPERATIONS,), people, weekly_duties((OPERATIONS,), count), policy=policy or Policy()
    )


def test_everybody_on_leave_is_named_and_nobody_else() -> None:
    problem = _team(7)
    absences = tuple(away(who.id, problem.duties, 4, 4) for who in problem.people)
    problem = replace(problem, absences=(*absences, away("p0", problem.duties, 0, 0)))
    gap = problem.duties[4].id
    conflict = explain_gap(problem, plan(problem).rota, gap)
    assert conflict is not None
    assert conflict.is_complete
    assert {fact.rule for fact in conflict.facts} == {"absence"}
    assert sorted(fact.person_id or "" for fact in conflict.facts) == [f"p{n}" for n in range(7)]
    assert conflict.candidates == tuple(f"p{n}" for n in range(7))
    assert conflict.ways_out == ()


def test_one_person_alone_lacks_the_spacing_and_may_be_allowed_to_break_it() -> None:
    problem = _team(1, count=2)
    rota = plan(problem).rota
    gap = next(iter(rota.uncovered(problem)))
    conflict = explain_gap(problem, rota, gap)
    assert conflict is not None
    assert {fact.rule for fact in conflict.facts} == {"cover", "spacing"}
    assert [fact.rule for fact in conflict.ways_out] == ["spacing"]


def test_two_people_of_whom_one_is_away_for_a_while() -> None:
    problem = _team(2, count=8)
    problem = replace(problem, absences=(away("p0", problem.duties, 2, 5),))
    rota = plan(problem).rota
    gaps = rota.uncovered(problem)
    assert len(gaps) == 2
    for gap in gaps:
        conflict = explain_gap(problem, rota, gap)
        assert conflict is not None
        assert {fact.rule for fact in conflict.facts} == {"absence", "cover", "spacing"}


def test_each_fact_of_a_reason_is_needed() -> None:
    problem = _team(2, count=8)
    problem = replace(problem, absences=(away("p0", problem.duties, 2, 3),))
    rota = plan(problem).rota
    conflict = explain_gap(problem, rota, next(iter(rota.uncovered(problem))))
    assert conflict is not None
    # Without the absence two people suffice for one post every other week.
    assert any(fact.rule == "absence" for fact in conflict.facts)
    assert plan(replace(problem, absences=())).rota.uncovered(problem) == {}


def test_a_duty_that_could_be_covered_has_no_reason() -> None:
    problem = _team(4)
    best = plan(problem).rota
    lazy = type(best)(best.assignments - {sorted(best.assignments)[0]})
    assert explain_gap(problem, lazy, next(iter(lazy.uncovered(problem)))) is None


@pytest.mark.parametrize("seed", range(6))
def test_a_way_out_really_covers_the_duty(seed: int) -> None:
    base = centre(seed, people=9)
    absences = tuple(
        Absence(who.id, base.duties[8].start_at, base.duties[11].end_at)
        for who in base.people[:2] + base.people[5:]
    )
    problem = replace(base, absences=(*base.absences, *absences), wishes=())
    rota = plan(problem).rota
    for gap in rota.uncovered(problem):
        conflict = explain_gap(problem, rota, gap)
        assert conflict is not None
        for fact in conflict.ways_out:
            assert fact.rule == "spacing"
            freed = tuple(rule for rule in rules_for(problem.policy) if rule.name != "spacing")
            assert len(plan(problem, rules=freed).rota.uncovered(problem)) < len(
                rota.uncovered(problem)
            )


def test_an_empty_cell_says_what_speaks_against_it() -> None:
    problem = _team(3, count=4)
    problem = replace(problem, absences=(away("p2", problem.duties, 1, 1),))
    rota = plan(problem).rota
    model = state(problem)
    for duty in problem.duties:
        for who in problem.people:
            cell = Assignment(duty.id, who.id)
            if cell in rota.assignments:
                assert objections(model, rota, cell) == ()
                continue
            said = {fact.rule for fact in objections(model, rota, cell)}
            tried = type(rota)(rota.assignments | {cell})
            assert said == {fault.code for fault in check(problem, tried)} - {"cover"}
