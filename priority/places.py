"""Where a text says it is: street, number, road and commune, found with a gazetteer.

The gazetteer is an argument, so any territory can be read. The module proposes places with a
confidence; it geocodes no street and never asks the network.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache

from priority.gazetteer import CommuneName, Gazetteer
from priority.mentions import share_of_mention
from priority.streets import LINKS, ROAD, Street, StreetFinder
from priority.words import REMEMBERED, Token, Vocabulary, fold, tokens_of

_TOWARDS = frozenset({"a", "sur", "de", "d", "vers", "pres", "commune", "ville", "bourg"})
_NOT_A_TOWN = frozenset({"monsieur", "madame", "mme", "mr", "mlle"})
_NO_LONE_TOWN = _NOT_A_TOWN | {"la", "en"}
"""Before a name they mean a river, a département or a person: « la Corrèze », « Mme Larche »."""
_GLUED, _VOWELS = frozenset({"d", "l"}), frozenset("aeiouyh")
_GUESS = 0.45
"""A lone word one slip away from a name; any name spelt right says more."""

_SAINTS = {"st": "saint", "ste": "sainte"}
_CUTS = frozenset({"sur", "la", "le", "les", "de", "du", "des", "d", "l", "sous", "pres", "en"})
_SHORTEST_SURE_NAME, _SHORTEST_NAME = 5, 4
_LONG_TAIL = 9
_LONGEST_WORD = 32
"""A longer word names no commune, and is not worth remembering."""
_WAY_CONFIDENCE = 0.2
_LANDMARK_CONFIDENCE, _LANDMARK_SHARE = 0.5001, 0.5
"""A commune named beats a landmark, whose name may stand elsewhere too."""
_FAR_LARGER = 8
"""So many times larger, a commune is what a short name means: Brive, not Brivezac."""


@dataclass(frozen=True, slots=True)
class PlaceHint:
    """A place that a text seems to name.

    Attributes:
        label: For readers: ``Rue Carnot, Tulle``.
        street: Street with its number, or road, as written; None if none is named.
        commune: The commune, None if none is named.
        confidence: 0..1, how likely this is the place meant.
        spans: Where the text says so: start inclusive, end exclusive, ascending and apart.
    """

    label: str
    street: str | None
    commune: CommuneName | None
    confidence: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Named:
    """Part of a text that names something: token indexes, last inclusive."""

    first: int
    last: int
    confidence: float
    communes: tuple[CommuneName, ...] = ()
    share: float = 1.0


def sure_commune(hints: Sequence[PlaceHint]) -> str | None:
    """Return the code of the commune that the surest place lies in.

    Args:
        hints: Surest first.

    Returns:
        None when no commune is named, or when a name may mean several of which none is by far
        the largest.
    """
    named = [hint for hint in hints if hint.commune is not None]
    if not named or named[0].commune is None:
        return None
    meant = named[0].commune
    rivals = [
        hint.commune
        for hint in named[1:]
        if hint.commune is not None and hint.spans == named[0].spans and hint.commune != meant
    ]
    largest = max((one.population for one in rivals), default=0)
    return meant.insee if meant.population >= _FAR_LARGER * largest else None


class PlaceFinder:
    """A gazetteer ready to read many texts."""

    def __init__(
        self, gazetteer: Gazetteer, ordinary: AbstractSet[str], small_words: AbstractSet[str]
    ) -> None:
        """Index every name a commune goes by.

        Args:
            gazetteer: Names of places.
            ordinary: Stems with a meaning of their own (``eau``), which in lower case begin no
                street's name.
            small_words: Folded words that begin no street's name (``est``, ``devant``).
        """
        streets = frozenset(fold(word) for word in gazetteer.street_words)
        self._street_finder = StreetFinder(streets, ordinary, small_words, self._commune_end)
        self._ordinary = ordinary
        self._small = small_words
        self._postcodes: dict[str, list[CommuneName]] = {}
        self._names: dict[tuple[str, ...], list[CommuneName]] = {}
        for commune in sorted(gazetteer.communes, key=lambda one: -one.population):
            for alias in _aliases(commune.name):
                self._names.setdefault(alias, []).append(commune)
            for postcode in commune.postcodes:
                self._postcodes.setdefault(postcode, []).append(commune)
        self._short = _shortened(gazetteer.communes)
        self._names |= self._short
        for alias, commune in _tails(gazetteer.communes):
            self._names.setdefault(alias, [commune])
        official = {_name_words(commune.name): commune for commune in gazetteer.communes}
        for words, commune in official.items():
            self._names[words] = [commune]
        self._landmarks = _landmarks(gazetteer)
        for words, commune in self._landmarks.items():
            self._names.setdefault(words, [commune])
        self._longest: dict[str, int] = {}
        """Words of the longest name that begins with a word."""
        for alias in self._names:
            self._longest[alias[0]] = max(len(alias), self._longest.get(alias[0], 0))
        self._parts = Vocabulary({word for alias in self._names for word in alias})
        self._single = Vocabulary({alias[0] for alias in self._names if len(alias) == 1})
        self._may_begin = lru_cache(maxsize=REMEMBERED)(self._can_begin)

    def find(self, text: str, tokens: Sequence[Token]) -> tuple[PlaceHint, ...]:
        """Return the places that a text names, surest first.

        Args:
            text: The text.
            tokens: Its words.
        """
        named = list(self._street_finder.find(tokens))
        streets = [
            _Named(one.first, one.last, 0.4 if one.first < one.word else 0.3) for one in named
        ]
        streets += _roads_in(text, tokens)
        taken = {i for one in streets for i in range(one.first, one.last + 1)}
        found = list(self._communes_in(tokens, taken)) or self._within(tokens, named)
        found = [one for one in found if one.confidence > _GUESS] or found
        communes = _weighed(text, tokens, _agreed(found))
        parts: list[_Named | None] = [*streets] or [None]
        hints = [
            hint
            for street in parts
            for hint in _hints(text, tokens, street, _nearest(street, communes))
        ]
        return tuple(sorted(hints, key=lambda hint: -hint.confidence))

    def _within(self, tokens: Sequence[Token], streets: Sequence[Street]) -> list[_Named]:
        """Return the commune that a street lies in by its own name: « côte de Cornil ».

        « route de Cornil » leads there; as long as nothing else is named, that is the best guess.
        """
        for is_way, confidence in ((False, 0.4), (True, _WAY_CONFIDENCE)):
            for one in streets:
                if is_way != one.leads_elsewhere(tokens) or (is_way and not one.is_way(tokens)):
                    continue
                inside = (self._commune_at(tokens, at) for at in range(one.word + 1, one.last + 1))
                named = next((place for place in inside if place is not None), None)
                if named is not None:
                    return [replace(named, confidence=confidence)]
        return []

    def _commune_end(self, tokens: Sequence[Token], at: int) -> int | None:
        named = self._commune_at(tokens, at)
        return None if named is None else named.last

    def _communes_in(self, tokens: Sequence[Token], taken: set[int]) -> Iterator[_Named]:
        at = 0
        while at < len(tokens):
            named = None if at in taken else self._postcode_at(tokens, at)
            named = named or (None if at in taken else self._commune_at(tokens, at))
            if named is None or taken & set(range(named.first, named.last + 1)):
                at += 1
                continue
            yield named
            at = named.last + 1

    def _postcode_at(self, tokens: Sequence[Token], at: int) -> _Named | None:
        communes = self._postcodes.get(tokens[at].folded)
        return _Named(at, at, 0.4, tuple(communes)) if communes else None

    def _commune_at(self, tokens: Sequence[Token], at: int) -> _Named | None:
        """Return the longest commune name that starts at a word, spelt right or nearly."""
        word = tokens[at].folded
        if len(word) > _LONGEST_WORD or not self._may_begin(word):
            return None
        first = _said(tokens[at])
        words = tuple(_said(one) for one in tokens[at : at + self._longest.get(first, 0)])
        for length in range(len(words), 0, -1):
            communes = self._names.get(words[:length])
            if communes and self._is_meant(tokens, at, length):
                is_short = words[:length] in self._short and not _is_towards(tokens, at)
                is_unsure = is_short or words[:length] in self._landmarks
                sure = _LANDMARK_CONFIDENCE if is_unsure else 0.6
                return _Named(at, at + length - 1, sure, tuple(communes))
        longest = self._longest.get(self._corrected(first), 0)
        meant = tuple(self._corrected(_said(one)) for one in tokens[at : at + longest])
        for length in range(len(meant), 1, -1):
            communes = self._names.get(meant[:length]) if meant[:length] != words[:length] else None
            if communes:
                return _Named(at, at + length - 1, 0.5, tuple(communes))
        return self._misspelt_at(tokens, at)

    def _can_begin(self, word: str) -> bool:
        """Whether a name begins with a word, spelt right or nearly; most words begin none."""
        said = _SAINTS.get(word, word)
        if said in self._longest or self._corrected(said) in self._longest:
            return True
        return bool(self._single.nearest(word) or self._unglued(word))

    def _corrected(self, word: str) -> str:
        """Return the word of a commune's name that a long word means, or the word itself."""
        if len(word) < _SHORTEST_SURE_NAME or word in self._parts:
            return word
        return self._parts.nearest(word) or word

    def _is_meant(self, tokens: Sequence[Token], at: int, length: int) -> bool:
        """Whether a word that could be a commune is one here: « à Bar », not « le bar »."""
        token = tokens[at]
        not_a_town = _NOT_A_TOWN if length > 1 else _NO_LONE_TOWN
        if at and not token.opens and tokens[at - 1].folded in not_a_town:
            return False
        is_sure = length > 1 or (
            len(token.folded) >= _SHORTEST_NAME and token.stem not in self._ordinary
        )
        return is_sure or (token.is_capital and not token.opens) or _is_towards(tokens, at)

    def _misspelt_at(self, tokens: Sequence[Token], at: int) -> _Named | None:
        word = tokens[at].folded
        is_long = len(word) > _SHORTEST_SURE_NAME
        is_likely = is_long or (len(word) >= 4 and _is_towards(tokens, at))
        if not is_likely or tokens[at].stem in self._ordinary or word in self._small:
            return None
        meant = self._single.nearest(word) or self._unglued(word)
        return _Named(at, at, _GUESS, tuple(self._names[(meant,)])) if meant else None

    def _unglued(self, word: str) -> str | None:
        """Return the name behind an article without its apostrophe: « dussel », « dargenta »."""
        rest = word[1:]
        if word[0] not in _GLUED or rest in self._single:
            return rest if word[0] in _GLUED else None
        is_likely = len(rest) > _SHORTEST_SURE_NAME and rest[0] in _VOWELS
        return self._single.nearest(rest) if is_likely else None


def _landmarks(gazetteer: Gazetteer) -> dict[tuple[str, ...], CommuneName]:
    by_code = {commune.insee: commune for commune in gazetteer.communes}
    return {
        _name_words(name): by_code[insee] for name, insee in gazetteer.landmarks if insee in by_code
    }


def _is_towards(tokens: Sequence[Token], at: int) -> bool:
    return at > 0 and not tokens[at].opens and tokens[at - 1].folded in _TOWARDS


def _said(token: Token) -> str:
    return _SAINTS.get(token.folded, token.folded)


def _name_words(name: str) -> tuple[str, ...]:
    return tuple(_said(token) for token in tokens_of(name))


def _aliases(name: str) -> set[tuple[str, ...]]:
    """Return what people call a commune: the name, without its article, without its tail.

    >>> sorted(_aliases("Brive-la-Gaillarde"))
    [('brive',), ('brive', 'la', 'gaillarde')]
    """
    words = _name_words(name)
    aliases = {words, *(_name_words(half) for half in name.split(" - ")[:1])}
    if words[0] in {"le", "la", "les", "l"} and len(words) > 1:
        words = words[1:]
        aliases.add(words)
    for at, word in enumerate(words):
        if at and word in _CUTS and words[:at] not in {("saint",), ("sainte",)}:
            aliases.add(words[:at])
            break
    return aliases


def _shortened(communes: Sequence[CommuneName]) -> dict[tuple[str, ...], list[CommuneName]]:
    """Return « Saint-Hilaire » with every commune that it may be short for, the largest first."""
    found: dict[tuple[str, ...], list[CommuneName]] = {}
    for commune in sorted(communes, key=lambda one: -one.population):
        words = _name_words(commune.name)
        if len(words) > 2 and words[0] in _SAINTS.values():
            found.setdefault(words[:2], []).append(commune)
    return found


def _tails(communes: Sequence[CommuneName]) -> Iterator[tuple[tuple[str, ...], CommuneName]]:
    """Yield the long second halves by which people call some communes: « Pompadour »."""
    for commune in communes:
        words = _name_words(commune.name)
        if len(words) == 2 and len(words[1]) >= _LONG_TAIL:
            yield words[1:], commune


def _roads_in(text: str, tokens: Sequence[Token]) -> Iterator[_Named]:
    """Yield numbered roads: D940, RD 1089, A89."""
    for match in ROAD.finditer(text):
        inside = [i for i, one in enumerate(tokens) if match.start() <= one.start < match.end()]
        if inside:
            yield _Named(inside[0], inside[-1], 0.3)


def _weighed(text: str, tokens: Sequence[Token], named: Sequence[_Named]) -> list[_Named]:
    """Return the names likeliest first.

    A name and the postcode beside it are one mention, and so is « Tulle-Brive ».
    """
    weighed: list[_Named] = []
    for one in named:
        share = share_of_mention(text, tokens, one.first)
        share *= _LANDMARK_SHARE if one.confidence == _LANDMARK_CONFIDENCE else 1.0
        if (
            weighed
            and weighed[-1].last == one.first - 1
            and (tokens[one.first].is_tied or set(one.communes) & set(weighed[-1].communes))
        ):
            share = min(share, weighed[-1].share)
        weighed.append(replace(one, share=share))
    return sorted(weighed, key=lambda one: -one.share)


def _agreed(named: list[_Named]) -> list[_Named]:
    """Let each name settle what another leaves open: « 19600 Saint-Pantaléon »."""
    sure = {one.communes for one in named if len(one.communes) > 1}
    settled: list[_Named] = []
    for one in named:
        for other in sure:
            both = tuple(place for place in one.communes if place in other)
            if both and len(both) < len(one.communes):
                one = replace(one, communes=both)
        settled.append(one)
    single = {one.communes[0] for one in settled if len(one.communes) == 1}
    return [
        one
        if len(one.communes) == 1
        else replace(one, communes=next(((p,) for p in one.communes if p in single), one.communes))
        for one in settled
    ]


def _nearest(street: _Named | None, communes: Sequence[_Named]) -> Sequence[_Named]:
    """Return the commune that goes with a street: the likeliest, the next named among equals."""
    if street is None or not communes:
        return communes
    best = [one for one in communes if one.share == communes[0].share]
    after = [one for one in best if one.first > street.last]
    return after[:1] or best[:1]


def _hints(
    text: str, tokens: Sequence[Token], street: _Named | None, communes: Sequence[_Named]
) -> Iterator[PlaceHint]:
    """Yield a hint for each commune that may be meant, or one for the street alone."""
    street_text = None
    if street is not None:
        street_text = text[tokens[street.first].start : tokens[street.last].end]
        if not communes:
            label = street_text[:1].upper() + street_text[1:]
            yield PlaceHint(label, street_text, None, street.confidence, (_span(tokens, street),))
            return
    for named in communes:
        parts = sorted((one for one in (street, named) if one is not None), key=lambda p: p.first)
        surer = 0.25 if street is not None else 0.0
        confidence = min((named.confidence + surer) * named.share, 1)
        for rank, commune in enumerate(named.communes):
            label = commune.name
            if street_text is not None:
                label = f"{street_text[:1].upper()}{street_text[1:]}, {commune.name}"
            share = confidence / (1 + rank) / (1 if len(named.communes) == 1 else 1.5)
            yield PlaceHint(label, street_text, commune, round(share, 3), _joined(tokens, parts))


def _span(tokens: Sequence[Token], part: _Named) -> tuple[int, int]:
    return tokens[part.first].start, tokens[part.last].end


def _joined(tokens: Sequence[Token], parts: Sequence[_Named]) -> tuple[tuple[int, int], ...]:
    """Return the spans of the parts, as one when only small words stand between."""
    spans = [_span(tokens, part) for part in parts]
    if len(parts) == 2:
        between = tokens[parts[0].last + 1 : parts[1].first]
        if all(one.folded in _TOWARDS | LINKS for one in between):
            return ((spans[0][0], spans[1][1]),)
    return tuple(spans)
