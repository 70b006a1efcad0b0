"""A visit's card: what its crew must know before, and what it notes while it works.

Answers come from the outbox with the phone's time: the newest one by that time stands, whatever
order they arrive in. Every change gives the visit a version, so that whoever looks reads again.
"""

from datetime import UTC, datetime, timedelta
from math import cos, radians
from typing import cast

from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import InvalidInput
from dispatcher.events.facts import VisitBriefed
from dispatcher.events.states import VisitStatus
from dispatcher.field.card_schemas import (
    AskedOut,
    CardOut,
    PartIn,
    PartOut,
    PastVisitOut,
    TickIn,
    TickOut,
    WordsOut,
)
from dispatcher.field.checklists import hazards_of, items_of
from dispatcher.models import Crew, ExpertQuestion, Incident, Visit, VisitCheck, VisitPart
from dispatcher.models.base import touch
from dispatcher.planning.images import visit_image

LOOK_BACK = timedelta(days=365)
SAME_PLACE_M = 60
METRES_A_DEGREE = 111_320
FEW = 5
MANY_PARTS = 60


def card_of(session: Session, visit: Visit, now: datetime) -> CardOut:
    """Return everything behind a visit that its crew may need."""
    incident = session.get_one(Incident, visit.incident_id)
    service, category = incident.service, incident.category
    ticked = {
        row.item: row
        for row in session.exec(select(VisitCheck).where(VisitCheck.visit_id == visit.id)).all()
    }
    checklist = []
    for item in items_of(service, category):
        row = ticked.get(item.code)
        said = (row.done, row.by, row.at) if row else (False, None, None)
        checklist.append(
            TickOut(code=item.code, fr=item.fr, en=item.en, done=said[0], by=said[1], at=said[2])
        )
    dangers = incident.facts.get("dangers") or []
    return CardOut(
        visit_id=visit.id,
        hazards=[WordsOut(fr=one.fr, en=one.en) for one in hazards_of(service, category)],
        danger=list(dict.fromkeys(danger["kind"] for danger in dangers)),
        access=incident.facts.get("access"),
        past=past_visits(session, incident, now),
        checklist=checklist,
        parts=[PartOut.model_validate(part) for part in _parts(session, visit)],
        questions=_asked(session, incident),
    )


def past_visits(session: Session, incident: Incident, now: datetime) -> list[PastVisitOut]:
    """Return what was done within 60 m in the last 12 months, newest first; the incident's own
    earlier visits too.
    """
    if incident.lat is None or incident.lon is None:
        return []
    north = SAME_PLACE_M / METRES_A_DEGREE
    east = north / max(0.1, cos(radians(incident.lat)))
    rows = session.exec(
        select(Visit, Incident, Crew)
        .join(Incident, col(Incident.id) == Visit.incident_id)
        .join(Crew, col(Crew.id) == Visit.crew_id)
        .where(
            Visit.org == incident.org,
            col(Visit.state).in_(["completed", "incomplete"]),
            col(Visit.updated_at) >= now - LOOK_BACK,
            col(Incident.lat).between(incident.lat - north, incident.lat + north),
            col(Incident.lon).between(incident.lon - east, incident.lon + east),
        )
        .order_by(col(Visit.updated_at).desc())
        .limit(FEW)
    ).all()
    return [_past(session, visit, behind, crew) for visit, behind, crew in rows]


def tick(tx: Tx, visit: Visit, said: TickIn) -> None:
    """Note a thing of the checklist as done or not.

    Raises:
        InvalidInput: The checklist has no such thing.
    """
    brief = visit.brief
    known = {item.code for item in items_of(brief["service"], brief["category"])}
    if said.item not in known:
        raise InvalidInput("not on this checklist", field="item", item=said.item)
    at = _said_at(tx, said.at)
    row = tx.session.get(VisitCheck, (visit.id, said.item))
    if row is None:
        row = VisitCheck(
            visit_id=visit.id, item=said.item, done=said.done, by="", at=at, recorded_at=tx.now
        )
        tx.session.add(row)
    elif at < row.at:
        return
    row.done, row.at, row.recorded_at = said.done, at, tx.now
    row.by = tx.actor.name or tx.actor.label
    _told(tx, visit)


def use_part(tx: Tx, visit: Visit, said: PartIn) -> None:
    """Note how many of a part were used in all; 0 takes it off.

    Raises:
        InvalidInput: There are too many different parts already.
    """
    at = _said_at(tx, said.at)
    parts = _parts(tx.session, visit)
    name = next((p.name for p in parts if p.name.casefold() == said.name.casefold()), said.name)
    row = tx.session.get(VisitPart, (visit.id, name))
    if row is None and len(parts) >= MANY_PARTS:
        raise InvalidInput("too many different parts", field="name", most=MANY_PARTS)
    if row is not None and at < row.at:
        return
    if row is None:
        row = VisitPart(visit_id=visit.id, name=name, quantity=0, by="", at=at, recorded_at=tx.now)
        tx.session.add(row)
    # A part taken off stays as a row of none: a later repeat of an older number does not revive it.
    row.quantity, row.at, row.recorded_at = said.quantity, at, tx.now
    row.by = tx.actor.name or tx.actor.label
    _told(tx, visit)


def _parts(session: Session, visit: Visit) -> list[VisitPart]:
    rows = session.exec(
        select(VisitPart)
        .where(VisitPart.visit_id == visit.id, col(VisitPart.quantity) > 0)
        .order_by(col(VisitPart.name))
    ).all()
    return list(rows)


def _past(session: Session, visit: Visit, incident: Incident, crew: Crew) -> PastVisitOut:
    arrived = visit.stamps.get("on_site")
    ended = visit.stamps.get("completed") or visit.stamps.get("incomplete")
    minutes = None
    if arrived and ended:
        spent = datetime.fromisoformat(ended) - datetime.fromisoformat(arrived)
        minutes = round(spent / timedelta(minutes=1))
    parts = [f"{part.quantity:g} × {part.name}" for part in _parts(session, visit)]
    return PastVisitOut(
        visit_id=visit.id,
        ref=incident.ref,
        title=incident.title,
        crew=crew.name,
        state=cast("VisitStatus", visit.state),
        at=datetime.fromisoformat(ended) if ended else visit.updated_at,
        minutes=minutes,
        parts=parts,
    )


def _asked(session: Session, incident: Incident) -> list[AskedOut]:
    rows = session.exec(
        select(ExpertQuestion)
        .where(ExpertQuestion.incident_id == incident.id, ExpertQuestion.state != "withdrawn")
        .order_by(col(ExpertQuestion.asked_at))
    ).all()
    return [AskedOut.model_validate(row) for row in rows]


def _said_at(tx: Tx, at: datetime | None) -> datetime:
    return min(at or tx.now, tx.now).astimezone(UTC)


def _told(tx: Tx, visit: Visit) -> None:
    touch(visit, tx.now)
    fact = VisitBriefed(visit_id=visit.id, incident_id=visit.incident_id)
    tx.record(fact, visit_image(visit))
