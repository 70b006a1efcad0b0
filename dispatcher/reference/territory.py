"""A validated territory into the database: new rows are added, rows that differ are changed.

Repeating an import changes nothing, and nothing is ever deleted: incidents point at categories and
communes for years. Rows that a new file no longer names stay until somebody retires them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel, select

from dispatcher.database import Tx
from dispatcher.events.facts import ReferenceImported
from dispatcher.fixtures import fixtures_dir
from dispatcher.models import (
    Category,
    Commune,
    Council,
    Crew,
    Depot,
    KeptState,
    OnCallPerson,
    OnCallPost,
    SensitiveSite,
    Sensor,
)
from dispatcher.models.base import touch
from dispatcher.reference.readers import Territory
from dispatcher.reference.records import CategoryRecord, CrewRecord, ShiftRecord
from priority.timetable import AllowanceSettings

Row = TypeVar("Row", bound=SQLModel)
Values = dict[str, Any]


def territory_folder() -> Path:
    """Return the folder of the territory shipped with the product."""
    return fixtures_dir() / "correze"


def reading_key(org: str) -> str:
    """Return where the vocabulary is kept; its `ver` is the version of all reference data."""
    return f"reading:{org}"


def load_territory(tx: Tx, territory: Territory) -> dict[str, int]:
    """Store a territory; return how many rows of each kind it has, and how many rows changed.

    Args:
        tx: The command's transaction.
        territory: What `read_folder` returned.
    """
    sectors = {sector.code: sector.name for sector in territory.depots.sector}
    depots = _store_depots(tx, territory, sectors)
    stored = {
        "communes": _store_communes(tx, territory),
        "councils": _store_councils(tx, territory),
        "sites": _Upsert(tx, SensitiveSite, "code", _identified).all(
            site.model_dump() for site in territory.sites
        ),
        "sensors": _Upsert(tx, Sensor, "code", _identified).all(
            {**sensor.model_dump(), "communes": list(sensor.communes)}
            for sensor in territory.sensors
        ),
        "depots": depots,
        "categories": _store_categories(tx, territory),
    }
    tx.session.flush()
    places = {code: depot.id for code, depot in depots.rows.items()}
    stored["crews"] = _store_crews(tx, territory, sectors, places)
    stored["posts"], stored["people"] = _store_people(tx, territory, sectors)
    changed = sum(one.changed for one in stored.values())
    changed += _keep_policy(tx, territory)
    changed += _keep(tx, reading_key(tx.org), _words(territory), anyway=changed > 0)
    counts = {name: len(one.rows) for name, one in stored.items()}
    if changed:
        tx.record(
            ReferenceImported(
                communes=counts["communes"],
                categories=counts["categories"],
                crews=counts["crews"],
                people=counts["people"],
            )
        )
    return counts | {"changed": changed}


@dataclass(frozen=True, slots=True)
class _Stored:
    """Rows of one table by their code, as they are now, and how many were added or changed."""

    rows: Mapping[str, Any]
    changed: int


class _Upsert:
    """Adds or changes the rows of one table, found again by their code."""

    def __init__(
        self,
        tx: Tx,
        table: type[Any],
        key: str,
        first: Callable[[Tx], Values] = lambda _tx: {},
        on_change: Callable[[Tx, Any], None] = lambda _tx, _row: None,
    ) -> None:
        """Say which table.

        Args:
            tx: The command's transaction.
            table: The table's class.
            key: Column that names a row in the files.
            first: Values that a row gets once, when it is added.
            on_change: Called with a row that existed and was changed.
        """
        self._tx = tx
        self._table = table
        self._key = key
        self._first = first
        self._on_change = on_change

    def all(self, records: Iterable[Values]) -> _Stored:
        """Store the records in their order."""
        session, org = self._tx.session, self._tx.org
        found = session.exec(select(self._table).where(self._table.org == org)).all()
        existing = {getattr(row, self._key): row for row in found}
        rows: dict[str, Any] = {}
        changed = 0
        for values in records:
            code = values[self._key]
            row = existing.get(code)
            if row is None:
                row = self._table(org=org, **self._first(self._tx), **values)
                session.add(row)
                changed += 1
            elif any(getattr(row, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(row, name, value)
                self._on_change(self._tx, row)
                changed += 1
            rows[code] = row
        return _Stored(rows, changed)


def _identified(tx: Tx) -> Values:
    return {"id": tx.new_id()}


def _store_communes(tx: Tx, territory: Territory) -> _Stored:
    return _Upsert(tx, Commune, "insee").all(
        {
            "insee": commune.insee,
            "name": commune.nom,
            "population": commune.population,
            "council_code": commune.epci,
            "postcodes": list(commune.codes_postaux),
            "lat": commune.lat,
            "lon": commune.lon,
            "outline": territory.outlines[commune.insee].model_dump(mode="json"),
        }
        for commune in territory.communes
    )


def _store_councils(tx: Tx, territory: Territory) -> _Stored:
    answers = {
        council: sector.name for sector in territory.depots.sector for council in sector.councils
    }
    return _Upsert(tx, Council, "code").all(
        {
            "code": c.code,
            "name": c.nom,
            "kind": c.type,
            "population": c.population,
            "sector": answers.get(c.code),
        }
        for c in territory.councils
    )


def _store_depots(tx: Tx, territory: Territory, sectors: Mapping[str, str]) -> _Stored:
    return _Upsert(tx, Depot, "code", _identified).all(
        {
            "code": depot.code,
            "name": depot.name,
            "sector": sectors[depot.sector],
            "lat": depot.lat,
            "lon": depot.lon,
        }
        for depot in territory.depots.depot
    )


def _store_categories(tx: Tx, territory: Territory) -> _Stored:
    file = territory.categories
    return _Upsert(tx, Category, "code").all(
        {
            "code": category.code,
            "service": category.service,
            "label_fr": category.label_fr,
            "label_en": category.label_en,
            "severity": category.severity,
            "urgency": category.urgency,
            "skills": list(category.skills),
            "duration_min": category.duration_min,
            "targets": _targets(category),
            "words": list(category.words),
            "extra": {
                "hints": list(category.hints),
                "hourly": list(file.hourly[category.hourly]),
                "share": category.share,
                "storm": category.storm,
                "examples": list(category.examples),
            },
            "position": position,
        }
        for position, category in enumerate(file.category)
    )


def _targets(category: CategoryRecord) -> Values:
    """Return what the category promises, in minutes on a clock."""

    def target(allowed: AllowanceSettings | None) -> Values | None:
        if allowed is None:
            return None
        allowance = allowed.allowance()
        return {"minutes": allowance.minutes, "clock": allowance.clock}

    targets = {
        "respond": target(category.respond_within),
        "restore": target(category.restore_within),
    }
    return {name: found for name, found in targets.items() if found is not None}


def _store_crews(
    tx: Tx, territory: Territory, sectors: Mapping[str, str], depots: Mapping[str, UUID]
) -> _Stored:
    shifts = {shift.code: shift for shift in territory.crews.shift}

    def values(position: int, crew: CrewRecord) -> Values:
        return {
            "code": crew.code,
            "name": crew.name,
            "sector": sectors[crew.sector],
            "depot_id": depots[crew.depot],
            "skills": list(crew.skills),
            "vehicle": crew.vehicle,
            "members": crew.members,
            "pattern": _pattern(shifts[crew.shift]),
            "position": position,
        }

    upsert = _Upsert(tx, Crew, "code", lambda tx: {**_identified(tx), "updated_at": tx.now}, _renew)
    return upsert.all(values(position, crew) for position, crew in enumerate(territory.crews.crew))


def _renew(tx: Tx, crew: Crew) -> None:
    """Give a changed crew its next version and forget its shift, so that it is told anew.

    The image of a crew belongs to its own slice: the next turn of shifts finds the difference and
    publishes it.
    """
    touch(crew, tx.now)
    crew.shift_start_at = crew.shift_end_at = None


def _pattern(shift: ShiftRecord) -> Values:
    return shift.model_dump(mode="json", by_alias=True)


def _store_people(
    tx: Tx, territory: Territory, sectors: Mapping[str, str]
) -> tuple[_Stored, _Stored]:
    posts = _Upsert(tx, OnCallPost, "code").all(
        {
            "code": post.code,
            "label_fr": post.label_fr,
            "label_en": post.label_en,
            "letter": post.letter,
            "duty_kind": post.kind,
            "need": post.need,
            "rung": post.rung,
            "sectors": [sectors[code] for code in post.sectors],
            "services": list(post.services),
            "position": position,
        }
        for position, post in enumerate(territory.people.post)
    )
    people = _Upsert(tx, OnCallPerson, "code", _identified).all(
        {
            "code": person.code,
            "name": person.name,
            "phone": person.phone,
            "email": person.email,
            "crew": person.crew,
            "posts": list(person.posts),
            "absences": [one.model_dump(mode="json") for one in person.absences],
            "carry": person.carry.model_dump(),
        }
        for person in territory.people.person
    )
    return posts, people


def _words(territory: Territory) -> Values:
    reading = territory.reading
    return {
        "dangers": {danger.kind: list(danger.words) for danger in reading.danger},
        "small_words": list(reading.small_words),
        "negations": list(reading.negations),
        "ordinary_words": list(reading.ordinary_words),
        "street_words": list(reading.street_words),
    }


def _keep_policy(tx: Tx, territory: Territory) -> int:
    """Keep the policy of the files, unless a council has adopted one here since."""
    key = f"policy:{tx.org}"
    kept = tx.session.get(KeptState, key)
    if kept is not None and kept.state.get("adopted"):
        return 0
    return _keep(tx, key, {"json": territory.policy.model_dump_json()})


def _keep(tx: Tx, key: str, state: Values, *, anyway: bool = False) -> int:
    """Keep a state under a key with its next version; return whether it differs, as 0 or 1.

    Args:
        tx: The command's transaction.
        key: Where.
        state: What.
        anyway: Raise the version even if the state is the same.
    """
    kept = tx.session.get(KeptState, key)
    if kept is None:
        tx.session.add(KeptState(key=key, org=tx.org, ver=1, state=state))
        return 1
    is_new = kept.state != state
    if is_new or anyway:
        kept.ver, kept.state = kept.ver + 1, state
    return int(is_new)
