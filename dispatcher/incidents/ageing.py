"""Scores that change by themselves: time passes, promises come near, the weather is warned of.

What has changed is found beside the writer, for all that waits; only that is written.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.incidents import commands, scoring
from dispatcher.incidents.weather import vigilances, with_vigilances
from dispatcher.models import Incident
from priority.facts import Vigilance

UNATTENDED = ("received", "triaged", "reopened")


def aged(session: Session, org: str, now: datetime) -> list[UUID]:
    """Return the incidents nobody is at yet whose score, class or warnings are others now."""
    rows = session.exec(
        select(Incident).where(Incident.org == org, col(Incident.state).in_(UNATTENDED))
    )
    warned = vigilances(session, org)
    return [one.id for one in rows if _is_other(session, one, warned, now)]


def _is_other(
    session: Session, incident: Incident, warned: tuple[Vigilance, ...], now: datetime
) -> bool:
    if with_vigilances(incident.facts, warned) is not incident.facts:
        return True
    fresh = scoring.rescored(session, incident, now).assessment
    return (incident.score, incident.priority) != (fresh.score, fresh.priority)


def age(tx: Tx, ids: Collection[UUID]) -> int:
    """Score incidents by what holds now; return how many changed enough to be told."""
    warned, changed = vigilances(tx.session, tx.org), 0
    for incident_id in ids:
        incident = tx.session.get(Incident, incident_id)
        if incident is not None:
            incident.facts = with_vigilances(incident.facts, warned)
            scored = scoring.rescored(tx.session, incident, tx.now)
            changed += commands.rescore(tx, incident, scored)
    return changed
