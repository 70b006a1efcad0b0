"""A small linear model of short messages: words in, a weight for each answer out.

Judges a text as a whole where phrases cannot: words nobody listed, words that only count
together. The weights are an argument, trained elsewhere from synthetic messages; the module reads
no file and learns nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from math import exp, sqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from priority.spelling import sound_of, written_out
from priority.words import REMEMBERED, Token, stem

Floats = npt.NDArray[np.floating[Any]]
NO_CONCEPTS: Mapping[str, tuple[str, ...]] = {}
KIND_MARK = "@"
"""Before a label's name it makes the feature "the text seems to be of this kind"."""
DANGER, DESK = "danger", "desk"
"""The two labels that are no kinds; each is judged alone."""
_KIND_WEIGHT, _SHARPER = 0.75, 1.5
"""An unseen text is told its kind less surely than those of the lesson, whose weight was 0.5."""
_SOUND_MARK = "~"
_SURE_SOUND = 4
"""Shorter sounds belong to too many words to tell a concept."""
_CONCEPT_REACH = 8
"""Two concepts make a pair when their words stand at most so many words apart."""
_GRAM = 4
_SHORTEST_SHAPE, _LONGEST_SHAPED = 3, 32
_FIRST_LETTERS = 6
"""A word's first letters stand for its family: ``verglas``, ``verglacée``."""
_GLUED = re.compile("[ld][aeiouh]..")
"""« leclairage », « dhuile »: an article without its apostrophe."""
_SIGNS = "".join(chr(code) for code in range(33, 127) if chr(code) not in '"\\')
"""What a document writes numbers in: one sign each, none that JSON escapes."""
_ZERO = 45
_PAIRS = {
    one + other: (label, (value - _ZERO) / 10)
    for label, one in enumerate(_SIGNS)
    for value, other in enumerate(_SIGNS)
}
"""What two signs stand for: the same pair for all of the many rows that have it."""
_DENIALS = frozenset({"pas", "aucun", "aucune", "sans", "ni", "jamais", "plus", "personne"})
_LINKS = frozenset({"de", "d", "du", "des", "l", "la", "le", "les", "en", "un", "une", "n", "est"})


@dataclass(frozen=True)
class LinearModel:
    """Weights of every feature for every answer.

    Attributes:
        labels: Names of the answers; position is the index in ``weights``.
        bias: One for each label.
        weights: Feature to pairs of label index and weight; an absent pair is 0.
        concepts: Stem, or sound behind a tilde, to the concepts that its word stands for, see
            ``concepts_of``.
    """

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[tuple[int, float], ...]]
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> "LinearModel":
        """Return the model of a document as ``as_document`` wrote it.

        Raises:
            ValueError: Not a model: a key is missing, or a weight names no label.
        """
        try:
            labels = tuple(str(one) for one in _list(document["labels"]))
            bias = tuple(float(str(one)) for one in _list(document["bias"]))
            table = document["weights"]
            if not isinstance(table, Mapping):
                raise TypeError("weights are a table")
            weights = {str(key): _pairs(row) for key, row in table.items()}
            concepts = _words_by_concept(document.get("concepts", {}))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a linear model: {error}") from error
        if len(bias) != len(labels):
            raise ValueError("a linear model needs one bias for each label")
        if any(not 0 <= at < len(labels) for pairs in weights.values() for at, _ in pairs):
            raise ValueError("a weight names no label")
        found = cls(labels, bias, weights, concepts_of(concepts))
        found.logits([])  # lays the weights out: not at the first message's cost
        return found

    def logits(self, tokens: Sequence[Token]) -> dict[str, float]:
        """Return the weight of evidence for each label, any sign, for the words of a text."""
        words = _words_in(tokens)
        known = {word: self._known(word) for word in words}
        around = _around([known[word] for word in words], words)
        count = len(around) + sum(one.size for one in known.values())
        evidence = self._bias
        if count:
            places, matrix = self._table
            # In the order of the table: a set's own differs from run to run, and so would sums.
            rows = sorted(place for one in around if (place := places.get(one)) is not None)
            told = matrix[rows].sum(axis=0, dtype=np.float64)
            for one in known.values():
                told += one.evidence
            evidence = evidence + told / sqrt(count)
        kinds = np.exp(_SHARPER * (evidence - evidence.max())) * self._is_kind
        total = kinds.sum()
        if total > 0:
            evidence = evidence + _KIND_WEIGHT * (kinds / total) @ self._by_kind
        return dict(zip(self.labels, evidence.tolist(), strict=True))

    def _known(self, word: str) -> "_Word":
        return self._words(word) if len(word) <= _LONGEST_SHAPED else self._weigh(word)

    @cached_property
    def _words(self) -> Callable[[str], "_Word"]:
        """Words weighed already: people use few, and a word tells the same in every text."""
        return lru_cache(maxsize=REMEMBERED)(self._weigh)

    def _weigh(self, word: str) -> "_Word":
        places, matrix = self._table
        told = _of_word(word)
        rows = [place for one in told if (place := places.get(one)) is not None]
        return _Word(
            told[0],
            _meant(word, told[0], self.concepts),
            len(told),
            matrix[rows].sum(axis=0, dtype=np.float64),
        )

    @cached_property
    def _table(self) -> tuple[dict[str, int], Floats]:
        """Row of each feature, and weights by row and label: adding rows is one sum."""
        matrix = np.zeros((len(self.weights), len(self.labels)), np.float32)
        rows = np.repeat(np.arange(len(matrix)), [len(one) for one in self.weights.values()])
        numbers = chain.from_iterable(chain.from_iterable(self.weights.values()))
        pairs = np.fromiter(numbers, np.float64, 2 * len(rows)).reshape(-1, 2)
        matrix[rows, pairs[:, 0].astype(np.intp)] = pairs[:, 1]
        return {feature: row for row, feature in enumerate(self.weights)}, matrix

    @cached_property
    def _bias(self) -> Floats:
        return np.array(self.bias)

    @cached_property
    def _is_kind(self) -> Floats:
        return np.array([label not in {DANGER, DESK} for label in self.labels], np.float64)

    @cached_property
    def _by_kind(self) -> Floats:
        """What it adds for each label that a text is of a kind, a row for each label."""
        places, matrix = self._table
        rows = np.zeros((len(self.labels), len(self.labels)))
        for at, label in enumerate(self.labels):
            if (place := places.get(KIND_MARK + label)) is not None:
                rows[at] = matrix[place]
        return rows


def concepts_of(words: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return what each word stands for, under its stem and, if long enough, under its sound.

    Args:
        words: Concept to the folded words that name it.
    """
    found: dict[str, dict[str, None]] = {}
    for concept, named in words.items():
        for word in named:
            keys = [stem(word), _SOUND_MARK + sound_of(word)]
            for key in keys if len(keys[1]) > _SURE_SOUND else keys[:1]:
                found.setdefault(key, {})[concept] = None
    return {key: tuple(concepts) for key, concepts in found.items()}


class _Word(NamedTuple):
    """What one word tells wherever it stands."""

    root: str
    concepts: tuple[str, ...]
    size: int
    evidence: Floats


class _Told(NamedTuple):
    """The part of a ``_Word`` that needs no model."""

    root: str
    concepts: tuple[str, ...]


def features(
    tokens: Sequence[Token], concepts: Mapping[str, tuple[str, ...]] = NO_CONCEPTS
) -> list[str]:
    """Return what the model looks at, sorted; what several words have in common, once for each.

    Of each word its stem, first letters, sound and groups of four letters; around words pairs of
    neighbours, pairs over links, stems that a denial precedes, concepts and pairs of concepts.
    Shorthand counts as the word it means. Numbers say nothing and are left out.

    Args:
        tokens: Words of a text, those that name a place left out.
        concepts: What words stand for, as ``concepts_of`` returns it.
    """
    words = _words_in(tokens)
    roots = {word: stem(word) for word in words}
    told = [_Told(roots[word], _meant(word, roots[word], concepts)) for word in words]
    alone = [one for word in roots for one in _of_word(word)]
    return sorted([*alone, *_around(told, words)])


def _words_in(tokens: Sequence[Token]) -> list[str]:
    return [written_out(token.folded) for token in tokens if not token.folded[0].isdigit()]


def _of_word(word: str) -> tuple[str, ...]:
    """Return what a word tells by itself, its stem first."""
    return (stem(word), *_shapes(word))


def _around(known: Sequence[_Told | _Word], words: Sequence[str]) -> set[str]:
    """Return what words tell by where they stand: neighbours, denials, concepts."""
    found: set[str] = set()
    told: list[tuple[int, str]] = []
    last = before = ""
    for at, word in enumerate(words):
        root = known[at].root
        if before:
            found.add(f"{before} {root}")
        is_link = word in _LINKS
        if last and last != before and not is_link:
            found.add(f"{last} {root}")
        is_denied = last in _DENIALS and not is_link
        if is_denied:
            found.add(f"-{root}")
        for concept in known[at].concepts:
            told.append((at, concept))
            found.add(f"-%{concept}" if is_denied else f"%{concept}")
        before = root
        if not is_link:
            last = word if word in _DENIALS else root
    found.update(_together(told))
    return found


def _meant(word: str, root: str, concepts: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return what a word stands for: as spelt, else as it sounds, else without a glued article."""
    found = concepts.get(root) or concepts.get(_SOUND_MARK + sound_of(word))
    if found is None and _GLUED.match(word):
        found = concepts.get(stem(word[1:]))
    return found or ()


def _together(told: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Yield the pairs of concepts that stand near each other."""
    for first, (at, one) in enumerate(told):
        for after, other in told[first + 1 :]:
            if after - at > _CONCEPT_REACH:
                break
            if one != other:
                yield f"%{one} {other}" if one < other else f"%{other} {one}"


def _shapes(word: str) -> tuple[str, ...]:
    """Return what a word looks and sounds like; of a very long one its beginning says enough."""
    return _shapes_of(word[:_LONGEST_SHAPED])


@lru_cache(maxsize=REMEMBERED)
def _shapes_of(word: str) -> tuple[str, ...]:
    if len(word) < _SHORTEST_SHAPE:
        return ()
    shapes = [f"~{sound_of(word)}"]
    if len(word) >= _FIRST_LETTERS:
        shapes.append(f"{word[:_FIRST_LETTERS]}*")
    if len(word) > _GRAM:
        padded = f"<{word}>"
        shapes += ["#" + padded[at : at + _GRAM] for at in range(len(padded) - _GRAM + 1)]
    return tuple(shapes)


def softmax(logits: Mapping[str, float]) -> dict[str, float]:
    """Return shares that make 1, in the order given.

    >>> softmax({"a": 0.0, "b": 0.0})
    {'a': 0.5, 'b': 0.5}
    """
    top = max(logits.values(), default=0.0)
    raised = {label: exp(value - top) for label, value in logits.items()}
    total = sum(raised.values())
    return {label: value / total for label, value in raised.items()}


def _words_by_concept(table: object) -> dict[str, list[str]]:
    if not isinstance(table, Mapping):
        raise TypeError("concepts are a table")
    return {str(name): [str(word) for word in _list(words)] for name, words in table.items()}


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("expected a list")
    return value


def packed(pairs: Sequence[tuple[int, float]]) -> str | list[float]:
    """Return a row of weights as a document has it: two signs a pair, the label's and the tenths'.

    A row with a weight that no sign stands for becomes ``[label, weight, label, weight]``.

    >>> _pairs(packed([(0, 1.5), (57, -0.3)])), packed([(0, 99.0)])
    (((0, 1.5), (57, -0.3)), [0, 99.0])
    """
    tenths = [(at, round(10 * weight) + _ZERO) for at, weight in pairs]
    if all(at < len(_SIGNS) and 0 <= value < len(_SIGNS) for at, value in tenths):
        return "".join(_SIGNS[at] + _SIGNS[value] for at, value in tenths)
    return [value for pair in pairs for value in pair]


def _pairs(row: object) -> tuple[tuple[int, float], ...]:
    """Read a row as ``packed`` wrote it.

    Raises:
        KeyError: Signs that stand for nothing.
        TypeError: Neither text nor a list.
        ValueError: A number that is none.
    """
    if isinstance(row, str):
        return tuple(_PAIRS[row[at : at + 2]] for at in range(0, len(row), 2))
    values = [float(str(one)) for one in _list(row)]
    return tuple((int(at), weight) for at, weight in zip(values[::2], values[1::2], strict=True))
