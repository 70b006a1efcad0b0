"""The roster engine: lawful always, proven where it can be, the same for the same seed."""

from pathlib import Path

import pytest

from benchmarks._curtois import make_roster, read_roster
from scheduling.rota.shifts.check import check_roster, roster_cost
from scheduling.rota.shifts.engine import Progress, Run, solve_roster
from scheduling.rota.shifts.problem import RosterError, RosterProblem, Worker
from tests.scheduling.rota.shifts.cases import SHIFTS, random_roster
from tests.support.project import ROOT

INSTANCES = ROOT / "benchmarks" / "instances"


@pytest.mark.parametrize(("name", "best"), [("Instance1", 607), ("Instance2", 828)])
def test_published_instances_are_solved_to_proof(name: str, best: int) -> None:
    problem = read_roster(Path(INSTANCES / f"{name}.txt"))

    roster = solve_roster(problem, Run(rounds=120))

    assert check_roster(problem, roster.names) == ()
    assert roster.objective == roster.bound == roster_cost(problem, roster.names) == best


@pytest.mark.parametrize("seed", range(6))
def test_a_roster_is_lawful_and_never_below_its_bound(seed: int) -> None:
    problem = random_roster(seed)
    heard: list[Progress] = []

    roster = solve_roster(problem, Run(seed=seed, rounds=3, on_progress=heard.append))

    assert check_roster(problem, roster.names) == ()
    assert roster.objective == roster_cost(problem, roster.names) >= roster.bound
    costs = [one.objective for one in heard]
    assert costs == sorted(costs, reverse=True)
    assert heard[-1].gap >= 0


def test_the_same_seed_gives_the_same_roster() -> None:
    problem = random_roster(3, workers=6)
    one, other = (solve_roster(problem, Run(seed=5, rounds=6)) for _ in range(2))
    assert one == other


def test_a_stopped_search_still_gives_a_lawful_roster() -> None:
    problem = make_roster(2, 12, 6, 3)
    roster = solve_roster(problem, Run(stop=lambda: True))
    assert check_roster(problem, roster.names) == ()


def test_a_half_year_is_cut_into_stretches_and_stays_lawful() -> None:
    problem = make_roster(4, 6, 26, 4)
    roster = solve_roster(problem, Run(rounds=3))
    assert check_roster(problem, roster.names) == ()
    assert roster.objective == roster_cost(problem, roster.names)


def test_a_worker_without_a_lawful_row_is_named() -> None:
    worker = Worker("tired", {}, 5_000, 4_800, 1, 1, 2)
    with pytest.raises(RosterError, match="tired"):
        solve_roster(RosterProblem(14, SHIFTS, (worker,)), Run(rounds=1))
