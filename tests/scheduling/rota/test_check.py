"""The independent judge and the rules find the same faults."""

import pytest

from scheduling.rota.check import check
from scheduling.rota.rules import breaches
from scheduling.rota.solution import Rota
from tests.support.rotas import centre, random_problem, random_rota

PREFERENCES = {"preferred_spacing"}


@pytest.mark.parametrize("seed", range(80))
def test_the_judge_and_the_rules_name_the_same_broken_rules(seed: int) -> None:
    problem = random_problem(seed)
    for number in range(6):
        rota = random_rota(problem, 7000 * seed + number)
        by_rules = {(b.rule, b.person_id) for b in breaches(problem, rota)}
        by_judge = {(fault.code, fault.person_id) for fault in check(problem, rota)}
        assert by_judge == {found for found in by_rules if found[0] not in PREFERENCES}


def test_the_judge_refuses_people_and_duties_it_does_not_know() -> None:
    problem = centre()
    faults = check(problem, Rota.of([("nothing", "nobody")]))
    assert "unknown" in {fault.code for fault in faults}
