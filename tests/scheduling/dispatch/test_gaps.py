"""Reserves with a price: falling short is lawful, billed, and weighed by every engine alike."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.dispatch.arrays import tables
from scheduling.dispatch.assemble import assemble, in_force, unexplained
from scheduling.dispatch.check import check
from scheduling.dispatch.check_shared import coverage_gap
from scheduling.dispatch.churn import within_limit
from scheduling.dispatch.displacement import displace
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.lengths import stretch
from scheduling.dispatch.meetings import find_meeting, with_meeting
from scheduling.dispatch.moves import Moves
from scheduling.dispatch.objective import cost_of, explain
from scheduling.dispatch.offers import find_offers
from scheduling.dispatch.partition import Pool, recombine
from scheduling.dispatch.problem import (
    COST_PER_MINUTE,
    FREE,
    Problem,
    ProblemError,
    Reserve,
    Together,
    Window,
)
from scheduling.dispatch.rooms import gap_costs, over_all
from scheduling.dispatch.settle import settle
from scheduling.dispatch.suppose import Supposition, suppose
from tests.scheduling.dispatch.cases import (
    HOUR,
    crew,
    linked_problems,
    problems,
    visit,
    with_plan,
    world,
)

MORNING = Window(HOUR, 3 * HOUR)
PRICE = 50 * COST_PER_MINUTE
BOTH = [["a", "b"], ["c", "d"]]


def day(crews: int = 1, price: int | None = PRICE, **changes: object) -> Problem:
    """Two crews, each with work all morning at a village of its own, and a reserve for a price."""
    visits = [visit(name, place) for name, place in zip("abcd", (1, 2, 11, 12), strict=True)]
    long = [replace(one, duration_s=HOUR, windows=(Window(0, 3 * HOUR),)) for one in visits]
    rules = {"reserves": (Reserve(crews, (MORNING,), price=price),), **changes}
    return world(long, [crew("k"), crew("l", 10)], prices=FREE, **rules)


def gap(problem: Problem, routes: list[list[str]]) -> int:
    """What the bill says, which the checker finds by itself and the arrays too."""
    plan = unexplained(problem, routes)
    told = explain(problem, plan).total.amounts.get("coverage_gap", 0)
    known, index = tables(problem), problem.visit_index
    rows = [tuple(index[name] for name in route) for route in routes]
    assert coverage_gap(problem, plan) == told
    assert gap_costs(known, over_all(known, rows)[1].sum(axis=0)) == told
    return told


@pytest.mark.parametrize(
    ("crews", "routes", "missing"),
    [
        (1, [[], []], 0),
        (1, [["a", "b"], []], 0),
        (1, BOTH, 1),
        (2, [["a"], []], 1),
        (2, BOTH, 2),
        (9, BOTH, 2),
    ],
)
def test_each_missing_crew_costs_the_price(
    crews: int, routes: list[list[str]], missing: int
) -> None:
    asked = day(crews)
    assert gap(asked, routes) == missing * PRICE
    assert check(asked, assemble(asked, routes)) == []


def test_each_window_that_is_not_over_is_billed() -> None:
    windows = (Window(0, 600), Window(HOUR, 2 * HOUR), Window(2 * HOUR, 3 * HOUR), MORNING)
    asked = day(reserves=(Reserve(1, windows, price=PRICE),))
    # Nobody is on site in the first ten minutes.
    assert gap(asked, BOTH) == 3 * PRICE
    assert gap(replace(asked, now=90 * 60), BOTH) == 3 * PRICE
    assert gap(replace(asked, now=2 * HOUR), BOTH) == 2 * PRICE
    assert gap(replace(asked, now=3 * HOUR), BOTH) == 0


def test_urgent_work_is_what_the_reserve_is_for() -> None:
    asked = day()
    urgent = tuple(replace(v, is_urgent=v.id in "cd", due_at=5 * HOUR) for v in asked.visits)
    assert gap(replace(asked, visits=urgent), BOTH) == 0


def test_without_a_price_the_reserve_is_a_rule() -> None:
    asked = day(price=None)
    assert gap(asked, BOTH) == 0
    assert {breach.rule for breach in check(asked, assemble(asked, BOTH))} == {"coverage"}


@pytest.mark.parametrize(("price", "left_out"), [(PRICE, 0), (100_000_000, 2)])
def test_the_search_pays_what_is_worth_it_and_no_more(price: int, left_out: int) -> None:
    found = improve(day(price=price), Effort(iterations=400), clock=lambda: 0.0)
    assert check(found.problem, found.solution) == []
    assert len(found.solution.unserved) == left_out
    bill = explain(found.problem, found.solution).total
    assert bill.amounts.get("coverage_gap", 0) == (0 if left_out else price)
    assert found.after == bill.cost <= found.before


def test_the_search_gives_up_coverage_it_was_given_only_for_more() -> None:
    dear = with_plan(day(price=100_000_000), {"k": BOTH[0], "l": BOTH[1]})
    found = improve(dear, Effort(iterations=200), clock=lambda: 0.0)
    assert found.before.ordinary > 100_000_000
    assert len(found.solution.unserved) == 2


def test_offers_moves_and_suppositions_show_the_gap() -> None:
    asked = with_plan(day(), {"k": BOTH[0]})
    shown = {offer.crew_id: offer.bill.minutes() for offer in find_offers(asked, "c").offers}
    assert shown["l"] == {"travel": 20, "coverage_gap": 50}
    move = Moves(asked, "c").best("l")
    assert move.place.is_lawful
    assert move.bill.minutes() == {"travel": 20, "coverage_gap": 50}
    outcome = suppose(asked, Supposition(forced=("c", "l")))
    assert outcome.broken == ()
    assert outcome.bill.minutes()["coverage_gap"] == 50


def test_moving_the_only_work_of_a_crew_away_closes_the_gap() -> None:
    crews = (crew("k"), crew("l", 2, ready_at=HOUR))
    kept = (Reserve(1, (Window(HOUR, 2 * HOUR),), price=PRICE),)
    asked = world([visit("a", 6), visit("c", 2)], crews, prices=FREE, reserves=kept)
    planned = with_plan(asked, {"k": ["a"], "l": ["c"]})
    assert Moves(planned, "c").at("k", 1).bill.minutes()["coverage_gap"] == -50


def test_a_crew_is_offered_its_place_outside_the_window() -> None:
    crews = (crew("k"), crew("l", 10))
    kept = (Reserve(1, (Window(0, HOUR),), price=PRICE),)
    visits = [visit("a", 1), visit("b", 12, ready_at=2 * HOUR), visit("n", 11)]
    asked = with_plan(world(visits, crews, prices=FREE, reserves=kept), {"k": ["a"], "l": ["b"]})
    places = {offer.crew_id: offer for offer in find_offers(asked, "n").offers}
    assert places["l"].position == 1
    assert places["l"].bill.minutes() == {}
    assert Moves(asked, "n").best("l").place.position == 1


def test_the_change_that_closes_a_gap_is_worth_its_price() -> None:
    crews = (crew("k"), crew("l", 2, ready_at=HOUR), crew("m", 15), crew("n", 16))
    kept = (Reserve(3, (Window(HOUR, 2 * HOUR),), price=PRICE),)
    visits = [visit("a", 6), visit("c", 2), visit("e", 16)]
    asked = world(visits, crews, prices=FREE, reserves=kept)
    planned = with_plan(asked, {"k": ["a"], "l": ["c"], "m": ["e"]})
    better = [["c", "a"], [], [], ["e"]]
    kept_to_one = within_limit(tables(planned), better, 1)
    assert [list(route) for route in kept_to_one] == [["c", "a"], [], ["e"], []]


@pytest.mark.parametrize(("price", "crew_id"), [(10 * COST_PER_MINUTE, "l"), (PRICE, "k")])
def test_a_displacement_weighs_the_gap(price: int, crew_id: str) -> None:
    asked = day(price=price)
    wide = tuple(replace(v, windows=(), duration_s=HOUR) for v in asked.visits)
    near = tuple(replace(v, place=4) if v.id == "c" else v for v in wide)
    asked = with_plan(replace(asked, visits=near, crews=(crew("k"), crew("l", 5))), {"k": ["a"]})
    placed = displace(asked, "c", most_moved=0)
    assert placed is not None
    assert set(placed.routes) == {crew_id}
    routes = [list(placed.routes.get(c.id, ["a"] if c.id == "k" else [])) for c in asked.crews]
    saved = asked.visit("c").unserved_cost
    before, after = (cost_of(asked, unexplained(asked, r)) for r in (in_force(asked), routes))
    assert placed.cost.ordinary == after.ordinary - before.ordinary + saved


@pytest.mark.parametrize(
    ("price", "routes"), [(PRICE, ((0,), (1,))), (500 * COST_PER_MINUTE, ((0, 1), ()))]
)
def test_cp_sat_weighs_the_gap(price: int, routes: tuple[tuple[int, ...], ...]) -> None:
    asked = world(
        [visit("a", 1), visit("b", 11)],
        [crew("k"), crew("l", 10)],
        prices=FREE,
        reserves=(Reserve(1, (Window(0, 8 * HOUR),), price=price),),
    )
    known, pool = tables(asked), Pool()
    pool.add([(0, 1), (1,)])
    pool.add([(0,), (1,)])
    for start in ([(0,), (1,)], [(0, 1), ()], [(), ()]):
        found = recombine(known, pool, start, 5.0, seed=1)
        assert found.routes == routes
        assert found.is_proven


def test_crews_that_meet_are_billed_together() -> None:
    asked = day(links=(Together(("a", "c")),))
    found = find_meeting(asked, "a", [[], []])
    assert found is not None
    after = unexplained(asked, with_meeting(asked, [[], []], found))
    alone = unexplained(asked, [[], []])
    saved = asked.visit("a").unserved_cost + asked.visit("c").unserved_cost
    added = cost_of(asked, after) - cost_of(asked, alone)
    assert found.cost.ordinary == added.ordinary + saved
    assert explain(asked, after).total.amounts["coverage_gap"] == PRICE
    dear = day(links=asked.links, price=200_000_000)
    assert find_meeting(dear, "a", [[], []]) is None


def test_longer_work_that_reaches_into_the_window_is_billed() -> None:
    early = tuple(replace(v, duration_s=600) for v in day().visits)
    asked = with_plan(replace(day(2), visits=early), {"k": ["a"]})
    assert stretch(asked, "a", 2 * HOUR).bill.minutes()["coverage_gap"] == 50


def test_frozen_stops_lower_no_reserve_that_has_a_price() -> None:
    planned = with_plan(day(2), {"k": BOTH[0], "l": BOTH[1]})
    frozen = replace(planned, frozen_until=2 * HOUR)
    settled = settle(frozen)
    assert settled.reserves == frozen.reserves
    assert gap(settled, BOTH) == 2 * PRICE


@st.composite
def priced(draw: st.DrawFn, of: st.SearchStrategy[Problem]) -> Problem:
    """Settled problems, all of whose reserves have prices, hard ones beside them."""
    base = draw(of)
    spans = st.tuples(st.integers(0, 6), st.integers(1, 3)).map(
        lambda at: Window(at[0] * HOUR, (at[0] + at[1]) * HOUR)
    )
    prices = st.sampled_from([0, 900, 30_000, 2_000_000])
    one = st.builds(
        lambda crews, first, second, price: Reserve(crews, (first, second), None, (), price),
        st.integers(1, 3),
        spans,
        spans,
        prices,
    )
    reserves = draw(st.lists(one, min_size=1, max_size=3))
    return settle(replace(base, reserves=(*base.reserves, *reserves)))


@settings(max_examples=120, deadline=None)
@given(priced(problems()))
def test_plans_with_gaps_are_lawful_never_dearer_and_priced_alike_by_all(problem: Problem) -> None:
    seen: list[int] = []
    found = improve(
        problem,
        Effort(iterations=120),
        clock=lambda: 0.0,
        on_better=lambda progress: seen.append(progress.scalar),
    )
    assert check(found.problem, found.solution) == []
    assert found.after <= found.before
    told = explain(found.problem, found.solution).total
    assert told.cost == found.after
    if seen:
        assert seen[-1] == found.after.scalar
    gap(found.problem, [list(route.visit_ids) for route in found.solution.routes])


@settings(max_examples=40, deadline=None)
@given(priced(linked_problems()))
def test_tied_plans_with_gaps_are_lawful_and_never_dearer(problem: Problem) -> None:
    found = improve(problem, Effort(iterations=60), clock=lambda: 0.0)
    assert check(found.problem, found.solution) == []
    assert found.after <= found.before
    plan = found.solution
    told = explain(found.problem, plan).total.amounts.get("coverage_gap", 0)
    assert coverage_gap(found.problem, plan) == told


@settings(max_examples=40, deadline=None)
@given(priced(problems()), st.integers(0, 2))
def test_a_limited_churn_counts_the_gap(problem: Problem, most: int) -> None:
    limited = replace(problem, churn_max=most)
    found = improve(limited, Effort(iterations=80), clock=lambda: 0.0)
    assert check(found.problem, found.solution) == []
    assert found.after <= found.before


@settings(max_examples=40, deadline=None)
@given(priced(problems()), st.integers(0, 9))
def test_cp_sat_never_makes_a_plan_dearer(problem: Problem, seed: int) -> None:
    known = tables(problem)
    pool, draw = Pool(), np.random.default_rng(seed)
    plans = []
    for run in range(3):
        effort = Effort(iterations=10, seed=int(draw.integers(1, 99)) + run)
        plan = improve(problem, effort, clock=lambda: 0.0).solution
        plans.append([tuple(problem.visit_index[v] for v in r.visit_ids) for r in plan.routes])
        pool.add(plans[-1])
    found = recombine(known, pool, plans[0], 2.0, seed=1)
    names = [[problem.visits[v].id for v in route] for route in found.routes]
    costs = [
        cost_of(problem, unexplained(problem, [[problem.visits[v].id for v in r] for r in plan]))
        for plan in plans
    ]
    assert check(problem, unexplained(problem, names)) == []
    if found.is_proven:
        assert cost_of(problem, unexplained(problem, names)) <= min(costs)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Reserve(1, (MORNING,), price=-1),
        lambda: day(reserves=(Reserve(1, (MORNING,), price=1 << 37),)),
    ],
)
def test_nonsense_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ProblemError):
        wrong()
