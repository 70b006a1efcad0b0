"""Our past incidents as snapshots to score again; they show no title, which people may have edited.

An incident is scored as at the moment when somebody decided about it (a crew planned or there, an
answer given), with everything that was told of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from dispatcher.incidents import scoring
from dispatcher.incidents.workflow import LIVE
from dispatcher.models import Category, Incident
from priority.facts import CategoryFacts, Facts

DECIDED = ("planned", "en_route", "on_site", "answered", "transferred", "cancelled", "closed")
MOST = 200_000


@dataclass(frozen=True, slots=True)
class Past:
    """A past incident: what to call it, and its facts."""

    ref: str
    title: str
    commune: str | None
    facts: Facts


def past_incidents(session: Session, org: str, now: datetime) -> list[Past]:
    """Return all incidents of an authority that have not joined another one, newest first."""
    categories = _categories(session, org)
    rows = session.exec(
        select(Incident)
        .where(Incident.org == org, col(Incident.state) != "merged")
        .order_by(col(Incident.reported_at).desc())
        .limit(MOST)
    )
    return [_past(incident, categories, now) for incident in rows]


def samples(session: Session, org: str, now: datetime, most: int = 12) -> list[Past]:
    """Return a few incidents to look at while editing: living ones by score, then recent ones."""
    categories = _categories(session, org)
    living = [state.value for state in LIVE]
    rows = session.exec(
        select(Incident)
        .where(Incident.org == org, col(Incident.state).in_(living))
        .order_by(col(Incident.score).desc())
        .limit(most)
    ).all()
    if len(rows) < most:
        recent = session.exec(
            select(Incident)
            .where(Incident.org == org, col(Incident.state).not_in([*living, "merged"]))
            .order_by(col(Incident.reported_at).desc())
            .limit(most - len(rows))
        ).all()
        rows = [*rows, *recent]
    return [_past(incident, categories, now) for incident in rows]


def _categories(session: Session, org: str) -> Mapping[str, Category]:
    rows: Sequence[Category] = session.exec(select(Category).where(Category.org == org)).all()
    return {row.code: row for row in rows}


def categories_of(session: Session, org: str) -> Mapping[str, Category]:
    """Return the catalogue by code."""
    return _categories(session, org)


def facts_of_category(category: Category) -> CategoryFacts:
    """Return what a score may depend on of a category."""
    return CategoryFacts(category.code, category.service, category.severity, category.urgency)


def _past(incident: Incident, categories: Mapping[str, Category], now: datetime) -> Past:
    known = scoring.known_of(incident.facts)
    moment = scoring.Moment(
        at=_decided_at(incident, now),
        reported_at=incident.reported_at,
        reports=incident.report_count,
        respond_by=incident.respond_by,
    )
    facts = scoring.facts_of(categories[incident.category], known, moment)
    # The category's label: a council reads this, and a title of staff's own may name somebody.
    title = categories[incident.category].label_fr
    return Past(incident.ref, title, incident.commune, facts)


def _decided_at(incident: Incident, now: datetime) -> datetime:
    stamps = [incident.stamps[step] for step in DECIDED if step in incident.stamps]
    decided = min((datetime.fromisoformat(at) for at in stamps), default=None)
    if decided is None:
        decided = now if incident.state in LIVE else incident.updated_at
    return max(incident.reported_at, decided)
