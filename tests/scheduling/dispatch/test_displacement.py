"""Placing one urgent visit by moving few others."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.check import check
from scheduling.dispatch.displacement import displace
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.offers import find_offers
from scheduling.dispatch.problem import Pin, Problem, Skill, Window
from tests.scheduling.dispatch.cases import HOUR, crew, problems, visit, with_plan, world
from tests.scheduling.dispatch.test_offers import settled_plan


def full_day() -> Problem:
    """Crew k, alone skilled for u, is full with a visit that l could do."""
    low = visit("low", 1, duration_s=6 * HOUR, priority=4)
    urgent = visit("u", 2, duration_s=5 * HOUR, priority=1, skills=(Skill("H2"),))
    crews = [crew("k", skills=(Skill("H2"),)), crew("l", 3)]
    return with_plan(world([low, urgent], crews), {"k": ["low"]})


def test_the_visit_that_gives_way_goes_to_another_crew() -> None:
    found = displace(full_day(), "u")
    assert found is not None
    assert found.routes == {"k": ("u",), "l": ("low",)}
    assert [change.visit_id for change in found.moved] == ["low"]
    assert found.is_proven


def test_nothing_moves_when_nothing_may() -> None:
    assert displace(full_day(), "u", most_moved=0) is None


def test_a_pinned_visit_does_not_give_way() -> None:
    assert displace(replace(full_day(), pins=(Pin("low", "k"),)), "u") is None


def test_a_chain_of_two_is_found_when_two_may_move() -> None:
    low = visit("low", 1, duration_s=6 * HOUR, priority=2, skills=(Skill("b"),))
    last = visit("last", 1, duration_s=6 * HOUR, priority=4)
    urgent = visit("u", 2, duration_s=5 * HOUR, priority=1, skills=(Skill("H2"),))
    crews = [
        crew("k", skills=(Skill("H2"), Skill("b"))),
        crew("l", 3, skills=(Skill("b"),)),
        crew("m"),
    ]
    day = with_plan(world([low, last, urgent], crews), {"k": ["low"], "l": ["last"]})
    found = displace(day, "u", most_moved=2)
    assert found is not None
    assert found.routes == {"k": ("u",), "l": ("low",), "m": ("last",)}


def test_an_impossible_visit_is_not_placed() -> None:
    closed = visit("u", 9, priority=1, windows=(Window(0, 60),))
    assert displace(world([closed], [crew("k")]), "u") is None


@settings(max_examples=40, deadline=None)
@given(problems(), st.data(), st.integers(0, 2))
def test_a_displacement_is_lawful_cheap_and_honestly_priced(
    problem: Problem, data: st.DataObject, most_moved: int
) -> None:
    day = settled_plan(problem)
    name = data.draw(st.sampled_from([v.id for v in day.visits]))
    lifted = [[v for v in route if v != name] for route in in_force(day)]
    base = assemble(day, lifted)
    if check(day, base):
        return
    found = displace(day, name, most_moved)
    plain = find_offers(day, name).offers
    if found is None:
        return
    routes = [
        list(found.routes.get(one.id, route)) for one, route in zip(day.crews, lifted, strict=True)
    ]
    after = assemble(day, routes)
    assert check(day, after) == []
    without = replace(base, unserved=tuple(v for v in base.unserved if v.visit_id != name))
    assert cost_of(day, after) - cost_of(day, without) == found.cost
    assert len(found.moved) <= most_moved
    unbumped = [offer.cost for offer in plain if offer.bumped is None]
    assert all(found.cost <= cost for cost in unbumped)
