"""What a move would cost: one visit on one crew, or on all of them. Reads only."""

from datetime import datetime
from uuid import UUID

from dispatcher.clock import elapsed_ms, monotonic_s
from dispatcher.errors import InvalidInput, NotFound
from dispatcher.models import Incident
from dispatcher.planning.kept import Kept
from dispatcher.planning.move_schemas import (
    CrewMovesOut,
    MoveOut,
    MovePlaceOut,
    MovesOut,
    PriceOut,
    ShiftOut,
)
from dispatcher.planning.queries import instant, refusal_out, subject_of, title_of
from dispatcher.planning.schemas import TermOut
from dispatcher.planning.snapshot import Snapshot
from scheduling.dispatch.moves import Move, Place
from scheduling.dispatch.objective import Cost


def price_everywhere(kept: Kept, incident: Incident) -> MovesOut:
    """Return every place on every crew that has a shift, best crew first."""
    started_s = monotonic_s()
    snapshot = kept.snapshot
    name = subject_of(snapshot, incident)
    moves = kept.moves(name)
    found = [(moves.best(crew), moves.places(crew)) for crew in snapshot.crews]
    found.sort(key=lambda one: (not one[0].place.is_lawful, one[0].place.cost))
    crews = [
        CrewMovesOut(best=_move(snapshot, best), places=[_place(place) for place in places])
        for best, places in found
    ]
    return MovesOut(
        plan_version=snapshot.plan_number,
        elapsed_ms=round(elapsed_ms(started_s), 2),
        travel_source=snapshot.travel.source,
        visit_id=UUID(name) if name in snapshot.visits else None,
        crew_id=UUID(moves.crew_id) if moves.crew_id else None,
        crews=crews,
    )


def price_one(
    kept: Kept, incident: Incident, crew_id: UUID, position: int | None, start_at: datetime | None
) -> MoveOut:
    """Return the price of one place: a position, where an hour falls, or else the crew's best.

    Raises:
        NotFound: The crew has no shift now or soon; or nothing of the incident can be placed.
        InvalidInput: Both a position and an hour were given.
    """
    if position is not None and start_at is not None:
        raise InvalidInput("give a position or an hour, not both", field="start_at")
    snapshot, crew = kept.snapshot, str(crew_id)
    moves = kept.moves(subject_of(snapshot, incident))
    if crew not in snapshot.crews:
        raise NotFound("this crew has no shift", what="crew")
    if position is not None:
        return _move(snapshot, moves.at(crew, position))
    if start_at is not None:
        return _move(snapshot, moves.around(crew, round(start_at.timestamp())))
    return _move(snapshot, moves.best(crew))


def _move(snapshot: Snapshot, move: Move) -> MoveOut:
    place = move.place
    return MoveOut(
        plan_version=snapshot.plan_number,
        crew_id=UUID(place.crew_id),
        crew=snapshot.crews[place.crew_id].name,
        position=place.position,
        depart_at=instant(move.depart_at),
        arrive_at=instant(move.arrive_at),
        start_at=instant(place.start_at),
        end_at=instant(move.end_at),
        detour_s=move.detour_s,
        detour_m=move.detour_m,
        margin_s=move.margin_s,
        price=price_out(place.cost),
        terms=[TermOut(name=n, minutes=round(m, 1)) for n, m in move.bill.minutes().items()],
        shifts=[
            ShiftOut(
                visit_id=UUID(s.visit_id), title=title_of(snapshot, s.visit_id), shift_s=s.shift_s
            )
            for s in move.shifts
        ],
        broken=[refusal_out(snapshot, rule) for rule in move.broken],
        warnings=list(move.warnings),
        is_lawful=place.is_lawful,
        is_here=place.is_here,
    )


def _place(place: Place) -> MovePlaceOut:
    return MovePlaceOut(
        position=place.position,
        start_at=instant(place.start_at),
        price=price_out(place.cost),
        is_lawful=place.is_lawful,
        is_here=place.is_here,
    )


def price_out(cost: Cost) -> PriceOut:
    """Return a cost in minutes, tier by tier."""
    return PriceOut(urgent_min=round(cost.urgent / 60, 1), ordinary_min=round(cost.minutes, 1))
