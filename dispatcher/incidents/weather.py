"""Which weather warnings incidents are scored with: those of the authority's territory."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.events.weather_states import WeatherState
from dispatcher.incidents.scoring import KnownFacts, stored_of
from dispatcher.models import KeptState
from priority.facts import Vigilance

_KEPT = select(KeptState.state).where(col(KeptState.key) == bindparam("key"))


def weather_key(org: str) -> str:
    """Return where the warnings of an authority are kept."""
    return f"weather:{org}"


def weather_of(session: Session, org: str) -> WeatherState | None:
    """Return what is kept of the weather; None before anybody warned of any."""
    kept = session.get(KeptState, weather_key(org))
    return None if kept is None else WeatherState.model_validate(kept.state)


def vigilances(session: Session, org: str) -> tuple[Vigilance, ...]:
    """Return the warnings in force or announced."""
    return _vigilances(weather_of(session, org))


def warned(tx: Tx, known: KnownFacts) -> KnownFacts:
    """Return the facts of a new incident with the warnings, read once for reports stored
    together.
    """
    key = weather_key(tx.org)

    def load() -> tuple[Vigilance, ...]:
        state = tx.look(_KEPT, key=key).scalar_one_or_none()
        return _vigilances(None if state is None else WeatherState.model_validate(state))

    return replace(known, vigilances=tx.read_once(key, load))


def with_vigilances(stored: dict[str, Any], found: Sequence[Vigilance]) -> dict[str, Any]:
    """Return the facts kept with an incident, with other warnings; the same object if alike."""
    fresh = stored_of(KnownFacts(vigilances=tuple(found)))["vigilances"]
    return stored if stored.get("vigilances", []) == fresh else {**stored, "vigilances": fresh}


def _vigilances(state: WeatherState | None) -> tuple[Vigilance, ...]:
    if state is None:
        return ()
    return tuple(
        Vigilance(one.phenomenon, one.colour, one.starts_at, one.ends_at) for one in state.warnings
    )
