"""On which line of a TOML text a value stands, so that a mistake can be pointed at.

Reads headers and keys only; what stands inside an inline table or an array of several lines counts
as standing on the line of its key. The text must be valid TOML already.
"""

import re
from collections.abc import Iterator, Sequence

_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"))*)\s*="
)
_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([^.\s]+)")


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Return the line, from 1, of the deepest part of a path that the text writes.

    Args:
        text: Valid TOML.
        path: Keys from the root; a number is the place in an array of tables, from 0.

    Returns:
        None when not even the first key is written: a default is at fault.

    >>> line_of("name = 'x'", ["name"])
    1
    """
    best_depth, best_line = 0, None
    for number, keys in _written(text):
        depth = _agreement(keys, path)
        if depth == len(keys) and depth > best_depth:
            best_depth, best_line = depth, number
    return best_line


def _written(text: str) -> Iterator[tuple[int, list[str | int]]]:
    """Yield each line that names something, with the path that it names."""
    table: list[str | int] = []
    seen: dict[tuple[str | int, ...], int] = {}
    for number, row in enumerate(text.splitlines(), 1):
        header = _HEADER.match(row)
        if header is not None and "=" not in row.split("#")[0]:
            table = [*_parts(header[1])]
            if row.lstrip().startswith("[["):
                seen[tuple(table)] = seen.get(tuple(table), -1) + 1
                table.append(seen[tuple(table)])
            yield number, list(table)
            continue
        key = _KEY.match(row)
        if key is not None:
            yield number, [*table, *_parts(key[1])]


def _parts(dotted: str) -> list[str]:
    return ["".join(found) for found in _PART.findall(dotted)]


def _agreement(keys: Sequence[str | int], path: Sequence[str | int]) -> int:
    """Count the leading parts in common."""
    depth = 0
    for ours, theirs in zip(keys, path, strict=False):
        if ours != theirs:
            break
        depth += 1
    return depth
