"""Things that have no table of their own: one row each, versioned like any other."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from dispatcher.database import Tx
from dispatcher.errors import StaleVersion
from dispatcher.events import DomainEvent
from dispatcher.events.facts import ClockChanged
from dispatcher.events.states import ClockState, OnCallAlertsState, OnCallState
from dispatcher.events.weather_states import WeatherState
from dispatcher.models import KeptState

NOBODY = UUID(int=0)


class Decided(BaseModel):
    """What an authority has decided about one subject.

    Attributes:
        version: Rises with every change.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(1, ge=1)


D = TypeVar("D", bound=Decided)


def decided(session: Session, subject: str, org: str, kind: type[D]) -> D:
    """Return what is in force; the defaults until somebody decides otherwise."""
    kept = session.get(KeptState, f"{subject}:{org}")
    return kind.model_validate(kept.state) if kept is not None else kind()


def decide(tx: Tx, subject: str, wanted: D) -> tuple[D, list[str]]:
    """Put a decision in force; return it as numbered, and the names of the fields that changed.

    Args:
        tx: The command's transaction; the caller records the fact.
        subject: What it is about.
        wanted: Its `version` names the one it was made from.

    Raises:
        StaleVersion: Somebody changed it meanwhile.
    """
    present = decided(tx.session, subject, tx.org, type(wanted))
    if wanted.version != present.version:
        raise StaleVersion(version=present.version)
    made = wanted.model_copy(update={"version": present.version + 1})
    before, state = present.model_dump(mode="json"), made.model_dump(mode="json")
    key = f"{subject}:{tx.org}"
    kept = tx.session.get(KeptState, key, with_for_update=True)
    if kept is None:
        tx.session.add(KeptState(key=key, org=tx.org, ver=1, state=state))
    else:
        kept.ver, kept.state = kept.ver + 1, state
    return made, [name for name, value in state.items() if before[name] != value]


def keep_clock(tx: Tx, rate: float, *, paused: bool = False) -> bool:
    """Tell every screen how the service clock runs; only for services that do not follow the wall.

    Args:
        tx: The command's transaction.
        rate: Service seconds per real second while it runs.
        paused: Whether it stands still now.
    """

    def build(ver: int) -> ClockState:
        return ClockState(
            id=NOBODY,
            ver=ver,
            at=tx.now,
            wall_at=tx.wall,
            rate=rate,
            paused=paused,
            simulated=True,
        )

    return keep(tx, build, ClockChanged(rate=0.0 if paused else rate))


def keep(
    tx: Tx,
    build: Callable[[int], ClockState | OnCallState | OnCallAlertsState | WeatherState],
    fact: DomainEvent,
) -> bool:
    """Store the image of a single thing and record the fact, unless nothing changed.

    Args:
        tx: The command's transaction.
        build: Makes the image for a version.
        fact: What happened, recorded with the image.

    Returns:
        Whether the image differs from the one kept before.
    """
    kind = build(0).kind
    key = f"{kind}:{tx.org}"
    kept = tx.session.get(KeptState, key, with_for_update=True)
    image = build(kept.ver + 1 if kept else 1)
    state = image.model_dump(mode="json")
    if kept is None:
        tx.session.add(KeptState(key=key, org=tx.org, ver=1, state=state))
    elif {**kept.state, "ver": 0} == {**state, "ver": 0}:
        return False
    else:
        kept.ver, kept.state = image.ver, state
    tx.record(fact, image)
    return True
