"""Words as people type them: tokens with offsets, forgiving comparison, phrases found in a text.

Accents, case, apostrophes, hyphens, plurals, feminines and one slip of the finger do not matter.
The module knows no vocabulary of its own: phrases are arguments.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

Payload = TypeVar("Payload")

_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_STOP = re.compile(r"[,.;:!?()\n\r]")
_HANDLE_MARKS = frozenset("#@")
_HUMP = re.compile(r"\d+|[^\W\d_](?:[^\W\d_A-ZÀ-Ý]+|[A-ZÀ-Ý]*(?![^\W\d_A-ZÀ-Ý]))")
"""One word of « VilleBeaulieu » or « D940Tulle »."""
_OFFICE = re.compile(r"(mairie|ville|commune|agglo)(de|d|du)?(?=[^\W\d]{4})", re.IGNORECASE)
"""What a handle in lower case begins with: « mairiedetulle »."""
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "Œ": "oe", "Æ": "ae"})
_SHORTEST_TYPO = 5
"""Below five letters one slip makes another word (``rue``/``roue``), so none is forgiven."""

REMEMBERED = 8192
"""Words whose forms are kept: people use few, and working them out is most of reading a message."""
_SHORT_TEXT = 500
"""Characters."""
_LONGEST_REMEMBERED = 32


class Token(NamedTuple):
    """One word of a text; a tuple, for many are made and few looked at.

    Attributes:
        start: Offset of its first character in the text, inclusive.
        end: Offset after its last character, exclusive.
        folded: Lower case, no accents.
        stem: ``folded`` without plural and feminine endings.
        is_capital: Starts with a capital letter, in a text that is not all capitals.
        opens: Punctuation or the text's start stands before it: a new clause may begin here.
        is_tied: A hyphen ties it to the word before.
    """

    start: int
    end: int
    folded: str
    stem: str
    is_capital: bool
    opens: bool
    is_tied: bool


def fold(text: str) -> str:
    """Return the text in lower case without accents or ligatures.

    >>> fold("Bouche à Clé, CŒUR")
    'bouche a cle, coeur'
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES).casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def stem(folded: str) -> str:
    """Return a folded word without plural, feminine and infinitive endings.

    Light on purpose: it joins ``fuite``/``fuites``, ``cassé``/``cassées``, ``gelé``/``geler`` and
    leaves short words whole.

    >>> stem("cassees"), stem("geler"), stem("eaux"), stem("rue")
    ('cass', 'gel', 'eau', 'rue')
    """
    word = folded
    if len(word) > 3 and word[-1] in "sx":
        word = word[:-1]
    if len(word) > 4 and word.endswith("er"):
        word = word[:-2]
    while len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    return word


def _forms_of(word: str) -> tuple[str, str]:
    return _known_forms(word) if len(word) <= _LONGEST_REMEMBERED else _new_forms(word)


def _new_forms(word: str) -> tuple[str, str]:
    folded = fold(word)
    return folded, stem(folded)


_known_forms = lru_cache(maxsize=REMEMBERED)(_new_forms)


def tokens_of(text: str) -> list[Token]:
    """Return the words of a text with their offsets in it, in order."""
    return list(_known_tokens(text) if len(text) <= _SHORT_TEXT else _new_tokens(text))


def _new_tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    previous_end = 0
    is_shouted = text.isupper()
    for start, end in _words_in(text):
        between = text[previous_end:start]
        tokens.append(
            Token(
                start,
                end,
                *_forms_of(text[start:end]),
                is_capital=text[start].isupper() and not is_shouted,
                opens=not tokens or (between != " " and _STOP.search(between) is not None),
                is_tied=between == "-" and bool(tokens),
            )
        )
        previous_end = end
    return tokens


def _words_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every word; a hashtag or a handle is all the words it is made of."""
    for match in _WORD.finditer(text):
        start, end = match.span()
        if not start or text[start - 1] not in _HANDLE_MARKS:
            yield start, end
            continue
        if office := _OFFICE.match(text, start, end):
            yield from (office.span(part) for part in (1, 2) if office.group(part))
            start = office.end()
        humps = [one.span() for one in _HUMP.finditer(text, start, end)]
        is_whole = sum(last - first for first, last in humps) == end - start
        yield from humps if is_whole else [(start, end)]


# A message is taken apart to be read, and again to be compared with others.
_known_tokens = lru_cache(maxsize=64)(_new_tokens)


def is_one_slip(left: str, right: str) -> bool:
    """Tell whether one insertion, deletion, substitution or swap of neighbours parts two words.

    >>> is_one_slip("fiute", "fuite"), is_one_slip("route", "croute"), is_one_slip("eau", "feux")
    (True, True, False)
    """
    if len(left) > len(right):
        left, right = right, left
    if len(right) - len(left) > 1 or left == right:
        return False
    at = next((i for i, sign in enumerate(left) if sign != right[i]), len(left))
    if len(left) < len(right):
        return left[at:] == right[at + 1 :]
    is_swap = left[at : at + 2] == right[at : at + 2][::-1] and left[at + 2 :] == right[at + 2 :]
    return left[at + 1 :] == right[at + 1 :] or is_swap


class Vocabulary:
    """A set of words that recognises its members through one slip after the first letter."""

    def __init__(self, words: AbstractSet[str]) -> None:
        """Index the words by everything that one missing letter leaves of them."""
        self._words = frozenset(words)
        self._shortened: dict[str, list[str]] = {}
        for known in sorted(words):
            for short in _one_letter_less(known):
                self._shortened.setdefault(short, []).append(known)
        self._longest = max(map(len, words), default=0)
        self._initials = frozenset(word[:1] for word in words)
        self._near = lru_cache(maxsize=REMEMBERED)(self._search)

    def __contains__(self, word: object) -> bool:
        """Whether the word is a member, spelt right."""
        return word in self._words

    def nearest(self, word: str) -> str | None:
        """Return the first member one slip away with the same first letter, or None."""
        # A word much longer than all is none of them; looking would cost its length squared. Nor is
        # a number, and each is a new one.
        if len(word) > self._longest + 1 or word[:1] not in self._initials:
            return None
        return self._near(word)

    def _search(self, word: str) -> str | None:
        for short in sorted(_one_letter_less(word)):
            for known in self._shortened.get(short, ()):
                if known[0] == word[0] and is_one_slip(word, known):
                    return known
        return None


def _one_letter_less(word: str) -> set[str]:
    return {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}


class Found(NamedTuple, Generic[Payload]):
    """A phrase found in a text.

    Attributes:
        payload: What the phrase stands for.
        phrase: Stems of its words that count; longer says more.
        path: Indexes of the tokens that spell it, ascending.
        is_exact: No slip was forgiven.
        is_tight: No foreign word and no punctuation stands inside it.
    """

    payload: Payload
    phrase: tuple[str, ...]
    path: tuple[int, ...]
    is_exact: bool
    is_tight: bool


class PhraseBook(Generic[Payload]):
    """Phrases and what they stand for, ready to be found in many texts.

    Small words (articles, prepositions) count neither in a phrase nor in a text, and one foreign
    word may stand inside a phrase of two words or more: ``eau partout`` is found in
    « l'eau coule partout ».
    """

    def __init__(
        self, phrases: Mapping[str, Sequence[Payload]], small_words: AbstractSet[str]
    ) -> None:
        """Index the phrases by their first word.

        Args:
            phrases: Phrase to all that it stands for.
            small_words: Folded words that never count.

        Raises:
            ValueError: A phrase is made of small words only.
        """
        self._small = frozenset(small_words)
        self._by_first: dict[str, list[tuple[tuple[str, ...], Payload]]] = {}
        stems: set[str] = set()
        for phrase, payloads in phrases.items():
            words = tuple(one.stem for one in tokens_of(phrase) if one.folded not in self._small)
            if not words:
                raise ValueError(f"phrase {phrase!r} has no word that counts")
            stems.update(words)
            self._by_first.setdefault(words[0], []).extend((words, one) for one in payloads)
        self.stems = frozenset(stems)
        self._vocabulary = Vocabulary(self.stems)

    def find(self, tokens: Sequence[Token]) -> Iterator[Found[Payload]]:
        """Yield every phrase found, in the order of its first word; phrases may overlap.

        Args:
            tokens: Words of one text.
        """
        counting = [i for i, token in enumerate(tokens) if token.folded not in self._small]
        known = {i: self._meaning(tokens[i]) for i in counting}
        for at, first in enumerate(counting):
            for words, payload in self._by_first.get(known[first] or "", ()):
                path = _follow(words, counting[at:], known)
                if path is not None:
                    last = counting.index(path[-1], at)
                    yield Found(
                        payload=payload,
                        phrase=words,
                        path=tuple(path),
                        is_exact=all(tokens[i].stem == known[i] for i in path),
                        is_tight=last - at + 1 == len(path)
                        and not any(tokens[i].opens for i in range(path[0] + 1, path[-1] + 1)),
                    )

    def _meaning(self, token: Token) -> str | None:
        """The known stem that a word means: itself, or one slip away if the word is long."""
        if token.stem in self._vocabulary:
            return token.stem
        if len(token.folded) < _SHORTEST_TYPO or len(token.stem) < _SHORTEST_TYPO - 1:
            return None
        return self._vocabulary.nearest(token.stem)


def _follow(
    words: Sequence[str], places: Sequence[int], known: Mapping[int, str | None]
) -> list[int] | None:
    """Return the token indexes that spell the words from the first place on, or None."""
    path = [places[0]]
    cursor = 1
    for word in words[1:]:
        for skipped in range(2):
            if cursor + skipped < len(places) and known[places[cursor + skipped]] == word:
                path.append(places[cursor + skipped])
                cursor += skipped + 1
                break
        else:
            return None
    return path
