"""How long the one-visit displacement with its proof takes: 40 crews, 250 visits.

Run ``python -m benchmarks.displacement``; prints one JSON line.
"""

import json
from dataclasses import replace
from time import perf_counter

import numpy as np

from benchmarks.offers import ASKED, SEEDS, planned_day
from scheduling.dispatch.displacement import displace
from scheduling.dispatch.settle import settle


def main() -> None:
    """Print the figures."""
    samples, moved, placed, proven = [], [], 0, 0
    for seed in SEEDS:
        day = settle(planned_day(seed, ASKED))
        for visit in day.visits[250:]:
            urgent = replace(visit, is_urgent=True)
            question = replace(day, visits=(*day.visits[:250], urgent))
            began = perf_counter()
            found = displace(question, visit.id)
            samples.append((perf_counter() - began) * 1000)
            if found is not None:
                placed += 1
                proven += found.is_proven
                moved.append(len(found.moved))
    print(
        json.dumps(
            {
                "benchmark": "displacement",
                "asked": len(samples),
                "placed": placed,
                "proven": proven,
                "moved_mean": round(float(np.mean(moved)), 2),
                "p50_ms": round(float(np.percentile(samples, 50)), 1),
                "p95_ms": round(float(np.percentile(samples, 95)), 1),
                "goal_p95_ms": 150,
                "stretch_p95_ms": 60,
            }
        )
    )


if __name__ == "__main__":
    main()
