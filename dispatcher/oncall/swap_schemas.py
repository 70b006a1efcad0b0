"""Wire models of swaps."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from dispatcher.wire import In, Out


class HandoverStep(Out):
    """One turn (`post:week`) that goes from one person to another."""

    duty_id: str
    from_id: UUID
    to_id: UUID
    from_name: str
    to_name: str


class ChainOut(Out):
    """A lawful exchange; `unfairness` in weeks, of whoever ends furthest from the fair share."""

    handovers: list[HandoverStep]
    is_cycle: bool
    unfairness: float
    wishes_broken: int


class StepIn(In):
    """One handover of the chain that was chosen."""

    duty_id: str = Field(max_length=120)
    from_id: UUID
    to_id: UUID


class SwapIn(In):
    """The turn somebody wants to be free of, and the chain that was chosen."""

    duty_id: UUID
    handovers: list[StepIn] = Field(min_length=1, max_length=4)


class AnswerIn(In):
    """What one of the people says."""

    person_id: UUID
    agrees: bool


class DecideIn(In):
    """What the manager decides."""

    approve: bool


class SwapOut(Out):
    """A swap with what everybody said so far."""

    id: UUID
    duty_id: UUID
    state: str
    asked_by: str
    handovers: list[HandoverStep]
    answers: dict[UUID, bool]
    created_at: datetime
    decided_at: datetime | None
