"""A small linear model of short messages: words in, a weight for each answer out.

Judges a text as a whole where phrases cannot: words nobody listed, words that only count
together. The weights are an argument, trained elsewhere from synthetic messages; the module reads
no file and learns nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import exp, sqrt
from typing import Any

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
            weights = {str(key): _pairs(_list(flat)) for key, flat in table.items()}
            concepts = _words_by_concept(document.get("concepts", {}))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a linear model: {error}") from error
        if len(bias) != len(labels):
            raise ValueError("a linear model needs one bias for each label")
        if any(not 0 <= at < len(labels) for pairs in weights.values() for at, _ in pairs):
            raise ValueError("a weight names no label")
        return cls(labels, bias, weights, concepts_of(concepts))

    def logits(self, tokens: Sequence[Token]) -> dict[str, float]:
        """Return the weight of evidence for each label, any sign, for the words of a text."""
        found = features(tokens, self.concepts)
        places, matrix = self._table
        known = [place for feature in found if (place := places.get(feature)) is not None]
        scale = 1 / sqrt(len(found)) if found else 0.0
        evidence = self._bias + scale * matrix[known].sum(axis=0, dtype=np.float64)
        kinds = np.exp(_SHARPER * (evidence - evidence.max())) * self._is_kind
        total = kinds.sum()
        if total > 0:
            evidence = evidence + _KIND_WEIGHT * (kinds / total) @ self._by_kind
        return dict(zip(self.labels, evidence.tolist(), strict=True))

    @cached_property
    def _table(self) -> tuple[dict[str, int], Floats]:
        """Row of each feature, and weights by row and label: adding rows is one sum."""
        matrix = np.zeros((len(self.weights), len(self.labels)), np.float32)
        for row, pairs in enumerate(self.weights.values()):
            for at, weight in pairs:
                matrix[row, at] = weight
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


def features(
    tokens: Sequence[Token], concepts: Mapping[str, tuple[str, ...]] = NO_CONCEPTS
) -> list[str]:
    """Return what the model looks at, sorted, each once.

    Stems, pairs of neighbours, pairs over links, first letters, sounds, groups of four letters,
    stems that a denial precedes, concepts and pairs of concepts. Shorthand counts as the word it
    means. Numbers say nothing and are left out.

    Args:
        tokens: Words of a text, those that name a place left out.
        concepts: What words stand for, as ``concepts_of`` returns it.
    """
    words = [written_out(token.folded) for token in tokens if not token.folded[0].isdigit()]
    found: set[str] = set()
    told: list[tuple[int, str]] = []
    last = before = ""
    for at, word in enumerate(words):
        root = stem(word)
        found.add(root)
        if before:
            found.add(f"{before} {root}")
        if last and last != before and word not in _LINKS:
            found.add(f"{last} {root}")
        is_denied = last in _DENIALS and word not in _LINKS
        if is_denied:
            found.add(f"-{root}")
        found.update(_shapes(word))
        for concept in _meant(word, root, concepts):
            told.append((at, concept))
            found.add(f"-%{concept}" if is_denied else f"%{concept}")
        before = root
        if word not in _LINKS:
            last = word if word in _DENIALS else root
    found.update(_together(told))
    return sorted(found)


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


def _pairs(flat: Sequence[object]) -> tuple[tuple[int, float], ...]:
    """Read ``[label, weight, label, weight]``."""
    values = [float(str(one)) for one in flat]
    return tuple((int(at), weight) for at, weight in zip(values[::2], values[1::2], strict=True))
