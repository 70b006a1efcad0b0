"""Wire models of the simulated day."""

from datetime import datetime

from pydantic import Field

from dispatcher.wire import In, Out


class SimulationIn(In):
    """What to change of the simulated day; absent fields stay."""

    rate: float | None = Field(None, ge=1, le=120)
    paused: bool | None = None
    storm: bool | None = None


class SimulationOut(Out):
    """The simulated day as it runs."""

    rate: float
    paused: bool
    at: datetime
    storm: bool
    seed: int
    incidents: int
