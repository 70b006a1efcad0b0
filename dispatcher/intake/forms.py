"""The citizens' form: what was typed, what is wrong with it, and the report it becomes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import ValidationError

from dispatcher.clock import secret_token
from dispatcher.incidents.schemas import PlaceIn
from dispatcher.intake.library import Library
from dispatcher.intake.photos import Photo
from dispatcher.intake.schemas import ContactIn, ReportIn
from priority.words import fold

FIELDS = ("text", "category", "commune", "address", "lat", "lon", "name", "phone", "email")
PLACED = ("text", "category", "commune", "address", "lat", "lon")
"""Fields that say what and where, and nothing of who."""
TRAP = "website"
KEY = re.compile(r"^[A-Za-z0-9_-]{16,128}$")

CHOICES: tuple[tuple[str, str], ...] = (
    ("water_leak_road", "droplets"),
    ("sewer_blockage", "waves"),
    ("pothole", "construction"),
    ("tree_on_road", "tree-pine"),
    ("lamp_out", "lightbulb-off"),
    ("black_ice", "snowflake"),
)
"""Categories offered with a picture; those that the catalogue lacks are left out."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A category that a citizen may point at."""

    code: str
    label: str
    picture: str


@dataclass(frozen=True, slots=True)
class Form:
    """The report form as it is shown.

    Attributes:
        values: What was typed, by field.
        errors: Key of the sentence that says what is wrong, by field.
        choices: Categories with a picture.
        communes: Names for the list.
        key: Idempotency key, so that sending twice stores once.
        danger: Word that tells of danger, when the page first asks to call for help.
        joins: The known incident that the citizen says it is.
        photos: Photos that came with it and are kept while it is asked again.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[Choice] = ()
    communes: Sequence[str] = ()
    key: str = ""
    danger: str | None = None
    joins: UUID | None = None
    photos: Sequence[Photo] = ()


def blank(library: Library, locale: str) -> Form:
    """Return an empty form with a fresh key."""
    return Form(
        choices=choices(library, locale), communes=commune_names(library), key=secret_token()
    )


def choices(library: Library, locale: str) -> list[Choice]:
    """Return the categories offered with a picture, named in the reader's language."""
    found = []
    for code, picture in CHOICES:
        category = library.categories.get(code)
        if category is not None:
            label = category.label_en if locale == "en" else category.label_fr
            found.append(Choice(code, label, picture))
    return found


def commune_names(library: Library) -> list[str]:
    """Return the communes' names in alphabetical order, accents ignored."""
    return sorted((c.name for c in library.communes.values()), key=fold)


def commune_code(library: Library, name: str) -> str | None:
    """Return the code of a commune by its name or postcode as people write it."""
    wanted = fold(name).replace("-", " ").strip()
    for commune in library.communes.values():
        if fold(commune.name).replace("-", " ") == wanted:
            return commune.insee
    postcoded = [c for c in library.communes.values() if wanted in c.postcodes]
    return postcoded[0].insee if len(postcoded) == 1 else None


def read_form(
    library: Library, values: Mapping[str, str]
) -> tuple[ReportIn | None, dict[str, str]]:
    """Return the report a form makes, or what is wrong with it by field."""
    errors: dict[str, str] = {}
    if not values.get("text", "").strip():
        errors["text"] = "text"
    elif len(values["text"]) > 4000:
        errors["text"] = "text_long"
    named = values.get("commune", "").strip()
    insee = commune_code(library, named) if named else None
    if named and insee is None:
        errors["commune"] = "commune"
    contact = _contact(values, errors)
    if errors:
        return None, errors
    try:
        place = PlaceIn(
            lat=_number(values.get("lat")),
            lon=_number(values.get("lon")),
            insee=insee,
            address=values.get("address", "").strip() or None,
        )
        category = values.get("category") or None
        if category not in library.categories:
            category = None
        return ReportIn(
            text=values["text"], category=category, place=place, contact=contact
        ), errors
    except ValidationError:
        return None, {"form": "refused"}


def _contact(values: Mapping[str, str], errors: dict[str, str]) -> ContactIn | None:
    typed = {name: values.get(name, "").strip() or None for name in ("name", "phone", "email")}
    if not any(typed.values()):
        return None
    try:
        return ContactIn(**typed)
    except ValidationError as problem:
        for fault in problem.errors():
            errors[str(fault["loc"][0])] = str(fault["loc"][0])
        return None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
