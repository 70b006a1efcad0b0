"""Gap to best known on Solomon and Gehring–Homberger files, the neutral ground.

Run ``python -m benchmarks.vrptw FOLDER [seconds]`` on a folder of ``.txt`` instances with ``.sol``
best-known files beside them; prints one JSON line.
"""

import json
import sys
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks._instances import read_vrptw
from scheduling.dispatch.check import check
from scheduling.dispatch.improve import Effort, Heat, improve
from scheduling.dispatch.warm import warm_up

SEEDS = (1, 2, 3)
HEAT = Heat(2.0, 0.02)


def best_known(instance: Path) -> float:
    """Distance of the best known solution."""
    words = instance.with_suffix(".sol").read_text().split()
    return float(words[words.index("Cost") + 1])


def gap(instance: Path, seconds: float, seed: int) -> float:
    """Percent above best known; infinite if a customer is left out or a rule is broken."""
    problem = read_vrptw(instance)
    found = improve(problem, Effort(seconds=seconds, seed=seed, heat=HEAT), process_time)
    if found.solution.unserved or check(found.problem, found.solution):
        return float("inf")
    distance = sum(route.travel_s for route in found.solution.routes) / 10
    return (distance / best_known(instance) - 1) * 100


def main() -> None:
    """Print the figures."""
    if len(sys.argv) < 2:
        print(json.dumps({"benchmark": "vrptw", "skipped": "name a folder of instances"}))
        return
    folder, seconds = Path(sys.argv[1]), float((sys.argv[2:] or ["2"])[0])
    warm_up()
    gaps = {
        instance.stem: [round(gap(instance, seconds, seed), 2) for seed in SEEDS]
        for instance in sorted(folder.glob("*.txt"))
    }
    mean = float(np.mean([value for values in gaps.values() for value in values]))
    line = {"benchmark": "vrptw", "seconds": seconds, "mean_gap_percent": round(mean, 2)}
    print(json.dumps({**line, "gaps": gaps}))


if __name__ == "__main__":
    main()
