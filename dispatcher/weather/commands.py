"""Verbs on the weather: people write warnings down, bulletins replace the former one, what is over
goes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from dispatcher.database import Tx
from dispatcher.errors import StaleVersion
from dispatcher.events.weather_facts import WeatherChanged
from dispatcher.events.weather_states import (
    WarningColour,
    WarningSource,
    WarningState,
    WeatherState,
)
from dispatcher.incidents.weather import weather_of
from dispatcher.kept import NOBODY, keep
from dispatcher.weather.bulletin import Bulletin

ORDER: dict[WarningColour, int] = {"red": 0, "orange": 1, "yellow": 2}

Feed = Literal["none", "heard", "silent"]


def write_down(
    tx: Tx, wanted: Sequence[WarningState], replaces: int, source: WarningSource = "hand"
) -> WeatherState:
    """Replace what people wrote down; warnings of a bulletin stay.

    Args:
        tx: The command's transaction.
        wanted: All that people warn of now.
        replaces: Version on which it was written, 0 for none.
        source: Who speaks.

    Raises:
        StaleVersion: The warnings changed meanwhile.
    """
    present = _present(tx)
    if present.ver != replaces:
        raise StaleVersion(version=present.ver)
    others = [one for one in present.warnings if one.source != source]
    return _keep(tx, source, [*others, *wanted], present.feed, present.bulletin_at)


def hear(tx: Tx, bulletin: Bulletin) -> bool:
    """Replace what the last bulletin said; return whether anything is new.

    An older bulletin than the last one says nothing: servers behind one name may disagree.
    """
    present = _present(tx)
    if present.bulletin_at is not None and bulletin.issued_at < present.bulletin_at:
        return False
    others = [one for one in present.warnings if one.source != "meteofrance"]
    _keep(tx, "meteofrance", [*others, *bulletin.warnings], "heard", bulletin.issued_at)
    return _present(tx).ver != present.ver


def miss(tx: Tx) -> None:
    """Say that bulletins no longer come; what the last one said stays until it is over."""
    present = _present(tx)
    _keep(tx, "meteofrance", present.warnings, "silent", present.bulletin_at)


def tidy(tx: Tx) -> None:
    """Take away what is over."""
    present = _present(tx)
    if any(_is_over(one, tx.now) for one in present.warnings):
        _keep(tx, "time", present.warnings, present.feed, present.bulletin_at)


def has_past(state: WeatherState | None, now: datetime) -> bool:
    """Whether `tidy` would take anything away."""
    return state is not None and any(_is_over(one, now) for one in state.warnings)


def _present(tx: Tx) -> WeatherState:
    return weather_of(tx.session, tx.org) or WeatherState(id=NOBODY, ver=0, warnings=[])


def _keep(
    tx: Tx,
    source: WarningSource | Literal["time"],
    warnings: Sequence[WarningState],
    feed: Feed,
    bulletin_at: datetime | None,
) -> WeatherState:
    left = [one for one in warnings if not _is_over(one, tx.now)]
    # The worst first, then the nearest: what a head of a page has room for.
    left.sort(key=lambda one: (ORDER[one.colour], one.starts_at, one.phenomenon))

    def build(ver: int) -> WeatherState:
        return WeatherState(id=NOBODY, ver=ver, warnings=left, feed=feed, bulletin_at=bulletin_at)

    worst = left[0].colour if left else None
    keep(tx, build, WeatherChanged(source=source, warnings=len(left), worst=worst))
    tx.session.flush()
    return _present(tx)


def _is_over(warning: WarningState, now: datetime) -> bool:
    return warning.ends_at is not None and warning.ends_at <= now
