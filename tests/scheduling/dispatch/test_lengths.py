"""Longer work costs what the longer day costs more, moves whom it moves, names what it breaks."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling.dispatch.assemble import in_force, unexplained
from scheduling.dispatch.lengths import hold, stretch
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.problem import Problem, Window
from scheduling.dispatch.schedule import Scheduler
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, problems, visit, with_plan, world


def a_day() -> Problem:
    """Crew a: x at village 2, then y at 4, which must begin before 1 h 41."""
    visits = [
        visit("x", 2),
        visit("y", 4, windows=(Window(0, 101 * MINUTE),), due_at=90 * MINUTE, late_rate=200),
    ]
    return with_plan(world(visits, [crew("a"), crew("b")]), {"a": ["x", "y"]})


@settings(max_examples=40, deadline=None)
@given(problems(), st.data())
def test_the_price_is_that_of_the_whole_plan_with_the_longer_work(
    problem: Problem, data: st.DataObject
) -> None:
    assume(not problem.links)
    names = [v.id for v in problem.visits]
    routes = {problem.crews[0].id: data.draw(st.permutations(names))}
    day = replace(with_plan(problem, routes), frozen_until=-1, pins=())
    name = data.draw(st.sampled_from(names))
    length = data.draw(st.integers(1, 180)) * MINUTE
    longer = replace(
        day,
        visits=tuple(
            replace(v, duration_s=length, crew_durations=()) if v.id == name else v
            for v in day.visits
        ),
    )

    found = stretch(day, name, length)

    before = cost_of(day, unexplained(day, in_force(day)))
    after = cost_of(longer, unexplained(longer, in_force(longer)))
    assert found.bill.cost == after - before


def test_the_same_length_changes_nothing() -> None:
    found = stretch(a_day(), "x", 30 * MINUTE)
    assert (found.bill.amounts, found.shifts, found.broken, found.warnings) == ({}, (), (), ())


def test_what_follows_starts_later_and_is_named_when_it_comes_too_late() -> None:
    found = stretch(a_day(), "x", 60 * MINUTE)
    assert [(s.visit_id, s.shift_s) for s in found.shifts] == [("y", 30 * MINUTE)]
    assert found.warnings == ("late_behind",)
    assert found.broken == ()

    too_long = stretch(a_day(), "x", 90 * MINUTE)
    assert [(one.reason, one.crew_id) for one in too_long.broken] == [("delays_other", "a")]


def test_shorter_work_wins_time() -> None:
    found = stretch(a_day(), "x", 10 * MINUTE)
    assert [(s.visit_id, s.shift_s) for s in found.shifts] == [("y", -20 * MINUTE)]
    assert found.warnings == ()


def test_work_under_way_that_takes_longer_pushes_the_whole_day() -> None:
    day = a_day()
    starts = Scheduler(day).route("a", ["x", "y"]).stops
    found = hold(day, "a", 40 * MINUTE)
    assert [s.shift_s for s in found.shifts] == [40 * MINUTE] * len(starts)
    assert {one.reason for one in found.broken} == {"delays_other"}
    assert hold(day, "b", 3 * HOUR).shifts == ()
