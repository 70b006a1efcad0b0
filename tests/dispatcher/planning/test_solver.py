"""A large plan is worked on sector by sector at once, and comes back as one lawful plan."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dispatcher.planning import solver as solvers
from dispatcher.planning.solver import Solver
from scheduling.dispatch.assemble import in_force
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


@pytest.mark.parametrize("way", ["improve", "search"])
async def test_putting_the_plan_into_words_and_judging_it_leave_the_event_loop_free(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    await detours(desk)
    snapshot = desk.snapshot()
    where: dict[str, set[int]] = {}

    def spied(name: str) -> None:
        inner = getattr(solvers, name)

        def spy(*given: Any) -> Any:
            where.setdefault(name, set()).add(threading.get_ident())
            return inner(*given)

        monkeypatch.setattr(solvers, name, spy)

    for name in ("problem_to_json", "solution_from_json", "check"):
        spied(name)
    if way == "improve":
        await InThreads(1).improve(snapshot.problem, 0.02, 1)
    else:
        routes = [list(route) for route in in_force(snapshot.problem)]
        await InThreads(1).search(snapshot.problem, routes, 5)

    told = {"problem_to_json", "check"} | ({"solution_from_json"} if way == "improve" else set())
    assert set(where) == told
    assert all(threading.get_ident() not in threads for threads in where.values())
