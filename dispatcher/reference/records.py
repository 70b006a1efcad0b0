"""Reference data as validated, frozen records: the shape of every row and table of the open files.

Column and key names are those of the files. Records know nothing of files, lines or tables.
"""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from dispatcher.wire import clean_text
from priority.timetable import AllowanceSettings

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Insee = Annotated[str, Field(pattern=r"^(\d{2}|2[AB])\d{3}$")]
Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(clean_text)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
BasePoints = Annotated[int, Field(ge=0, le=30)]
Weight = Annotated[float, Field(ge=0)]

_POSTCODE = re.compile(r"\d{5}")


def _postcodes(value: object) -> object:
    return tuple(value.split("|")) if isinstance(value, str) else value


def _are_postcodes(postcodes: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [one for one in postcodes if not _POSTCODE.fullmatch(one)]
    if wrong:
        raise ValueError(f"expected five digits, several separated by |, got {wrong[0]!r}")
    return postcodes


class Record(BaseModel):
    """Base of all records: frozen; an unknown column or key is an error, and so is NaN."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True
    )


class CommuneRecord(Record):
    """One line of ``communes.csv``; ``lon`` and ``lat`` are of a point inside, WGS 84."""

    insee: Insee
    nom: Text
    population: Annotated[int, Field(ge=0)]
    epci: Annotated[str, Field(pattern=r"^\d{9}$")]
    lon: Longitude
    lat: Latitude
    codes_postaux: Annotated[
        tuple[str, ...], BeforeValidator(_postcodes), AfterValidator(_are_postcodes)
    ]
    surface_km2: Annotated[float, Field(gt=0)]


class CouncilRecord(Record):
    """One line of ``epci.csv``; ``population`` counts all members of the council."""

    code: Annotated[str, Field(pattern=r"^\d{9}$")]
    nom: Text
    type: Literal["CC", "CA", "CU", "METRO"]
    population: Annotated[int, Field(ge=0)]


class SiteRecord(Record):
    """One line of ``sites.csv``: a place whose nearness makes an incident graver."""

    code: Code
    kind: Code
    name: Text
    insee: Insee
    lat: Latitude
    lon: Longitude
    synthetic: bool


def _communes(value: object) -> object:
    return tuple(value.split("|")) if isinstance(value, str) else value


def _blank(value: object) -> object:
    return None if value == "" else value


Bound = Annotated[float | None, BeforeValidator(_blank)]


class SensorRecord(Record):
    """One line of ``sensors.csv``: a measuring point, its normal range (a bound may be empty), and
    the communes that its pressure zone feeds, several separated by ``|``.
    """

    code: Code
    name: Text
    metric: Code
    unit: Annotated[str, Field(min_length=1, max_length=12)]
    low: Bound
    high: Bound
    sector: Text
    communes: Annotated[
        tuple[Insee, ...], BeforeValidator(_communes), Field(min_length=1, max_length=60)
    ]
    lat: Latitude
    lon: Longitude
    synthetic: bool

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("the lowest normal value is above the highest")
        return self


class SectorRecord(Record):
    """A group of depots and crews, with the councils whose communes it answers for."""

    code: Code
    name: Text
    councils: tuple[str, ...]


class DepotRecord(Record):
    """A place where crews start and end their day."""

    code: Code
    name: Text
    sector: Code
    insee: Insee
    lat: Latitude
    lon: Longitude


class DepotsFile(Record):
    """``depots.toml``."""

    sector: tuple[SectorRecord, ...]
    depot: tuple[DepotRecord, ...]


class SkillRecord(Record):
    """What a crew can be able or accredited to do."""

    code: Code
    label_fr: Text
    label_en: Text


class BreakRecord(Record):
    """A pause of ``minutes``, to be taken between two local times."""

    earliest: Annotated[TimeOfDay, Field(alias="from")]
    latest: Annotated[TimeOfDay, Field(alias="to")]
    minutes: Annotated[int, Field(gt=0, le=240)]


class ShiftRecord(Record):
    """A weekly pattern in local time; an end at or before the start is on the next day."""

    code: Code
    label_fr: Text
    label_en: Text
    days: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1)]
    start: TimeOfDay
    end: TimeOfDay
    breaks: tuple[BreakRecord, ...] = ()


class CrewRecord(Record):
    """People and a vehicle that move together."""

    code: Code
    name: Text
    sector: Code
    depot: Code
    skills: Annotated[tuple[Code, ...], Field(min_length=1)]
    vehicle: Text | None = None
    members: Annotated[int, Field(ge=1, le=20)]
    shift: Code


class CrewsFile(Record):
    """``crews.toml``."""

    skill: tuple[SkillRecord, ...]
    shift: tuple[ShiftRecord, ...]
    crew: tuple[CrewRecord, ...]


class PostRecord(Record):
    """A post that somebody holds at any time out of hours.

    `rung` 1 is called first; no `sectors` or `services` means all of them.
    """

    code: Code
    label_fr: Text
    label_en: Text
    letter: Annotated[str, Field(pattern=r"^[A-Z]$")]
    kind: Literal["operations", "safety", "decision"]
    need: Annotated[int, Field(ge=1, le=20)]
    rung: Annotated[int, Field(ge=1, le=9)] = 1
    sectors: tuple[Code, ...] = ()
    services: tuple[Code, ...] = ()


class AbsenceRecord(Record):
    """Local days away, start inclusive, end exclusive."""

    start: date
    end: date
    kind: Literal["leave", "training", "sick", "parental", "other"]

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end <= self.start:
            raise ValueError("an absence ends after it starts (the end day is not included)")
        return self


class CarryRecord(Record):
    """Turns above (+) or below (-) the mean, brought over from the year before."""

    weeks: Annotated[float, Field(ge=-52, le=52)] = 0.0


class PersonRecord(Record):
    """A member of staff who takes turns on call."""

    code: Code
    name: Text
    posts: Annotated[tuple[Code, ...], Field(min_length=1)]
    phone: Annotated[str, Field(pattern=r"^\+[0-9 ]{6,20}$")] | None = None
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200)] | None = None
    crew: Code | None = None
    absences: tuple[AbsenceRecord, ...] = ()
    carry: CarryRecord = CarryRecord()


class PeopleFile(Record):
    """``people.toml``."""

    post: tuple[PostRecord, ...]
    person: tuple[PersonRecord, ...]


class ServiceRecord(Record):
    """A service, with the shape of its incidents on the map."""

    code: Code
    label_fr: Text
    label_en: Text
    shape: Literal["circle", "diamond", "square", "hexagon"]


class CategoryRecord(Record):
    """A kind of incident; ``fixtures/categories.toml`` says what each key means."""

    code: Code
    service: Code
    label_fr: Text
    label_en: Text
    severity: BasePoints
    urgency: BasePoints
    skills: tuple[Code, ...]
    duration_min: Annotated[int, Field(gt=0, le=24 * 60)]
    respond_within: AllowanceSettings | None = None
    restore_within: AllowanceSettings | None = None
    words: tuple[Text, ...]
    hints: tuple[Text, ...] = ()
    hourly: Code
    share: Weight
    storm: Weight
    examples: tuple[Text, ...] = ()


HourlyWeights = Annotated[tuple[Weight, ...], Field(min_length=24, max_length=24)]


class CategoriesFile(Record):
    """``categories.toml``."""

    hourly: dict[Code, HourlyWeights]
    service: tuple[ServiceRecord, ...]
    category: Annotated[tuple[CategoryRecord, ...], Field(min_length=1)]


class DangerRecord(Record):
    """How people tell one kind of danger."""

    kind: Code
    words: Annotated[tuple[Text, ...], Field(min_length=1)]


class ReadingFile(Record):
    """``reading.toml``."""

    small_words: tuple[Text, ...]
    negations: tuple[Text, ...]
    ordinary_words: tuple[Text, ...]
    street_words: tuple[Text, ...]
    danger: tuple[DangerRecord, ...]


def _is_closed(ring: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if ring[0] != ring[-1]:
        raise ValueError("a ring ends where it starts")
    return ring


LinearRing = Annotated[
    tuple[tuple[Longitude, Latitude], ...], Field(min_length=4), AfterValidator(_is_closed)
]
"""Closed, four positions or more. Source: RFC 7946, section 3.1.6."""


class Polygon(Record):
    """Outer ring first, then holes."""

    type: Literal["Polygon"]
    coordinates: Annotated[tuple[LinearRing, ...], Field(min_length=1)]


class MultiPolygon(Record):
    """Several polygons."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[
        tuple[Annotated[tuple[LinearRing, ...], Field(min_length=1)], ...], Field(min_length=1)
    ]


class OutlineProperties(BaseModel):
    """What an outline belongs to; other properties are for map viewers and not read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    insee: Insee


class OutlineRecord(BaseModel):
    """One feature of ``communes.geojson``."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    type: Literal["Feature"]
    properties: OutlineProperties
    geometry: Annotated[Polygon | MultiPolygon, Field(discriminator="type")]
