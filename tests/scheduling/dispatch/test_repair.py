"""A broken plan in force is made lawful by leaving out as little as possible."""

from dataclasses import replace

from hypothesis import given, settings

from scheduling.dispatch.arrays import tables
from scheduling.dispatch.assemble import unexplained
from scheduling.dispatch.check import check
from scheduling.dispatch.problem import Pin, PinKind, Problem, Skill, Window
from scheduling.dispatch.repair import lawful_routes
from scheduling.dispatch.settle import settle
from tests.scheduling.dispatch.cases import HOUR, crew, problems, visit, with_plan, world


@settings(max_examples=80, deadline=None)
@given(problems())
def test_repaired_routes_break_no_rule(problem: Problem) -> None:
    known = tables(problem)
    routes = lawful_routes(known, known.routes)
    names = [[problem.visits[v].id for v in route] for route in routes]
    assert check(problem, unexplained(problem, names)) == []


def test_a_lawful_plan_is_left_alone() -> None:
    day = with_plan(world([visit("a", 1), visit("b", 2)], [crew("k")]), {"k": ["b", "a"]})
    known = tables(day)
    assert lawful_routes(known, known.routes) == [(1, 0)]


def test_a_visit_whose_crew_lost_the_skill_leaves_alone() -> None:
    skilled = visit("b", 2, skills=(Skill("H2"),))
    day = with_plan(world([visit("a", 1), skilled], [crew("k")]), {"k": ["a", "b"]})
    known = tables(day)
    assert lawful_routes(known, known.routes) == [(0,)]


def test_the_visit_that_costs_least_to_leave_out_leaves() -> None:
    dear = visit("dear", 1, duration_s=5 * HOUR, unserved_cost=9_000_000)
    cheap = visit("cheap", 1, duration_s=5 * HOUR, unserved_cost=1_000)
    day = with_plan(world([dear, cheap], [crew("k")]), {"k": ["dear", "cheap"]})
    known = tables(day)
    assert lawful_routes(known, known.routes) == [(0,)]


def test_a_closed_window_takes_only_its_own_visit_out() -> None:
    closed = visit("closed", 9, windows=(Window(0, 60),))
    day = with_plan(world([closed, visit("b", 2)], [crew("k")]), {"k": ["closed", "b"]})
    known = tables(day)
    assert lawful_routes(known, known.routes) == [(1,)]


def test_a_frozen_stop_outlasts_a_pinned_order() -> None:
    """Both may not stay; the crew is on its way to the first."""
    end = 4 * HOUR + 15 * 60
    late = world([visit("a", 3), visit("b", 11)], [crew("k", shift_end=end, hard_end=end)])
    planned = replace(
        with_plan(late, {"k": ["a", "b"]}),
        frozen_until=HOUR,
        pins=(Pin("b", "k", PinKind.ORDER),),
    )
    known = tables(settle(planned))
    assert lawful_routes(known, known.routes) == [(0,)]
