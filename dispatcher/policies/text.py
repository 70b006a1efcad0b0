"""A policy as text that a council can read and edit, and what is wrong with a text, by line."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from dispatcher.i18n import Locale, sentences, t
from dispatcher.reference.toml_lines import line_of, toml_lines
from priority.policy import Policy

_AT = re.compile(r"at line (\d+)")
_VERSION = re.compile(r"^version\s*=.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where.

    Attributes:
        path: Field, as in `thresholds.p1`; empty when the text is no TOML at all.
        line: From 1.
        code: Stable name for a translated sentence.
        message: In English, for those without one.
        params: Scalars quoted by the sentence.
    """

    path: str
    line: int
    code: str
    message: str
    params: Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Checked:
    """A policy, or why the text is none."""

    policy: Policy | None
    problems: tuple[Problem, ...] = ()


def check(text: str) -> Checked:
    """Return the policy that a text describes, or every problem with its field and line."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT.search(str(error))
        line = int(found[1]) if found else max(1, text.count("\n") + 1)
        return Checked(None, (Problem("", line, "not_toml", str(error), {}),))
    try:
        return Checked(Policy.model_validate(document))
    except ValidationError as error:
        lines = toml_lines(text)
        return Checked(
            None,
            tuple(
                Problem(
                    ".".join(str(part) for part in one["loc"]),
                    line_of(lines, tuple(part for part in one["loc"])),
                    one["type"],
                    one["msg"].removeprefix("Value error, "),
                    _scalars(one.get("ctx", {})),
                )
                for one in error.errors(include_url=False, include_input=False)
            ),
        )


def with_version(text: str, version: int) -> str:
    """Return a policy's text with another version; the rest, comments included, stays."""
    line = f"version = {version}"
    first_table = re.search(r"^\s*\[", text, re.MULTILINE)
    head = text[: first_table.start()] if first_table else text
    tail = text[len(head) :]
    if _VERSION.search(head):
        return _VERSION.sub(line, head, count=1) + tail
    return f"{line}\n{head}{tail}"


def to_text(policy: Policy, locale: Locale) -> str:
    """Return a whole policy as TOML, with a comment in the reader's language over each part."""
    document = policy.model_dump(mode="json", exclude_none=True)
    top = {k: v for k, v in document.items() if not _is_table(v)}
    parts = [_comment(locale, "head")]
    for name, value in top.items():
        parts.append(f"{_comment(locale, name)}{name} = {_value(value)}\n")
    for name, value in document.items():
        if _is_table(value):
            parts.append("\n" + _comment(locale, name) + "\n".join(_table((name,), value)) + "\n")
    return "".join(parts)


def _table(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    plain = {k: v for k, v in table.items() if not _is_table(v)}
    below = {k: v for k, v in table.items() if _is_table(v)}
    if path[0] == "promises" and len(path) > 1:
        plain, below = dict(table), {}
    if plain:
        yield f"[{'.'.join(path)}]"
        for name, value in plain.items():
            yield f"{name} = {_value(value)}"
    for name, value in below.items():
        yield from _table((*path, name), value)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case Mapping():
            return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
        case Sequence():
            return "[" + ", ".join(_value(one) for one in value) + "]"
        case _:
            raise TypeError(f"no TOML for {type(value).__name__}")


def _comment(locale: Locale, name: str) -> str:
    key = f"policy.comment.{name}"
    if key not in sentences(locale):
        return ""
    return "".join(f"# {line}\n" for line in t(locale, key).splitlines())


def _scalars(context: Mapping[str, Any]) -> dict[str, str | int | float]:
    return {k: v for k, v in context.items() if isinstance(v, str | int | float)}
