"""Who is competent: commune, EPCI, département or concessionnaire, by editable rules.

The first rule that holds decides, and its identifier and parameters are the proof that readers
turn into a sentence. Knows no authority by name and no law: rules are data.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from priority.calendar import WorkingCalendar
from priority.facts import RoadClass
from priority.policy import PolicyError
from priority.reasons import Param
from priority.timetable import Settings
from priority.toml_lines import line_of

Level = Literal["commune", "epci", "departement", "region", "state", "concessionaire", "emergency"]


class CompetenceRule(Settings):
    """One rule; an empty condition holds for all.

    Attributes:
        id: Names the sentence of the proof.
        level: Who is competent.
        name: Which one, for a concessionaire; empty elsewhere.
        services: Service codes.
        categories: Category codes.
        communes: INSEE codes.
        councils: SIREN codes of EPCI.
        roads: Classes of road.
        in_town: Only inside (true) or outside (false) a built-up area.
        open_hours: Only within (true) or outside (false) the open hours.
        source: The text that it rests on.
        checked_on: When its wording was last compared with the law, None if never.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    level: Level
    name: str = ""
    services: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    councils: tuple[str, ...] = ()
    roads: tuple[RoadClass, ...] = ()
    in_town: bool | None = None
    open_hours: bool | None = None
    source: str = ""
    checked_on: date | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules may ask; None is unknown, and an unknown never meets a condition."""

    at: datetime
    service: str
    category: str
    insee: str | None = None
    council: str | None = None
    road: RoadClass | None = None
    in_town: bool | None = None


@dataclass(frozen=True, slots=True)
class Competence:
    """Who is competent, and the proof.

    Attributes:
        level: Kind of authority.
        authority: Code or name: INSEE, SIREN or the concessionaire; None when unknown.
        rule: Identifier of the rule that decided.
        params: What it looked at.
    """

    level: Level
    authority: str | None
    rule: str
    params: Mapping[str, Param] = field(default_factory=dict, hash=False)


Condition = Literal[
    "services", "categories", "communes", "councils", "roads", "in_town", "open_hours"
]


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule that was asked, and the first of its conditions that did not hold, None if all did."""

    rule: CompetenceRule
    failed: Condition | None


_RULES: TypeAdapter[tuple[CompetenceRule, ...]] = TypeAdapter(tuple[CompetenceRule, ...])


def rules_from_toml(text: str) -> tuple[CompetenceRule, ...]:
    """Read rules, the first to hold first, from tables ``[[rule]]``.

    Raises:
        PolicyError: Not TOML, or not rules: one line for each problem, with its rule and field.
    """
    try:
        return _RULES.validate_python(tomllib.loads(text).get("rule", ()))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError((f"not TOML: {error}",)) from error
    except ValidationError as error:
        found = []
        for one in error.errors(include_url=False):
            line = line_of(text, ("rule", *one["loc"]))
            name = ".".join(str(part) for part in one["loc"])
            where = f" (line {line})" if line is not None else ""
            found.append(f"rule.{name}: {one['msg']}{where}")
        raise PolicyError(tuple(found)) from error


def competent(
    situation: Situation, rules: Sequence[CompetenceRule], calendar: WorkingCalendar
) -> Competence | None:
    """Return who is competent by the first rule that holds, None if none does.

    Args:
        situation: What is known.
        rules: In order of precedence.
        calendar: For rules about open hours.
    """
    for one in tried(situation, rules, calendar):
        if one.failed is None:
            rule = one.rule
            return Competence(rule.level, _authority(rule, situation), rule.id, _proof(situation))
    return None


def tried(
    situation: Situation, rules: Sequence[CompetenceRule], calendar: WorkingCalendar
) -> Iterator[Tried]:
    """Yield the rules in order with what did not hold, up to the one that decides.

    Args:
        situation: What is known.
        rules: In order of precedence.
        calendar: For rules about open hours.
    """
    for rule in rules:
        failed = _failed(rule, situation, calendar)
        yield Tried(rule, failed)
        if failed is None:
            return


def _failed(
    rule: CompetenceRule, situation: Situation, calendar: WorkingCalendar
) -> Condition | None:
    asked: tuple[tuple[Condition, Sequence[str], str | None], ...] = (
        ("services", rule.services, situation.service),
        ("categories", rule.categories, situation.category),
        ("communes", rule.communes, situation.insee),
        ("councils", rule.councils, situation.council),
        ("roads", rule.roads, situation.road),
    )
    for name, allowed, known in asked:
        if allowed and known not in allowed:
            return name
    if rule.in_town is not None and situation.in_town is not rule.in_town:
        return "in_town"
    if rule.open_hours is not None and calendar.is_open(situation.at) is not rule.open_hours:
        return "open_hours"
    return None


def _authority(rule: CompetenceRule, situation: Situation) -> str | None:
    if rule.level == "commune":
        return situation.insee
    return situation.council if rule.level == "epci" else rule.name or None


def _proof(situation: Situation) -> dict[str, Param]:
    known: dict[str, Param | None] = {
        "service": situation.service,
        "category": situation.category,
        "insee": situation.insee,
        "council": situation.council,
        "road": situation.road,
        "in_town": situation.in_town,
    }
    return {name: value for name, value in known.items() if value is not None}
