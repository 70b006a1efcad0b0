"""What a message says, in the words of the service: kind of incident, place, dangers.

Rules and a gazetteer, both arguments: no remote model, no wait, and every conclusion can point at
the words it came from. Proposes with a confidence; a person decides.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import exp
from typing import TypeVar

from priority.gazetteer import Gazetteer
from priority.interpretation import (
    CategoryCandidate,
    DangerHint,
    Interpretation,
    TextSpan,
)
from priority.linear import DANGER, DESK, LinearModel, softmax
from priority.negation import is_denied
from priority.places import PlaceFinder, PlaceHint
from priority.vocabulary import CategoryWords, DangerWords, ReadingRules, small_words_of
from priority.words import Found, PhraseBook, Token, fold, tokens_of

__all__ = [
    "CategoryCandidate",
    "CategoryWords",
    "DangerHint",
    "DangerWords",
    "Interpretation",
    "Reader",
    "ReadingRules",
    "TextSpan",
    "small_words_of",
]

Payload = TypeVar("Payload")

_WORD_WEIGHT = 2.0
_HINT_WEIGHT = 0.7
_LONGER = 0.5
"""Each word more in a phrase makes it that much surer: ``bouche à clé`` over ``bouche``."""
_SLIP = 0.75
"""Share of its weight that a phrase keeps when a slip was forgiven."""
_LOOSE = 0.65
"""Share of its weight that a phrase keeps when something else stands inside it."""
_DOUBT = 1.0
"""Weight of "something else altogether" among the candidates."""
_RULE_SHARE = 0.5
"""What one point of weight of a phrase is worth against the model's evidence."""
_SURE_LENGTH = 7
"""A slip is forgiven in a lone word of danger only if it is so long."""
_MOST_CANDIDATES = 5
_LEAST_CONFIDENCE = 0.05


class Reader:
    """Rules and gazetteer made ready once, to read many texts in well under a millisecond each."""

    def __init__(
        self, rules: ReadingRules, gazetteer: Gazetteer, model: LinearModel | None = None
    ) -> None:
        """Index the vocabulary and the names.

        Args:
            rules: Vocabulary.
            gazetteer: Names of places.
            model: Judges what the phrases leave open; None reads by phrases alone.

        Raises:
            ValueError: A phrase has no word that counts.
        """
        small = frozenset(fold(word) for word in rules.small_words)
        self._rank = {one.code: rank for rank, one in enumerate(rules.categories)}
        self._negations = frozenset(fold(word) for word in rules.negations)
        named: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for category in rules.categories:
            for phrases, weight in ((category.words, _WORD_WEIGHT), (category.hints, _HINT_WEIGHT)):
                for phrase in phrases:
                    named[phrase].append((category.code, weight))
        told: dict[str, list[str]] = defaultdict(list)
        for danger in rules.dangers:
            for phrase in danger.words:
                told[phrase].append(danger.kind)
        self._categories = PhraseBook(named, small)
        self._dangers = PhraseBook(told, small)
        ordinary = {one.stem for word in rules.ordinary_words for one in tokens_of(word)}
        known = self._categories.stems | self._dangers.stems | ordinary
        self._places = PlaceFinder(gazetteer, known, small | self._negations)
        self._small = small
        self._model = model

    def read(self, text: str) -> Interpretation:
        """Return what a text seems to say.

        Args:
            text: As typed or spoken; any length, any language, may be empty.
        """
        free, places = self.words_apart(text)
        found = _telling(self._categories.find(free), lambda payload: payload[0], _weight)
        dangers = tuple(self._dangers_in(text, free))
        logits = self._model.logits(free) if self._model is not None and free else {}
        return Interpretation(
            categories=self._judged(found, logits) if logits else self._candidates(found),
            places=places,
            dangers=dangers,
            spans=tuple(_spans(free, found, places, dangers)),
            danger=_likely(logits[DANGER]) if logits else float(bool(dangers)),
            desk=_likely(logits[DESK]) if logits else 0.0,
        )

    def words_apart(self, text: str) -> tuple[list[Token], tuple[PlaceHint, ...]]:
        """Return the words of a text that name no place, and the places it names."""
        tokens = tokens_of(text)
        places = self._places.find(text, tokens)
        return _outside(tokens, places), places

    def _judged(
        self, found: Iterable[Found[tuple[str, float]]], logits: Mapping[str, float]
    ) -> tuple[CategoryCandidate, ...]:
        """Weigh the model's evidence and the phrases' together."""
        rank = self._rank
        weights = {code: value for code, value in logits.items() if code in rank}
        for one in found:
            weights[one.payload[0]] = weights.get(one.payload[0], 0.0) + _RULE_SHARE * _weight(one)
        shares = softmax(weights)
        # Few are likely: only those are put in order.
        likely = [
            (-share, rank[code], code)
            for code, share in shares.items()
            if share >= _LEAST_CONFIDENCE
        ]
        likely.sort()
        best = likely[:_MOST_CANDIDATES]
        return tuple(CategoryCandidate(code, -share) for share, _, code in best)

    def _candidates(
        self, found: Iterable[Found[tuple[str, float]]]
    ) -> tuple[CategoryCandidate, ...]:
        """Weigh what was found: each phrase once, squared so that the surer stands out."""
        weights: dict[str, float] = defaultdict(float)
        for one in found:
            weights[one.payload[0]] += _weight(one)
        total = sum(weight**2 for weight in weights.values()) + _DOUBT
        best = sorted(weights, key=lambda code: (-weights[code], self._rank[code]))
        candidates = [CategoryCandidate(code, weights[code] ** 2 / total) for code in best]
        return tuple(
            candidate
            for candidate in candidates[:_MOST_CANDIDATES]
            if candidate.confidence >= _LEAST_CONFIDENCE
        )

    def _dangers_in(self, text: str, tokens: Sequence[Token]) -> Iterator[DangerHint]:
        for one in _telling(self._dangers.find(tokens), str, _length):
            is_guess = not one.is_exact and len(one.phrase) == 1
            if is_guess and len(one.phrase[0]) < _SURE_LENGTH:
                continue  # « fumier » is no smoke
            if not is_denied(tokens, one.path[0], self._negations, self._small):
                start, end = tokens[one.path[0]].start, tokens[one.path[-1]].end
                yield DangerHint(one.payload, text[start:end], start, end)


def _likely(logit: float) -> float:
    return 1 / (1 + exp(-max(min(logit, 30.0), -30.0)))


def _outside(tokens: Sequence[Token], places: Iterable[PlaceHint]) -> list[Token]:
    """Return the words that do not name a place: « rue de la Fontaine » is no fountain."""
    free = list(tokens)
    for start, end in {span for place in places for span in place.spans}:
        free = [token for token in free if not start <= token.start < end]
    return free


def _telling(
    found: Iterable[Found[Payload]],
    meaning: Callable[[Payload], str],
    worth: Callable[[Found[Payload]], float],
) -> list[Found[Payload]]:
    """Return the phrases found, in order of place, that tell something of their own.

    Of two that overlap with the same meaning the worthier stays; a phrase said twice counts once.
    """
    kept: list[Found[Payload]] = []
    told: defaultdict[str, list[Found[Payload]]] = defaultdict(list)
    for one in sorted(found, key=lambda one: (-worth(one), one.path)):
        same = told[meaning(one.payload)]
        if not any(_says_again(one, other) for other in same):
            same.append(one)
            kept.append(one)
    return sorted(kept, key=lambda one: one.path[0])


def _says_again(one: Found[Payload], other: Found[Payload]) -> bool:
    return other.phrase == one.phrase or (
        other.path[0] <= one.path[-1] and one.path[0] <= other.path[-1]
    )


def _weight(found: Found[tuple[str, float]]) -> float:
    """How much a phrase says for its category."""
    weight = found.payload[1] * (1 + _LONGER * (len(found.phrase) - 1))
    return weight * (1.0 if found.is_exact else _SLIP) * (1.0 if found.is_tight else _LOOSE)


def _length(found: Found[str]) -> float:
    return len(found.phrase)


def _spans(
    tokens: Sequence[Token],
    found: Iterable[Found[Payload]],
    places: Iterable[PlaceHint],
    dangers: Iterable[DangerHint],
) -> list[TextSpan]:
    """Return what to highlight; where two overlap, a place hides a danger hides a category.

    A phrase that is hidden in part still shows its words that are not.
    """
    wanted = [TextSpan(*span, "place") for place in places for span in place.spans]
    wanted += [TextSpan(danger.start, danger.end, "danger") for danger in dangers]
    for one in found:
        ends = [(one.path[0], one.path[-1]), *((i, i) for i in one.path)]
        wanted += [TextSpan(tokens[i].start, tokens[j].end, "category") for i, j in ends]
    kept: list[TextSpan] = []
    for span in wanted:
        if not any(other.start < span.end and span.start < other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)
