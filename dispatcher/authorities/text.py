"""Rules of competence as text that a council can read and edit; what is wrong with one, by line."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, select

from dispatcher.models import Category, Commune, Council
from dispatcher.reference.toml_lines import Path, line_of, toml_lines
from priority.competence import CompetenceRule

_AT = re.compile(r"at line (\d+)")
_RULES: TypeAdapter[tuple[CompetenceRule, ...]] = TypeAdapter(tuple[CompetenceRule, ...])


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where.

    Attributes:
        path: Field, as in `rule.3.level`; empty when the text is no TOML at all.
        line: From 1.
        code: Stable name for a translated sentence.
        message: In English, for those without one.
        word: What was written there, if it is short.
        refuses: Whether it keeps the text from being adopted; else it is a doubt.
    """

    path: str
    line: int
    code: str
    message: str
    word: str = ""
    refuses: bool = True


@dataclass(frozen=True, slots=True)
class Codes:
    """What a territory has: codes that a rule may name."""

    services: frozenset[str]
    categories: frozenset[str]
    communes: frozenset[str]
    councils: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """Rules with the line of each, or why the text is none; doubts do not keep it from being it."""

    rules: tuple[CompetenceRule, ...] | None
    lines: tuple[int, ...]
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> Problem | None:
        """The first problem that keeps the text from being adopted."""
        return next((one for one in self.problems if one.refuses), None)


def codes_of(session: Session, org: str) -> Codes:
    """Return the codes that rules of an authority may name."""
    categories = session.exec(
        select(Category.code, Category.service).where(Category.org == org)
    ).all()
    return Codes(
        services=frozenset(service for _, service in categories),
        categories=frozenset(code for code, _ in categories),
        communes=frozenset(session.exec(select(Commune.insee).where(Commune.org == org)).all()),
        councils=frozenset(session.exec(select(Council.code).where(Council.org == org)).all()),
    )


def check(text: str, codes: Codes) -> Checked:
    """Return the rules that a text describes, and every problem with its field and line."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT.search(str(error))
        line = int(found[1]) if found else max(1, text.count("\n") + 1)
        return Checked(None, (), (Problem("", line, "not_toml", str(error)),))
    lines = toml_lines(text)
    stray = [name for name in document if name != "rule"]
    problems = [
        Problem(name, line_of(lines, (name,)), "unknown_table", "not a rule", name)
        for name in stray
    ]
    try:
        rules = _RULES.validate_python(document.get("rule", ()))
    except ValidationError as error:
        problems.extend(_of_validation(error, lines))
        return Checked(None, (), tuple(problems))
    problems.extend(_of_rules(rules, lines, codes))
    at = tuple(line_of(lines, ("rule", index)) for index in range(len(rules)))
    bad = any(one.refuses for one in problems)
    return Checked(None if bad else rules, at, tuple(problems))


def _of_validation(error: ValidationError, lines: Any) -> Iterator[Problem]:
    for one in error.errors(include_url=False):
        path: Path = ("rule", *one["loc"])
        word = one.get("input")
        yield Problem(
            ".".join(str(part) for part in path),
            line_of(lines, path),
            one["type"],
            one["msg"].removeprefix("Value error, "),
            word[:60] if isinstance(word, str) else "",
        )


def _of_rules(rules: Sequence[CompetenceRule], lines: Any, codes: Codes) -> Iterator[Problem]:
    if not rules:
        yield Problem("rule", 1, "no_rule", "there is no rule")
        return
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        named: tuple[tuple[str, Iterable[str], frozenset[str]], ...] = (
            ("services", rule.services, codes.services),
            ("categories", rule.categories, codes.categories),
            ("communes", rule.communes, codes.communes),
            ("councils", rule.councils, codes.councils),
        )
        for name, written, known in named:
            for place, code in enumerate(written):
                if code not in known:
                    path: Path = ("rule", index, name, place)
                    where = f"rule.{index}.{name}"
                    line = line_of(lines, path)
                    yield Problem(where, line, f"unknown_{name}", "unknown code", code)
        if rule.id in seen:
            line = line_of(lines, ("rule", index, "id"))
            yield Problem(f"rule.{index}.id", line, "same_id", "two rules of this name", rule.id)
        seen.add(rule.id)
    yield from _unreached(rules, lines)


def _unreached(rules: Sequence[CompetenceRule], lines: Any) -> Iterator[Problem]:
    """Doubts about the order: what nothing decides, and what nothing can reach."""
    for index, rule in enumerate(rules):
        if _holds_always(rule):
            if index + 1 < len(rules):
                line = line_of(lines, ("rule", index + 1))
                word = rules[index + 1].id
                yield Problem("rule", line, "unreached", "a rule above holds", word, refuses=False)
            return
    line = line_of(lines, ("rule", len(rules) - 1))
    yield Problem("rule", line, "no_default", "some incidents meet no rule", refuses=False)


def _holds_always(rule: CompetenceRule) -> bool:
    lists = (rule.services, rule.categories, rule.communes, rule.councils, rule.roads)
    return not any(lists) and rule.in_town is None and rule.open_hours is None
