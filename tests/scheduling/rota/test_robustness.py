"""Single absences: what would change, never promised against the law."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduling.rota.astreinte import plan
from scheduling.rota.check import check
from scheduling.rota.problem import Absence, AbsenceKind, Assignment, Problem
from scheduling.rota.repair import Situation, repair
from scheduling.rota.robustness import Ease, robustness
from scheduling.rota.solution import Rota
from tests.support.rotas import OPERATIONS, centre, person, weekly_duties


def before(problem: Problem) -> Rota:
    return plan(problem).rota


def begins(problem: Problem) -> datetime:
    return min(duty.start_at for duty in problem.duties) - timedelta(hours=1)


def test_with_many_rested_colleagues_each_absence_is_one_change() -> None:
    people = tuple(person(f"p{n}", "operations") for n in range(9))
    problem = Problem((OPERATIONS,), people, weekly_duties((OPERATIONS,), 6))
    rota = before(problem)
    found = robustness(problem, rota, begins(problem))
    assert len(found) == 6
    assert {one.ease for one in found} == {Ease.ONE}
    for one in found:
        for who in one.stand_ins:
            cells = (rota.assignments - {one.cell}) | {Assignment(one.cell.duty_id, who)}
            assert check(problem, Rota(cells)) == ()


def test_with_two_people_nobody_can_stand_in() -> None:
    people = tuple(person(f"p{n}", "operations") for n in range(2))
    problem = Problem((OPERATIONS,), people, weekly_duties((OPERATIONS,), 4))
    found = robustness(problem, before(problem), begins(problem))
    assert {one.ease for one in found} == {Ease.HARD}


@pytest.mark.parametrize("seed", [0, 1])
def test_the_solver_agrees_that_an_easy_absence_is_easy(seed: int) -> None:
    problem = centre(seed, people=14)
    rota = before(problem)
    now = begins(problem)
    duties = problem.duty_by_id()
    for one in robustness(problem, rota, now)[::7]:
        duty = duties[one.cell.duty_id]
        away = Absence(one.cell.person_id, duty.start_at, duty.end_at, AbsenceKind.SICK)
        changed = replace(problem, absences=(*problem.absences, away))
        way = repair(Situation(changed, rota, now))[0]
        covered = not way.rota.uncovered(problem) or bool(rota.uncovered(problem))
        if one.ease is not Ease.HARD:
            assert covered
            assert len(way.changes) <= one.ease
