"""The checker passes honest plans and catches every kind of cheat."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduling.dispatch.assemble import assemble
from scheduling.dispatch.check import check
from scheduling.dispatch.problem import (
    Bar,
    Break,
    Pin,
    PinKind,
    Problem,
    Relaxation,
    Skill,
    Window,
)
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.solution import Pause, Route, Solution, Stop, Unserved
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, visit, with_plan, world


def rules(problem: Problem, solution: Solution) -> set[str]:
    return {breach.rule for breach in check(problem, solution)}


def day() -> Problem:
    visits = [visit("a", 3), visit("b", 5), visit("c", 7)]
    return world(visits, [crew("k"), crew("l", 10)])


def honest(problem: Problem) -> Solution:
    return assemble(problem, [["a", "b", "c"], []])


def test_an_honest_plan_passes() -> None:
    assert check(day(), honest(day())) == []


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("skill", lambda p: _visit(p, skills=(Skill("H2"),))),
        ("crew_size", lambda p: _visit(p, crew_size=2)),
        ("barred", lambda p: _visit(p, bars=(Bar("k", "sector"),))),
        ("ready", lambda p: _visit(p, ready_at=3 * HOUR)),
        ("window", lambda p: _visit(p, windows=(Window(3 * HOUR, 4 * HOUR),))),
        ("capacity", lambda p: _crew(_visit(p, load=2), capacity=1)),
        ("hard_end", lambda p: _crew(p, shift_end=HOUR, hard_end=HOUR)),
        ("break_missing", lambda p: _crew(p, breaks=(Break(HOUR, 90 * MINUTE, 600),))),
        ("pin_crew", lambda p: replace(p, pins=(Pin("a", "l"),))),
        (
            "window",
            lambda p: replace(p, pins=(Pin("a", "k", PinKind.TIME, Window(0, 60)),)),
        ),
        ("pin_order", lambda p: _pinned(with_plan(p, {"k": ["b", "a", "c"]}))),
        (
            "pin_order",
            lambda p: replace(with_plan(p, {"k": ["b", "a", "c"]}), relaxation=Relaxation.TIMES),
        ),
        (
            "pin_crew",
            lambda p: replace(with_plan(p, {"l": ["a"]}), relaxation=Relaxation.ORDER),
        ),
        ("frozen", lambda p: replace(with_plan(p, {"k": ["b"]}), frozen_until=2 * HOUR)),
    ],
)
def test_a_rule_added_to_the_problem_is_found_broken(
    rule: str, change: Callable[[Problem], Problem]
) -> None:
    assert rule in rules(change(day()), honest(day()))


def _visit(problem: Problem, **changes: object) -> Problem:
    first = replace(problem.visits[0], **changes)  # type: ignore[arg-type]
    return replace(problem, visits=(first, *problem.visits[1:]))


def _crew(problem: Problem, **changes: object) -> Problem:
    first = replace(problem.crews[0], **changes)  # type: ignore[arg-type]
    return replace(problem, crews=(first, *problem.crews[1:]))


def _pinned(problem: Problem) -> Problem:
    return replace(problem, pins=(Pin("a", "k", PinKind.ORDER), Pin("b", "k", PinKind.ORDER)))


def _stop(plan: Solution, position: int, **changes: int) -> Solution:
    route = plan.routes[0]
    stops = list(route.stops)
    stops[position] = replace(stops[position], **changes)
    return replace(plan, routes=(replace(route, stops=tuple(stops)), *plan.routes[1:]))


def _route(plan: Solution, **changes: object) -> Solution:
    return replace(plan, routes=(replace(plan.routes[0], **changes), *plan.routes[1:]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "cheat"),
    [
        ("travel", lambda s: _stop(s, 1, arrive_at=s.routes[0].stops[1].arrive_at - 60)),
        ("travel", lambda s: _stop(s, 0, depart_at=-600, arrive_at=1200)),
        ("service", lambda s: _stop(s, 2, start_at=0)),
        ("service", lambda s: _stop(s, 2, end_at=s.routes[0].stops[2].start_at)),
        ("travel", lambda s: _route(s, end_at=0)),
        ("sums", lambda s: _route(s, travel_s=0)),
        ("sums", lambda s: _route(s, distance_m=1)),
        ("each_visit_once", lambda s: replace(s, unserved=(Unserved("a", "not_tried"),))),
        ("each_visit_once", lambda s: _route(s, stops=())),
        ("unknown_visit", lambda s: replace(s, unserved=(Unserved("zz", "not_tried"),))),
        ("one_route_per_crew", lambda s: replace(s, routes=s.routes[:1])),
        ("unknown_crew", lambda s: replace(s, routes=(*s.routes, _ghost()))),
    ],
)
def test_a_cheat_in_the_solution_is_found(rule: str, cheat: Callable[[Solution], Solution]) -> None:
    assert rule in rules(day(), cheat(honest(day())))


def _ghost() -> Route:
    return Route("ghost", (), (), 0, 0, 0)


def lunch_day() -> Problem:
    lunch = Break(50 * MINUTE, 2 * HOUR, 20 * MINUTE)
    return _crew(day(), breaks=(lunch,))


@pytest.mark.parametrize(
    ("rule", "pause"),
    [
        ("break_missing", None),
        ("break_time", Pause(0, 20 * MINUTE, 0)),
        ("break_short", Pause(60 * MINUTE, 61 * MINUTE, 1)),
        ("break_while_busy", Pause(55 * MINUTE, 75 * MINUTE, 1)),
    ],
)
def test_a_cheated_pause_is_found(rule: str, pause: Pause | None) -> None:
    problem = lunch_day()
    pauses = () if pause is None else (pause,)
    assert rule in rules(problem, _route(assemble(problem, [["a", "b", "c"], []]), pauses=pauses))


def test_a_lawful_pause_passes() -> None:
    problem = lunch_day()
    plan = assemble(problem, [["a", "b", "c"], []])
    assert plan.routes[0].pauses
    assert check(problem, plan) == []


def test_a_stop_is_a_plain_record() -> None:
    stop = Scheduler(day()).route("k", ["a"]).stops[0]
    assert stop == Stop("a", 0, 30 * MINUTE, 30_000, 30 * MINUTE, 30 * MINUTE, HOUR)
