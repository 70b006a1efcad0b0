"""Offers are lawful, exactly priced, complete, and every crew left out learns why."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling.dispatch.arrays import tables
from scheduling.dispatch.assemble import assemble, in_force, with_offer
from scheduling.dispatch.check import check
from scheduling.dispatch.check_shared import coverage_gap
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.objective import TIER, Cost, cost_of, price
from scheduling.dispatch.offers import find_offers
from scheduling.dispatch.problem import (
    Bar,
    Break,
    Pin,
    PlannedRoute,
    PlannedStop,
    Problem,
    Skill,
    Window,
)
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.shares import RULES
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, problems, visit, with_plan, world


def settled_plan(problem: Problem) -> Problem:
    """The problem with a lawful plan in force, made by a short search."""
    found = improve(problem, Effort(iterations=20), clock=lambda: 0.0)
    plan = tuple(
        PlannedRoute(r.crew_id, tuple(PlannedStop(s.visit_id, s.start_at) for s in r.stops))
        for r in found.solution.routes
    )
    return replace(found.problem, plan=plan, frozen_until=0, pins=())


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_every_offer_is_lawful_and_costs_what_it_says(
    problem: Problem, data: st.DataObject
) -> None:
    day = settled_plan(problem)
    name = data.draw(st.sampled_from([v.id for v in day.visits]))
    lifted = [[v for v in route if v != name] for route in in_force(day)]
    base = assemble(day, lifted)
    assume(check(day, base) == [])
    for offer in find_offers(day, name).offers:
        after = assemble(day, with_offer(day, lifted, name, offer))
        assert check(day, after) == []
        stop = after.placements()[name][1]
        assert (stop.start_at, stop.depart_at) == (offer.start_at, offer.depart_at)
        left_out = [v for v in after.unserved if v.visit_id != offer.bumped]
        served = replace(base, unserved=tuple(v for v in base.unserved if v.visit_id != name))
        assert len(left_out) == len(served.unserved)
        assert cost_of(day, after) - cost_of(day, served) == offer.cost


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_no_place_without_a_bump_is_cheaper_than_the_offer(
    problem: Problem, data: st.DataObject
) -> None:
    day = settled_plan(problem)
    name = data.draw(st.sampled_from([v.id for v in day.visits]))
    lifted = [tuple(v for v in route if v != name) for route in in_force(day)]
    offered = {o.crew_id: o.cost for o in find_offers(day, name).offers}
    scheduler, known = Scheduler(day), tables(day)
    gap = coverage_gap(day, assemble(day, lifted))
    for row, (one, route) in enumerate(zip(day.crews, lifted, strict=True)):
        base = price(day, scheduler, one.id, route)
        for position in range(len(route) + 1):
            longer = (*route[:position], name, *route[position:])
            fits = known.assignment[row, day.visit_index[name]] < 1 << 60
            load = sum(day.visit(v).load for v in longer)
            fits = fits and (one.capacity is None or load <= one.capacity)
            whole = assemble(day, [*lifted[:row], longer, *lifted[row + 1 :]])
            fits = fits and not any(breach.rule in RULES for breach in check(day, whole))
            if fits and scheduler.broken(scheduler.route(one.id, longer)) is None:
                added = price(day, scheduler, one.id, longer) - base
                short = Cost(0, coverage_gap(day, whole) - gap)
                assert offered[one.id] <= added + short


@settings(max_examples=40, deadline=None)
@given(problems(), st.data())
def test_every_crew_is_offered_or_refused_once(problem: Problem, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([v.id for v in problem.visits]))
    found = find_offers(problem, name)
    named = [o.crew_id for o in found.offers] + [r.crew_id for r in found.refusals]
    assert sorted(named) == sorted(c.id for c in problem.crews)


def test_the_nearest_crew_is_offered_first_with_its_margin() -> None:
    day = world([visit("a", 10, due_at=HOUR)], [crew("far", 0), crew("near", 8)])
    found = find_offers(day, "a")
    assert [offer.crew_id for offer in found.offers] == ["near", "far"]
    first = found.offers[0]
    assert (first.arrive_at, first.margin_s, first.detour_s) == (20 * 60, 40 * 60, 40 * 60)
    assert first.bill.minutes() == {"travel": 40.0}
    assert found.offers[1].flags == ("late",)


def test_a_delayed_visit_is_named_with_its_delay() -> None:
    waiting = visit("new", 2, windows=(Window(0, 30 * MINUTE),))
    day = with_plan(world([visit("old", 4), waiting], [crew("c")]), {"c": ["old"]})
    first = find_offers(day, "new").offers[0]
    assert first.position == 0
    assert [(delay.visit_id, delay.delay_s) for delay in first.delays] == [("old", 30 * MINUTE)]


def test_nothing_is_offered_before_the_frozen_head() -> None:
    base = world([visit("old", 10), visit("new", 1)], [crew("c")])
    day = replace(with_plan(base, {"c": ["old"]}), frozen_until=3 * HOUR)
    assert find_offers(day, "new").offers[0].position == 1


def test_a_less_urgent_visit_gives_way_when_nobody_can_come_on_time() -> None:
    busy = visit("low", 1, duration_s=7 * HOUR, priority=4, windows=(Window(0, HOUR),))
    urgent = visit("u", 2, priority=1, is_urgent=True, due_at=HOUR, duration_s=2 * HOUR)
    day = with_plan(world([busy, urgent], [crew("c")]), {"c": ["low"]})
    first = find_offers(day, "u").offers[0]
    assert (first.bumped, first.flags[-1]) == ("low", "bumps")


def test_a_pinned_visit_never_gives_way() -> None:
    busy = visit("low", 1, duration_s=7 * HOUR, priority=4, windows=(Window(0, HOUR),))
    urgent = visit("u", 2, priority=1, is_urgent=True, due_at=HOUR, duration_s=2 * HOUR)
    day = with_plan(world([busy, urgent], [crew("c")]), {"c": ["low"]})
    pinned = replace(day, pins=(Pin("low", "c"),))
    assert find_offers(pinned, "u").offers == ()


def test_refusals_name_the_binding_rule_and_its_amounts() -> None:
    wanted = visit("a", 5, skills=(Skill("H2", 2),), bars=(Bar("barred", "other_sector"),))
    crews = [
        crew("unskilled"),
        crew("junior", skills=(Skill("H2", 1),)),
        crew("barred", skills=(Skill("H2", 2),)),
        crew("ends_early", skills=(Skill("H2", 2),), shift_end=HOUR, hard_end=HOUR),
        crew("lunches", skills=(Skill("H2", 2),), breaks=(Break(0, 0, 9 * HOUR),)),
    ]
    found = find_offers(world([wanted], crews), "a")
    assert {r.crew_id: (r.reason, dict(r.params)) for r in found.refusals} == {
        "unskilled": ("missing_skill", {"skill": "H2", "level": 2, "held": 0}),
        "junior": ("missing_skill", {"skill": "H2", "level": 2, "held": 1}),
        "barred": ("other_sector", {}),
        "ends_early": ("hard_end", {"shift_end": HOUR, "would_end": 130 * MINUTE}),
        "lunches": ("hard_end", {"shift_end": 9 * HOUR, "would_end": 9 * HOUR + 130 * MINUTE}),
    }


def test_a_follower_that_would_miss_its_window_is_named() -> None:
    tight = visit("tight", 1, windows=(Window(0, 11 * MINUTE),))
    early = visit("new", 0, windows=(Window(0, 5 * MINUTE),))
    day = with_plan(world([tight, early], [crew("c")]), {"c": ["tight"]})
    refusal = find_offers(day, "new").refusals[0]
    assert (refusal.reason, dict(refusal.params)) == (
        "delays_other",
        {"visit_id": "tight", "arrive_at": 40 * MINUTE, "closes_at": 11 * MINUTE},
    )


def test_an_urgent_visit_takes_the_crew_that_is_least_late() -> None:
    urgent = visit("u", 10, priority=1, is_urgent=True, due_at=0)
    cheap_but_late = crew("dear", 9, ready_at=0, travel_rate=400)
    found = find_offers(world([urgent], [crew("cheap", 5), cheap_but_late]), "u")
    assert found.offers[0].crew_id == "dear"
    assert found.offers[0].cost.urgent == 10 * MINUTE
    assert found.offers[0].cost.scalar > TIER
