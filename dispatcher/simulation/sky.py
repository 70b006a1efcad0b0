"""The weather that an invented day is warned of; every warning says that it is simulated."""

from datetime import datetime, timedelta

from dispatcher.database import Tx
from dispatcher.events.weather_states import Phenomenon, WarningColour, WarningState
from dispatcher.incidents.weather import weather_of
from dispatcher.simulation.scenario import STORM_LASTS, WINTER_MONTHS
from dispatcher.weather.commands import write_down

NIGHT_AT, NIGHT_LASTS = 18, timedelta(hours=15)


def warnings(now: datetime, *, storm: bool) -> list[WarningState]:
    """Return what an invented day warns of: a night of ice or thunder, and a storm while it lasts.

    Args:
        now: Civil time.
        storm: Whether one is playing.
    """
    evening = now.replace(hour=NIGHT_AT, minute=0, second=0, microsecond=0)
    ahead: Phenomenon = "snow_ice" if now.month in WINTER_MONTHS else "thunderstorm"
    found = [_warning(ahead, "yellow", evening, NIGHT_LASTS)]
    if storm:
        found.append(_warning("rain_flood", "orange", now, STORM_LASTS))
        found.append(_warning("wind", "yellow", now, STORM_LASTS))
    return found


def _warning(
    phenomenon: Phenomenon, colour: WarningColour, start: datetime, lasts: timedelta
) -> WarningState:
    return WarningState(
        phenomenon=phenomenon,
        colour=colour,
        starts_at=start,
        ends_at=start + lasts,
        source="simulation",
    )


def warn(tx: Tx, now: datetime, *, storm: bool) -> None:
    """Warn of the day's weather, in place of what the simulation warned of before."""
    known = weather_of(tx.session, tx.org)
    write_down(tx, warnings(now, storm=storm), known.ver if known else 0, "simulation")
