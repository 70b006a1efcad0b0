"""A storm: more urgent visits than the urgent tier holds are planned all the same."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.dispatch.offers import find_offers
from scheduling.dispatch.problem import Pin, PinKind, Problem, Promise
from scheduling.dispatch.storm import within_tier
from scheduling.dispatch.visit import ProblemError
from tests.scheduling.dispatch.cases import HOUR, crew, visit, world

CREWS = [crew("k"), crew("l")]


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 900),
    overdue_h=st.integers(0, 12),
    pinned=st.integers(0, 300),
    promised=st.integers(0, 300),
)
def test_whatever_comes_makes_a_problem_that_keeps_the_most_urgent(
    count: int, overdue_h: int, pinned: int, promised: int
) -> None:
    told = Promise(0, is_told=True)
    storm = [
        visit(
            f"v{number:03d}",
            number % 5,
            due_at=number - overdue_h * HOUR,
            is_urgent=True,
            promise=told if number < promised else None,
        )
        for number in range(count)
    ]
    pins = tuple(Pin(one.id, "k", PinKind.CREW) for one in storm[: min(pinned, count)])
    kept = within_tier(storm, CREWS, pins, 0)
    problem = replace(world([], CREWS), visits=kept, pins=pins)
    assert [one.id for one in problem.visits] == [one.id for one in storm]
    urgent = [one.is_urgent for one in kept]
    # Here promises come first and dues rise, so the most urgent are a prefix.
    assert urgent == sorted(urgent, reverse=True)
    if not all(urgent) and count:
        first = urgent.index(False)
        one_more = [replace(v, is_urgent=n <= first) for n, v in enumerate(kept)]
        try:
            replace(world([], CREWS), visits=tuple(one_more), pins=pins)
        except ProblemError:
            return
        raise AssertionError("one more would have fitted")


def test_few_urgent_visits_stay_as_they_are() -> None:
    calm = (visit("a", 1, is_urgent=True), visit("b", 2))
    assert within_tier(calm, CREWS, (), 0) == calm


def test_offers_come_in_a_storm() -> None:
    storm = [visit(f"v{n:03d}", n % 5, due_at=HOUR, is_urgent=True) for n in range(700)]
    problem: Problem = replace(world([], CREWS), visits=within_tier(storm, CREWS, (), 0))
    assert find_offers(problem, "v000").offers
