"""Steering the simulated day, in demo mode only (the routes do not exist elsewhere)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.simulation.player import Player
from dispatcher.simulation.schemas import SimulationIn, SimulationOut

router = APIRouter(prefix="/simulation", tags=["simulation"])


@router.get("")
def read_simulation(
    request: Request, _actor: Annotated[Actor, Depends(access.observers)]
) -> SimulationOut:
    """Say how the simulated day runs."""
    player: Player = service_of(request).parts["player"]
    return player.state()


@router.post("")
async def steer_simulation(
    request: Request, body: SimulationIn, actor: Annotated[Actor, Depends(access.operators)]
) -> SimulationOut:
    """Change the pace, pause, or call a storm."""
    player: Player = service_of(request).parts["player"]
    await player.steer(actor, rate=body.rate, paused=body.paused, storm=body.storm)
    return player.state()
