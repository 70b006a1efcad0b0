"""Floors of fairness: never above what any rota reaches, and tight where loads are few."""

from itertools import product

import pytest

from scheduling.rota.astreinte import Budget, Progress, Run, plan
from scheduling.rota.check import check
from scheduling.rota.floors import floors
from scheduling.rota.parts import Part, split
from scheduling.rota.rules import rules_for, state
from tests.support.rotas import centre, department


def part_of(costs: list[list[int]], targets: list[int]) -> Part:
    part = Part(people=[str(i) for i in range(len(costs))], target=targets)
    for mine in costs:
        part.person_cells.append(list(range(len(part.cost), len(part.cost) + len(mine))))
        part.cost += mine
    return part


@pytest.mark.parametrize(
    ("costs", "targets"),
    [
        ([[100, 100, 200], [100, 120]], [150, 90]),
        ([[200], [100, 100], [120]], [60, 130, 119]),
        ([[100]], [0]),
    ],
)
def test_the_floor_is_the_best_of_all_choices_of_duties(
    costs: list[list[int]], targets: list[int]
) -> None:
    loads = [
        {sum(c for c, taken in zip(mine, picks, strict=True) if taken) for picks in chosen}
        for mine in costs
        for chosen in [list(product((0, 1), repeat=len(mine)))]
    ]
    chosen = [
        [load - target for load, target in zip(each, targets, strict=True)]
        for each in product(*loads)
    ]
    found = floors(part_of(costs, targets))
    assert found["spread"] == min(max(one) - min(one) for one in chosen)
    assert found["unevenness"] == min(sum(map(abs, one)) for one in chosen)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_rota_found_is_below_its_floor(seed: int) -> None:
    problem = centre(seed)
    outcome = plan(problem)
    parts = split(state(problem, rules_for(problem.policy)))
    assert outcome.stage("spread").value >= max(floors(part)["spread"] for part in parts)
    assert outcome.stage("unevenness").value >= sum(floors(part)["unevenness"] for part in parts)
    assert outcome.stage("spread").bound <= outcome.stage("spread").value


def test_a_long_horizon_is_watched_gains_with_effort_and_has_a_bound() -> None:
    problem = department(2, sectors=1)
    heard: list[Progress] = []
    short = plan(problem, Run(Budget(moves=3_000)))
    long = plan(problem, Run(Budget(moves=3_000).times(8), on_progress=heard.append))

    told = [one for one in heard if one.report.name == "unevenness"]
    for part in range(long.components):
        values = [one.report.value for one in told if one.part == part]
        assert len(values) >= 2
        assert values[0] > values[-1]
    values = [[stage.value for stage in one.stages] for one in (long, short)]
    assert values[0] < values[1]
    assert all(one.report.bound <= one.report.value for one in heard)
    assert long.stage("unevenness").bound > 0
    assert {fault.code for fault in check(problem, long.rota)} <= {"cover"}
