"""How well repeats of one event are found among reports of many channels.

Run ``python -m benchmarks.duplicates [--seeds N]``; prints one JSON line. The set is SYNTHETIC:
events of the Corrèze with a place and a kind, each told one to four times in other words, among
events that resemble them (same commune and kind in another street, same street and other kind,
same place days later). A report counts as found when it is joined to an
earlier report of its event.
"""

import argparse
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.reading import ALIKE, REPEATS, Desk

sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))

from reading_corpus import Line, dressed, patterned

from priority.duplicates import ReportTraits, most_alike

STREETS = ("rue Jean Jaurès", "avenue Carnot", "rue de la République", "place du Marché")
STREETS += ("rue des Écoles", "chemin du Moulin", "impasse des Lilas", "avenue Victor Hugo")
STREETS += ("rue Gambetta", "route de Limoges", "rue du 19 Mars 1962", "allée des Tilleuls")
SPOKEN = {"avenue": "av", "boulevard": "bd", "rue": "rue", "place": "pl", "route": "rte"}
CHANNELS = ("phone", "phone", "sms", "web", "email")


@dataclass(frozen=True, slots=True)
class Event:
    """What really happened."""

    kind: str
    insee: str
    street: str | None
    at: float
    point: tuple[float, float] | None


class World:
    """Makes events and reports."""

    def __init__(self, desk: Desk, seed: int) -> None:
        """Sort the synthetic messages by kind."""
        self.chance = random.Random(seed)
        self.desk = desk
        self.words: dict[str, list[Line]] = {}
        for line in patterned(12):
            if not line.desk:
                self.words.setdefault(line.kinds[0], []).append(line)
        self.places = [row for row in desk.communes.values() if int(row["population"]) >= 400]

    def event(self, near: Event | None = None) -> Event:
        """Return a new event, or one that resembles another without being it."""
        chance = self.chance
        place = chance.choice(self.places)
        event = Event(
            chance.choice([*self.words]),
            place["insee"],
            chance.choice(STREETS) if chance.random() < 0.7 else None,
            chance.uniform(0, 5 * 24 * 60),
            (float(place["lat"]), float(place["lon"])),
        )
        if near is None or near.street is None:
            return event
        other = chance.choice([one for one in STREETS if one != near.street])
        return chance.choice(
            [
                replace(near, street=other, at=near.at + chance.uniform(-90, 90)),
                replace(near, kind=event.kind, at=near.at + chance.uniform(-90, 90)),
                replace(near, at=near.at + chance.choice((-1, 1)) * 60 * chance.uniform(80, 110)),
            ]
        )

    def reports(self, event: Event, number: int) -> list[dict[str, Any]]:
        """Return the lines that tell of one event."""
        chance = self.chance
        found = []
        for told in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
            line = chance.choice(self.words[event.kind])
            (line,) = dressed([line], times=1, seed=chance.randrange(10**6))
            place = self.desk.communes[event.insee]["nom"]
            where = f"à {place}" if chance.random() < 0.8 else place
            if event.street is not None and chance.random() < 0.8:
                where = f"{self._written(event.street)} {where}"
            report = {
                "event": number,
                "channel": chance.choice(CHANNELS),
                "text": f"{line.text} {where}" if chance.random() < 0.6 else f"{where} {line.text}",
                "minutes": max(event.at + told * chance.uniform(1, 40), 0),
            }
            if event.point is not None and chance.random() < 0.2 and event.street is not None:
                at = 7e-4 * STREETS.index(event.street) * (-1) ** STREETS.index(event.street)
                report["lat"] = event.point[0] + at + chance.gauss(0, 3e-4)
                report["lon"] = event.point[1] + at + chance.gauss(0, 3e-4)
            found.append(report)
        return found

    def _written(self, street: str) -> str:
        first, _, rest = street.partition(" ")
        short = f"{SPOKEN.get(first, first)} {rest}"
        return self.chance.choice((street, street, short, street.lower()))


def judged(desk: Desk, seed: int, events: int) -> Counter[str]:
    """Count what is found, missed and wrongly joined in one synthetic set."""
    world = World(desk, seed)
    made = [world.event() for _ in range(events)]
    made += [world.event(near) for near in made[: events // 2]]
    lines = [one for number, event in enumerate(made) for one in world.reports(event, number)]
    lines.sort(key=lambda one: one["minutes"])
    known: list[tuple[int, ReportTraits]] = []
    tally: Counter[str] = Counter()
    for at, line in enumerate(lines):
        said, traits = desk.answer({"id": str(at), **line})
        best = most_alike(traits, known, at_least=ALIKE, limit=1, rule=REPEATS)
        is_repeat = any(lines[other]["event"] == line["event"] for other, _ in known)
        is_right = bool(best) and lines[best[0][0]]["event"] == line["event"]
        tally["reports"] += 1
        tally["repeats"] += is_repeat
        tally["joined"] += bool(best)
        tally["right"] += is_right
        tally["commune_read"] += said["commune_insee"] == made[line["event"]].insee
        for reason in best[0][1].reasons if best else ():
            tally[f"{'right' if is_right else 'wrong'}_{reason.trait}"] += round(100 * reason.value)
        known.append((at, traits))
    return tally


def main() -> None:
    """Make, join, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--events", type=int, default=200)
    chosen = parser.parse_args()
    desk, tally = Desk(), Counter[str]()
    for seed in range(chosen.seeds):
        tally += judged(desk, seed, chosen.events)
    wrong = tally["joined"] - tally["right"]
    print(
        json.dumps(
            {
                "benchmark": "duplicates",
                "synthetic": True,
                "reports": tally["reports"],
                "repeats": tally["repeats"],
                "precision": round(tally["right"] / max(tally["joined"], 1), 4),
                "recall": round(tally["right"] / max(tally["repeats"], 1), 4),
                "mean_evidence": {
                    side: {
                        trait: round(tally[f"{side}_{trait}"] / 100 / max(of, 1), 2)
                        for trait in ("place", "category", "time", "words")
                    }
                    for side, of in (("right", tally["right"]), ("wrong", wrong))
                },
            }
        )
    )


if __name__ == "__main__":
    main()
