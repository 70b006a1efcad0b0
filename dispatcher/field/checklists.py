"""What a crew must know and must not forget, by service or category: `fixtures/checklists.toml`."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from dispatcher.fixtures import fixtures_dir


class Words(BaseModel):
    """A sentence in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fr: str = Field(min_length=2, max_length=200)
    en: str = Field(min_length=2, max_length=200)


class Item(Words):
    """One thing to tick; `code` is what is stored with the answer."""

    code: str = Field(pattern=r"^[a-z0-9_]{2,40}$")


class Checklist(BaseModel):
    """Hazards and things to tick for some services and categories."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    services: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    hazard: tuple[Words, ...] = ()
    item: tuple[Item, ...] = ()

    def serves(self, service: str, category: str) -> bool:
        """Return whether it is for a category, by its service or by itself."""
        return service in self.services or category in self.categories


@cache
def checklists(path: Path | None = None) -> tuple[Checklist, ...]:
    """Return every list of a file, the service's own by default.

    Raises:
        ValidationError: A list says something unknown, or too much.
    """
    text = (path or fixtures_dir() / "checklists.toml").read_text(encoding="utf-8")
    return tuple(Checklist.model_validate(one) for one in tomllib.loads(text).get("list", ()))


def hazards_of(service: str, category: str) -> list[Words]:
    """Return what may hurt in a category, in the order of the file."""
    lists = [one for one in checklists() if one.serves(service, category)]
    return [hazard for one in lists for hazard in one.hazard]


def items_of(service: str, category: str) -> list[Item]:
    """Return what is to be ticked in a category, each code once, in the order of the file."""
    lists = [one for one in checklists() if one.serves(service, category)]
    found = {item.code: item for one in lists for item in one.item}
    return list(found.values())
