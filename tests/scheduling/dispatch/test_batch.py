"""The array evaluator agrees with the readable one, to the second and to the unit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.dispatch.arrays import FORBIDDEN, tables
from scheduling.dispatch.batch import evaluate, padded
from scheduling.dispatch.objective import price
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.schedule import Scheduler
from tests.scheduling.dispatch.cases import problems


@settings(max_examples=120, deadline=None)
@given(problems(), st.data())
def test_arrays_time_and_price_routes_as_the_scheduler_and_the_objective_do(
    problem: Problem, data: st.DataObject
) -> None:
    known, scheduler = tables(problem), Scheduler(problem)
    crew = data.draw(st.integers(0, len(problem.crews) - 1))
    order = data.draw(st.permutations(range(len(problem.visits))))
    route = tuple(order[: data.draw(st.integers(0, len(order)))])
    batch = evaluate(known, np.array([crew]), padded([route]))
    crew_id, names = problem.crews[crew].id, tuple(problem.visits[v].id for v in route)
    timed = scheduler.route(crew_id, names)
    assert batch.clock.start[0].tolist()[: len(route)] == [stop.start_at for stop in timed.stops]
    assert batch.clock.depart[0].tolist()[: len(route)] == [stop.depart_at for stop in timed.stops]
    assert int(batch.clock.end[0]) == timed.end_at
    assert int(batch.clock.metres[0]) == timed.distance_m
    assert batch.cost(0) == price(problem, scheduler, crew_id, names)
    assert int(batch.scalar[0]) == batch.cost(0).scalar
    fits = all(known.assignment[crew, v] < FORBIDDEN for v in route)
    load = sum(problem.visits[v].load for v in route)
    fits = fits and load <= (problem.crews[crew].capacity or 99)
    assert (int(batch.excess_s[0]) == 0) == (fits and scheduler.broken(timed) is None)
