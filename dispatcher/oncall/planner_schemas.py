"""Wire models of the planner: prices of moves, ways out of an absence, robustness."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from dispatcher.wire import In, Out

DutyName = Field(max_length=120, pattern=r"^[^:]+:[0-9]{4}-W[0-9]{2}\+?$")


class HandoverIn(In):
    """One turn (`post:week`) that goes from one person to another."""

    duty_id: str = DutyName
    from_id: UUID
    to_id: UUID


class TurnsMoveIn(In):
    """A move made on an edition of a rota: one turn given, or two exchanged."""

    edition: int = Field(ge=1)
    handovers: list[HandoverIn] = Field(min_length=1, max_length=4)


class HandoverMade(Out):
    """One turn that would go from one person to another."""

    duty_id: str
    from_id: UUID
    to_id: UUID


class BrokenOut(Out):
    """A rule that a move would break, with the text that says it, about whom."""

    rule: str
    hard: bool
    source: str
    link: str | None
    person_id: UUID | None
    weeks: list[str]


class FairnessOut(Out):
    """Somebody's distance from the fair share before and after a move, in weeks."""

    person_id: UUID
    before: float
    after: float


class TurnPriceOut(Out):
    """What a move would cost (`cents` more or less than now), break, and do to fairness."""

    handovers: list[HandoverMade]
    cents: int
    lawful: bool
    broken: list[BrokenOut]
    fairness: list[FairnessOut]
    wishes_broken: int


class TurnMovesOut(Out):
    """Every move of a turn, on which edition of its rota."""

    edition: int
    prices: list[TurnPriceOut]


class AwayIn(In):
    """Who is away, civil days `start` to `end` (not included), and why."""

    person_id: UUID
    start: date
    end: date
    kind: Literal["leave", "training", "sick", "parental", "other"] = "sick"


class ChangeIn(In):
    """One turn that changes hands; `+` after its name is what is left of a running one."""

    duty_id: str = DutyName
    before: UUID | None = None
    after: UUID | None = None


class ChangeOut(Out):
    """One turn that would change hands; None is nobody."""

    duty_id: str
    before: UUID | None
    after: UUID | None


class WayOutOut(Out):
    """One way out: who changes, what it costs for lack of notice, who ends furthest from fair."""

    name: str
    people: list[UUID]
    changes: list[ChangeOut]
    cents: int
    furthest: float
    uncovered: int
    minimal: bool


class RepairsOut(Out):
    """The ways out of an absence; `furthest_now` is how fair the rota is today, in weeks."""

    edition: int
    ways: list[WayOutOut]
    furthest_now: float
    elapsed_ms: float


class RepairIn(In):
    """The way out that was chosen, on the edition it was shown for."""

    edition: int = Field(ge=1)
    away: AwayIn
    changes: list[ChangeIn] = Field(max_length=200)


class WeaknessOut(Out):
    """A turn whose holder could fall ill: changes needed (3 means more than two), stand-ins."""

    duty_id: str
    person_id: UUID
    changes: int
    stand_ins: list[UUID]


class RobustnessOut(Out):
    """How many single absences can be repaired with one or two changes, and which cannot."""

    turns: int
    one: int
    two: int
    hard: int
    weakest: list[WeaknessOut]
