"""The rules of competence in force, and what they are asked about an incident."""

import re
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session

from dispatcher.fixtures import fixtures_dir
from dispatcher.incidents.scoring import policy_in_force
from dispatcher.models import Commune, Council, Incident, KeptState
from priority.competence import (
    Competence,
    CompetenceRule,
    Situation,
    competent,
    rules_from_toml,
)
from priority.facts import RoadClass

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


@lru_cache(maxsize=16)
def parsed(text: str) -> tuple[CompetenceRule, ...]:
    """Return rules read from text; raises PolicyError."""
    return rules_from_toml(text)


def road_of(place: str | None) -> RoadClass | None:
    """Return the class of road that a place's words name, None when they name none."""
    return next((road for road, words in _ROADS if words.search(place or "")), None)


def who(
    session: Session, incident: Incident, at: datetime, road: RoadClass | None = None
) -> Competence | None:
    """Return who is competent for an incident, with the proof.

    Args:
        session: A session on any snapshot.
        incident: Whose place and category count.
        at: Service time; some rules ask for open hours.
        road: Class of road, when a person knows it better than the words of the place.
    """
    commune = session.get(Commune, incident.insee) if incident.insee else None
    situation = Situation(
        at=at,
        service=incident.service,
        category=incident.category,
        insee=incident.insee,
        council=commune.council_code if commune else None,
        road=road or road_of(incident.place_label),
    )
    policy = policy_in_force(session, incident.org)
    rules = parsed(rules_text(session, incident.org))
    return competent(situation, rules, policy.calendar.working)


def name_of(session: Session, found: Competence) -> str:
    """Return the name of a body: the commune's, the council's, else its code."""
    if found.level == "commune" and found.authority:
        commune = session.get(Commune, found.authority)
        return commune.name if commune else found.authority
    if found.level == "epci" and found.authority:
        council = session.get(Council, found.authority)
        return council.name if council else found.authority
    return found.authority or found.level
