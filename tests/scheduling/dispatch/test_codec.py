"""Problems and solutions survive a trip through JSON."""

import numpy as np
import pytest
from hypothesis import given, settings

from scheduling.dispatch.codec import (
    problem_from_json,
    problem_to_json,
    solution_from_json,
    solution_to_json,
)
from scheduling.dispatch.problem import Problem, ProblemError
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.solution import Solution, Unserved
from tests.scheduling.dispatch.cases import problems


@settings(max_examples=25, deadline=None)
@given(problems())
def test_a_problem_comes_back_equal(problem: Problem) -> None:
    back = problem_from_json(problem_to_json(problem))
    assert (back.visits, back.crews, back.plan, back.pins, back.prices) == (
        problem.visits,
        problem.crews,
        problem.plan,
        problem.pins,
        problem.prices,
    )
    assert back.transitions == problem.transitions
    assert (back.reserves, back.kept_hours) == (problem.reserves, problem.kept_hours)
    assert (back.now, back.frozen_until, back.relaxation) == (
        problem.now,
        problem.frozen_until,
        problem.relaxation,
    )
    assert np.array_equal(back.matrix.seconds, problem.matrix.seconds)


@settings(max_examples=25, deadline=None)
@given(problems())
def test_a_solution_comes_back_equal(problem: Problem) -> None:
    names = tuple(visit.id for visit in problem.visits)
    route = Scheduler(problem).route("c0", names[1:])
    solution = Solution((route,), (Unserved(names[0], "no_time", "c0", {"would_end": 3}),))
    assert solution_from_json(solution_to_json(solution)) == solution


def test_a_document_without_units_is_refused() -> None:
    with pytest.raises(ProblemError, match="known units"):
        problem_from_json('{"format": "dispatch-problem/1"}')
