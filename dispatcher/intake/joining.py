"""A report whose author says which incident it is: stored like any other, then joined to it.

It opens an incident of its own first, so that saying "the same" by mistake is undone by parting
the two.
"""

from typing import Any
from uuid import UUID

from dispatcher.database import Tx
from dispatcher.incidents import merging
from dispatcher.incidents.images import priority_of
from dispatcher.incidents.workflow import LIVE
from dispatcher.intake.commands import Arrival, receive_report
from dispatcher.intake.understanding import Understood
from dispatcher.models import Incident


def receive(
    tx: Tx, understood: Understood, arrival: Arrival, secret: bytes, joins: UUID | None
) -> dict[str, Any]:
    """Store a report, and join it to the incident that its author named; return the answer.

    An incident that is no longer followed, or of another authority, is not joined: the report
    then counts for itself.

    Args:
        tx: The command's transaction.
        understood: The message as read before the queue.
        arrival: Channel, contact and language.
        secret: Key from which the tracking token derives.
        joins: What the author says it is.
    """
    answer = receive_report(tx, understood, arrival, secret)
    target = tx.session.get(Incident, joins) if joins is not None else None
    if target is None or target.org != tx.org or target.state not in LIVE:
        return answer
    own = UUID(answer["incident"]["id"])
    if own == target.id or answer["incident"]["joined"]:
        return answer
    merging.merge(tx, tx.session.get_one(Incident, own), target)
    brief = {
        "id": str(target.id),
        "ref": target.ref,
        "state": target.state,
        "priority": priority_of(target),
        "score": target.score,
        "joined": True,
    }
    return {**answer, "reference": target.ref, "incident": brief}
