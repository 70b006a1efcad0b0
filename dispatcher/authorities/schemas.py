"""Wire models of competence: who should act, who was asked, what they said."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from dispatcher.authorities.workflow import ClaimState
from dispatcher.wire import In, Out
from priority.competence import Level
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


class RulesIn(In):
    """Rules as TOML; kept as typed, or lines would not be those the author sees."""

    model_config = ConfigDict(str_strip_whitespace=False)

    text: str = Field(max_length=60_000)


class RulesOut(Out):
    """The rules in force, as text."""

    text: str
    rules: int
