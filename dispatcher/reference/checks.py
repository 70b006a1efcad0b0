"""Whether the files of a territory agree: every code that one file names stands in another.

Each disagreement is told with file, line and field, like a reader's. A file that did not validate
is left out until it is mended, and nothing is held against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from dispatcher.reference.files import Document, Table
from dispatcher.reference.problems import Problems
from dispatcher.reference.records import (
    CategoriesFile,
    CommuneRecord,
    CouncilRecord,
    CrewsFile,
    DepotsFile,
    OutlineRecord,
    PeopleFile,
    ReadingFile,
    SensorRecord,
    SiteRecord,
)
from priority.policy import Policy


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a territory and its catalogue, as read."""

    communes: Table[CommuneRecord]
    outlines: Table[OutlineRecord]
    councils: Table[CouncilRecord]
    sites: Table[SiteRecord]
    sensors: Table[SensorRecord]
    depots: Document[DepotsFile]
    crews: Document[CrewsFile]
    people: Document[PeopleFile]
    categories: Document[CategoriesFile]
    reading: Document[ReadingFile]
    policy: Document[Policy]


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes that one field of one file holds, each with its line."""

    file: str
    field: str
    found: tuple[tuple[int, str], ...]


def check(files: Files, problems: Problems) -> None:
    """Note every disagreement between the files.

    Args:
        files: As read.
        problems: Grows by what is wrong.
    """
    for codes in _keys(files):
        _once(codes, problems)
    for codes, known, message in _references(files):
        _among(codes, known, message, problems)


def _keys(files: Files) -> Iterator[Codes]:
    """Codes that may be given only once."""
    yield _column(files.communes, "insee")
    yield _outlined(files)
    yield _column(files.councils, "code")
    yield _column(files.sites, "code")
    yield _column(files.sensors, "code")
    yield _listed(files.depots, "sector", "code")
    yield _listed(files.depots, "sector", "councils")
    yield _listed(files.depots, "depot", "code")
    for key in ("skill", "shift", "crew"):
        yield _listed(files.crews, key, "code")
    for key in ("post", "person"):
        yield _listed(files.people, key, "code")
    for key in ("service", "category"):
        yield _listed(files.categories, key, "code")
    yield _listed(files.reading, "danger", "kind")


def _references(files: Files) -> Iterator[tuple[Codes, Codes, str]]:
    """What names, what is named, and what is wrong when it is not there."""
    communes, councils = _column(files.communes, "insee"), _column(files.councils, "code")
    yield _column(files.communes, "epci"), councils, "is no council of epci.csv"
    yield communes, _outlined(files), "has no outline in communes.geojson"
    yield _outlined(files), communes, "is no commune of communes.csv"
    yield _column(files.sites, "insee"), communes, "is no commune of communes.csv"
    yield _column(files.sensors, "communes"), communes, "is no commune of communes.csv"
    yield from _territory_references(files, communes, councils)
    yield from _catalogue_references(files)


def _territory_references(
    files: Files, communes: Codes, councils: Codes
) -> Iterator[tuple[Codes, Codes, str]]:
    sectors, depots = (
        _listed(files.depots, "sector", "code"),
        _listed(files.depots, "depot", "code"),
    )
    answered_for = _listed(files.depots, "sector", "councils")
    yield answered_for, councils, "is no council of epci.csv"
    yield councils, answered_for, "belongs to no sector of depots.toml"
    yield _listed(files.depots, "depot", "sector"), sectors, "is no sector"
    yield _listed(files.depots, "depot", "insee"), communes, "is no commune of communes.csv"
    yield _listed(files.crews, "crew", "sector"), sectors, "is no sector of depots.toml"
    yield _listed(files.crews, "crew", "depot"), depots, "is no depot of depots.toml"
    for key in ("skill", "shift"):
        named = _listed(files.crews, "crew", "skills" if key == "skill" else key)
        yield named, _listed(files.crews, key, "code"), f"is no {key}"
    posts = _listed(files.people, "post", "code")
    yield _listed(files.people, "person", "posts"), posts, "is no post"
    yield _listed(files.people, "post", "sectors"), sectors, "is no sector of depots.toml"
    crews = _listed(files.crews, "crew", "code")
    yield _listed(files.people, "person", "crew"), crews, "is no crew of crews.toml"


def _catalogue_references(files: Files) -> Iterator[tuple[Codes, Codes, str]]:
    categories, services = (
        _listed(files.categories, key, "code") for key in ("category", "service")
    )
    skills = _listed(files.crews, "skill", "code")
    yield _listed(files.categories, "category", "service"), services, "is no service"
    yield _listed(files.people, "post", "services"), services, "is no service of categories.toml"
    yield _listed(files.categories, "category", "skills"), skills, "is no skill of crews.toml"
    hourly = _table(files.categories, "hourly")
    yield _listed(files.categories, "category", "hourly"), hourly, "is no hourly profile"
    unheard = "has no points in policy.toml"
    yield _listed(files.reading, "danger", "kind"), _table(files.policy, "dangers"), unheard
    yield _column(files.sites, "kind"), _table(files.policy, "sites"), unheard
    yield _table(files.policy, "categories"), categories, "is no category of categories.toml"
    yield _weather_services(files.policy), services, "is no service of categories.toml"


def _column(
    table: (Table[CommuneRecord] | Table[CouncilRecord] | Table[SiteRecord] | Table[SensorRecord]),
    field: str,
) -> Codes:
    """Return one field of each row; a list gives each of its codes."""
    found: list[tuple[int, str]] = []
    for line, row in table.rows if table.is_whole else ():
        value = getattr(row, field)
        several = value if isinstance(value, tuple) else (value,)
        found += [(line, str(one)) for one in several]
    return Codes(table.name, field, tuple(found))


def _outlined(files: Files) -> Codes:
    rows = files.outlines.rows if files.outlines.is_whole else ()
    found = tuple((line, row.properties.insee) for line, row in rows)
    return Codes(files.outlines.name, "insee", found)


def _listed(document: Document[BaseModel], key: str, field: str) -> Codes:
    """Return one field of a list of tables; a list gives each of its codes, an absent one none."""
    found: list[tuple[int, str]] = []
    for at, record in enumerate(getattr(document.content, key, ())):
        value = getattr(record, field)
        several = value if isinstance(value, tuple) else (value,)
        found += [
            (document.line(key, at, field, i), str(one))
            for i, one in enumerate(several)
            if one is not None
        ]
    return Codes(document.name, f"{key}.{field}", tuple(found))


def _table(document: Document[BaseModel], key: str) -> Codes:
    """Return the keys of a table; those a file leaves to the defaults stand at its first line."""
    keys = getattr(document.content, key, {})
    return Codes(document.name, key, tuple((document.line(key, one), str(one)) for one in keys))


def _weather_services(policy: Document[Policy]) -> Codes:
    rules = policy.content.weather if policy.content else {}
    found = tuple(
        (policy.line("weather", phenomenon, "services", at), service)
        for phenomenon, rule in rules.items()
        for at, service in enumerate(rule.services)
    )
    return Codes(policy.name, "weather.services", found)


def _once(codes: Codes, problems: Problems) -> None:
    """Note each code that was already used."""
    first: dict[str, int] = {}
    for line, code in codes.found:
        if code in first:
            message = f"{code!r} was already used on line {first[code]}"
            problems.add(codes.file, line, codes.field, message)
        first.setdefault(code, line)


def _among(codes: Codes, known: Codes, message: str, problems: Problems) -> None:
    """Note each code that is not known; an empty ``known`` means a file that was not read."""
    names = {code for _, code in known.found}
    for line, code in codes.found if names else ():
        if code not in names:
            problems.add(codes.file, line, codes.field, f"{code!r} {message}")
