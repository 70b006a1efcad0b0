"""Wire models of the policy: the one in force, a draft, what it would change."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from dispatcher.events.states import Priority
from dispatcher.policies.csv_file import Fault
from dispatcher.wire import In, Out

TEXT = 60_000


class TextIn(In):
    """A policy as TOML; kept as typed, or lines would not be those the author sees."""

    model_config = ConfigDict(str_strip_whitespace=False)

    text: str = Field(max_length=TEXT)


class ReplayIn(TextIn):
    """A policy to try, on our own past or on a CSV file."""

    csv: str | None = Field(None, max_length=900_000)


class AdoptIn(TextIn):
    """A policy to put in force: why, and which version the author knew as the one in force."""

    note: str = Field(min_length=3, max_length=500)
    replaces: int = Field(ge=1)


class PolicyInForce(Out):
    """The policy that scores now, as data, as text, and who adopted it."""

    name: str
    version: int
    body: dict[str, JsonValue]
    text: str
    adopted_at: datetime | None
    adopted_by: str | None
    note: str


class DraftOut(Out):
    """The draft that colleagues share, if there is one."""

    text: str | None
    by: str | None
    at: datetime | None


class VersionOut(Out):
    """A policy that is or was in force."""

    name: str
    version: int
    state: Literal["in_force", "past"]
    note: str
    by: str
    at: datetime


class ProblemOut(Out):
    """What is wrong with a text, and on which line (from 1)."""

    path: str
    line: int
    code: str
    message: str
    params: dict[str, JsonValue]


class ScoreOut(Out):
    """A class and its score."""

    priority: Priority
    score: int


class SampleOut(Out):
    """An incident under both policies."""

    ref: str
    title: str
    commune: str | None
    before: ScoreOut
    after: ScoreOut


class CheckOut(Out):
    """Whether a text is a policy, and what it would do to a few incidents."""

    valid: bool
    problems: list[ProblemOut]
    body: dict[str, JsonValue] | None
    samples: list[SampleOut]


class PairOut(Out):
    """How many incidents go from a class to another one, or stay."""

    before: Priority
    after: Priority
    count: int


class BadLineOut(Out):
    """A line of a file that could not be read: its number (from 1), column, reason, and words."""

    line: int
    column: str
    fault: Fault
    word: str


class ReplayOut(Out):
    """What a draft would have changed.

    Attributes:
        incidents: How many were scored.
        changed: How many change class.
        would_wait: How many fall to a lower class.
        overtaken: By class that stays: how many newcomers would stand before it.
        classes: Every pair of classes.
        moves: The largest changes, at most a hundred.
        bad_lines: Lines of the file that do not count, the first two hundred.
        bad_count: How many do not.
    """

    incidents: int
    changed: int
    would_wait: int
    overtaken: dict[Priority, int]
    classes: list[PairOut]
    moves: list[SampleOut]
    bad_lines: list[BadLineOut] = Field(default_factory=list)
    bad_count: int = 0


class HintOut(Out):
    """How often people changed the class of incidents that a rule was part of."""

    rule: str
    kind: str
    seen: int
    raised: int
    lowered: int
    rate: float
    low: float
    high: float
    advice: Literal["more", "fewer", "none"]


class OverridesOut(Out):
    """Overrides counted, over all and by rule."""

    seen: int
    raised: int
    lowered: int
    rules: list[HintOut]
