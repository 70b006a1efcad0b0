"""A large problem cut by sector: each visit and crew in one part; the joined plan is lawful."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.check import check
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.problem import Problem, Skill
from scheduling.dispatch.sectors import join, split
from scheduling.dispatch.suppose import insert_all
from tests.scheduling.dispatch.cases import crew, problems, visit, with_plan, world
from tests.scheduling.dispatch.test_offers import settled_plan


@settings(max_examples=25, deadline=None)
@given(problems(), st.data())
def test_parts_make_the_whole_again_at_the_same_cost(problem: Problem, data: st.DataObject) -> None:
    assume(not problem.links)
    day = settled_plan(problem)
    # A window that only a pin gave is lost with the pin.
    assume(check(day, assemble(day, in_force(day))) == [])
    group_of = {c.id: data.draw(st.sampled_from(["north", "south"])) for c in day.crews}
    parts = split(day, group_of)
    assert sorted(v.id for part in parts for v in part.visits) == sorted(v.id for v in day.visits)
    plans = [assemble(part, in_force(part)) for part in parts]
    whole = join(day, plans)
    assert cost_of(day, whole) == cost_of(day, assemble(day, in_force(day)))
    assert check(day, whole) == []


def test_a_waiting_visit_goes_to_the_nearest_crew_that_may_take_it() -> None:
    gas = (Skill("gas"),)
    waiting = [visit("w", 5, skills=gas), visit("x", 6)]
    day = world(waiting, [crew("a", 4), crew("b", 18, skills=gas)])
    day = replace(with_plan(day, {"a": [], "b": []}), frozen_until=-1)
    first, second = split(day, {"a": "one", "b": "two"})
    assert [v.id for v in first.visits] == ["x"]
    assert [v.id for v in second.visits] == ["w"]
    plans = [
        assemble(p, insert_all(p, in_force(p), [v.id for v in p.visits])) for p in (first, second)
    ]
    assert check(day, join(day, plans)) == []
