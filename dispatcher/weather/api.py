"""Weather warnings over HTTP: read them, write them down."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.events.weather_states import WarningState, WeatherState
from dispatcher.incidents.weather import weather_of
from dispatcher.kept import NOBODY
from dispatcher.weather import commands
from dispatcher.weather.schemas import WeatherIn

router = APIRouter(tags=["weather"])


@router.get("/weather")
def read_weather(
    request: Request, actor: Annotated[Actor, Depends(access.observers)]
) -> WeatherState:
    """Show the weather warnings in force or announced, the worst first."""
    with service_of(request).store.read() as session:
        known = weather_of(session, actor.org)
    return known or WeatherState(id=NOBODY, ver=0, warnings=[])


@router.put("/weather")
async def write_warnings(
    request: Request, body: WeatherIn, actor: Annotated[Actor, Depends(access.dispatchers)]
) -> WeatherState:
    """Write down which weather is warned of; incidents that wait are scored anew within
    moments.
    """
    wanted = [WarningState(**one.model_dump(), source="hand") for one in body.warnings]
    return await service_of(request).store.submit(
        lambda tx: commands.write_down(tx, wanted, body.replaces), actor
    )
