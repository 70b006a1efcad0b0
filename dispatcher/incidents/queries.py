"""Reading incidents: pages, one whole, what is near."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from dispatcher.errors import InvalidInput
from dispatcher.event_log import history_of
from dispatcher.incidents import evidence, merging, scoring
from dispatcher.incidents.images import image_of
from dispatcher.incidents.schemas import (
    Counterfactual,
    HistoryEntry,
    IncidentDetail,
    IncidentPage,
    MergedOut,
    MessageOut,
    NoteOut,
    PolicyOut,
    ReportOut,
)
from dispatcher.incidents.told import messages_of
from dispatcher.models import Category, EventRow, Incident, Note, Report, User
from priority.counterfactual import counterfactuals
from priority.policy import Policy


@dataclass(frozen=True, slots=True)
class Filter:
    """Which incidents to list; `cursor` is the last reference already read."""

    states: Sequence[str] = ()
    priorities: Sequence[str] = ()
    words: str | None = None
    cursor: str | None = None
    limit: int = 50


def page(session: Session, org: str, wanted: Filter) -> IncidentPage:
    """Return incidents by falling reference, filtered."""
    query = select(Incident).where(Incident.org == org)
    if wanted.states:
        query = query.where(col(Incident.state).in_(wanted.states))
    if wanted.priorities:
        effective = func.coalesce(Incident.override_priority, Incident.priority)
        query = query.where(effective.in_(wanted.priorities))
    if wanted.words:
        like = f"%{wanted.words.casefold().replace('%', '').replace('_', '')}%"
        query = query.where(
            or_(
                func.lower(Incident.title).like(like),
                func.lower(Incident.commune).like(like),
                func.lower(Incident.ref).like(like),
            )
        )
    if wanted.cursor:
        query = query.where(Incident.ref < wanted.cursor)
    rows = session.exec(query.order_by(col(Incident.ref).desc()).limit(wanted.limit + 1)).all()
    more = len(rows) > wanted.limit
    return IncidentPage(
        items=[image_of(row) for row in rows[: wanted.limit]],
        next_cursor=rows[wanted.limit - 1].ref if more else None,
    )


def detail(session: Session, incident: Incident, at: datetime) -> IncidentDetail:
    """Return an incident with its reports, notes, history and counterfactuals."""
    reports = session.exec(
        select(Report).where(Report.incident_id == incident.id).order_by(col(Report.received_at))
    ).all()
    notes = session.exec(
        select(Note).where(Note.incident_id == incident.id).order_by(col(Note.at))
    ).all()
    policy = scoring.policy_behind(session, incident)
    limits = policy.thresholds
    return IncidentDetail(
        **image_of(incident).model_dump(),
        description=reports[0].text if reports else "",
        report_list=[_report(report) for report in reports],
        notes=[NoteOut.model_validate(note) for note in notes],
        history=_history(session, incident.id),
        counterfactuals=_counterfactuals(session, incident, policy, at),
        policy=PolicyOut(
            name=policy.name,
            version=policy.version,
            thresholds={"P1": limits.p1, "P2": limits.p2, "P3": limits.p3},
        ),
        merged=_merged(session, incident.id),
        messages=[MessageOut.model_validate(one) for one in messages_of(session, incident.id)],
        burst=evidence.burst_of(session, incident.id),
        override_reason=incident.override_reason if incident.override_priority else None,
    )


def _report(report: Report) -> ReportOut:
    return ReportOut(
        id=report.id,
        channel=report.channel,
        text=report.text,
        at=report.received_at,
        contact_known=report.person_id is not None,
    )


def _counterfactuals(
    session: Session, incident: Incident, policy: Policy, at: datetime
) -> list[Counterfactual]:
    category = session.get_one(Category, incident.category)
    known, moment = scoring.known_of(incident.facts), scoring.moment_of(incident, at)
    found = counterfactuals(scoring.facts_of(category, known, moment), policy)
    return [
        Counterfactual(
            change=c.change, priority=c.priority.value, score=c.score, params=dict(c.params)
        )
        for c in found[:4]
    ]


def _merged(session: Session, incident_id: UUID) -> list[MergedOut]:
    return [
        MergedOut(
            id=joined.id,
            ref=joined.ref,
            title=joined.title,
            at=row.at,
            by=row.by,
            reports=len(row.report_ids),
        )
        for row, joined in merging.joined_to(session, incident_id)
    ]


def _history(session: Session, incident_id: UUID) -> list[HistoryEntry]:
    rows = history_of(session, incident_id)
    names = _names(session, rows)
    return [
        HistoryEntry(
            at=row.at, type=row.type, actor=names.get(row.actor, row.actor), params=row.data
        )
        for row in rows
    ]


def _names(session: Session, rows: Sequence[EventRow]) -> dict[str, str]:
    ids = {UUID(row.actor[5:]) for row in rows if row.actor.startswith("user:")}
    users = session.exec(select(User).where(col(User.id).in_(ids))).all() if ids else []
    return {f"user:{user.id}": user.name for user in users}


def category_of(session: Session, org: str, code: str) -> Category:
    """Return a category of the catalogue.

    Raises:
        InvalidInput: There is none of that code.
    """
    found = session.get(Category, code)
    if found is None or found.org != org:
        raise InvalidInput("no such category", field="category", category=code)
    return found
