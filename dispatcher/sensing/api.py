"""Sensors over HTTP: a gateway posts readings, the desk sees what they say."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import Service, service_of
from dispatcher.errors import Conflict
from dispatcher.sensing import commands, queries
from dispatcher.sensing.schemas import (
    ReadingIn,
    ReadingOut,
    ReadingsIn,
    ReadingsOut,
    SensorOut,
)

router = APIRouter(tags=["sensors"])

DETAILS = {
    "unknown_sensor": "no sensor of that code in the reference data",
    "in_future": "measured later than now: the clock of the gateway is ahead",
    "too_old": "measured longer ago than readings are kept",
    "other_content": "this id was sent before with another sensor, value or time",
}


@router.post("/readings")
async def receive_readings(
    request: Request, body: ReadingsIn, actor: Annotated[Actor, Depends(access.sensors)]
) -> ReadingsOut:
    """Take a batch of readings, each id once; a bad row is answered for itself."""
    return await post_readings(service_of(request), actor, body.readings)


@router.get("/sensors")
def list_sensors(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> list[SensorOut]:
    """List the sensors by sector: last reading, state, trend, curve, incident."""
    service = service_of(request)
    with service.store.read() as session:
        return queries.sensors(session, actor.org, service.clocks.service.now())


async def post_readings(service: Service, actor: Actor, rows: Sequence[Any]) -> ReadingsOut:
    """Take readings; the gateway and the simulation both come through here.

    Args:
        service: The running service.
        actor: Who sends them.
        rows: Readings, or what was sent in their place.
    """
    good = [(at, row) for at, row in enumerate(rows) if isinstance(row, ReadingIn)]
    kept = timedelta(days=service.settings.readings_kept_days)
    readings = [row for _, row in good]
    try:
        taken = await service.store.submit(lambda tx: commands.receive(tx, readings, kept), actor)
    except Conflict:
        # Another process stored one of them, or touched an incident, between our look and our
        # write: now its rows are there to be found.
        taken = await service.store.submit(lambda tx: commands.receive(tx, readings, kept), actor)
    told = [
        ReadingOut(
            row=at,
            id=row.id,
            state=outcome.state,
            code=outcome.code,
            detail=DETAILS.get(outcome.code or ""),
        )
        for (at, row), outcome in zip(good, taken.outcomes, strict=True)
    ]
    told += [_unreadable(at, row) for at, row in enumerate(rows) if not isinstance(row, ReadingIn)]
    states = [one.state for one in told]
    return ReadingsOut(
        stored=states.count("stored"),
        known=states.count("known"),
        refused=states.count("refused"),
        rows=sorted((one for one in told if one.state != "stored"), key=lambda one: one.row),
        bursts=list(taken.bursts),
    )


def _unreadable(at: int, row: Any) -> ReadingOut:
    detail = "not a reading"
    try:
        ReadingIn.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        detail = f"{where}: {first['msg']}" if where else first["msg"]
    return ReadingOut(row=at, id=None, state="refused", code="invalid_input", detail=detail)
