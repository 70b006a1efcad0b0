"""A folder of open files into one validated territory, or every mistake in it at once.

The files of another département replace these without a change of code: `fixtures/README.md` says
what each holds. Nothing here knows the database.
"""

from dataclasses import dataclass
from pathlib import Path

from dispatcher.reference.checks import Files, check
from dispatcher.reference.files import Source, csv_table, geojson_features, toml_document
from dispatcher.reference.problems import Problem, Problems, ReferenceError
from dispatcher.reference.records import (
    CategoriesFile,
    CommuneRecord,
    CouncilRecord,
    CrewsFile,
    DepotsFile,
    MultiPolygon,
    OutlineRecord,
    PeopleFile,
    Polygon,
    ReadingFile,
    SensorRecord,
    SiteRecord,
)
from priority.policy import Policy

__all__ = ["Problem", "ReferenceError", "Territory", "read_folder"]


@dataclass(frozen=True, slots=True)
class Territory:
    """Everything that is known of a territory before its first incident.

    Attributes:
        communes: In the order of their file.
        outlines: Geometry of each commune, by INSEE code.
        councils: Intercommunal authorities.
        sites: Vulnerable sites.
        sensors: Measuring points of the network.
        depots: Sectors and depots.
        crews: Skills, shifts and crews.
        people: On-call posts and people.
        categories: Services, categories, and the profiles of their day.
        reading: Words by which messages are read.
        policy: Points, thresholds and promises.
    """

    communes: tuple[CommuneRecord, ...]
    outlines: dict[str, Polygon | MultiPolygon]
    councils: tuple[CouncilRecord, ...]
    sites: tuple[SiteRecord, ...]
    sensors: tuple[SensorRecord, ...]
    depots: DepotsFile
    crews: CrewsFile
    people: PeopleFile
    categories: CategoriesFile
    reading: ReadingFile
    policy: Policy


def read_folder(folder: Path) -> Territory:
    """Return the territory that a folder describes.

    A file that the folder lacks is taken from the folder above, so that several territories can
    share a catalogue and a policy.

    Args:
        folder: Holds the files named in `fixtures/README.md`; `sensors.csv` may be absent.

    Raises:
        ReferenceError: At least one file is missing, unreadable, invalid, or disagrees with
            another; all problems together.
    """
    problems = Problems()

    def source(name: str) -> Source:
        return _source(folder, name, problems)

    files = Files(
        communes=csv_table(source("communes.csv"), CommuneRecord, problems),
        outlines=geojson_features(source("communes.geojson"), OutlineRecord, problems),
        councils=csv_table(source("epci.csv"), CouncilRecord, problems),
        sites=csv_table(source("sites.csv"), SiteRecord, problems),
        sensors=csv_table(_sensors(folder, problems), SensorRecord, problems),
        depots=toml_document(source("depots.toml"), DepotsFile, problems),
        crews=toml_document(source("crews.toml"), CrewsFile, problems),
        people=toml_document(source("people.toml"), PeopleFile, problems),
        categories=toml_document(source("categories.toml"), CategoriesFile, problems),
        reading=toml_document(source("reading.toml"), ReadingFile, problems),
        policy=toml_document(source("policy.toml"), Policy, problems),
    )
    check(files, problems)
    problems.raise_if_any()
    return _territory(files)


def _sensors(folder: Path, problems: Problems) -> Source:
    """Return the sensors' file; an authority that measures nothing has none."""
    name = "sensors.csv"
    if not any((one / name).exists() for one in (folder, folder.parent)):
        return Source(name, ",".join(SensorRecord.model_fields) + "\n")
    return _source(folder, name, problems)


def _source(folder: Path, name: str, problems: Problems) -> Source:
    """Return a file's text; a missing or unreadable one is a problem of its own, told once."""
    path = folder / name if (folder / name).exists() else folder.parent / name
    try:
        return Source(name, path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raw = path.read_bytes()
        line = raw.count(b"\n", 0, error.start) + 1
        problems.add(name, line, "", f"not UTF-8: byte 0x{raw[error.start]:02x}")
    except OSError as error:
        problems.add(name, 1, "", f"cannot be read: {error.strerror}")
    return Source(name, None)


def _territory(files: Files) -> Territory:
    """Return what valid files say."""
    return Territory(
        communes=files.communes.records,
        outlines={one.properties.insee: one.geometry for one in files.outlines.records},
        councils=files.councils.records,
        sites=files.sites.records,
        sensors=files.sensors.records,
        depots=files.depots.valid(),
        crews=files.crews.valid(),
        people=files.people.valid(),
        categories=files.categories.valid(),
        reading=files.reading.valid(),
        policy=files.policy.valid(),
    )
