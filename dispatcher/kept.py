"""Images of things that have no table of their own: one row each, versioned like any other."""

from collections.abc import Callable
from uuid import UUID

from dispatcher.database import Tx
from dispatcher.events import DomainEvent
from dispatcher.events.facts import ClockChanged
from dispatcher.events.states import ClockState, OnCallAlertsState, OnCallState
from dispatcher.models import KeptState

NOBODY = UUID(int=0)


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
    build: Callable[[int], ClockState | OnCallState | OnCallAlertsState],
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
