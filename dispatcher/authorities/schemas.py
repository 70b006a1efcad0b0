"""Wire models of competence: who should act, who was asked, what they said."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue

from dispatcher.authorities.workflow import ClaimState
from dispatcher.wire import In, Out
from priority.competence import Condition, Level
from priority.facts import RoadClass


class FoundOut(Out):
    """The body that the rules name, and what proves it."""

    level: Level
    authority: str | None
    name: str
    rule: str
    source: str
    params: dict[str, JsonValue]


class ClaimOut(Out):
    """A body that was asked, and its answer."""

    id: UUID
    level: Level
    authority: str | None
    name: str
    rule: str
    state: ClaimState
    motive: str | None
    by: str
    at: datetime
    answered_at: datetime | None


class CompetenceOut(Out):
    """Who should act on an incident, what road it is on, and who was asked."""

    found: FoundOut | None
    road: RoadClass | None
    rules_version: int
    claims: list[ClaimOut]


class BodyIn(In):
    """A body, as a person names it; `rule` when the rules named it."""

    level: Level
    authority: str | None = Field(None, max_length=60)
    name: str = Field(min_length=2, max_length=120)
    rule: str = Field("", max_length=60)


class AnswerIn(In):
    """What a body answered; refusing and handing over need a motive."""

    answer: Literal["accepted", "refused", "handed_over", "closed"]
    motive: str | None = Field(None, max_length=500)
    to: BodyIn | None = None


class RulesText(In):
    """Rules as TOML; kept as typed, or lines would not be those the author sees."""

    model_config = ConfigDict(str_strip_whitespace=False)

    text: str = Field(max_length=60_000)


class RulesIn(RulesText):
    """Rules to put in force: why, and which version the author knew as the one in force."""

    note: str = Field("", max_length=500)
    replaces: int | None = Field(None, ge=1)


class RulesOut(Out):
    """The rules in force, as text."""

    text: str
    rules: int
    version: int


class RulesVersionOut(Out):
    """Rules that are or were in force; `at` is empty for those that came with the service."""

    version: int
    note: str
    by: str
    at: datetime | None
    text: str


class RuleProblem(Out):
    """What is wrong with a text, and on which line (from 1); a doubt does not refuse it."""

    path: str
    line: int
    code: str
    message: str
    word: str
    refuses: bool


class CompetenceRuleOut(Out):
    """One rule, where it stands, and what it asks for."""

    line: int
    id: str
    level: Level
    name: str
    services: list[str]
    categories: list[str]
    communes: list[str]
    councils: list[str]
    roads: list[RoadClass]
    in_town: bool | None
    open_hours: bool | None
    source: str
    checked_on: date | None


class RulesCheckOut(Out):
    """Whether a text is rules, and which."""

    valid: bool
    problems: list[RuleProblem]
    rules: list[CompetenceRuleOut]


class TryIn(RulesText):
    """A place, a kind and an hour to try rules on; without an hour it is now."""

    category: str = Field(max_length=60)
    place: str = Field("", max_length=200)
    at: AwareDatetime | None = None
    road: RoadClass | None = None
    in_town: bool | None = None


class TriedOut(Out):
    """A rule that was asked, and its first condition that did not hold."""

    rule: CompetenceRuleOut
    failed: Condition | None


class TryOut(Out):
    """Who is competent by the rules on trial, and how they came to it.

    Attributes:
        found: Who, None if no rule holds.
        commune: The commune that the words of the place name.
        road: The class of road, said or read in the words.
        open: Whether the hour is an open one.
        tried: The rules in order, up to the one that decides.
    """

    found: FoundOut | None
    commune: str | None
    road: RoadClass | None
    open: bool
    tried: list[TriedOut]
