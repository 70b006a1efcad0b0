"""Shift rosters of the Curtois family against the clock: cost, bound, first roster, faults.

Run ``python -m benchmarks.rota --instance FILE --seconds S [--seed N] [--out FILE]``, or
``--made WORKERS,WEEKS,SHIFTS`` for a synthetic instance; prints one JSON line. Seconds are CPU
time of this process after the compiled code has been loaded; every roster is judged by the
independent checker.
"""

import argparse
import json
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks._curtois import make_roster, read_roster
from scheduling.rota.shifts.check import check_roster, roster_cost
from scheduling.rota.shifts.engine import Progress, Run, solve_roster
from scheduling.rota.shifts.problem import RosterProblem


def measure(problem: RosterProblem, seconds: float, seed: int) -> tuple[dict[str, Any], Any]:
    """The figures of one run, and the roster."""
    began = process_time()
    trace: list[tuple[float, Progress]] = []
    roster = solve_roster(
        problem,
        Run(
            seed=seed,
            clock=process_time,
            seconds=seconds,
            on_progress=lambda progress: trace.append((process_time() - began, progress)),
        ),
    )
    spent = process_time() - began
    best_at = max((at for at, one in trace if one.objective == roster.objective), default=0.0)
    first_best = min((at for at, one in trace if one.objective == roster.objective), default=0.0)
    bound_at = max(best_at, first_best)
    return {
        "objective": roster_cost(problem, roster.names),
        "first_feasible_s": round(trace[0][0], 3),
        "bound": roster.bound,
        "gap": round(Progress(roster.objective, roster.bound, "").gap, 5),
        "proven": roster.is_proven,
        "violations": len(check_roster(problem, roster.names)),
        "best_at_s": round(first_best, 2),
        "proven_at_s": round(bound_at, 2) if roster.is_proven else None,
        "cpu_s": round(spent, 2),
        "trace": _thinned([(round(at, 2), one.objective, one.step) for at, one in trace]),
    }, roster


def _thinned(trace: list[tuple[float, int, str]]) -> list[tuple[float, int, str]]:
    """At most forty points of a trace, the first and the last among them."""
    step = max(1, len(trace) // 40)
    return [*trace[:-1:step], *trace[-1:]]


def main() -> None:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instance", type=Path)
    parser.add_argument("--made", help="workers,weeks,shifts of a synthetic instance")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.instance is None and given.made is None:
        given.made = "16,4,2"
    if given.made:
        problem, name = make_roster(1, *map(int, given.made.split(","))), f"made {given.made}"
    else:
        problem, name = read_roster(given.instance), given.instance.stem
    solve_roster(make_roster(1, 3, 2, 2), Run(rounds=1))  # loads the compiled code
    figures, roster = measure(problem, given.seconds, given.seed)
    if given.out:
        given.out.write_text(json.dumps({"roster": roster.names}))
    print(json.dumps({"benchmark": "rota", "instance": name, "seed": given.seed, **figures}))


if __name__ == "__main__":
    main()
