"""The rules of competence in force, and what they are asked about an incident."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from dispatcher.fixtures import fixtures_dir
from dispatcher.incidents.scoring import policy_in_force
from dispatcher.incidents.workflow import LIVE
from dispatcher.models import Commune, CompetenceClaim, Council, Incident, KeptState
from dispatcher.revisions import revision_at, revisions
from priority.competence import (
    Competence,
    CompetenceRule,
    Situation,
    competent,
    rules_from_toml,
)
from priority.facts import RoadClass

SUBJECT = "competence"
"""What the versions of the rules are kept under."""

_ROADS: tuple[tuple[RoadClass, re.Pattern[str]], ...] = (
    ("motorway", re.compile(r"\b(A ?\d{1,3}|autoroute)\b", re.IGNORECASE)),
    ("national", re.compile(r"\b(R?N ?\d{1,4}|route nationale)\b", re.IGNORECASE)),
    ("departmental", re.compile(r"\b(R?D ?\d{1,4}[a-zE]?\d?|d[ée]partementale)\b", re.IGNORECASE)),
)


def rules_key(org: str) -> str:
    """Return where an authority's own rules are kept."""
    return f"competence:{org}"


def rules_text(session: Session, org: str) -> str:
    """Return the rules in force as text: the authority's own, else those of the house."""
    kept = session.get(KeptState, rules_key(org))
    if kept is not None:
        return str(kept.state["text"])
    return (fixtures_dir() / "competence.toml").read_text(encoding="utf-8")


def rules_version(session: Session, org: str) -> int:
    """Return the version of the rules in force: 1 until a council adopts others."""
    found = revisions(session, org, SUBJECT)
    return found[0].version if found else 1


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules that count for something, their version, and the instant they are asked at."""

    rules: tuple[CompetenceRule, ...]
    version: int
    at: datetime


def in_force_for(session: Session, incident: Incident, now: datetime) -> InForce:
    """Return the rules that count for an incident.

    Those of now while it asks something of us; of the moment when a body was last asked, or when
    it ended, afterwards: later rules do not rewrite who was competent.
    """
    at = _decided_at(session, incident) or now
    kept = revision_at(session, incident.org, SUBJECT, at)
    if kept is None:
        return InForce(parsed(rules_text(session, incident.org)), 1, at)
    return InForce(parsed(str(kept.body["text"])), kept.version, at)


def _decided_at(session: Session, incident: Incident) -> datetime | None:
    if incident.state in LIVE:
        return None
    asked = session.exec(
        select(CompetenceClaim.at)
        .where(CompetenceClaim.incident_id == incident.id)
        .order_by(col(CompetenceClaim.at).desc())
    ).first()
    if asked is not None:
        return asked
    ended = incident.stamps.get(incident.state)
    return datetime.fromisoformat(ended) if ended else incident.updated_at


@lru_cache(maxsize=16)
def parsed(text: str) -> tuple[CompetenceRule, ...]:
    """Return rules read from text; raises PolicyError."""
    return rules_from_toml(text)


def road_of(place: str | None) -> RoadClass | None:
    """Return the class of road that a place's words name, None when they name none."""
    return next((road for road, words in _ROADS if words.search(place or "")), None)


def situation_of(
    session: Session, incident: Incident, at: datetime, road: RoadClass | None = None
) -> Situation:
    """Return what rules may ask of an incident.

    Args:
        session: A session on any snapshot.
        incident: Whose place and category count.
        at: Service time; some rules ask for open hours.
        road: Class of road, when a person knows it better than the words of the place.
    """
    commune = session.get(Commune, incident.insee) if incident.insee else None
    return Situation(
        at=at,
        service=incident.service,
        category=incident.category,
        insee=incident.insee,
        council=commune.council_code if commune else None,
        road=road or road_of(incident.place_label),
    )


def who(
    session: Session, incident: Incident, now: datetime, road: RoadClass | None = None
) -> Competence | None:
    """Return who is competent for an incident by the rules that count for it, with the proof."""
    counting = in_force_for(session, incident, now)
    situation = situation_of(session, incident, counting.at, road)
    return asked(session, incident.org, situation, counting.rules)


def asked(
    session: Session, org: str, situation: Situation, rules: Sequence[CompetenceRule]
) -> Competence | None:
    """Return who is competent by some rules, with the open hours of an authority."""
    return competent(situation, rules, policy_in_force(session, org).calendar.working)


def name_of(session: Session, found: Competence) -> str:
    """Return the name of a body: the commune's, the council's, else its code."""
    if found.level == "commune" and found.authority:
        commune = session.get(Commune, found.authority)
        return commune.name if commune else found.authority
    if found.level == "epci" and found.authority:
        council = session.get(Council, found.authority)
        return council.name if council else found.authority
    return found.authority or found.level
