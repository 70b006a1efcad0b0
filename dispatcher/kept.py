"""Images of things that have no table of their own: one row each, versioned like any other."""

from collections.abc import Callable
from uuid import UUID

from dispatcher.database import Tx
from dispatcher.events import DomainEvent
from dispatcher.events.states import ClockState, OnCallState
from dispatcher.models import KeptState

NOBODY = UUID(int=0)


def keep(
    tx: Tx,
    build: Callable[[int], ClockState | OnCallState],
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
