"""Delays between tags: timed, billed beside driving, obeyed and shown by every engine."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.dispatch.arrays import tables
from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.batch import evaluate, padded
from scheduling.dispatch.check import check
from scheduling.dispatch.displacement import displace
from scheduling.dispatch.eta import Expected, eta_windows
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.moves import Moves
from scheduling.dispatch.objective import cost_of, explain, price
from scheduling.dispatch.offers import find_offers
from scheduling.dispatch.problem import (
    COST_PER_MINUTE,
    FREE,
    Break,
    Prices,
    Problem,
    ProblemError,
    Transition,
    Window,
)
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.settle import settle
from scheduling.dispatch.solution import Pause, Solution
from scheduling.dispatch.suppose import Supposition, suppose
from tests.scheduling.dispatch.cases import (
    DEAR,
    MINUTE,
    TAGS,
    crew,
    problems,
    transitions,
    visit,
    with_plan,
    world,
)

RINSE = (Transition("drain", "drink", 20 * MINUTE),)


def day(*tags: str | None, **changes: object) -> Problem:
    """One crew, and a visit of each tag at the villages 1, 2, 3…"""
    visits = [visit(f"v{n}", n, tag=tag) for n, tag in enumerate(tags, start=1)]
    return world(visits, [crew("k", **changes)], prices=FREE, transitions=RINSE)


def drain_first() -> Problem:
    """The drain is planned and must begin in the first hour; the drink waits for a place."""
    planned = with_plan(day("drain", "drink"), {"k": ["v1"]})
    soon = replace(planned.visits[0], windows=(Window(0, 60 * MINUTE),))
    ready = replace(planned.visits[1], ready_at=30 * MINUTE)
    return replace(planned, visits=(soon, ready))


@st.composite
def tagged_problems(draw: st.DrawFn) -> Problem:
    """Any settled problem in which most visits have a tag and some pairs a delay."""
    base = draw(problems())
    tag = st.sampled_from([None, *TAGS])
    return settle(
        replace(
            base,
            visits=tuple(replace(one, tag=draw(tag)) for one in base.visits),
            crews=tuple(replace(one, last_tag=draw(tag)) for one in base.crews),
            transitions=draw(transitions().filter(bool)),
            prices=draw(st.sampled_from([base.prices, DEAR])),
        )
    )


def test_a_tank_is_rinsed_before_the_crew_leaves() -> None:
    rinsed = day("drain", "drink")
    route = Scheduler(rinsed).route("k", ["v1", "v2"])
    # Ten minutes there, half an hour on site, twenty of rinsing, ten on the road, and home.
    assert [s.start_at // MINUTE for s in route.stops] == [10, 70]
    assert [(s.depart_at // MINUTE, s.delay_s // MINUTE) for s in route.stops] == [(0, 0), (60, 20)]
    assert (route.end_at // MINUTE, route.travel_s // MINUTE) == (120, 40)
    plan = assemble(rinsed, [["v1", "v2"]])
    bill = explain(rinsed, plan).total
    assert bill.minutes() == {"travel": 40, "transition": 20}
    assert bill.cost.ordinary == 60 * COST_PER_MINUTE
    assert check(rinsed, plan) == []


def test_a_delay_costs_what_driving_costs_this_crew() -> None:
    dear = day("drain", "drink", travel_rate=150)
    assert explain(dear, assemble(dear, [["v1", "v2"]])).total.minutes()["transition"] == 30


@pytest.mark.parametrize(
    ("tags", "last"),
    [
        (("drink", "drain"), None),
        (("drain", None, "drink"), None),
        (("drain", "drain"), "drain"),
        (("drink", "gully"), None),
    ],
)
def test_only_one_tag_right_after_the_other_delays(
    tags: tuple[str | None, ...], last: str | None
) -> None:
    plain = day(*tags, last_tag=last)
    names = [one.id for one in plain.visits]
    assert [stop.delay_s for stop in Scheduler(plain).route("k", names).stops] == [0] * len(names)


def test_what_a_crew_comes_from_counts_for_its_first_visit() -> None:
    coming = day("drink", last_tag="drain")
    (stop,) = Scheduler(coming).route("k", ["v1"]).stops
    assert (stop.depart_at, stop.start_at) == (20 * MINUTE, 30 * MINUTE)
    assert check(coming, assemble(coming, [["v1"]])) == []


def test_a_plan_made_without_the_delay_is_caught() -> None:
    rinsed = day("drain", "drink")
    hasty = assemble(replace(rinsed, transitions=()), [["v1", "v2"]])
    assert {breach.rule for breach in check(rinsed, hasty)} == {"transition"}


def test_who_rinses_does_not_rest() -> None:
    rinsed = day("drain", "drink", breaks=(Break(40 * MINUTE, 120 * MINUTE, 20 * MINUTE),))
    route = Scheduler(rinsed).route("k", ["v1", "v2"])
    assert check(rinsed, Solution((route,), ())) == []
    both = replace(route, pauses=(Pause(60 * MINUTE, 80 * MINUTE, 1),))
    assert {b.rule for b in check(rinsed, Solution((both,), ()))} == {"break_while_busy"}


def test_the_search_turns_the_order_round() -> None:
    found = improve(day("drain", "drink"), Effort(iterations=60), clock=lambda: 0.0)
    assert found.solution.routes[0].visit_ids == ("v2", "v1")
    assert found.after.minutes == 40


def test_the_longest_driving_counts_driving_alone() -> None:
    order = (Window(0, 60 * MINUTE), Window(60 * MINUTE, 240 * MINUTE))
    for limit, served in ((40 * MINUTE, 2), (40 * MINUTE - 1, 1)):
        rinsed = day("drain", "drink", max_travel_s=limit)
        visits = (replace(v, windows=(w,)) for v, w in zip(rinsed.visits, order, strict=True))
        rinsed = replace(rinsed, visits=tuple(visits))
        found = improve(rinsed, Effort(iterations=60), clock=lambda: 0.0)
        assert check(found.problem, found.solution) == []
        assert len(found.solution.placements()) == served


def test_offers_moves_and_suppositions_show_the_delay_apart() -> None:
    asked = drain_first()
    (offer,) = find_offers(asked, "v2").offers
    move = Moves(asked, "v2").at("k", 1)
    for shown in (offer, move):
        assert shown.depart_at == 60 * MINUTE
        assert shown.detour_s == 20 * MINUTE
        assert shown.bill.minutes() == {"travel": 20, "transition": 20}
    outcome = suppose(asked, Supposition(forced=("v2", "k")))
    assert outcome.bill.minutes() == {"travel": 20, "transition": 20, "unserved": -600}


def test_a_displacement_pays_for_the_delay() -> None:
    asked = drain_first()
    placed = displace(asked, "v2", most_moved=0)
    assert placed is not None
    assert placed.routes == {"k": ("v1", "v2")}
    after = assemble(asked, [list(placed.routes["k"])])
    saved = asked.visits[1].unserved_cost
    before = assemble(asked, in_force(asked))
    assert placed.cost.ordinary == cost_of(asked, after).ordinary - (
        cost_of(asked, before).ordinary - saved
    )


def test_arrival_windows_reckon_with_the_delay() -> None:
    route = Scheduler(day("drain", "drink")).route("k", ["v1", "v2"])
    windows = eta_windows(route, Expected({}))
    assert {name: one.middle_at for name, one in windows.items()} == {
        stop.visit_id: stop.start_at for stop in route.stops
    }


@settings(max_examples=120, deadline=None)
@given(tagged_problems())
def test_plans_with_delays_are_lawful_and_priced_alike_by_all(problem: Problem) -> None:
    seen: list[int] = []
    found = improve(
        problem,
        Effort(iterations=120),
        clock=lambda: 0.0,
        on_better=lambda progress: seen.append(progress.scalar),
    )
    assert check(found.problem, found.solution) == []
    assert found.after <= found.before
    told = explain(found.problem, found.solution)
    assert told.total.cost == found.after == cost_of(found.problem, found.solution)
    if seen:
        assert seen[-1] == found.after.scalar
    for route in found.solution.routes:
        one = found.problem.crew(route.crew_id)
        delay_s = sum(stop.delay_s for stop in route.stops)
        assert told.routes[one.id].amounts.get("transition", 0) == delay_s * one.travel_rate


@settings(max_examples=120, deadline=None)
@given(tagged_problems(), st.randoms(use_true_random=False))
def test_arrays_and_the_scheduler_agree_on_delays(problem: Problem, draw: Random) -> None:
    known, scheduler = tables(problem), Scheduler(problem)
    order = list(range(len(problem.visits)))
    draw.shuffle(order)
    for row, one in enumerate(problem.crews):
        batch = evaluate(known, np.array([row]), padded([tuple(order)]))
        names = tuple(problem.visits[v].id for v in order)
        timed = scheduler.route(one.id, names)
        assert batch.clock.depart[0].tolist() == [stop.depart_at for stop in timed.stops]
        assert batch.clock.travel_s[0] == timed.travel_s
        assert batch.clock.metres[0] == timed.distance_m
        assert batch.cost(0) == price(problem, scheduler, one.id, names)


def test_a_crew_that_rinses_works_and_does_not_wait() -> None:
    even = Prices(0, 0, 0, waiting=100, uneven_hours=60 * COST_PER_MINUTE)
    rinsed = replace(day("drain", "drink"), prices=even)
    # Two hours: forty minutes of driving, twenty of rinsing, an hour on site.
    bill = explain(rinsed, assemble(rinsed, [["v1", "v2"]])).total.minutes()
    assert bill == {"travel": 40, "transition": 20, "fairness_hours": 240}


def test_problems_without_delays_keep_their_table() -> None:
    plain = replace(day("drain", "drink"), transitions=())
    known = tables(plain)
    assert known.seconds is plain.matrix.seconds
    assert known.delays is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Transition("drain", "drink", -1),
        lambda: Transition("drain", "drink", 86_401),
        lambda: replace(day(), transitions=(*RINSE, Transition("drain", "drink", 5))),
    ],
)
def test_nonsense_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ProblemError):
        wrong()
