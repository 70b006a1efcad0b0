"""How long words and positions are kept, as the authority says, and how they are forgotten.

What is forgotten is personal: contacts, words, positions. That an incident was, when, in which
commune and what was done stays, for figures and for the chain of the log.

Source: RGPD, art. 5(1)(e): no longer than the purpose needs. Contacts serve to inform while and
shortly after the work; words may be needed for claims against the authority, which lapse four
years after the first of January that follows (loi n° 68-1250 du 31 décembre 1968, art. 1), five at
most; positions of crews two months (CNIL, délibération 2015-165).
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.events.policy_facts import RetentionChanged, WordsForgotten
from dispatcher.kept import Decided, decide, decided
from dispatcher.models import (
    CitizenWord,
    ExpertQuestion,
    HelpCall,
    Incident,
    Message,
    Note,
    Person,
    Report,
    WishedTime,
)

SUBJECT = "retention"
OVER = ("closed", "answered", "cancelled", "merged", "transferred")
FORGOTTEN = ""
AT_MOST = 200


class RetentionPolicy(Decided):
    """How long things are kept, in days.

    Attributes:
        positions_days: Where crews were, in tracks and beside the log, from when they were there.
        contacts_days: Names, numbers and addresses of citizens, from the end of their incident.
        words_days: What citizens, crews and staff wrote of an incident, from its end.
    """

    positions_days: int = Field(60, ge=1, le=366)
    contacts_days: int = Field(365, ge=7, le=1830)
    words_days: int = Field(1830, ge=30, le=3660)


def retention_policy(session: Session, org: str) -> RetentionPolicy:
    """Return the policy in force; the default one until somebody changes it."""
    return decided(session, SUBJECT, org, RetentionPolicy)


def change_retention(tx: Tx, wanted: RetentionPolicy) -> RetentionPolicy:
    """Put a policy in force; `wanted.version` names the one it was made from.

    Raises:
        StaleVersion: Somebody changed it meanwhile.
    """
    made, _ = decide(tx, SUBJECT, wanted)
    tx.record(
        RetentionChanged(
            version=made.version,
            positions_days=made.positions_days,
            contacts_days=made.contacts_days,
            words_days=made.words_days,
        )
    )
    return made


def forget_contacts(tx: Tx) -> int:
    """Erase the contacts behind incidents that ended long enough ago; return how many.

    Somebody who also reported something that is not over, or ended lately, stays known.
    """
    before = tx.now - timedelta(days=retention_policy(tx.session, tx.org).contacts_days)
    fresh = (
        select(Report.person_id)
        .join(Incident, col(Incident.id) == Report.incident_id)
        .where(
            Report.org == tx.org,
            col(Report.person_id).is_not(None),
            or_(col(Incident.state).not_in(OVER), col(Incident.updated_at) >= before),
        )
    )
    old = tx.session.exec(
        select(Person)
        .join(Report, col(Report.person_id) == Person.id)
        .where(
            Report.org == tx.org,
            col(Person.erased_at).is_(None),
            col(Person.id).not_in(fresh),
        )
        .distinct()
        .limit(AT_MOST)
    ).all()
    for person in old:
        person.name = person.phone = person.email = None
        person.erased_at = tx.now
    if old:
        tx.record(WordsForgotten(what="contacts", rows=len(old), before=before))
    return len(old)


def forget_words(tx: Tx) -> int:
    """Blank what was written of incidents that ended long enough ago; return how many incidents."""
    before = tx.now - timedelta(days=retention_policy(tx.session, tx.org).words_days)
    over = select(Incident.id).where(
        Incident.org == tx.org, col(Incident.state).in_(OVER), col(Incident.updated_at) < before
    )
    told = select(Report.incident_id).where(
        col(Report.incident_id).in_(over), Report.text != FORGOTTEN
    )
    old = tx.session.exec(told.distinct().limit(AT_MOST)).all()
    if old:
        _blank(tx, list(old))
        tx.record(WordsForgotten(what="words", rows=len(old), before=before))
    return len(old)


def _blank(tx: Tx, incidents: list[UUID]) -> None:
    """Blank all that is in words about some incidents; codes, times and communes stay."""
    place: dict[str, object] = {"place_label": None, "lat": None, "lon": None, "reading": {}}
    blanks: tuple[tuple[Any, dict[str, object]], ...] = (
        (Report, {"text": FORGOTTEN, **place}),
        (CitizenWord, {"text": FORGOTTEN, "by": "citizen"}),
        (WishedTime, {"why": None}),
        (Message, {"text_fr": FORGOTTEN, "text_en": FORGOTTEN}),
        (Note, {"text": FORGOTTEN}),
        (HelpCall, {"note": None}),
        (ExpertQuestion, {"text": FORGOTTEN, "phone": None, "answer": None}),
    )
    for table, values in blanks:
        tx.session.execute(
            update(table)
            .where(col(table.incident_id).in_(incidents))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
