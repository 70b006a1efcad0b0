"""What if: lawful plans, exactly priced, in which nothing moves but what has to."""

from dataclasses import replace
from time import process_time as clock

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling.dispatch.check import check
from scheduling.dispatch.improve import Effort, find_routes
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.problem import COST_PER_MINUTE, Problem, Skill
from scheduling.dispatch.suppose import Supposition, answered, posed, suppose
from tests.scheduling.dispatch.cases import HOUR, crew, problems, visit, with_plan, world
from tests.scheduling.dispatch.test_offers import settled_plan

DEAR = 10_000 * COST_PER_MINUTE


def day() -> Problem:
    """Crew a serves x and y, crew b serves z, w waits; only a can do gas."""
    visits = [
        visit("x", 2, unserved_cost=DEAR, skills=(Skill("gas"),)),
        visit("y", 4, unserved_cost=DEAR),
        visit("z", 15, unserved_cost=DEAR),
        visit("w", 3, unserved_cost=DEAR),
    ]
    crews = [crew("a", skills=(Skill("gas"),)), crew("b", 19)]
    return with_plan(world(visits, crews), {"a": ["x", "y"], "b": ["z"]})


@settings(max_examples=25, deadline=None)
@given(problems(), st.data())
def test_a_supposed_plan_is_lawful_and_costs_what_it_says(
    problem: Problem, data: st.DataObject
) -> None:
    assume(not problem.links)
    plan = settled_plan(problem)
    gone = data.draw(st.sampled_from([c.id for c in plan.crews]))
    outcome = suppose(plan, Supposition(without=frozenset({gone})))
    served = {s.visit_id for r in outcome.after.routes if r.crew_id == gone for s in r.stops}
    assert served == set()
    if check(plan, outcome.before) == []:
        assert check(plan, outcome.after) == []
    assert cost_of(plan, outcome.after) - cost_of(plan, outcome.before) == outcome.bill.cost


def test_without_a_crew_its_work_goes_to_who_can_and_the_rest_stays() -> None:
    outcome = suppose(day(), Supposition(without=frozenset({"a"})))
    assert {c.visit_id for c in outcome.changes.crew_changes} == {"y"}
    assert [c.visit_id for c in outcome.changes.dropped] == ["x"]
    left = {u.visit_id: u for u in outcome.after.unserved}
    assert left["x"].reason == "no_crew_allowed"
    assert "w" in left
    assert outcome.bill.cost.ordinary > 0


def test_a_visit_added_is_placed_and_priced() -> None:
    outcome = suppose(day(), Supposition(added=frozenset({"w"})))
    assert [c.visit_id for c in outcome.changes.placed] == ["w"]
    assert "unserved" not in outcome.bill.amounts


def test_forcing_a_crew_without_the_skill_is_shown_with_the_rule_it_breaks() -> None:
    outcome = suppose(day(), Supposition(forced=("x", "b")))
    assert [r.reason for r in outcome.broken] == ["missing_skill"]
    assert outcome.after.placements()["x"][0] == "b"


def test_what_stands_in_the_way_of_a_forced_visit_goes_elsewhere() -> None:
    visits = [
        visit("long", 2, duration_s=6 * HOUR, unserved_cost=DEAR),
        visit("other", 2, duration_s=6 * HOUR, unserved_cost=DEAR),
    ]
    full = with_plan(
        world(visits, [crew("a"), crew("b"), crew("c")]), {"a": ["long"], "b": ["other"], "c": []}
    )
    outcome = suppose(full, Supposition(forced=("other", "a")))
    assert outcome.broken == ()
    placed = {name: crew_id for name, (crew_id, _) in outcome.after.placements().items()}
    assert placed["other"] == "a"
    assert placed["long"] in {"b", "c"}


@settings(max_examples=10, deadline=None)
@given(problems(), st.data())
def test_a_search_from_there_is_lawful_repeatable_and_keeps_what_was_said(
    problem: Problem, data: st.DataObject
) -> None:
    assume(not problem.links)
    plan = settled_plan(problem)
    gone = data.draw(st.sampled_from([c.id for c in plan.crews]))
    question = posed(plan, Supposition(without=frozenset({gone})))
    assume(question.searchable is not None)
    assert question.searchable is not None
    effort = Effort(iterations=200, seed=3, start=question.routes)
    one, two = (find_routes(question.searchable, effort, clock).routes for _ in range(2))
    assert one == two
    assert one[plan.crew_index[gone]] == []
    outcome = answered(question, one)
    if check(plan, outcome.before) == []:
        assert check(plan, outcome.after) == []
        assert outcome.bill.cost <= answered(question).bill.cost


def test_a_search_may_move_what_insertion_leaves() -> None:
    # "far" can only go to a; a is full until "near" goes to b, which insertion does not move.
    gas = (Skill("gas"),)
    visits = [
        visit("near", 14, duration_s=3 * HOUR, unserved_cost=DEAR),
        visit("far", 2, duration_s=2 * HOUR, skills=gas, unserved_cost=DEAR),
    ]
    crews = [
        replace(crew("a", skills=gas), shift_end=4 * HOUR, hard_end=4 * HOUR),
        replace(crew("b", 14), shift_end=4 * HOUR, hard_end=4 * HOUR),
    ]
    day = with_plan(world(visits, crews), {"a": ["near"], "b": []})
    question = posed(day, Supposition(added=frozenset({"far"})))
    first = answered(question)
    assert [u.visit_id for u in first.after.unserved] == ["far"]
    assert question.searchable is not None
    effort = Effort(iterations=2000, seed=1, start=question.routes)
    better = answered(question, find_routes(question.searchable, effort, clock).routes)
    assert better.after.unserved == ()
    assert {c.visit_id for c in better.changes.crew_changes} == {"near"}


def test_a_search_keeps_a_forced_visit_where_it_was_said() -> None:
    forced = posed(day(), Supposition(forced=("y", "b")))
    assert forced.searchable is not None
    effort = Effort(iterations=2000, seed=1, start=forced.routes)
    kept = find_routes(forced.searchable, effort, clock).routes
    assert "y" in kept[1], "b lies farther away, and it was said all the same"


def test_what_breaks_a_rule_is_not_searched() -> None:
    question = posed(day(), Supposition(forced=("x", "b")))
    assert question.broken
    assert question.searchable is None
