"""Past incidents of another system as snapshots to score, from a CSV file.

A line that cannot be read is named with its number, column and reason; the others count all the
same, since an export of ten years always has some.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from dispatcher.errors import InvalidInput
from dispatcher.models import Category
from dispatcher.policies.history import MOST, Past, facts_of_category
from priority.facts import Danger, Facts, NearbySite

NEEDED = ("category", "reported_at")
COUNTS = ("traffic", "homes_without_water", "reports", "sources", "reopenings")
COLUMNS = frozenset((*NEEDED, *COUNTS, "ref", "at", "dangers", "sites", "population_density"))
NAMED = 200
"""Bad lines that are named; the others are only counted."""
LARGEST = 10_000_000

Fault = Literal[
    "unknown_category",
    "unknown_danger",
    "unknown_site",
    "not_an_instant",
    "no_offset",
    "before_report",
    "not_a_number",
    "too_many_cells",
    "not_csv",
]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read: its number in the file (from 1), where, why, what was there."""

    line: int
    column: str
    fault: Fault
    word: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the file may name: categories of the catalogue, dangers and sites of the policies."""

    categories: Mapping[str, Category]
    dangers: Collection[str]
    sites: Collection[str]


@dataclass(frozen=True, slots=True)
class CsvPast:
    """What a file holds: incidents, the first bad lines, and how many bad ones there are."""

    past: list[Past]
    bad: list[BadLine]
    bad_count: int


class _Unreadable(Exception):
    def __init__(self, column: str, fault: Fault, word: str) -> None:
        super().__init__(fault)
        self.column, self.fault, self.word = column, fault, word


def from_csv(text: str, known: Known) -> CsvPast:
    """Return the incidents of a CSV file with a head line; separators are commas or semicolons.

    Columns: `category` and `reported_at` (ISO 8601 with offset) are needed; `ref`, `at`, `dangers`
    (kinds separated by spaces), `sites` (`kind:metres`, separated by spaces),
    `population_density`, `traffic`, `homes_without_water`, `reports`, `sources`, `reopenings` may
    be there.

    Raises:
        InvalidInput: A column is unknown or missing, or the file is too long.
    """
    text = text.lstrip("\ufeff")
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in head else ",")
    rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or ()]
    names = set(rows.fieldnames)
    if unknown := sorted(names - COLUMNS):
        raise InvalidInput(f"unknown column {unknown[0]}", field="csv", line=1, word=unknown[0])
    if missing := sorted(set(NEEDED) - names):
        raise InvalidInput(f"no column {missing[0]}", field="csv", line=1, word=missing[0])
    past: list[Past] = []
    bad: list[BadLine] = []
    count = 0
    for found in _lines(rows, known):
        if isinstance(found, Past):
            past.append(found)
            continue
        count += 1
        if len(bad) < NAMED:
            bad.append(found)
    return CsvPast(past, bad, count)


def _lines(rows: "csv.DictReader[str]", known: Known) -> Iterator[Past | BadLine]:
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield BadLine(rows.line_num, "", "not_csv", str(error)[:60])
            continue
        if row is None:
            return
        if rows.line_num > MOST:
            raise InvalidInput("too many lines", field="csv", line=rows.line_num)
        try:
            if None in row:
                raise _Unreadable("", "too_many_cells", "")
            cells = {name: (cell or "").strip() for name, cell in row.items()}
            yield _past(cells, known, rows.line_num)
        except _Unreadable as one:
            yield BadLine(rows.line_num, one.column, one.fault, one.word[:60])


def _past(row: Mapping[str, str], known: Known, line: int) -> Past:
    category = known.categories.get(row["category"])
    if category is None:
        raise _Unreadable("category", "unknown_category", row["category"])
    reported_at = _instant(row, "reported_at")
    at = _instant(row, "at") if row.get("at") else reported_at
    if at < reported_at:
        raise _Unreadable("at", "before_report", row["at"])
    counts = {name: _number(row, name) for name in COUNTS if row.get(name)}
    density = row.get("population_density", "")
    return Past(
        ref=row.get("ref") or f"ligne {line}",
        title=category.label_fr,
        commune=None,
        facts=Facts(
            at=at,
            reported_at=reported_at,
            category=facts_of_category(category),
            dangers=tuple(_dangers(row, known)),
            sites=tuple(_sites(row, known)),
            population_density=_number(row, "population_density") if density else None,
            traffic=counts.get("traffic") or None,
            homes_without_water=counts.get("homes_without_water", 0),
            reports=max(1, counts.get("reports", 1)),
            sources=max(1, counts.get("sources", 1)),
            reopenings=counts.get("reopenings", 0),
        ),
    )


def _dangers(row: Mapping[str, str], known: Known) -> Iterator[Danger]:
    for kind in row.get("dangers", "").split():
        if kind not in known.dangers:
            raise _Unreadable("dangers", "unknown_danger", kind)
        yield Danger(kind, "")


def _sites(row: Mapping[str, str], known: Known) -> Iterator[NearbySite]:
    for one in row.get("sites", "").split():
        kind, _, metres = one.partition(":")
        if kind not in known.sites:
            raise _Unreadable("sites", "unknown_site", kind)
        yield NearbySite(kind, "", _number({"sites": metres}, "sites"))


def _number(row: Mapping[str, str], column: str) -> int:
    """Return a count, 0 or more; spreadsheets write 142,0 and 142.0 for 142."""
    try:
        value = float(row[column].replace(",", "."))
    except ValueError as error:
        raise _Unreadable(column, "not_a_number", row[column]) from error
    if not 0 <= value <= LARGEST:
        raise _Unreadable(column, "not_a_number", row[column])
    return int(value)


def _instant(row: Mapping[str, str], column: str) -> datetime:
    try:
        at = datetime.fromisoformat(row[column])
    except ValueError as error:
        raise _Unreadable(column, "not_an_instant", row[column]) from error
    if at.tzinfo is None:
        raise _Unreadable(column, "no_offset", row[column])
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise _Unreadable(column, "not_an_instant", row[column]) from error
