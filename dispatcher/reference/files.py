"""One open file into located records: CSV, GeoJSON and TOML texts, each mistake with its line.

Works on texts, so it needs no disk; knows the formats, not what the records mean.
"""

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from dispatcher.reference.problems import Problems
from dispatcher.reference.toml_lines import Path, line_of, toml_lines

R = TypeVar("R", bound=BaseModel)
R_co = TypeVar("R_co", bound=BaseModel, covariant=True)

_FEATURES = re.compile(r'"features"\s*:\s*\[')
_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text.

    Attributes:
        name: File name, for messages.
        text: Content; None when it could not be read, which was already told.
    """

    name: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Table(Generic[R_co]):
    """Records of one file, each with the line it starts on.

    Attributes:
        name: File name, for messages.
        rows: Line and record, in the file's order.
        is_whole: Every row was read without a mistake.
    """

    name: str
    rows: tuple[tuple[int, R_co], ...] = ()
    is_whole: bool = False

    @property
    def records(self) -> tuple[R_co, ...]:
        """The records without their lines."""
        return tuple(record for _, record in self.rows)


@dataclass(frozen=True, slots=True)
class Document(Generic[R_co]):
    """One structured file.

    Attributes:
        name: File name, for messages.
        content: The validated whole; None when it did not validate.
        lines: Line of every path in it.
    """

    name: str
    content: R_co | None
    lines: Mapping[Path, int]

    def valid(self) -> R_co:
        """Return the content.

        Raises:
            ValueError: It did not validate; the problems say why.
        """
        if self.content is None:
            raise ValueError(f"{self.name} did not validate")
        return self.content

    def line(self, *path: str | int) -> int:
        """Return the line of a path, or of what is nearest around it."""
        return line_of(self.lines, path)


def csv_table(source: Source, kind: type[R], problems: Problems) -> Table[R]:
    """Return the rows of a CSV file; commas, quotes doubled, first line names the columns.

    Args:
        source: The file.
        kind: What each row is.
        problems: Grows by what is wrong.
    """
    if source.text is None:
        return Table(source.name)
    before = len(problems.found)
    reader = csv.reader(io.StringIO(source.text, newline=""), strict=True)
    rows: list[tuple[int, R]] = []
    try:
        header = next(reader, [])
        if not _is_header(header, kind, source.name, problems):
            return Table(source.name)
        for line, cells in _numbered(reader):
            if len(cells) != len(header):
                expected = f"expected {len(header)} columns, got {len(cells)}"
                problems.add(source.name, line, "", expected)
                continue
            try:
                rows.append((line, kind.model_validate(dict(zip(header, cells, strict=True)))))
            except ValidationError as error:
                problems.add_invalid(source.name, error, _always(line))
    except csv.Error as error:
        problems.add(source.name, reader.line_num, "", f"not CSV: {error}")
    return Table(source.name, tuple(rows), is_whole=len(problems.found) == before)


def toml_document(source: Source, kind: type[R], problems: Problems) -> Document[R]:
    """Return a TOML file as one validated whole.

    Args:
        source: The file.
        kind: What the file is.
        problems: Grows by what is wrong.
    """
    if source.text is None:
        return Document(source.name, None, {})
    try:
        values = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        where = _AT_LINE.search(str(error))
        last = source.text.count("\n") + 1
        line = int(where.group(1) or last) if where else 1
        problems.add(source.name, line, "", f"not TOML: {_AT_LINE.sub('', str(error))}")
        return Document(source.name, None, {})
    lines = toml_lines(source.text)
    try:
        return Document(source.name, kind.model_validate(values), lines)
    except ValidationError as error:
        problems.add_invalid(source.name, error, lambda path: line_of(lines, path))
        return Document(source.name, None, lines)


def geojson_features(source: Source, kind: type[R], problems: Problems) -> Table[R]:
    """Return the features of a GeoJSON FeatureCollection, each with its line.

    Args:
        source: The file.
        kind: What each feature is.
        problems: Grows by what is wrong.
    """
    if source.text is None:
        return Table(source.name)
    before = len(problems.found)
    features = _features(source.text, source.name, problems)
    rows: list[tuple[int, R]] = []
    for feature, line in zip(features, _feature_lines(source.text), strict=False):
        try:
            rows.append((line, kind.model_validate(feature)))
        except ValidationError as error:
            problems.add_invalid(source.name, error, _always(line))
    return Table(source.name, tuple(rows), is_whole=len(problems.found) == before)


def _always(line: int) -> Callable[[Path], int]:
    """Return the answer of a format whose records stand on one line each."""
    return lambda _path: line


def _is_header(header: list[str], kind: type[BaseModel], name: str, problems: Problems) -> bool:
    """Whether the columns are those of the record; notes what is missing, unknown or doubled."""
    wanted = list(kind.model_fields)
    before = len(problems.found)
    for column in wanted:
        if column not in header:
            problems.add(name, 1, column, "this column is missing")
    for column in dict.fromkeys(header):
        if column not in wanted:
            problems.add(name, 1, column, "this column is not known here")
        elif header.count(column) > 1:
            problems.add(name, 1, column, "this column appears twice")
    return len(problems.found) == before


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line it starts on: a quoted cell may span lines."""
    ended = reader.line_num
    for cells in reader:
        if cells:
            yield ended + 1, cells
        ended = reader.line_num


def _features(text: str, name: str, problems: Problems) -> list[object]:
    """Return the features of a collection, none if the text is something else."""
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        problems.add(name, error.lineno, "", f"not JSON: {error.msg}")
        return []
    except RecursionError:
        problems.add(name, 1, "", "not JSON: nested too deeply")
        return []
    is_collection = isinstance(whole, dict) and whole.get("type") == "FeatureCollection"
    features = whole.get("features") if is_collection else None
    if not isinstance(features, list):
        problems.add(name, 1, "", "expected a GeoJSON FeatureCollection")
        return []
    return features


def _feature_lines(text: str) -> Iterator[int]:
    """Yield the line on which each feature of a valid collection starts."""
    decoder = json.JSONDecoder()
    at = _features_start(text, decoder)
    line, counted = 1, 0
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return
        line += text.count("\n", counted, at)
        counted = at
        yield line
        _, at = decoder.raw_decode(text, at)


def _features_start(text: str, decoder: json.JSONDecoder) -> int:
    """Return the offset after the bracket that opens the list of features.

    The key may also stand inside another value, so keys are walked, not searched.
    """
    at = text.index("{") + 1
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        opening = _FEATURES.match(text, at)
        if opening:
            return opening.end()
        _, at = decoder.raw_decode(text, at)
        at = text.index(":", at) + 1
        while text[at] in " \t\r\n":
            at += 1
        _, at = decoder.raw_decode(text, at)
