"""The words and communes of the Corrèze, as the service reads them: real vocabulary, real names."""

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from priority.gazetteer import CommuneName, Gazetteer
from priority.reading import CategoryWords, DangerWords, Interpretation, Reader, ReadingRules

FIXTURES = Path(__file__).parents[2] / "fixtures"


def catalogue() -> list[dict[str, Any]]:
    """Return the categories as the file has them."""
    text = (FIXTURES / "categories.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["category"]
    return found


@cache
def rules() -> ReadingRules:
    reading = tomllib.loads((FIXTURES / "reading.toml").read_text(encoding="utf-8"))
    return ReadingRules(
        categories=tuple(
            CategoryWords(one["code"], tuple(one["words"]), tuple(one["hints"]))
            for one in catalogue()
        ),
        dangers=tuple(DangerWords(one["kind"], tuple(one["words"])) for one in reading["danger"]),
        small_words=tuple(reading["small_words"]),
        negations=tuple(reading["negations"]),
        ordinary_words=tuple(reading["ordinary_words"]),
    )


@cache
def gazetteer() -> Gazetteer:
    reading = tomllib.loads((FIXTURES / "reading.toml").read_text(encoding="utf-8"))
    with (FIXTURES / "correze" / "communes.csv").open(encoding="utf-8", newline="") as rows:
        communes = tuple(
            CommuneName(
                insee=row["insee"],
                name=row["nom"],
                lat=float(row["lat"]),
                lon=float(row["lon"]),
                population=int(row["population"]),
                postcodes=tuple(row["codes_postaux"].split("|")),
            )
            for row in csv.DictReader(rows)
        )
    known = tomllib.loads((FIXTURES / "landmarks.toml").read_text(encoding="utf-8"))
    landmarks = tuple((name, insee) for insee, names in known.items() for name in names)
    return Gazetteer(communes, tuple(reading["street_words"]), landmarks)


@cache
def reader() -> Reader:
    return Reader(rules(), gazetteer())


def read(text: str) -> Interpretation:
    """Return what a text says."""
    return reader().read(text)


def place(text: str) -> str | None:
    """Return the label of the surest place, None if there is none."""
    places = read(text).places
    return places[0].label if places else None
