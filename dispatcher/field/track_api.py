"""Where a crew was, for those who may know why: every read is in the log."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, Field

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.database import Tx
from dispatcher.errors import InvalidInput
from dispatcher.events.field_facts import TrackRead
from dispatcher.planning.positions import track_of
from dispatcher.wire import In, Out

router = APIRouter(tags=["field"])

LONGEST = timedelta(days=1)


class TrackIn(In):
    """Between which instants (at most a day apart), and why somebody must know."""

    since: AwareDatetime
    until: AwareDatetime
    reason: str = Field(min_length=5, max_length=300)


class TrackPointOut(Out):
    """One position, degrees WGS 84, and during which visit."""

    visit_id: UUID
    at: datetime
    lat: float
    lon: float


@router.post("/crews/{crew_id}/track")
async def read_track(
    request: Request,
    crew_id: UUID,
    body: TrackIn,
    actor: Annotated[Actor, Depends(access.dispatchers)],
) -> list[TrackPointOut]:
    """Return where a crew was during visits; who looked, at what and why goes into the log."""
    if not timedelta() < body.until - body.since <= LONGEST:
        raise InvalidInput("at most a day, and the end after the start", field="until")

    def read(tx: Tx) -> list[TrackPointOut]:
        crew = access.visible_crew(tx.session, tx.actor, crew_id)
        points = track_of(tx.session, crew.id, body.since, body.until)
        fact = TrackRead(
            crew_id=crew.id,
            since=body.since,
            until=body.until,
            points=len(points),
            reason=body.reason,
        )
        tx.record(fact)
        return [TrackPointOut.model_validate(point) for point in points]

    return await service_of(request).store.submit(read, actor)
