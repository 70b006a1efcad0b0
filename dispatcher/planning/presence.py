"""Who is at work on an incident, and for how much longer."""

from datetime import timedelta

from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.events.states import VisitStatus as S
from dispatcher.models import Visit
from dispatcher.models.base import touch


def others_there(tx: Tx, visit: Visit) -> bool:
    """Whether another crew is at work on the same incident: it is then the one that ends it."""
    there = [S.ON_SITE.value, S.PAUSED.value]
    query = select(Visit.id).where(
        Visit.incident_id == visit.incident_id,
        Visit.id != visit.id,
        col(Visit.state).in_(there),
    )
    return tx.session.exec(query).first() is not None


def extend_visit(tx: Tx, visit: Visit, by: timedelta) -> None:
    """Give a visit more time; the caller records the fact with its image.

    What follows on the route is moved by whoever reacts to that fact.
    """
    visit.duration_s += round(by.total_seconds())
    if visit.end_at is not None:
        visit.end_at += by
    touch(visit, tx.now)
