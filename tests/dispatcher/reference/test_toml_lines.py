import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dispatcher.reference.toml_lines import line_of, toml_lines

FIXTURES = Path(__file__).parents[3] / "fixtures"


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of everything in a document."""
    yield path
    parts = value.items() if isinstance(value, dict) else ()
    parts = enumerate(value) if isinstance(value, list) else parts
    for key, inner in parts:
        yield from paths(inner, (*path, key))


TRICKY = '''\
# a comment with [brackets] and "quotes"
title = "a # b" # c
"quoted.key" = 1
'literal key' = 2
a.b . c = { d = [1, { e = "x" }], "f" = { g = 2 } }

[table] # header
basic = """
two = "lines"
""\\"""" # ends here
literal = \'\'\'
[not.a.table]
\'\'\'
after = true

[table."deep.er".est]
list = [
    1, # one
    [2, 3],

    4,
]

[[many]]
name = "first"
[many.inner]
x = 1
[[many.lists]]
y = 1
[[many.lists]]
y = 2

[[many]]
name = "second" # [[many]]
when = 2026-11-24T14:07:00Z
[many.inner]
x = 3
'''


def test_every_part_of_a_tricky_document_has_a_line() -> None:
    lines = toml_lines(TRICKY)

    assert set(paths(tomllib.loads(TRICKY))) <= set(lines)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("title",), "title ="),
        (("quoted.key",), '"quoted.key"'),
        (("a", "b", "c", "d", 1, "e"), "a.b . c"),
        (("table", "basic"), 'basic = """'),
        (("table", "literal"), "literal = '''"),
        (("table", "after"), "after"),
        (("table", "deep.er", "est", "list", 1, 1), "    [2, 3],"),
        (("table", "deep.er", "est", "list", 2), "    4,"),
        (("many", 0, "inner", "x"), "x = 1"),
        (("many", 0, "lists", 1, "y"), "y = 2"),
        (("many", 1), "[[many]]"),
        (("many", 1, "when"), "when"),
        (("many", 1, "inner", "x"), "x = 3"),
    ],
)
def test_a_line_is_that_of_the_key_in_the_text(path: tuple[str | int, ...], text: str) -> None:
    written = TRICKY.splitlines()

    assert written[toml_lines(TRICKY)[path] - 1].startswith(text)


def test_what_is_missing_stands_where_its_table_begins() -> None:
    lines = toml_lines('\n[[depot]]\nname = "Tulle"\n')

    assert line_of(lines, ("depot", 0, "lat")) == 2
    assert line_of(lines, ("crew", 4)) == 1


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_both_kinds_of_line_ends_count(end: str) -> None:
    assert toml_lines(end.join(["a = 1", "", "b = 2"]))[("b",)] == 3


@pytest.mark.parametrize("path", sorted(FIXTURES.rglob("*.toml")), ids=lambda path: path.name)
def test_every_part_of_our_own_files_has_the_line_of_its_key(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    written = text.splitlines()

    lines = toml_lines(text)

    for where in paths(tomllib.loads(text)):
        assert where in lines
        if where and isinstance(where[-1], str):
            assert where[-1] in written[lines[where] - 1]
