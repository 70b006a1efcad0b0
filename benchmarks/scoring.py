"""How many assessments one core makes: one by one, in bulk, and a policy replayed on 100,000.

Run ``python -m benchmarks.scoring``; prints one JSON line. Incidents are synthetic, seeded.
``bulk`` scores columns that are ready; ``bulk_from_facts`` counts making them too.
"""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import TypeVar

from priority.batch import Batch, assess_batch
from priority.facts import CategoryFacts, Danger, Facts, NearbySite, Reading, Vigilance
from priority.policy import Policy
from priority.replay import replay_batch
from priority.score import assess

Result = TypeVar("Result")
START = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = (
    CategoryFacts("water_outage", "drinking_water", 26, 25),
    CategoryFacts("pothole", "roads", 10, 8),
    CategoryFacts("black_ice", "winter_service", 26, 26),
    CategoryFacts("lamp_out", "public_lighting", 6, 5),
    CategoryFacts("tree_on_road", "roads", 25, 25),
)


def make(seed: int, count: int) -> list[Facts]:
    """Return incidents of a year, with everything a real one may carry."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        reported = START + timedelta(seconds=chance.randrange(365 * 86_400))
        at = reported + timedelta(minutes=chance.randrange(600))
        warned, danger = chance.random() < 0.15, chance.random() < 0.25
        found.append(
            Facts(
                at=at,
                reported_at=reported,
                category=chance.choice(KINDS),
                dangers=(Danger("fall", "chute"),) if danger else (),
                sites=(NearbySite("school", "École", chance.randrange(400)),)
                if chance.random() < 0.3
                else (),
                population_density=chance.random() * 600,
                traffic=chance.randrange(6000) if chance.random() < 0.5 else None,
                homes_without_water=chance.choice((0, 0, 0, 12, 140)),
                readings=(Reading("pressure", 1.1, "bar", 2.0, 8.0, at),)
                if chance.random() < 0.1
                else (),
                reports=chance.choice((1, 1, 1, 2, 5)),
                vigilances=(Vigilance("snow_ice", "orange", at),) if warned else (),
                respond_by=reported + timedelta(hours=4),
            )
        )
    return found


def seconds(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return the processor seconds that some work takes, the least of three times."""
    best, result = float("inf"), work()
    for _ in range(3):
        start = process_time()
        result = work()
        best = min(best, process_time() - start)
    return best, result


def main() -> None:
    """Measure and print."""
    policy = Policy.default()
    milder = {"fall": {"severity": 4, "urgency": 2}}
    draft = Policy.model_validate({"version": 2, "dangers": milder})
    few = make(1, 3_000)
    many = make(2, 100_000)
    single_s, singly = seconds(lambda: [assess(one, policy).score for one in few])
    ready_s, batch = seconds(lambda: Batch.of(many))
    bulk_s, _ = seconds(lambda: assess_batch(batch, policy))
    replay_s, replayed = seconds(lambda: replay_batch(batch, policy, draft))
    same = assess_batch(Batch.of(few), policy).scores.tolist() == singly
    print(
        json.dumps(
            {
                "benchmark": "scoring",
                "single_per_s": round(len(few) / single_s),
                "bulk_per_s": round(len(many) / bulk_s),
                "bulk_from_facts_per_s": round(len(many) / (bulk_s + ready_s)),
                "replay_incidents": len(many),
                "replay_s": round(replay_s, 3),
                "replay_changed": replayed.changed,
                "replay_would_wait": replayed.would_wait,
                "bulk_equals_single": same,
            }
        )
    )


if __name__ == "__main__":
    main()
