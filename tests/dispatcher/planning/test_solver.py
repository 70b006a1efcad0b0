"""A large plan is worked on sector by sector at once, and comes back as one lawful plan."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from dispatcher.planning import solver as solvers
from dispatcher.planning.solver import Solver
from scheduling.dispatch.check import check
from tests.dispatcher.planning.test_planner import detours
from tests.support.desk import Desk


class InThreads(Solver):
    """Threads for processes: what is cut and joined is the same, and nothing has to start."""

    def _alive(self) -> ThreadPoolExecutor:  # type: ignore[override]
        return ThreadPoolExecutor(self._processes)


async def test_a_large_plan_is_cut_by_sector_and_joined_within_one_budget(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solvers, "LARGE_VISITS", 1)
    asked: list[int] = []
    solve = solvers._solve

    def counted(problem: str, seconds: float, seed: int) -> str:
        asked.append(len(problem))
        return solve(problem, seconds, seed)

    monkeypatch.setattr(solvers, "_solve", counted)
    await detours(desk)
    snapshot = desk.snapshot()
    sectors = {name: crew.sector for name, crew in snapshot.crews.items()}

    plan, _ = await InThreads(2).improve(snapshot.problem, 0.02, 1, sectors)

    assert len(asked) == len(set(sectors.values())) > 1
    assert check(snapshot.problem, plan) == []
    assert len(plan.placements()) == 3
