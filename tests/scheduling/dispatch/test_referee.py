"""OR-Tools routing agrees with our costs on the same routes, and finds lawful plans of its own.

Every question runs in a process of its own, as the referee demands.
"""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest

from benchmarks._evaluate import judge as judge_by_text
from benchmarks._instances import live_case, make_live, numbered
from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.check import check
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.problem import (
    CrewDuration,
    PlannedRoute,
    PlannedStop,
    Preference,
    Prices,
    Problem,
    Transition,
    Window,
)
from scheduling.dispatch.referee import Opinion, referee_cost, second_opinion
from tests.scheduling.dispatch.cases import crew, visit, with_plan, world

R = TypeVar("R")

NINE_O_CLOCK = 1_795_338_000


def planned_case(seed: int, shift_s: int) -> Problem:
    """A small case with a plan in force, mixed rules, its clock moved by ``shift_s``."""
    case = make_live(seed, visits=36, crews=8, depots=3)
    draw = np.random.default_rng(seed)
    visits = []
    for number, one in enumerate(case.visits):
        opens = shift_s + int(draw.integers(0, 4)) * 3600
        windows = (Window(opens, opens + 7200), Window(opens + 10800, opens + 21600))
        visits.append(
            replace(
                one,
                windows=windows if number % 4 == 0 else (),
                is_urgent=one.priority == 1,
                due_at=shift_s + (one.due_at or 0),
                ready_at=None if one.ready_at is None else shift_s + one.ready_at,
                preferences=(Preference("c1", 3000),) if number % 3 == 0 else (),
                load=number % 3,
                tag=("drain", "drink", None)[number % 3],
                crew_durations=(CrewDuration("new", 2 * one.duration_s),) if number % 2 else (),
            )
        )
    crews = [
        replace(
            c,
            ready_at=c.ready_at + shift_s,
            shift_end=c.shift_end + shift_s - 7200,
            hard_end=c.hard_end + shift_s,
            capacity=6,
            fixed_cost=6000,
            experience="new" if number % 2 else None,
        )
        for number, c in enumerate(case.crews)
    ]
    rinse = (Transition("drain", "drink", 1200),)
    day = Problem(
        tuple(visits), tuple(crews), case.matrix, now=shift_s, prices=Prices(), transitions=rinse
    )
    found = improve(day, Effort(iterations=300, seed=seed), clock=lambda: 0.0)
    plan = tuple(
        PlannedRoute(r.crew_id, tuple(PlannedStop(s.visit_id, s.start_at) for s in r.stops[:-1]))
        for r in found.solution.routes
    )
    return replace(day, plan=plan, frozen_until=shift_s + 1800)


def judge(seed: int, shift_s: int) -> tuple[int | None, int]:
    """The referee's cost and ours, of a plan that changes some crews."""
    problem = planned_case(seed, shift_s)
    found = improve(problem, Effort(iterations=300, seed=seed), clock=lambda: 0.0)
    routes = [route.visit_ids for route in found.solution.routes]
    return referee_cost(found.problem, routes), cost_of(found.problem, found.solution).scalar


def search(seed: int, shift_s: int) -> tuple[Problem, Opinion]:
    """A short search of the referee."""
    problem = planned_case(seed, shift_s)
    return problem, second_opinion(problem, 0.3)


def verdicts(most: int, _shift_s: int) -> tuple[int | None, int | None]:
    """The referee's cost of a plan that sends out that many crews, and one crew more."""
    two = with_plan(
        world([visit("a", 1), visit("b", 11)], [crew("k"), crew("l", 10)]), {"k": ["a"], "l": ["b"]}
    )
    limited = replace(two, max_active_crews=most)
    return referee_cost(limited, [["a", "b"], []]), referee_cost(limited, [["a"], ["b"]])


def alone(function: Callable[[int, int], R], seed: int, shift_s: int) -> R:
    """Run in a fresh process and bring back the answer."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, seed, shift_s).result(timeout=60)


@pytest.mark.parametrize(("seed", "shift_s"), [(1, 0), (2, NINE_O_CLOCK)])
def test_the_referee_prices_a_plan_as_we_do(seed: int, shift_s: int) -> None:
    theirs, ours = alone(judge, seed, shift_s)
    assert theirs == ours


def test_the_referee_sends_out_no_more_crews_than_may_be_active() -> None:
    one, two = alone(verdicts, 1, 0)
    assert one is not None
    assert two is None


def test_a_second_opinion_is_lawful_and_no_dearer_than_the_plan_in_force() -> None:
    _problem, opinion = alone(search, 3, NINE_O_CLOCK)
    assert check(opinion.problem, opinion.solution) == []
    stay = assemble(opinion.problem, in_force(opinion.problem))
    assert cost_of(opinion.problem, opinion.solution) <= cost_of(opinion.problem, stay)
    assert opinion.objective == cost_of(opinion.problem, opinion.solution).scalar


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_text_of_the_live_format_prices_our_plans_as_we_do(seed: int) -> None:
    case = make_live(seed, visits=40, crews=8, depots=3)
    found = improve(case, Effort(iterations=400, seed=seed), clock=lambda: 0.0)
    routes = numbered([route.visit_ids for route in found.solution.routes])
    verdict = judge_by_text(live_case(case), routes)
    assert verdict.hard_violations == 0
    assert verdict.unserved == len(found.solution.unserved)
    assert verdict.cost == found.after.ordinary / 100


def test_the_evaluator_counts_a_skill_and_a_shift_that_do_not_fit() -> None:
    case = live_case(make_live(1, visits=40, crews=8, depots=3))
    crew = next(k for k, c in enumerate(case["crews"]) if len(c["skills"]) < 6)
    unfit = [
        v for v, t in enumerate(case["tasks"]) if t["skill"] not in case["crews"][crew]["skills"]
    ]
    routes: list[list[int]] = [[] for _ in case["crews"]]
    routes[crew] = unfit[:1]
    assert judge_by_text(case, routes).hard_violations == 1
    routes[crew] = list(range(40))
    assert judge_by_text(case, routes).hard_violations > len(unfit)
