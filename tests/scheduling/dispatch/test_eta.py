"""Windows of arrival hold as often as they say, widen along a route, and follow its doors."""

from dataclasses import replace

import numpy as np
import pytest

from scheduling.dispatch.assemble import assemble
from scheduling.dispatch.eta import (
    Expected,
    Job,
    Spread,
    eta_windows,
    learn_durations,
    spread_of,
)
from scheduling.dispatch.problem import Break, Problem, Window
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, visit, world


def jobs(category: str, experience: str, count: int, minutes: float = 60) -> list[Job]:
    draw = np.random.default_rng(7)
    seconds = 60 * minutes * draw.lognormal(0, 0.4, count)
    return [Job(category, experience, int(value)) for value in seconds]


def day(**changes: object) -> Problem:
    return world([visit("a", 3), visit("b", 5), visit("c", 7)], [crew("k", **changes)])


def wide() -> Spread:
    return Spread(spread_of([job.duration_s for job in jobs("leak", "new", 400)]), 400)


def test_eight_new_jobs_in_ten_lie_between_p10_and_p90() -> None:
    spread = learn_durations(jobs("leak", "new", 400)).spread("leak", "new")
    assert spread is not None
    fresh = 3600 * np.random.default_rng(8).lognormal(0, 0.4, 4_000)
    inside = ((spread.at(0.1) <= fresh) & (fresh <= spread.at(0.9))).mean()
    assert 0.75 < inside < 0.85


def test_experience_is_learned_and_a_stranger_answers_as_the_category() -> None:
    known = learn_durations([*jobs("leak", "new", 300, 90), *jobs("leak", "expert", 300, 50)])
    new, expert = known.spread("leak", "new"), known.spread("leak", "expert")
    assert new is not None
    assert expert is not None
    assert new.at(0.5) > 1.5 * expert.at(0.5)
    assert known.spread("leak", "seasoned") is known.groups[("leak",)]
    assert known.spread("unheard", "new") is known.groups[()]
    assert learn_durations([]).spread("leak", "new") is None


def test_one_odd_job_hardly_moves_a_group() -> None:
    known = learn_durations([*jobs("leak", "new", 300), Job("leak", "expert", 36_000)])
    few, around = known.spread("leak", "expert"), known.groups[("leak",)]
    assert few is not None
    assert few.count == 1
    assert few.at(0.5) < 1.3 * around.at(0.5)


def test_windows_widen_along_the_route_and_hold_the_plan() -> None:
    problem = day()
    expected = Expected(dict.fromkeys("abc", wide()))
    found = eta_windows(assemble(problem, [["a", "b", "c"]]).routes[0], expected)
    assert found["a"].width_s == 0
    assert 0 < found["b"].width_s < found["c"].width_s
    assert found["b"].low_at <= found["b"].middle_at <= found["b"].high_at


def test_without_variation_the_window_is_the_plan() -> None:
    problem = day(breaks=(Break(HOUR, 2 * HOUR, 30 * MINUTE),))
    route = assemble(problem, [["a", "b", "c"]]).routes[0]
    assert route.pauses
    for stop in route.stops:
        window = eta_windows(route, Expected({}))[stop.visit_id]
        assert (window.low_at, window.high_at) == (stop.start_at, stop.start_at)


def test_a_door_that_opens_late_gathers_the_early_arrivals() -> None:
    problem = day()
    route = assemble(problem, [["a", "b", "c"]]).routes[0]
    late = {"b": (Window(5 * HOUR, 9 * HOUR),)}
    found = eta_windows(route, Expected(dict.fromkeys("abc", wide()), windows=late))
    assert found["b"].low_at == found["b"].high_at == 5 * HOUR


def test_a_late_crew_shifts_everything() -> None:
    route = assemble(day(), [["a", "b", "c"]]).routes[0]
    hour = Spread(np.full_like(wide().values, HOUR))
    plain, shifted = eta_windows(route, Expected({})), eta_windows(route, Expected({}, late=hour))
    assert all(shifted[name].low_at - plain[name].low_at == HOUR for name in "abc")


def test_what_is_left_of_a_job_shrinks_but_never_ends_before_it_ends() -> None:
    spread = wide()
    assert spread.left_after(0).at(0.5) == pytest.approx(spread.at(0.5), rel=0.02)
    assert spread.left_after(30 * MINUTE).at(0.5) < spread.at(0.5)
    overdue = spread.left_after(20 * HOUR)
    assert overdue.at(0.1) == overdue.at(0.9) == pytest.approx(spread.at(0.5) / 10)


def test_the_same_seed_gives_the_same_windows() -> None:
    route = assemble(day(), [["a", "b", "c"]]).routes[0]
    expected = Expected(dict.fromkeys("abc", wide()), travel=Spread(wide().values / 3600))
    assert eta_windows(route, expected, 3) == eta_windows(route, expected, 3)
    assert eta_windows(replace(route, stops=()), expected) == {}
