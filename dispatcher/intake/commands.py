"""Receive a report: one command behind every channel.

Stores the message, the person apart, the private link as a hash; joins a living incident that is
almost surely the same, else opens one. Everything in one transaction with its events.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from dispatcher.auth.sessions import token_hash
from dispatcher.auth.tracking import tracking_token
from dispatcher.database import Tx
from dispatcher.events.states import IncidentStatus
from dispatcher.incidents import commands as incidents
from dispatcher.incidents import scoring
from dispatcher.incidents.images import priority_of
from dispatcher.incidents.weather import warned
from dispatcher.incidents.workflow import LIVE
from dispatcher.intake.schemas import ContactIn
from dispatcher.intake.understanding import Understood, traits_of
from dispatcher.models import Incident, Person, Report, Request
from priority.duplicates import Likeness, ReportTraits, most_alike, street_key

JOIN_AT = 0.85
"""From this likeness a report joins by itself; below, a person decides."""
LOOK_BACK = timedelta(hours=72)
LIVE_STATES = [state.value for state in LIVE]


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a message came in: by which channel, from whom, in which language."""

    channel: str
    contact: ContactIn | None = None
    locale: str = "fr"
    homes_without_water: int = 0


def receive_report(
    tx: Tx, understood: Understood, arrival: Arrival, secret: bytes
) -> dict[str, Any]:
    """Store a report and return the answer without its secret: ids, reference, class and score.

    Args:
        tx: The command's transaction.
        understood: The message as read before the queue.
        arrival: Channel, contact and language.
        secret: Key from which the tracking token derives.
    """
    report_id = tx.new_id()
    twin = _twin(tx, understood)
    incident = twin or _open(tx, understood, arrival, report_id)
    _report(tx, understood, arrival, report_id, incident.id)
    if twin is not None:
        rescored = _join(tx, twin, understood, arrival)
        incidents.join_report(tx, twin, report_id, arrival.channel, rescored)
    request_id = _request(tx, report_id, incident.id, secret)
    return {
        "request_id": str(request_id),
        "reference": incident.ref,
        "incident": {
            "id": str(incident.id),
            "ref": incident.ref,
            "state": incident.state,
            "priority": priority_of(incident),
            "score": incident.score,
            "joined": twin is not None,
        },
    }


def near_duplicates(
    session: Session, org: str, traits: ReportTraits, at_least: float
) -> list[tuple[Incident, Likeness]]:
    """Return living incidents like a report, most alike first, at most five.

    Args:
        session: A session on any snapshot.
        org: The authority.
        traits: The report.
        at_least: Lowest likeness worth showing, 0..1.
    """
    query = select(Incident).where(
        Incident.org == org,
        col(Incident.state).in_(LIVE_STATES),
        col(Incident.reported_at) >= traits.at - LOOK_BACK,
    )
    if traits.lat is not None and traits.lon is not None:
        query = query.where(
            col(Incident.lat).between(traits.lat - 0.02, traits.lat + 0.02),
            col(Incident.lon).between(traits.lon - 0.03, traits.lon + 0.03),
        )
    elif traits.insee is not None:
        query = query.where(Incident.insee == traits.insee)
    else:
        return []
    rows = session.exec(query.order_by(col(Incident.reported_at).desc()).limit(200)).all()
    return most_alike(traits, [(row, traits_of_incident(row)) for row in rows], at_least=at_least)


def traits_of_incident(incident: Incident) -> ReportTraits:
    """Return what can be compared of a stored incident."""
    precise = bool(incident.facts.get("precise"))
    return ReportTraits(
        at=incident.reported_at,
        category=incident.category,
        service=incident.service,
        lat=incident.lat if precise else None,
        lon=incident.lon if precise else None,
        insee=incident.insee,
        words=frozenset(incident.facts.get("words", ())),
        street=street_key(incident.place_label),
    )


def _twin(tx: Tx, understood: Understood) -> Incident | None:
    # Two messages that only share a commune are too little evidence to join without a person.
    if not understood.spot.precise:
        return None
    alike = near_duplicates(tx.session, tx.org, traits_of(understood, tx.now), JOIN_AT)
    for incident, _likeness in alike:
        if (
            incident.category == understood.category.code
            and incident.simulated == tx.actor.simulated
        ):
            return incident
    return None


def _open(tx: Tx, understood: Understood, arrival: Arrival, report_id: UUID) -> Incident:
    policy = scoring.policy_for(tx)
    known = warned(tx, understood.known)
    moment = scoring.Moment(at=tx.now, reported_at=tx.now)
    stored = {**scoring.stored_of(known), "words": sorted(understood.words)[:40]}
    draft = incidents.Draft(
        category=understood.category,
        title=understood.category.label_fr,
        spot=understood.spot,
        channel=arrival.channel,
        scored=scoring.score(policy, understood.category, known, moment),
        facts=stored,
    )
    return incidents.open_incident(tx, draft, report_id)


def _join(tx: Tx, incident: Incident, understood: Understood, arrival: Arrival) -> incidents.Scored:
    """Add what one more person told to the facts; return what they are worth now."""
    incidents.count_report(incident, arrival.channel)
    told = {d["kind"] for d in incident.facts.get("dangers", [])}
    fresh = [
        {"kind": d.kind, "word": d.word} for d in understood.known.dangers if d.kind not in told
    ]
    incident.facts = {
        **incident.facts,
        "dangers": [*incident.facts.get("dangers", []), *fresh],
        "sources": incident.facts.get("sources", 1) + 1,
    }
    return scoring.renewed(tx.session, incident, tx.now)


def _report(
    tx: Tx, understood: Understood, arrival: Arrival, report_id: UUID, incident_id: UUID
) -> None:
    spot = understood.spot
    tx.write(
        Report,
        id=report_id,
        org=tx.org,
        incident_id=incident_id,
        person_id=_person(tx, arrival),
        channel=arrival.channel,
        text=understood.text,
        category=understood.category.code,
        place_label=spot.label,
        insee=spot.insee,
        lat=spot.lat,
        lon=spot.lon,
        received_at=tx.now,
        locale=arrival.locale,
        simulated=tx.actor.simulated,
        reading={},
    )


def _person(tx: Tx, arrival: Arrival) -> UUID | None:
    contact = arrival.contact
    if contact is None or not (contact.name or contact.phone or contact.email):
        return None
    person_id = tx.new_id()
    tx.write(
        Person,
        id=person_id,
        name=contact.name,
        phone=contact.phone,
        email=contact.email,
        locale=arrival.locale,
        created_at=tx.now,
    )
    return person_id


def _request(tx: Tx, report_id: UUID, incident_id: UUID, secret: bytes) -> UUID:
    request_id = tx.new_id()
    tx.write(
        Request,
        id=request_id,
        org=tx.org,
        report_id=report_id,
        incident_id=incident_id,
        token_hash=token_hash(tracking_token(secret, request_id)),
        topic=f"request:{tx.new_id().hex}",
        created_at=tx.now,
    )
    return request_id


def reopen_by_citizen(tx: Tx, request: Request) -> None:
    """Reopen an incident because the person who reported it says it is not repaired.

    Raises:
        IllegalMove: It is not finished.
    """
    incident = tx.session.get_one(Incident, request.incident_id)
    incidents.move(tx, incident, IncidentStatus.REOPENED, "citizen")
    known = {**incident.facts, "reopenings": incident.facts.get("reopenings", 0) + 1}
    incident.facts = known
    incidents.rescore(tx, incident, scoring.rescored(tx.session, incident, tx.now))
