"""Wire models of moves: what it would cost to put a visit somewhere."""

from datetime import datetime
from uuid import UUID

from dispatcher.planning.schemas import RefusalOut, TermOut
from dispatcher.wire import Out


class PriceOut(Out):
    """A price by tier, minutes: the urgent tier outweighs any amount of the ordinary one."""

    urgent_min: float
    ordinary_min: float


class MovePlaceOut(Out):
    """One place in a crew's order; `position` counts its stops without the visit."""

    position: int
    start_at: datetime
    price: PriceOut
    is_lawful: bool
    is_here: bool


class ShiftOut(Out):
    """Another visit that would start later, or earlier (negative seconds)."""

    visit_id: UUID
    title: str
    shift_s: int


class MoveOut(Out):
    """A place with its whole price; nothing is changed by asking."""

    plan_version: int
    crew_id: UUID
    crew: str
    position: int
    depart_at: datetime
    arrive_at: datetime
    start_at: datetime
    end_at: datetime
    detour_s: int
    detour_m: int
    margin_s: int | None
    price: PriceOut
    terms: list[TermOut]
    shifts: list[ShiftOut]
    broken: list[RefusalOut]
    warnings: list[str]
    is_lawful: bool
    is_here: bool


class CrewMovesOut(Out):
    """One crew: its best place (or the one that breaks least), and all its places."""

    best: MoveOut
    places: list[MovePlaceOut]


class MovesOut(Out):
    """Every place of a visit on every crew, cheapest crew first, lawful ones before others."""

    plan_version: int
    elapsed_ms: float
    travel_source: str
    visit_id: UUID | None
    crew_id: UUID | None
    crews: list[CrewMovesOut]
