"""Plans of teams are lawful by the independent checker, and never cost more than their bound."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.teams.check import check
from scheduling.teams.problem import Job, Placement, TeamsProblem, Technician, cost_of
from scheduling.teams.search import solve

DOMAINS, LEVELS = 2, 2


class Ticks:
    """A clock that moves one second at every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@st.composite
def problems(draw: st.DrawFn) -> TeamsProblem:
    """A few jobs and people; everybody together can do every job."""
    levels = st.integers(0, LEVELS)
    people = [
        Technician(
            number,
            (draw(levels), draw(levels)),
            draw(st.frozensets(st.integers(1, 3), max_size=2)),
        )
        for number in range(1, draw(st.integers(2, 5)) + 1)
    ]
    held = [
        sum(person.levels[domain] >= level for person in people)
        for domain in range(DOMAINS)
        for level in range(1, LEVELS + 1)
    ]
    jobs = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        before = draw(st.frozensets(st.integers(1, number), max_size=2)) - {number}
        jobs.append(
            Job(
                number,
                draw(st.sampled_from([15, 30, 60, 120])),
                tuple(sorted(before)),
                draw(st.integers(1, 4)),
                draw(st.integers(1, 100)),
                tuple(draw(st.integers(0, most)) for most in held),
            )
        )
    return TeamsProblem(tuple(jobs), tuple(people), LEVELS, draw(st.sampled_from([0, 60, 200])))


@settings(max_examples=40, deadline=None)
@given(problems())
def test_every_plan_is_lawful_and_priced_by_its_own_times(problem: TeamsProblem) -> None:
    found = solve(problem, 60.0, seed=1, clock=Ticks())
    assert check(problem, found.plan) == []
    assert found.cost == cost_of(problem, found.plan.placements)


def test_two_jobs_that_need_everybody_are_done_one_after_the_other() -> None:
    jobs = (Job(1, 60, (), 4, 0, (2,)), Job(2, 60, (), 1, 0, (2,)))
    people = (Technician(1, (1,), frozenset()), Technician(2, (1,), frozenset()))
    found = solve(TeamsProblem(jobs, people, 1, 0), 30.0, seed=1, clock=Ticks())
    assert found.cost == 28 * 60 + 120


def test_a_contractor_takes_what_the_budget_allows_and_what_follows_it() -> None:
    jobs = (Job(1, 120, (), 1, 50, (1,)), Job(2, 120, (1,), 1, 50, (1,)))
    people = (Technician(1, (1,), frozenset()),)
    found = solve(TeamsProblem(jobs, people, 1, 100), 30.0, seed=1, clock=Ticks())
    assert found.plan.outsourced == {1, 2}
    assert found.cost == 0


@pytest.fixture
def planned() -> tuple[TeamsProblem, object]:
    jobs = (Job(1, 60, (), 1, 10, (1,)), Job(2, 60, (1,), 2, 10, (1,)))
    problem = TeamsProblem(jobs, (Technician(1, (1,), frozenset({2})),), 1, 5)
    return problem, solve(problem, 30.0, seed=1, clock=Ticks()).plan


@pytest.mark.parametrize(
    ("placements", "rule"),
    [
        ((Placement(1, 1, 0, 1),), "each job once"),
        ((Placement(1, 1, 60, 1), Placement(2, 1, 0, 1)), "precedence: job 2"),
        ((Placement(1, 1, 0, 1), Placement(2, 1, 70, 1)), "within the day: job 2"),
        ((Placement(1, 1, 0, 1), Placement(2, 1, 30, 1)), "one job at a time: day 1, team 1"),
        ((Placement(1, 1, 0, 1), Placement(2, 1, 60, 5)), "unknown team: job 2"),
    ],
)
def test_the_checker_names_the_broken_rule(planned, placements, rule) -> None:  # type: ignore[no-untyped-def]
    problem, plan = planned
    assert rule in check(problem, replace(plan, placements=placements))


def test_the_checker_refuses_people_on_their_days_off_and_a_spent_budget(planned) -> None:  # type: ignore[no-untyped-def]
    problem, plan = planned
    off = replace(problem, technicians=(Technician(1, (1,), frozenset({1})),))
    assert "days off: day 1" in check(off, plan)
    given = replace(plan, placements=plan.placements[:1], outsourced=frozenset({2}))
    assert "budget: 10 > 5" in check(problem, given)
