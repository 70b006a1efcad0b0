"""A limit on how many visits change crew is kept, and what is allowed is well spent."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.dispatch.arrays import tables
from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.check import check
from scheduling.dispatch.churn import within_limit
from scheduling.dispatch.codec import problem_from_json, problem_to_json
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.problem import COST_PER_MINUTE, Problem
from tests.scheduling.dispatch.cases import crew, problems, visit, with_plan, world
from tests.scheduling.dispatch.test_offers import settled_plan

DEAR = 10_000 * COST_PER_MINUTE


def crossed() -> Problem:
    """Two crews at both ends of the road, each with the other's visits; w waits beside b."""
    places = {"p": 1, "q": 2, "r": 18, "s": 19, "w": 17}
    visits = [visit(name, at, unserved_cost=DEAR) for name, at in places.items()]
    problem = world(visits, [crew("a", 0), crew("b", 19)])
    return with_plan(problem, {"a": ["r", "s"], "b": ["p", "q"]})


BETTER = [["p", "q"], ["w", "r", "s"]]


@pytest.mark.parametrize(("most", "worth"), [(0, 0), (1, 0), (2, 2), (3, 3), (4, 4)])
def test_as_many_visits_change_crew_as_may_and_is_worth_it(most: int, worth: int) -> None:
    day = replace(crossed(), churn_max=most)
    routes = within_limit(tables(day), BETTER, most)
    plan = assemble(day, routes)
    assert check(day, plan) == []
    planned = {s.visit_id: r.crew_id for r in day.plan for s in r.stops}
    moved = [n for n, (c, _) in plan.placements().items() if planned.get(n, c) != c]
    assert len(moved) == worth
    assert "w" in plan.placements()
    assert cost_of(day, plan) < cost_of(day, assemble(day, in_force(day)))
    if most == 4:
        assert [list(route) for route in routes] == BETTER


def test_the_checker_counts_for_itself_and_the_limit_travels_as_json() -> None:
    day = replace(crossed(), churn_max=3)
    (breach,) = check(day, assemble(day, BETTER))
    assert (breach.rule, breach.detail) == ("churn", "4 > 3")
    assert problem_from_json(problem_to_json(day)).churn_max == 3


@settings(max_examples=15, deadline=None)
@given(problems(), st.integers(0, 2))
def test_an_improved_plan_keeps_the_limit(problem: Problem, most: int) -> None:
    day = replace(settled_plan(problem), churn_max=most)
    found = improve(day, Effort(iterations=30, seed=most), clock=lambda: 0.0)
    assert [b for b in check(found.problem, found.solution) if b.rule == "churn"] == []
    assert found.after <= found.before
