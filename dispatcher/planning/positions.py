"""Where a crew is, while it serves a visit: no longer, and nobody's appraisal."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlmodel import Session, col, delete, select

from dispatcher.crews.commands import CrewActivity, set_activity
from dispatcher.database import Tx
from dispatcher.models import Crew, TrackPoint, Visit
from dispatcher.planning.workflow import COMMITTED

AT_MOST = 5000


def locate_crew(tx: Tx, crew: Crew, at: tuple[float, float]) -> bool:
    """Note where a crew is; return False, and keep nothing, unless it is on its way or at work.

    Source: CNIL, délibération 2015-165: no collection outside the work that needs it.

    Args:
        tx: The command's transaction.
        crew: The crew.
        at: (latitude, longitude), degrees.
    """
    under_way = [state.value for state in COMMITTED]
    served = tx.session.exec(
        select(Visit).where(Visit.crew_id == crew.id, col(Visit.state).in_(under_way))
    ).first()
    if served is None:
        return False
    if not served.simulated:
        _keep(tx, served, at)
    set_activity(tx, crew, cast(CrewActivity, crew.state), at)
    return True


def track_of(
    session: Session, crew_id: UUID, since: datetime, until: datetime
) -> Sequence[TrackPoint]:
    """Return where a crew was between two instants, oldest first, at most 5000 points."""
    return session.exec(
        select(TrackPoint)
        .where(
            TrackPoint.crew_id == crew_id,
            col(TrackPoint.at) >= since,
            col(TrackPoint.at) < until,
        )
        .order_by(col(TrackPoint.at))
        .limit(AT_MOST)
    ).all()


def forget_tracks(tx: Tx, kept: timedelta) -> int:
    """Delete positions older than they may be kept; return how many went.

    Source: CNIL, délibération 2015-165: two months, longer only for stated ends.
    """
    old = tx.session.exec(
        select(TrackPoint.id)
        .where(TrackPoint.org == tx.org, col(TrackPoint.at) < tx.now - kept)
        .limit(AT_MOST)
    ).all()
    if old:
        tx.session.execute(delete(TrackPoint).where(col(TrackPoint.id).in_(old)))
    return len(old)


def _keep(tx: Tx, visit: Visit, at: tuple[float, float]) -> None:
    tx.session.add(
        TrackPoint(
            id=tx.new_id(),
            org=tx.org,
            crew_id=visit.crew_id,
            visit_id=visit.id,
            at=tx.now,
            lat=at[0],
            lon=at[1],
        )
    )
