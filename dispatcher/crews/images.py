"""What the board may know of a crew: its row and its depot as an image."""

from typing import Literal, cast

from dispatcher.crews.shifts import breaks_within
from dispatcher.events.states import BreakState, CrewState, PositionState, ShiftState, SpotState
from dispatcher.models import Crew, Depot

COARSE = 3
"""Decimals of a degree, about 100 m: nobody at a desk needs more. It stands beside the log and is
forgotten in time, as is where a crew exactly was.
"""


def crew_image(crew: Crew, depot: Depot) -> CrewState:
    """Return the image of a crew at its present version."""
    position = None
    if crew.lat is not None and crew.lon is not None and crew.located_at is not None:
        position = PositionState(
            lat=round(crew.lat, COARSE),
            lon=round(crew.lon, COARSE),
            at=crew.located_at,
            source=cast(Literal["depot", "crew", "simulated"], crew.located_by or "depot"),
        )
    shift = None
    if crew.shift_start_at is not None and crew.shift_end_at is not None:
        pauses = breaks_within(crew.pattern, crew.shift_start_at)
        shift = ShiftState(
            start_at=crew.shift_start_at,
            end_at=crew.shift_end_at,
            breaks=[BreakState(**pause) for pause in pauses],
        )
    return CrewState(
        id=crew.id,
        ver=crew.version,
        name=crew.name,
        sector=crew.sector,
        depot=SpotState(name=depot.name, lat=depot.lat, lon=depot.lon),
        skills=crew.skills,
        vehicle=crew.vehicle,
        members=crew.members,
        shift=shift,
        may_start_at=crew.rest_until,
        out_until=crew.out_until,
        out_reason=crew.out_reason,
        state=cast(Literal["off", "available", "en_route", "on_site", "paused"], crew.state),
        position=position,
    )
