"""The vocabulary of a service: how people name incidents and tell dangers. Data, no reading."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from priority.words import fold


@dataclass(frozen=True, slots=True)
class CategoryWords:
    """How people name one kind of incident.

    Attributes:
        code: Category code.
        words: Phrases that name it.
        hints: Phrases that often come with it but do not name it.
        service: Service code; categories of one service support each other.
    """

    code: str
    words: tuple[str, ...]
    hints: tuple[str, ...] = ()
    service: str = ""


@dataclass(frozen=True, slots=True)
class DangerWords:
    """How people tell one kind of danger."""

    kind: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """The vocabulary of a service.

    Attributes:
        categories: Kinds of incident; on equal evidence the first wins.
        dangers: Kinds of danger.
        small_words: Words that never count: articles, some prepositions, ``est``.
        negations: Words that deny what follows: ``pas``, ``aucun``, ``sans``.
        ordinary_words: Words that are never a street's name in lower case, besides those above.
    """

    categories: tuple[CategoryWords, ...]
    dangers: tuple[DangerWords, ...]
    small_words: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()
    ordinary_words: tuple[str, ...] = ()


def small_words_of(rules: ReadingRules) -> AbstractSet[str]:
    """Return the folded words of a vocabulary that say nothing, for ``duplicates.words_of``."""
    return frozenset(fold(word) for word in rules.small_words)
