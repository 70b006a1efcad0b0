"""One action on many incidents in one transaction: each is served or refused alone, and all that
was done is undone by one request.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from dispatcher.auth.access import visible_incident
from dispatcher.database import Tx
from dispatcher.desk.bulk_actions import NO_WAY_BACK, act, undo
from dispatcher.desk.bulk_schemas import BulkIn, BulkItemOut, BulkOut, Kind, MergeAll
from dispatcher.errors import Conflict, CpoError, NotFound
from dispatcher.models import BulkAction, Incident

Json = dict[str, Any]


def run(tx: Tx, body: BulkIn, freeze: timedelta) -> BulkOut:
    """Do an action to each incident, in order; one refused leaves the others as they are.

    Args:
        tx: The command's transaction.
        body: The action and the incidents; one named twice is served once.
        freeze: Stops starting within this time do not move.
    """
    action = body.action
    wanted = list(dict.fromkeys(body.incidents))
    if isinstance(action, MergeAll):
        wanted = [one for one in wanted if one != action.into]
    steps: list[Json] = []

    def serve(incident: Incident) -> str | None:
        done = act(tx, incident, action, freeze)
        steps.append({"incident": str(incident.id), "back": done.back})
        return done.crew

    items = [_one(tx, incident_id, serve) for incident_id in wanted]
    row = BulkAction(
        id=tx.new_id(),
        org=tx.org,
        kind=action.kind,
        steps=steps,
        by=tx.actor.name or tx.actor.label,
        at=tx.now,
    )
    tx.session.add(row)
    may_undo = bool(steps) and action.kind not in NO_WAY_BACK
    return _told(row.id, action.kind, may_undo, items)


def give_back(tx: Tx, bulk_id: UUID) -> BulkOut:
    """Undo an action on many incidents, the last served first; what moved on since is refused.

    Raises:
        NotFound: There was no such action.
        Conflict: It was undone already, or has no way back.
    """
    row = tx.session.get(BulkAction, bulk_id, with_for_update=True)
    if row is None or row.org != tx.org:
        raise NotFound(what="bulk")
    if row.undone_at is not None or row.kind in NO_WAY_BACK:
        raise Conflict("there is nothing to undo", reason="undone_already")
    row.undone_at = tx.now
    backs = {UUID(step["incident"]): step["back"] for step in reversed(row.steps)}
    kind = cast("Kind", row.kind)

    def serve(incident: Incident) -> None:
        undo(tx, incident, kind, backs[incident.id])

    items = [_one(tx, incident_id, serve) for incident_id in backs]
    return _told(row.id, kind, False, items)


def _one(tx: Tx, incident_id: UUID, serve: Callable[[Incident], str | None]) -> BulkItemOut:
    ref: str | None = None
    try:
        incident = visible_incident(tx.session, tx.actor, incident_id)
        ref = incident.ref
        with tx.part():
            crew = serve(incident)
    except CpoError as refusal:
        params: dict[str, JsonValue] = dict(refusal.params)
        return BulkItemOut(
            incident_id=incident_id,
            ref=ref,
            status=refusal.status,
            code=refusal.code,
            params=params,
        )
    except (StaleDataError, IntegrityError):
        # Another writer changed the same row between our read and our write.
        return BulkItemOut(incident_id=incident_id, ref=ref, status=409, code=Conflict.code)
    return BulkItemOut(incident_id=incident_id, ref=ref, status=200, crew=crew)


def _told(bulk_id: UUID, kind: Kind, may_undo: bool, items: Sequence[BulkItemOut]) -> BulkOut:
    done = sum(item.code is None for item in items)
    return BulkOut(
        id=bulk_id,
        kind=kind,
        done=done,
        refused=len(items) - done,
        may_undo=may_undo,
        items=list(items),
    )
