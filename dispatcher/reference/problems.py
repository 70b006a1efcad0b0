"""What is wrong with reference files, told so that a person can mend it: file, line, field, reason.

Problems are collected, never raised one by one: whoever prepares the data of a département sees
all of them at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dispatcher.errors import InvalidInput

_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend; its text is ``communes.csv:12: population: expected an integer, got 'x'``.

    Attributes:
        file: Name of the file.
        line: Counted from 1.
        field: Column or dotted key; empty when the line or file as a whole is meant.
        message: What was expected.
    """

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.field}: {self.message}" if self.field else where + self.message


class ReferenceError(InvalidInput):
    """The reference files have mistakes.

    Attributes:
        problems: All of them, by file and line.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems; the detail lists them, one a line."""
        super().__init__("\n".join(str(problem) for problem in problems), count=len(problems))
        self.problems = problems


@dataclass(slots=True)
class Problems:
    """A growing list of what is wrong."""

    found: list[Problem] = field(default_factory=list)

    def add(self, file: str, line: int, name: str, message: str) -> None:
        """Note one problem."""
        self.found.append(Problem(file, line, name, message))

    def add_invalid(
        self, file: str, error: ValidationError, line_of: Callable[[tuple[str | int, ...]], int]
    ) -> None:
        """Note every problem of a record that did not validate.

        Args:
            file: Name of the file.
            error: What pydantic found.
            line_of: Line of a path within the record.
        """
        for detail in error.errors(include_url=False):
            path = detail["loc"]
            name = ".".join(str(part) for part in path if isinstance(part, str))
            self.add(file, line_of(path), name, explain(detail))

    def raise_if_any(self) -> None:
        """Raise all that was noted.

        Raises:
            ReferenceError: Something was noted.
        """
        if self.found:
            raise ReferenceError(tuple(sorted(set(self.found))))


_EXPECTED: Mapping[str, str] = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "date": "a date (2026-12-31)",
    "list": "a list",
    "tuple": "a list",
    "dict": "a table",
    "model": "a table",
    "mapping": "a table",
}


def explain(detail: ErrorDetails) -> str:
    """Return what was expected, and what was found instead.

    Args:
        detail: One error of pydantic.
    """
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not known here"
    if kind == "value_error":
        return str(context["error"])
    expected = _EXPECTED.get(kind.split("_")[0]) if _is_type_error(kind) else None
    expected = expected or _bound(kind, context)
    if expected is None:
        return detail["msg"][:1].lower() + detail["msg"][1:]
    return f"expected {expected}, got {_shown(detail['input'])}"


def _is_type_error(kind: str) -> bool:
    return kind.endswith(("_type", "_parsing", "_from_float", "_parsing_size"))


def _bound(kind: str, context: Mapping[str, Any]) -> str | None:
    """Return in words the limit that a value broke."""
    match kind:
        case "greater_than_equal":
            return f"at least {context['ge']:g}"
        case "greater_than":
            return f"more than {context['gt']:g}"
        case "less_than_equal":
            return f"at most {context['le']:g}"
        case "less_than":
            return f"less than {context['lt']:g}"
        case "literal_error" | "enum":
            return str(context["expected"])
        case "string_pattern_mismatch":
            return f"the form {context['pattern']}"
        case _:
            return None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
