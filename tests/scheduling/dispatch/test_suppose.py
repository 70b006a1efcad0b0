"""What if: lawful plans, exactly priced, in which nothing moves but what has to."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling.dispatch.check import check
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.problem import COST_PER_MINUTE, Problem, Skill
from scheduling.dispatch.suppose import Supposition, suppose
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
