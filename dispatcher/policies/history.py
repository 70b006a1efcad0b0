"""Past incidents as snapshots to score again: our own, or those of a file.

An incident is scored as at the moment when somebody decided about it (a crew planned or there, an
answer given), with everything that was told of it.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from dispatcher.errors import InvalidInput
from dispatcher.incidents import scoring
from dispatcher.incidents.workflow import LIVE
from dispatcher.models import Category, Incident
from priority.facts import CategoryFacts, Danger, Facts, NearbySite

DECIDED = ("planned", "en_route", "on_site", "answered", "transferred", "cancelled", "closed")
MOST = 200_000
COLUMNS = frozenset(
    {
        "ref", "category", "reported_at", "at", "dangers", "sites", "population_density",
        "traffic", "homes_without_water", "reports", "sources", "reopenings",
    }
)  # fmt: skip


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


def from_csv(text: str, categories: Mapping[str, Category]) -> list[Past]:
    """Return the incidents of a CSV file with a head line; separators are commas or semicolons.

    Columns: `category` and `reported_at` (ISO 8601 with offset) are needed; `ref`, `at`, `dangers`
    (kinds separated by spaces), `sites` (`kind:metres`, separated by spaces),
    `population_density`, `traffic`, `homes_without_water`, `reports`, `sources`, `reopenings` may
    be there.

    Raises:
        InvalidInput: A column is unknown or missing, or a value cannot be; with its line.
    """
    first = text.lstrip("\ufeff").partition("\n")[0]
    rows = csv.DictReader(
        io.StringIO(text.lstrip("\ufeff")), delimiter=";" if first.count(";") else ","
    )
    names = set(rows.fieldnames or ())
    if unknown := sorted(names - COLUMNS):
        raise InvalidInput(f"unknown column {unknown[0]}", field="csv", line=1)
    if missing := sorted({"category", "reported_at"} - names):
        raise InvalidInput(f"no column {missing[0]}", field="csv", line=1)
    return list(_read(rows, categories))


def _read(rows: "csv.DictReader[str]", categories: Mapping[str, Category]) -> Iterator[Past]:
    for row in rows:
        line = rows.line_num
        if line > MOST:
            raise InvalidInput("too many lines", field="csv", line=line)
        try:
            yield _line({k: (v or "").strip() for k, v in row.items() if k}, categories, line)
        except (ValueError, KeyError) as error:
            raise InvalidInput(f"line {line}: {error}", field="csv", line=line) from error


def _line(row: Mapping[str, str], categories: Mapping[str, Category], line: int) -> Past:
    category = categories[row["category"]]
    reported_at = _instant(row["reported_at"])

    def number(name: str, default: int) -> int:
        return int(row[name]) if row.get(name) else default

    return Past(
        ref=row.get("ref") or f"ligne {line}",
        title=category.label_fr,
        commune=None,
        facts=Facts(
            at=_instant(row["at"]) if row.get("at") else reported_at,
            reported_at=reported_at,
            category=_facts_of(category),
            dangers=tuple(Danger(kind, "") for kind in row.get("dangers", "").split()),
            sites=tuple(_site(one) for one in row.get("sites", "").split()),
            population_density=float(row["population_density"])
            if row.get("population_density")
            else None,
            traffic=number("traffic", 0) or None,
            homes_without_water=number("homes_without_water", 0),
            reports=number("reports", 1),
            sources=number("sources", 1),
            reopenings=number("reopenings", 0),
        ),
    )


def _site(text: str) -> NearbySite:
    kind, _, metres = text.partition(":")
    return NearbySite(kind, "", int(metres))


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return at.astimezone(UTC)


def _categories(session: Session, org: str) -> Mapping[str, Category]:
    rows: Sequence[Category] = session.exec(select(Category).where(Category.org == org)).all()
    return {row.code: row for row in rows}


def categories_of(session: Session, org: str) -> Mapping[str, Category]:
    """Return the catalogue by code."""
    return _categories(session, org)


def _facts_of(category: Category) -> CategoryFacts:
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
    return Past(incident.ref, incident.title, incident.commune, facts)


def _decided_at(incident: Incident, now: datetime) -> datetime:
    stamps = [incident.stamps[step] for step in DECIDED if step in incident.stamps]
    decided = min((datetime.fromisoformat(at) for at in stamps), default=None)
    if decided is None:
        decided = now if incident.state in LIVE else incident.updated_at
    return max(incident.reported_at, decided)
