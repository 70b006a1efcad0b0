"""The roster checker sees each kind of breach, and the exceptions at the edges."""

from dataclasses import replace

import pytest

from scheduling.rota.shifts.check import check_roster, roster_cost
from scheduling.rota.shifts.problem import Demand, Request, RosterError, RosterProblem, Worker
from tests.scheduling.rota.shifts.cases import SHIFTS

FREE = Worker("w", {}, 10_000, 0, 5, 2, 2, 1, frozenset({9}))


def rules(days: str, worker: Worker = FREE) -> set[str]:
    problem = RosterProblem(14, SHIFTS, (worker,))
    names = [day.strip("-") for day in days]
    return {breach.rule for breach in check_roster(problem, {"w": names})}


@pytest.mark.parametrize(
    ("days", "broken"),
    [
        ("EE---EE-------", set()),
        ("E----EE-----EE", {"weekends"}),
        ("---E----------", {"min_run"}),
        ("EE-EE---------", {"min_off"}),
        ("E-------------", set()),
        ("-------------E", set()),
        ("-EE---------EE", set()),
        ("--EEEEEE------", {"max_run"}),
        ("--NE----------", {"succession"}),
        ("--EN----------", set()),
        ("--------EE----", {"day_off"}),
        ("EE", {"form"}),
    ],
)
def test_each_breach_is_named(days: str, broken: set[str]) -> None:
    assert rules(days) == broken


def test_minutes_and_caps_are_counted() -> None:
    assert rules("EE------------", replace(FREE, min_minutes=961)) == {"minutes"}
    assert rules("EE------------", replace(FREE, max_minutes=959)) == {"minutes"}
    assert rules("EE------------", replace(FREE, caps={"E": 1})) == {"cap"}


def test_the_cost_counts_wishes_and_gaps() -> None:
    problem = RosterProblem(
        14,
        SHIFTS,
        (FREE,),
        (Demand(0, "E", 2, 100, 1), Demand(1, "E", 0, 100, 1)),
        (Request("w", 0, "E", 3), Request("w", 1, "E", 2, False), Request("w", 5, "D", 5)),
    )
    assert roster_cost(problem, {"w": ["E", "E", *[""] * 12]}) == 100 + 1 + 2 + 5


def test_a_problem_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(RosterError, match="unknown shift: X"):
        RosterProblem(14, SHIFTS, (FREE,), (Demand(0, "X", 1, 1, 1),))
    with pytest.raises(RosterError, match="worker given twice"):
        RosterProblem(14, SHIFTS, (FREE, FREE))
