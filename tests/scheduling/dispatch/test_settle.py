"""Facts are admitted, decisions are still judged."""

from dataclasses import replace

from hypothesis import given, settings

from scheduling.dispatch.check import check
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.problem import Break, Pin, PinKind, Problem, Window
from scheduling.dispatch.settle import settle
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, problems, visit, with_plan, world


@settings(max_examples=50, deadline=None)
@given(problems())
def test_settling_twice_changes_nothing_more(problem: Problem) -> None:
    again = settle(problem)
    assert (again.visits, again.crews, again.pins) == (
        problem.visits,
        problem.crews,
        problem.pins,
    )


def test_a_late_crew_on_its_way_to_a_closed_window_is_admitted() -> None:
    base = world([visit("a", 5, windows=(Window(0, HOUR),))], [crew("k")])
    planned = with_plan(base, {"k": ["a"]})
    late = replace(planned, crews=(crew("k", ready_at=2 * HOUR),), frozen_until=HOUR)
    found = improve(late, Effort(iterations=20), clock=lambda: 0.0)
    assert found.solution.placements()["a"][1].start_at == 2 * HOUR + 50 * MINUTE
    assert check(found.problem, found.solution) == []


def test_a_shift_stretches_only_as_far_as_the_frozen_stops_need() -> None:
    base = world([visit("a", 5), visit("b", 6)], [crew("k")])
    planned = with_plan(base, {"k": ["a"]})
    short = crew("k", shift_end=HOUR, hard_end=HOUR)
    settled = settle(replace(planned, crews=(short,), frozen_until=2 * HOUR))
    assert settled.crews[0].hard_end == (50 + 30 + 50) * MINUTE
    assert settled.crews[0].shift_end == HOUR


def test_a_missed_pause_may_still_be_taken() -> None:
    lunch = Break(0, 10 * MINUTE, 20 * MINUTE)
    base = world([visit("a", 5)], [crew("k", breaks=(lunch,))])
    planned = with_plan(base, {"k": ["a"]})
    late = crew("k", breaks=(lunch,), ready_at=HOUR)
    settled = settle(replace(planned, crews=(late,), frozen_until=2 * HOUR))
    assert settled.crews[0].breaks[0].latest_at == HOUR


def test_a_pin_that_contradicts_a_frozen_stop_gives_way() -> None:
    base = world([visit("a", 5)], [crew("k"), crew("l")])
    planned = replace(
        with_plan(base, {"k": ["a"]}), frozen_until=2 * HOUR, pins=(Pin("a", "l", PinKind.CREW),)
    )
    assert settle(planned).pins == ()


def test_a_visit_behind_the_freeze_horizon_is_still_judged() -> None:
    closing = visit("a", 5, windows=(Window(0, HOUR),))
    planned = with_plan(world([closing], [crew("k")]), {"k": ["a"]})
    late = replace(planned, crews=(crew("k", ready_at=2 * HOUR),))
    found = improve(late, Effort(iterations=20), clock=lambda: 0.0)
    assert [left.reason for left in found.solution.unserved] == ["no_time"]
