"""How well messages are read: service, commune, danger, desk, class, duplicates.

Run ``python -m benchmarks.reading --file FILE.jsonl [--out FILE] [--confusion]``. Lines carry
``id``, ``channel``, ``text`` and, where known, ``lat``, ``lon``, ``minutes`` and labels under the
names of the output. Prints one JSON line of accuracies. No network, no remote model.
"""

import argparse
import csv
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

from dispatcher.reference.atlas import Atlas, Outline
from priority.duplicates import LIKELY, LikenessRule, ReportTraits, most_alike, street_key, words_of
from priority.facts import CategoryFacts, Facts, NearbySite
from priority.gazetteer import CommuneName, Gazetteer
from priority.linear import LinearModel
from priority.policy import Policy
from priority.reading import CategoryWords, DangerWords, Reader, ReadingRules, small_words_of
from priority.score import assess
from priority.sites import sites_near

FIXTURES = Path(__file__).parents[1] / "fixtures"
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Paris: ``minutes`` count from here."""
SERVICES = {
    "drinking_water": "water",
    "winter_service": "winter",
    "public_lighting": "lighting",
    "public_buildings": "buildings",
    "green_spaces": "green",
}
ALIKE = 0.55
"""Lowest likeness at which a line is told to be a duplicate."""
REPEATS = LikenessRule(late_s=24 * 3_600.0)
"""Lines of one day: what was told the day before is another event."""


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FIXTURES / name).read_text(encoding="utf-8"))


def _rows(name: str) -> list[dict[str, str]]:
    with (FIXTURES / "correze" / name).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def vocabulary() -> tuple[ReadingRules, Gazetteer]:
    """Return the words and the places of the fixtures."""
    reading, catalogue = _toml("reading.toml"), _toml("categories.toml")["category"]
    rules = ReadingRules(
        tuple(
            CategoryWords(c["code"], tuple(c["words"]), tuple(c["hints"]), c["service"])
            for c in catalogue
        ),
        tuple(DangerWords(one["kind"], tuple(one["words"])) for one in reading["danger"]),
        tuple(reading["small_words"]),
        tuple(reading["negations"]),
        tuple(reading["ordinary_words"]),
    )
    names = tuple(
        CommuneName(
            row["insee"],
            row["nom"],
            float(row["lat"]),
            float(row["lon"]),
            int(row["population"]),
            tuple(row["codes_postaux"].split("|")),
        )
        for row in _rows("communes.csv")
    )
    landmarks = tuple(
        (name, insee) for insee, known in _toml("landmarks.toml").items() for name in known
    )
    return rules, Gazetteer(names, tuple(reading["street_words"]), landmarks)


class Desk:
    """The vocabulary and the territory of the fixtures, ready to read lines."""

    def __init__(self) -> None:
        """Load the files."""
        rules, gazetteer = vocabulary()
        model = json.loads((FIXTURES / "reading-model.json").read_text(encoding="utf-8"))
        self.reader = Reader(rules, gazetteer, LinearModel.from_document(model))
        self.communes = {row["insee"]: row for row in _rows("communes.csv")}
        catalogue = _toml("categories.toml")["category"]
        self.small_words = small_words_of(rules)
        self.kinds = {c["code"]: c for c in catalogue}
        self.sites = [
            (row["kind"], row["name"], float(row["lat"]), float(row["lon"]))
            for row in _rows("sites.csv")
        ]
        outlines = json.loads((FIXTURES / "correze" / "communes.geojson").read_text("utf-8"))
        code = next(k for k in outlines["features"][0]["properties"] if "insee" in k or k == "code")
        self.atlas = Atlas(
            [Outline.of(f["properties"][code], f["geometry"]) for f in outlines["features"]]
        )
        self.policy = Policy.from_toml((FIXTURES / "policy.toml").read_text(encoding="utf-8"))

    def answer(self, line: Mapping[str, Any]) -> tuple[dict[str, Any], ReportTraits]:
        """Return what one line says, and what can be compared with later lines."""
        found = self.reader.read(line["text"])
        code = found.category or "other"
        kind = self.kinds[code]
        lat, lon = line.get("lat"), line.get("lon")
        point = (float(lat), float(lon)) if lat is not None and lon is not None else None
        insee = (self.atlas.commune_at(*point) if point else None) or found.commune
        at = START + timedelta(minutes=float(line.get("minutes") or 0))
        facts = Facts(
            at=at,
            reported_at=at,
            category=CategoryFacts(code, kind["service"], kind["severity"], kind["urgency"]),
            dangers=found.danger_facts(),
            sites=self._sites(point),
            population_density=self._density(insee),
        )
        is_desk = found.is_desk
        said = {
            "id": line["id"],
            "service": SERVICES.get(kind["service"], kind["service"]),
            "category": code,
            "commune_insee": insee,
            "danger": found.is_danger,
            "priority": "P4" if is_desk else assess(facts, self.policy).priority.value,
            "desk_answerable": is_desk,
        }
        words = words_of(line["text"], self.small_words)
        traits = ReportTraits(
            at,
            code,
            kind["service"],
            *(point or (None, None)),
            insee,
            words,
            street_key(found.street),
            int(self.communes[insee]["population"]) if insee else None,
            frozenset(one.code for one in found.categories if one.confidence >= LIKELY),
        )
        return said, traits

    def _sites(self, point: tuple[float, float] | None) -> tuple[NearbySite, ...]:
        return sites_near(point, self.sites) if point else ()

    def _density(self, insee: str | None) -> float | None:
        if insee is None:
            return None
        row = self.communes[insee]
        return int(row["population"]) / float(row["surface_km2"])


def answers(desk: Desk, lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the answer to every line; duplicates are looked for among earlier lines."""
    known: list[tuple[str, ReportTraits]] = []
    found: list[dict[str, Any]] = []
    for line in lines:
        said, traits = desk.answer(line)
        can_repeat = line.get("minutes") is not None and not said["desk_answerable"]
        same = (
            most_alike(traits, known, at_least=ALIKE, limit=1, rule=REPEATS) if can_repeat else []
        )
        said["duplicate_of"] = same[0][0] if same else None
        if can_repeat:
            known.append((line["id"], traits))
        found.append(said)
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """Right answers out of labelled ones."""

    right: int
    of: int

    def share(self) -> float | None:
        """Return the share, None when nothing is labelled."""
        return round(self.right / self.of, 4) if self.of else None


def figures(lines: list[dict[str, Any]], said: list[dict[str, Any]]) -> dict[str, Any]:
    """Return accuracies for every label that the lines carry."""
    pairs = list(zip(lines, said, strict=True))
    result: dict[str, Any] = {"lines": len(lines)}
    for name in ("service", "category", "commune_insee", "desk_answerable", "duplicate_of"):
        labelled = [(line[name], one[name]) for line, one in pairs if name in line]
        result[name] = Tally(sum(a == b for a, b in labelled), len(labelled)).share()
    danger = [(bool(line["danger"]), one["danger"]) for line, one in pairs if "danger" in line]
    hit = sum(a and b for a, b in danger)
    result["danger_recall"] = Tally(hit, sum(a for a, _ in danger)).share()
    result["danger_precision"] = Tally(hit, sum(b for _, b in danger)).share()
    accepted = [
        (one["priority"] in (line.get("priority_accepted") or [line.get("priority")]))
        for line, one in pairs
        if "priority" in line or "priority_accepted" in line
    ]
    result["priority"] = Tally(sum(accepted), len(accepted)).share()
    return result


def print_confusion(lines: list[dict[str, Any]], said: list[dict[str, Any]]) -> None:
    """Print which service was taken for which, and every miss, to the error stream."""
    pairs = list(zip(lines, said, strict=True))
    table = Counter((line["service"], one["service"]) for line, one in pairs if "service" in line)
    for (wanted, got), times in sorted(table.items()):
        print(f"{wanted:>10} -> {got:<10} {times}", file=sys.stderr)
    for line, one in pairs:
        accepted = line.get("priority_accepted", [line.get("priority", one["priority"])])
        missed = [
            f"{name}={one[name]}, not {line[name]}"
            for name in ("service", "commune_insee", "danger", "desk_answerable", "duplicate_of")
            if name in line and line[name] != one[name]
        ] + ([] if one["priority"] in accepted else [f"{one['priority']}, not {accepted}"])
        if missed:
            print(
                line["id"],
                "; ".join(missed),
                "|",
                one["category"],
                "|",
                line["text"][:110].replace("\n", " "),
                file=sys.stderr,
            )


def main() -> None:
    """Read, answer, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = FIXTURES / "messages" / "held-out-1.jsonl"
    parser.add_argument("--file", type=Path, default=default)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--confusion", action="store_true")
    chosen = parser.parse_args()
    rows = chosen.file.read_text(encoding="utf-8").splitlines()
    lines = [json.loads(row) for row in rows if row.strip()]
    desk = Desk()
    start = process_time()
    said = answers(desk, lines)
    spent_ms = 1000 * (process_time() - start) / max(len(lines), 1)
    if chosen.out:
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in said)
        chosen.out.write_text(text, encoding="utf-8")
    if chosen.confusion:
        print_confusion(lines, said)
    print(
        json.dumps(
            {
                "benchmark": "reading",
                "file": chosen.file.name,
                **figures(lines, said),
                "ms_per_line": round(spent_ms, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
