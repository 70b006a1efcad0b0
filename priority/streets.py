"""Where a text names a street: the words from « rue » to the end of its name.

Grammar of street names only: no gazetteer of streets exists here, and communes are asked of the
caller.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from priority.words import Token

ROAD = re.compile(r"\b(?:R[DN][ .]?|(?-i:[DN] )|[DNA])\d{1,4}(?:[A-Z]\d?)?\b", re.IGNORECASE)
"""A numbered road: D940, RD 1089, A89."""
LINKS = frozenset({"de", "du", "des", "d", "la", "le", "les", "l"})
_NUMBER = re.compile(r"\d{1,4}$")
_YEAR = re.compile(r"(?:18|19|20)\d\d")
_REPEATS = frozenset({"bis", "ter", "quater"})
_LONGEST_STREET_NAME = 5
_LONGEST_SHORT_FORM = 3
_LEADS_ELSEWHERE = frozenset(
    {"rue", "avenue", "av", "boulevard", "bd", "route", "chemin", "faubourg"}
)
"""« route de Tulle » leaves for Tulle; « côte de Cornil » or « place de Masseret » is there."""
_WAYS = frozenset({"route", "chemin", "rte"})
_BESIDE = frozenset({"a", "du", "de", "d", "autre", "ce", "bon", "mauvais"})
_ALWAYS_NAMED = frozenset({"rue", "avenue", "av", "boulevard", "bd", "impasse", "ruelle", "square"})
"""Before a link and any noun these name a street: « rue de la mairie »."""
_NO_NAME = frozenset(
    {"parking", "stationnement", "nouveau", "chez", "nuit", "jour", "randonnee", "terre", "eau"}
    | {"campagne", "travail", "vacances", "secours", "derriere", "devant", "mon", "ma", "notre"}
    | {"cote", "face", "pique", "jeux", "jeu", "village", "ville", "quartier", "commune", "plus"}
    | {"tous", "tout", "toute", "mes", "nos", "votre", "vos", "cette", "ce", "cet", "puis", "part"}
)
"""After a street word and a link these begin no name: « place de parking »."""
_TITLES = frozenset(
    {"general", "marechal", "colonel", "capitaine", "lieutenant", "commandant", "amiral"}
    | {"docteur", "president", "professeur", "abbe", "saint", "sainte", "st", "ste"}
    | {"jean", "pierre", "paul", "victor", "jules", "louis", "henri", "charles", "georges"}
    | {"emile", "albert", "francois", "anatole", "marie"}
)
"""Words that are rarely a street's last name, so that one more word belongs to it."""


@dataclass(frozen=True, slots=True)
class Street:
    """A street named: token indexes, last inclusive.

    Attributes:
        first: Of the number, or of the street word when there is none.
        word: Of the street word.
        last: Of the name's last word.
    """

    first: int
    word: int
    last: int

    def leads_elsewhere(self, tokens: Sequence[Token]) -> bool:
        """Whether a commune in its name is where it goes, not where it lies."""
        return tokens[self.word].folded in _LEADS_ELSEWHERE

    def is_way(self, tokens: Sequence[Token]) -> bool:
        """Whether it is a way across country, not a street of a town called after another."""
        return tokens[self.word].folded in _WAYS


class StreetFinder:
    """Street words ready to read many texts."""

    def __init__(
        self,
        street_words: AbstractSet[str],
        ordinary: AbstractSet[str],
        small_words: AbstractSet[str],
        commune_end: Callable[[Sequence[Token], int], int | None],
    ) -> None:
        """Keep the vocabulary.

        Args:
            street_words: Folded words that begin a street's name.
            ordinary: Stems with a meaning of their own, which in lower case begin no name.
            small_words: Folded words that begin no street's name.
            commune_end: Index of the last word of the commune named from a word on, or None.
        """
        self._streets = street_words
        self._ordinary = ordinary
        self._small = small_words
        self._commune_end = commune_end

    def find(self, tokens: Sequence[Token]) -> Iterator[Street]:
        """Yield the streets that a text names, in order and apart."""
        at = 0
        while at < len(tokens):
            last = self._street_end(tokens, at) if tokens[at].folded in self._streets else None
            if last is None:
                at += 1
                continue
            first = _with_number(tokens, at)
            yield Street(first, at, last)
            at = last + 1

    def _street_end(self, tokens: Sequence[Token], at: int) -> int | None:
        """Return the index of the last word of the street that begins at a street word."""
        is_short = len(tokens[at].folded) <= _LONGEST_SHORT_FORM and tokens[at].folded != "rue"
        name = after_links(tokens, at)
        if name is None and is_short and at + 1 < len(tokens):
            name = at + 1  # the full stop of « av. » ends no clause
        if name is None:
            return None
        follows_at_once = name == at + 1
        commune_end = None if follows_at_once else self._commune_end(tokens, name)
        if commune_end is not None and commune_end > name:
            return commune_end
        if not self._may_begin(tokens, at, name):
            return None
        if follows_at_once and (tokens[at].folded == "cote" or self._is_other_way(tokens[name])):
            return None  # « côté Tulle » is a side, « côte de Cornil » a street
        if tokens[at].folded == "cote" and at and tokens[at - 1].folded in _BESIDE:
            return None  # so is « à côté du cimetière »
        last = name
        while last - name + 1 < _LONGEST_STREET_NAME:
            following = self._continued(tokens, last)
            if following is None:
                break
            last = following
        return last

    def _is_other_way(self, token: Token) -> bool:
        """Whether another street or a numbered road begins here: « la route, avenue Foch »."""
        return token.folded in self._streets or ROAD.fullmatch(token.folded) is not None

    def _may_begin(self, tokens: Sequence[Token], at: int, name: int) -> bool:
        """Whether a word begins the name of the street whose first word is at an index."""
        token = tokens[name]
        if token.folded in _NO_NAME and not token.is_capital:
            return False
        is_linked = name > at + 1 and tokens[at].folded in _ALWAYS_NAMED
        return self._may_name(token) or (is_linked and token.folded not in self._small)

    def _may_name(self, token: Token) -> bool:
        if token.folded in self._small:
            return False
        return token.is_capital or token.stem not in self._ordinary

    def _continued(self, tokens: Sequence[Token], last: int) -> int | None:
        """Return the index of the next word of the street's name after ``last``, if any."""
        following = after_links(tokens, last)
        if following is None:
            return None
        token = tokens[following]
        if following == last + 1 and token.is_tied:
            return following
        if not self._may_name(token) or token.folded in self._streets:
            return None
        if tokens[last].folded in _TITLES or tokens[last].folded.isdigit():
            return following
        is_last_name = following == last + 1 and (token.is_capital or _YEAR.fullmatch(token.folded))
        return following if is_last_name and self._commune_end(tokens, following) is None else None


def after_links(tokens: Sequence[Token], at: int) -> int | None:
    """Return the index of the next word of the clause that is no link (``de``, ``la``)."""
    for following in range(at + 1, len(tokens)):
        if tokens[following].opens:
            return None
        if tokens[following].folded not in LINKS:
            return following
    return None


def _with_number(tokens: Sequence[Token], at: int) -> int:
    """Return where a street begins, its number included: « 14 bis, rue »."""
    first = at - 1 if at and tokens[at - 1].folded in _REPEATS else at
    return first - 1 if first and _NUMBER.match(tokens[first - 1].folded) else at
