"""Wire models of lengths: how long work takes, and what another length would change."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from dispatcher.planning.move_schemas import PriceOut, ShiftOut
from dispatcher.planning.schemas import RefusalOut, TermOut
from dispatcher.wire import In, Out

LEAST_MIN, MOST_MIN = 5, 720
"""Shortest and longest work on site that a person may say, minutes."""


class LengthIn(In):
    """How long a visit takes on site, on the plan that was seen."""

    minutes: int = Field(ge=LEAST_MIN, le=MOST_MIN)
    plan_version: int | None = Field(None, ge=0)


class LengthOut(Out):
    """A visit with another length; nothing is changed by asking."""

    plan_version: int
    visit_id: UUID
    crew_id: UUID
    duration_s: int
    start_at: datetime
    end_at: datetime
    price: PriceOut
    terms: list[TermOut]
    shifts: list[ShiftOut]
    broken: list[RefusalOut]
    warnings: list[str]
    is_lawful: bool
