"""A plan of several sectors through the planner's solver: nothing breaks where the parts join."""

from dataclasses import replace

import pytest

from benchmarks.sectors import large_plan, moved, sectors_of
from dispatcher.planning import solver as solvers
from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.check import check
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.problem import Pin, PinKind, Problem
from tests.dispatcher.planning.test_solver import InThreads


@pytest.fixture(scope="module")
def day() -> Problem:
    return large_plan(7, crews=24, visits=160, depots=8)


@pytest.mark.parametrize("churn_max", [0, 4, 100])
async def test_the_joined_plan_keeps_rules_freeze_pins_and_budget(
    day: Problem, churn_max: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solvers, "LARGE_VISITS", 100)
    loose = [s.visit_id for r in day.plan for s in r.stops if s.start_at > day.frozen_until]
    crew_of = {s.visit_id: r.crew_id for r in day.plan for s in r.stops}
    pins = tuple(Pin(name, crew_of[name], PinKind.CREW) for name in loose[:5])
    asked = replace(day, churn_max=churn_max, pins=pins)
    sectors = sectors_of(asked)
    assert len(set(sectors.values())) == 2

    plan, _ = await InThreads(2).improve(asked, 0.15, 1, sectors)

    assert check(asked, plan) == []
    churn, frozen = moved(asked, plan)
    assert churn <= churn_max
    assert frozen == 0
    now_at = {s.visit_id: r.crew_id for r in plan.routes for s in r.stops}
    assert all(now_at[pin.visit_id] == pin.crew_id for pin in pins)
    assert all(sectors[now_at[v]] == sectors[crew_of[v]] for v in crew_of if v in now_at)
    assert cost_of(asked, plan) <= cost_of(asked, assemble(asked, in_force(asked)))


async def test_a_free_budget_gains_what_a_tight_one_gives_up(
    day: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solvers, "LARGE_VISITS", 100)
    costs = []
    for churn_max in (0, 1000):
        asked = replace(day, churn_max=churn_max)
        plan, _ = await InThreads(2).improve(asked, 0.15, 1, sectors_of(asked))
        costs.append(cost_of(asked, plan))
    assert costs[1] <= costs[0]
