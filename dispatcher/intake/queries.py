"""Reading what a message would become, before it is stored."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from dispatcher.events.states import ReasonState
from dispatcher.incidents import scoring
from dispatcher.incidents.weather import vigilances
from dispatcher.intake.commands import near_duplicates, traits_of_incident
from dispatcher.intake.schemas import (
    AssessmentOut,
    CandidateOut,
    DangerOut,
    DuplicateOut,
    PlaceOut,
    PreviewOut,
    SpanOut,
)
from dispatcher.intake.understanding import Understood, traits_of
from dispatcher.models import Incident
from priority.duplicates import Likeness

WORTH_SHOWING = 0.45


def preview(session: Session, org: str, understood: Understood, at: datetime) -> PreviewOut:
    """Return what is understood of a message, what it would score, and what it resembles."""
    reading = understood.interpretation
    candidates = [CandidateOut(code=c.code, confidence=c.confidence) for c in reading.categories]
    return PreviewOut(
        category=candidates[0] if candidates else None,
        candidates=candidates,
        place=_place(understood),
        danger=[
            DangerOut(kind=d.kind, word=d.word, start=d.start, end=d.end) for d in reading.dangers
        ],
        spans=[SpanOut(start=s.start, end=s.end, kind=s.kind) for s in reading.spans],
        assessment=_assessment(session, org, understood, at) if understood.text else None,
        duplicates=_duplicates(session, org, understood, at),
    )


def _place(understood: Understood) -> PlaceOut | None:
    spot = understood.spot
    hints = understood.interpretation.places
    if spot.commune is None and spot.label is None and spot.lat is None:
        return None
    label = ", ".join(part for part in (spot.label, spot.commune) if part)
    return PlaceOut(
        label=label,
        commune=spot.commune,
        insee=spot.insee,
        lat=spot.lat,
        lon=spot.lon,
        confidence=1.0 if spot.precise else hints[0].confidence if hints else 0.0,
    )


def _assessment(session: Session, org: str, understood: Understood, at: datetime) -> AssessmentOut:
    policy = scoring.policy_in_force(session, org)
    moment = scoring.Moment(at=at, reported_at=at)
    known = replace(understood.known, vigilances=vigilances(session, org))
    found = scoring.score(policy, understood.category, known, moment).assessment
    return AssessmentOut(
        priority=found.priority.value,
        score=found.score,
        severity=found.severity,
        urgency=found.urgency,
        reasons=[
            ReasonState(rule=r.rule, axis=r.axis, points=r.points, params=dict(r.params))
            for r in found.reasons
        ],
    )


def duplicates_of(session: Session, incident: Incident, at: datetime) -> list[DuplicateOut]:
    """Return living incidents that may be the same as a stored one, most alike first."""
    found = near_duplicates(session, incident.org, traits_of_incident(incident), WORTH_SHOWING)
    return [_duplicate(twin, like, at) for twin, like in found if twin.id != incident.id]


def _duplicates(
    session: Session, org: str, understood: Understood, at: datetime
) -> list[DuplicateOut]:
    found = near_duplicates(session, org, traits_of(understood, at), WORTH_SHOWING)
    return [_duplicate(incident, like, at) for incident, like in found]


def _duplicate(incident: Incident, like: Likeness, at: datetime) -> DuplicateOut:
    metres = (r.params["distance_m"] for r in like.reasons if "distance_m" in r.params)
    distance = next(metres, None)
    return DuplicateOut(
        incident_id=incident.id,
        ref=incident.ref,
        title=incident.title,
        distance_m=int(str(distance)) if distance is not None else None,
        age_s=max(0, round((at - incident.reported_at).total_seconds())),
        likeness=round(like.value, 2),
        reasons=[
            {"trait": r.trait, "value": round(r.value, 2), **dict(r.params)} for r in like.reasons
        ],
    )
