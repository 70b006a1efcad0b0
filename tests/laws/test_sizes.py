"""Files and functions stay small enough to be read in one go."""

import ast
from pathlib import Path

from tests.support.project import PACKAGES, name_of, source_files

FUNCTION_LINES = 40
PARAMETERS = 6


def too_long(paths: list[Path], most: int) -> list[str]:
    counted = ((path, len(path.read_text(encoding="utf-8").splitlines())) for path in paths)
    return [f"{name_of(path)}: {lines} lines" for path, lines in counted if lines > most]


def without_generated(paths: list[Path]) -> list[Path]:
    return [p for p in paths if ".gen." not in p.name and "migrations" not in p.parts]


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines from `def` to the end, its documentation not counted."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def test_modules_have_at_most_400_lines() -> None:
    assert too_long(without_generated(list(source_files(".py"))), 400) == []


def test_benchmarks_have_at_most_400_lines() -> None:
    assert too_long(list(source_files(".py", under=("benchmarks",))), 400) == []


def test_test_modules_have_at_most_600_lines() -> None:
    assert too_long(list(source_files(".py", under=("tests",))), 600) == []


def test_front_end_files_have_at_most_250_lines() -> None:
    paths = list(source_files(".svelte", ".ts", ".css", under=("ui",)))
    tests = [path for path in paths if path.name.endswith(".test.ts")]

    assert too_long(without_generated([p for p in paths if p not in tests]), 250) == []
    assert too_long(tests, 600) == []


def test_functions_have_at_most_40_lines() -> None:
    offenders = [
        f"{name_of(path)}:{node.lineno} {node.name}: {lines_of(node)} lines"
        for path in without_generated(list(source_files(".py", under=(*PACKAGES, "benchmarks"))))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if lines_of(node) > FUNCTION_LINES
    ]

    assert offenders == []


def test_documentation_does_not_count_as_length() -> None:
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'

    function = ast.parse(source).body[0]

    assert isinstance(function, ast.FunctionDef)
    assert lines_of(function) == 2
