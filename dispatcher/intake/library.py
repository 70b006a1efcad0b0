"""What the desk knows by heart: catalogue, communes, sensitive sites, and a reader trained on them.

Loaded once per version of the reference data; building the reader for 277 communes takes tens of
milliseconds, reading a message about one.
"""

import json
import threading
import tomllib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

from sqlmodel import Session, col, select

from dispatcher.clock import monotonic_s
from dispatcher.errors import NotFound
from dispatcher.fixtures import fixtures_dir
from dispatcher.models import Category, Commune, KeptState, SensitiveSite
from dispatcher.reference.atlas import Atlas, Outline
from dispatcher.reference.territory import reading_key
from priority.gazetteer import CommuneName, Gazetteer
from priority.linear import LinearModel
from priority.reading import CategoryWords, DangerWords, Reader, ReadingRules, small_words_of

CATCH_ALL = "other"
LOOK_EVERY_S = 1.0
"""Changed reference data are read from at the latest after this time."""


@dataclass(frozen=True, slots=True)
class Library:
    """Reference data made ready for reading messages."""

    version: int
    reader: Reader
    categories: Mapping[str, Category]
    communes: Mapping[str, Commune]
    density: Mapping[str, float]
    sites: tuple[SensitiveSite, ...]
    atlas: Atlas
    small_words: AbstractSet[str]

    @property
    def catch_all(self) -> Category:
        """The category of what nobody understood yet."""
        return self.categories.get(CATCH_ALL) or next(iter(self.categories.values()))


@cache
def reading_model() -> LinearModel:
    """Return the model shipped with the product; `fixtures/train_reading.py` makes it."""
    text = (fixtures_dir() / "reading-model.json").read_text(encoding="utf-8")
    return LinearModel.from_document(json.loads(text))


@cache
def landmarks() -> tuple[tuple[str, str], ...]:
    """Return the names of places shipped with the product, each with its commune's code."""
    known = tomllib.loads((fixtures_dir() / "landmarks.toml").read_text(encoding="utf-8"))
    return tuple((name, insee) for insee, names in known.items() for name in names)


def load(session: Session, org: str) -> Library:
    """Return the library of an authority.

    Raises:
        NotFound: Reference data were never imported.
    """
    kept = session.get(KeptState, reading_key(org))
    if kept is None:
        raise NotFound("no reference data: run `cpo import` first")
    categories = session.exec(
        select(Category).where(Category.org == org).order_by(col(Category.position))
    ).all()
    communes = session.exec(select(Commune).where(Commune.org == org)).all()
    outlines = [Outline.of(c.insee, c.outline) for c in communes]
    rules = ReadingRules(
        categories=tuple(
            CategoryWords(c.code, tuple(c.words), tuple(c.extra.get("hints", ())), c.service)
            for c in categories
        ),
        dangers=tuple(
            DangerWords(kind, tuple(words)) for kind, words in kept.state["dangers"].items()
        ),
        small_words=tuple(kept.state["small_words"]),
        negations=tuple(kept.state["negations"]),
        ordinary_words=tuple(kept.state["ordinary_words"]),
    )
    gazetteer = Gazetteer(
        communes=tuple(
            CommuneName(c.insee, c.name, c.lat, c.lon, c.population, tuple(c.postcodes))
            for c in communes
        ),
        street_words=tuple(kept.state["street_words"]),
        landmarks=landmarks(),
    )
    return Library(
        version=kept.ver,
        reader=Reader(rules, gazetteer, reading_model()),
        categories={c.code: c for c in categories},
        communes={c.insee: c for c in communes},
        density=_densities(communes, outlines),
        sites=tuple(session.exec(select(SensitiveSite).where(SensitiveSite.org == org)).all()),
        atlas=Atlas(outlines),
        small_words=small_words_of(rules),
    )


def _densities(communes: Sequence[Commune], outlines: Sequence[Outline]) -> dict[str, float]:
    by_code = {outline.insee: outline.area_km2() for outline in outlines}
    return {
        c.insee: round(c.population / by_code[c.insee], 1) for c in communes if by_code[c.insee] > 0
    }


class Shelf:
    """The library in use, renewed when the reference data change."""

    def __init__(self) -> None:
        """Start empty."""
        self._library: Library | None = None
        self._good_until_s = 0.0
        self._loading = threading.Lock()

    def at_hand(self) -> Library | None:
        """Return the library without a look at the database, or None when one is due: reference
        data change rarely, reports come many a second.

        One caller is told that a look is due; those who come while it looks get what there is.
        """
        now_s = monotonic_s()
        if now_s >= self._good_until_s and self._library is not None:
            self._good_until_s = now_s + LOOK_EVERY_S
            return None
        return self._library

    def library(self, session: Session, org: str) -> Library:
        """Return the library of the present version of the reference data.

        Threads that come while one loads it wait for that one: all would take as many times longer.
        """
        with self._loading:
            return self._look(session, org)

    def _look(self, session: Session, org: str) -> Library:
        version = session.exec(
            select(KeptState.ver).where(KeptState.key == reading_key(org))
        ).first()
        if self._library is None or self._library.version != version:
            self._library = load(session, org)
        self._good_until_s = monotonic_s() + LOOK_EVERY_S
        return self._library
