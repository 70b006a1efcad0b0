"""A small linear model of short messages: words in, a weight for each answer out.

Judges a text as a whole where phrases cannot: words nobody listed, words that only count
together. The weights are an argument, trained elsewhere from synthetic messages; the module reads
no file and learns nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

from priority.words import Token

KIND_MARK = "@"
"""Before a label's name it makes the feature "the text seems to be of this kind"."""
DANGER, DESK = "danger", "desk"
"""The two labels that are no kinds; each is judged alone."""
_KIND_WEIGHT = 0.5
_GRAM = 4
_FIRST_LETTERS = 6
"""A word's first letters stand for its family: ``verglas``, ``verglacée``."""


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights of every feature for every answer.

    Attributes:
        labels: Names of the answers; position is the index in ``weights``.
        bias: One for each label.
        weights: Feature to pairs of label index and weight; an absent pair is 0.
    """

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[tuple[int, float], ...]]

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
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a linear model: {error}") from error
        if len(bias) != len(labels):
            raise ValueError("a linear model needs one bias for each label")
        if any(not 0 <= at < len(labels) for pairs in weights.values() for at, _ in pairs):
            raise ValueError("a weight names no label")
        return cls(labels, bias, weights)

    def logits(self, tokens: Sequence[Token]) -> dict[str, float]:
        """Return the weight of evidence for each label, any sign, for the words of a text."""
        totals = [0.0] * len(self.labels)
        found = features(tokens)
        scale = 1 / sqrt(len(found)) if found else 0.0
        for feature in found:
            for at, weight in self.weights.get(feature, ()):
                totals[at] += weight
        logits = {
            label: bias + scale * total
            for label, bias, total in zip(self.labels, self.bias, totals, strict=True)
        }
        kinds = softmax({k: v for k, v in logits.items() if k not in {DANGER, DESK}})
        for kind, share in kinds.items():
            for at, weight in self.weights.get(KIND_MARK + kind, ()):
                logits[self.labels[at]] += _KIND_WEIGHT * share * weight
        return logits


def features(tokens: Sequence[Token]) -> list[str]:
    """Return what the model looks at, sorted, each once: stems, pairs, openings, letter groups.

    Numbers say nothing and are left out.

    Args:
        tokens: Words of a text, those that name a place left out.
    """
    words = [token for token in tokens if not token.folded[0].isdigit()]
    found: set[str] = set()
    for before, token in zip([None, *words], words, strict=False):
        found.add(token.stem)
        if before is not None:
            found.add(f"{before.stem} {token.stem}")
        if len(token.folded) >= _FIRST_LETTERS:
            found.add(f"{token.folded[:_FIRST_LETTERS]}*")
        if len(token.folded) > _GRAM:
            padded = f"<{token.folded}>"
            found.update("#" + padded[i : i + _GRAM] for i in range(len(padded) - _GRAM + 1))
    return sorted(found)


def softmax(logits: Mapping[str, float]) -> dict[str, float]:
    """Return shares that make 1, in the order given.

    >>> softmax({"a": 0.0, "b": 0.0})
    {'a': 0.5, 'b': 0.5}
    """
    top = max(logits.values(), default=0.0)
    raised = {label: exp(value - top) for label, value in logits.items()}
    total = sum(raised.values())
    return {label: value / total for label, value in raised.items()}


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("expected a list")
    return value


def _pairs(flat: Sequence[object]) -> tuple[tuple[int, float], ...]:
    """Read ``[label, weight, label, weight]``."""
    values = [float(str(one)) for one in flat]
    return tuple((int(at), weight) for at, weight in zip(values[::2], values[1::2], strict=True))
