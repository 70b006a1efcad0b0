"""Distance and gap to best known on Solomon and Gehring–Homberger files, the neutral ground.

``python -m benchmarks.routing --instance FILE --seconds S`` solves one file (``--seed``, ``--out``
for the routes, ``--compare`` for PyVRP on the same processor time). ``FILE`` may be a folder of
files; then the mean gap over three seeds is printed. DIMACS rule: distances and times truncated
to one decimal, total distance minimised, every customer served.
"""

from pathlib import Path
from time import process_time

import numpy as np

from benchmarks._evaluate import Verdict, judge_customers, read_customers
from benchmarks._instances import numbered, read_vrptw, write_routes
from benchmarks._results import arguments, instances_at, say
from benchmarks._rivals import run_rival
from scheduling.dispatch.improve import Effort, Heat, find_routes
from scheduling.dispatch.warm import warm_up

SEEDS = (1, 2, 3)
HEAT = Heat(2.0, 0.02)
INSTANCES = Path(__file__).parent / "instances" / "vrptw"
NEEDS = "Solomon or Gehring-Homberger files (NAME.txt, and NAME.sol with the best known cost)"
GOALS = {2.0: 1.5, 10.0: 1.0}

Routes = list[list[int]]


def best_known(instance: Path) -> float | None:
    """Distance of the best known solution, if a ``.sol`` file lies beside the instance."""
    solution = instance.with_suffix(".sol")
    if not solution.exists():
        return None
    words = solution.read_text().split()
    return float(words[words.index("Cost") + 1])


def solve(instance: Path, seconds: float, seed: int) -> tuple[Routes, Verdict, float]:
    """Our routes (customer numbers), their verdict, and the processor seconds taken."""
    began = process_time()
    problem = read_vrptw(instance)
    left = seconds - (process_time() - began)
    effort = Effort(seconds=left, seed=seed, heat=HEAT)
    routes = [
        route for route in numbered(find_routes(problem, effort, process_time).routes) if route
    ]
    took = process_time() - began
    return routes, judge_customers(read_customers(instance), routes), took


def gap(instance: Path, verdict: Verdict) -> float | None:
    """Percent above best known; infinite if a customer is left out or a rule is broken."""
    known = best_known(instance)
    if known is None:
        return None
    if verdict.unserved or verdict.hard_violations:
        return float("inf")
    return round((verdict.cost / known - 1) * 100, 3)


def measure(folder: Path, seconds: float) -> None:
    """Mean gap over a folder of instances."""
    gaps: dict[str, list[float]] = {}
    for instance in sorted(folder.glob("*.txt")):
        found = [gap(instance, solve(instance, seconds, seed)[1]) for seed in SEEDS]
        gaps[instance.stem] = [value for value in found if value is not None]
    every = [value for values in gaps.values() for value in values]
    mean = round(float(np.mean(every)), 3) if every else None
    say("routing", seconds=seconds, mean_gap_percent=mean, goal=GOALS.get(seconds), gaps=gaps)


def report(instance: Path, seconds: float, seed: int, out: Path | None, compare: bool) -> None:
    """One instance, and PyVRP on it if asked."""
    routes, verdict, took = solve(instance, seconds, seed)
    write_routes(out, routes)
    figures: dict[str, object] = {
        "instance": instance.name,
        "seconds": seconds,
        "seed": seed,
        "distance": verdict.cost,
        "vehicles": len(routes),
        "unserved": verdict.unserved,
        "hard_violations": verdict.hard_violations,
        "gap_percent": gap(instance, verdict),
        "best_known": best_known(instance),
        "cpu_s": round(took, 3),
    }
    if compare:
        theirs = run_rival("pyvrp", read_vrptw(instance), seconds, seed).routes[0]
        # Visit indexes count from 0, customers from 1.
        customers = [[visit + 1 for visit in route] for route in theirs]
        other = judge_customers(read_customers(instance), customers)
        figures["peers"] = {"pyvrp": other.cost}
        figures["peer_unserved"] = other.unserved
        figures["peer_gap_percent"] = gap(instance, other)
    say("routing", **figures)


def main() -> None:
    """Print the figures."""
    asked = arguments(__doc__, "seconds", "out", "compare")
    seconds = asked.seconds or 2.0
    instance = instances_at("routing", asked.instance, INSTANCES, NEEDS)
    if instance is None:
        return
    if instance.is_dir() and not any(instance.glob("*.txt")):
        say("routing", missing=f"{instance.name}/*.txt", needs=NEEDS)
        raise SystemExit(2)
    warm_up()
    if instance.is_dir():
        measure(instance, seconds)
    else:
        report(instance, seconds, asked.seed, asked.out, asked.compare)


if __name__ == "__main__":
    main()
