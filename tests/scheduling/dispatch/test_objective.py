"""Costs have names, minutes and two tiers."""

from dataclasses import replace

from hypothesis import given, settings

from scheduling.dispatch.arrays import tables
from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.check_shared import coverage_gap
from scheduling.dispatch.objective import (
    Bill,
    Cost,
    add_bills,
    explain,
    omission_bill,
    promise_price,
)
from scheduling.dispatch.problem import (
    COST_PER_MINUTE,
    URGENT_UNSERVED_S,
    Pin,
    Prices,
    Problem,
    Promise,
)
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, problems, visit, with_plan, world


def test_an_urgent_second_outweighs_any_saving() -> None:
    assert Cost(1, 0).scalar > Cost(0, 10**11).scalar
    assert Cost(0, 10**11) < Cost(1, 0)


def test_every_term_is_named_in_minutes() -> None:
    late = visit("a", 3, due_at=0, late_rate=200, breach_cost=30 * COST_PER_MINUTE)
    tired = crew("k", shift_end=HOUR, hard_end=2 * HOUR, fixed_cost=5 * COST_PER_MINUTE)
    problem = world([late, visit("out", 1, unserved_cost=7 * COST_PER_MINUTE)], [tired])
    found = explain(problem, assemble(problem, [["a"]]))
    assert found.total.minutes() == {
        "travel": 60,
        "crew_fixed": 5,
        "overtime": 60,
        "lateness": 60,
        "breach": 30,
        "unserved": 7,
    }
    assert found.visits["a"].minutes() == {"lateness": 60, "breach": 30}
    assert found.visits["out"].minutes() == {"unserved": 7}


def test_change_is_priced_against_the_plan_in_force() -> None:
    promised = visit("a", 3, promise=Promise(0, is_told=False))
    base = with_plan(world([promised, visit("b", 1)], [crew("k"), crew("l")]), {"k": ["a", "b"]})
    day = replace(base, now=-3 * HOUR)
    minutes = explain(day, assemble(day, [[], ["a"]])).total.minutes()
    assert (minutes["crew_change"], minutes["promise_moved"]) == (20, 10)
    assert minutes["slot_lost"] == 40


def test_a_told_and_near_promise_weighs_up_to_four_times() -> None:
    prices = Prices()
    far = promise_price(Promise(5 * HOUR), 0, prices)
    assert promise_price(Promise(5 * HOUR, is_told=True), 0, prices) == 2 * far
    assert promise_price(Promise(0, is_told=True), 0, prices) == 4 * far
    assert promise_price(Promise(HOUR), 0, prices) == far * 3 // 2


def test_leaving_out_a_pinned_visit_counts_in_the_urgent_tier() -> None:
    base = world([visit("a", 1)], [crew("k")])
    pinned = replace(with_plan(base, {"k": ["a"]}), pins=(Pin("a", "k"),))
    assert explain(pinned, assemble(pinned, [[]])).total.cost.urgent == URGENT_UNSERVED_S


def test_an_idle_crew_costs_nothing_unless_it_is_out() -> None:
    idle, out = crew("idle", 3, end_place=0), crew("out", 3, end_place=0, is_out=True)
    problem = world([], [idle, out])
    found = explain(problem, assemble(problem, [[], []]))
    assert found.routes["idle"].minutes() == {}
    assert found.routes["out"].minutes() == {"travel": 30}
    assert 30 * MINUTE == 1800


@settings(max_examples=30, deadline=None)
@given(problems())
def test_the_total_is_the_sum_of_routes_visits_left_out_and_what_is_shared(
    problem: Problem,
) -> None:
    plan = assemble(problem, in_force(problem))
    found = explain(problem, plan)
    left_out = [found.visits[v.visit_id] for v in plan.unserved]
    gap = Bill({"coverage_gap": coverage_gap(problem, plan)})
    assert add_bills([*found.routes.values(), *left_out, gap]).cost == found.total.cost


@settings(max_examples=30, deadline=None)
@given(problems())
def test_the_tables_price_omissions_as_the_objective_does(problem: Problem) -> None:
    known = tables(problem)
    planned = {s.visit_id for route in problem.plan for s in route.stops}
    pinned = {pin.visit_id for pin in problem.pins}
    for row, one in enumerate(problem.visits):
        if not known.anchored[row]:
            bill = omission_bill(one, one.id in planned, one.id in pinned, problem.prices)
            assert int(known.visits.omission[row]) == bill.cost.scalar
