"""Experts are crews that do not travel: they share problems with crews, never each other's work."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest

from scheduling.dispatch.assemble import assemble
from scheduling.dispatch.check import check
from scheduling.dispatch.codec import problem_from_json, problem_to_json
from scheduling.dispatch.improve import Effort, improve
from scheduling.dispatch.offers import find_offers
from scheduling.dispatch.problem import Pin, PinKind, Problem, ProblemError, Skill
from scheduling.dispatch.referee import referee_cost
from tests.scheduling.dispatch.cases import HOUR, MINUTE, crew, visit, with_plan, world

WATER, ROADS = (Skill("water"),), (Skill("roads"),)


def mixed() -> Problem:
    """Two crews on the road, two experts, two jobs and three questions at the experts' place."""
    asked = {"duration_s": 15 * MINUTE, "is_remote": True}
    return world(
        [
            visit("job", 3),
            visit("far_job", 7),
            visit("water_1", 0, skills=WATER, due_at=30 * MINUTE, **asked),
            visit("water_2", 0, skills=WATER, due_at=10 * MINUTE, **asked),
            visit("roads_1", 0, skills=ROADS, due_at=HOUR, **asked),
        ],
        [
            crew("road_1"),
            crew("road_2", 10),
            crew("hydrologist", skills=WATER, is_remote=True),
            crew("engineer", skills=(*WATER, *ROADS), is_remote=True),
        ],
    )


def test_each_question_goes_to_an_expert_and_nobody_drives_for_it() -> None:
    problem = mixed()

    solution = improve(problem, Effort(iterations=200), lambda: 0.0).solution

    assert check(problem, solution) == []
    assert solution.unserved == ()
    routes = {route.crew_id: route for route in solution.routes}
    experts = [routes["hydrologist"], routes["engineer"]]
    answered = {stop.visit_id: stop for route in experts for stop in route.stops}
    assert answered.keys() == {"water_1", "water_2", "roads_1"}
    assert {route.travel_s + route.distance_m for route in experts} == {0}
    # Both questions on water are answered in time: the second expert helps, or the order is kept.
    assert answered["water_2"].start_at <= 10 * MINUTE
    assert answered["water_1"].start_at <= 30 * MINUTE


def test_offers_refuse_the_other_kind_by_name() -> None:
    found = find_offers(mixed(), "water_1")
    refused = {one.crew_id: one.reason for one in find_offers(mixed(), "job").refusals}

    assert {offer.crew_id for offer in found.offers} == {"hydrologist", "engineer"}
    plain = replace(mixed().visit("water_1"), skills=())
    unskilled = replace(mixed(), visits=(plain,))
    reasons = {one.crew_id: one.reason for one in find_offers(unskilled, "water_1").refusals}
    assert reasons == {"road_1": "remote", "road_2": "remote"}
    assert {refused["hydrologist"], refused["engineer"]} == {"remote"}


@pytest.mark.parametrize(("name", "crew_id"), [("job", "hydrologist"), ("roads_1", "road_1")])
def test_the_checker_finds_work_of_the_other_kind(name: str, crew_id: str) -> None:
    problem = mixed()
    one_kind = replace(
        problem,
        visits=tuple(replace(v, is_remote=False, skills=()) for v in problem.visits),
        crews=tuple(replace(c, is_remote=False) for c in problem.crews),
    )
    routes = [[name] if one.id == crew_id else [] for one in problem.crews]

    breaches = check(problem, assemble(one_kind, routes))

    assert ("remote", crew_id, name) in {(b.rule, b.crew_id, b.visit_id) for b in breaches}


def test_the_referee_agrees() -> None:
    problem = mixed()
    right = [["job"], ["far_job"], ["water_2"], ["water_1", "roads_1"]]
    wrong = [["job", "water_1"], ["far_job"], ["water_2"], ["roads_1"]]

    with ProcessPoolExecutor(1, get_context("spawn")) as own:
        costs = list(own.map(referee_cost, [problem, problem], [right, wrong]))

    assert costs[0] is not None
    assert costs[1] is None


def test_a_remote_visit_apart_from_the_experts_is_no_problem_to_plan() -> None:
    problem = mixed()
    moved = [replace(v, place=4) if v.id == "roads_1" else v for v in problem.visits]

    with pytest.raises(ProblemError, match="lie apart"):
        replace(problem, visits=tuple(moved))


def test_no_plan_and_no_pin_gives_work_to_the_other_kind() -> None:
    problem = mixed()
    plain = replace(problem, crews=tuple(replace(c, is_remote=False) for c in problem.crews))
    everybody = replace(plain, visits=tuple(replace(v, is_remote=False) for v in plain.visits))
    planned = with_plan(everybody, {"hydrologist": ["job"]}).plan

    with pytest.raises(ProblemError, match="other kind"):
        replace(problem, plan=planned)
    with pytest.raises(ProblemError, match="other kind"):
        replace(problem, pins=(Pin("roads_1", "road_1", PinKind.CREW),))


def test_the_flag_travels_to_the_solver_process() -> None:
    back = problem_from_json(problem_to_json(mixed()))

    assert [v.is_remote for v in back.visits] == [False, False, True, True, True]
    assert [c.is_remote for c in back.crews] == [False, False, True, True]
