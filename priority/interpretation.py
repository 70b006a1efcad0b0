"""What a text seems to say: the record that reading leaves, and the decisions it allows.

Every part can be empty and carries how sure it is; service and benchmark take the same decisions
because they ask the same properties.
"""

from dataclasses import dataclass
from typing import Literal

from priority.facts import Danger
from priority.places import PlaceHint, sure_commune

SpanKind = Literal["category", "place", "danger"]

UNNAMED_DANGER = "people_exposed"
"""Kind of danger when the text as a whole says that people are in danger."""
_OF_NO_SERVICE = "other"
_OF_LIFE, _OF_LIFE_FROM = "life", 0.5
"""A danger that is likely and that no service's trouble explains is to somebody's life."""
_DANGER_FROM = 0.37
_BELIED_BELOW = 0.15
"""Words of danger to people count for nothing when the text as a whole clearly tells of none."""
_OF_THINGS = frozenset(
    {"flooding", "home_flooded", "obstruction", "contamination", "fragile_person"}
)
"""Kinds that say how bad it is without saying that somebody is in danger."""
_GRAVE = frozenset({"life", "gas", "fire", "electric_shock"})
"""Kinds whose mere telling is a danger unless the text belies it."""
_MORTAL = frozenset({"life", "gas", "fire"})
"""Kinds that make an immediate matter of nearly anything by themselves."""
_MAY_BE_FORETOLD = frozenset({"ice"})
"""Kinds whose words also tell a forecast: they count only when people are in danger already."""
_DESK_FROM = 0.5


@dataclass(frozen=True, slots=True)
class CategoryCandidate:
    """A kind of incident the text may mean.

    Attributes:
        code: Category code.
        confidence: 0..1; with what remains for "something else" the candidates make 1.
    """

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class DangerHint:
    """A danger told, and where: start inclusive, end exclusive."""

    kind: str
    word: str
    start: int
    end: int

    def fact(self) -> Danger:
        """Return it as the score takes it."""
        return Danger(self.kind, self.word)


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Part of the text that was understood: start inclusive, end exclusive."""

    start: int
    end: int
    kind: SpanKind


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What a text seems to say; every part may be empty.

    Attributes:
        categories: Surest first, at most five.
        places: Surest first.
        dangers: In the order told.
        spans: What to highlight, ascending, never overlapping.
        danger: How likely people are in danger, 0..1; without a model, 1 if a danger is told.
        desk: How likely the desk can answer without a visit, 0..1; 0 without a model.
    """

    categories: tuple[CategoryCandidate, ...]
    places: tuple[PlaceHint, ...]
    dangers: tuple[DangerHint, ...]
    spans: tuple[TextSpan, ...]
    danger: float = 0.0
    desk: float = 0.0

    def danger_facts(self) -> tuple[Danger, ...]:
        """Return the dangers as the score takes them, one more when words name it too little."""
        told = tuple(hint.fact() for hint in self.dangers if self._is_meant(hint.kind))
        is_life = self.is_danger and self.danger >= _OF_LIFE_FROM
        if is_life and self.category in (None, _OF_NO_SERVICE):
            is_told = any(one.kind in _MORTAL for one in told)
            return told if is_told else (*told, Danger(_OF_LIFE, ""))
        return told if told or not self.is_danger else (Danger(UNNAMED_DANGER, ""),)

    def _is_meant(self, kind: str) -> bool:
        """Whether words of a danger say what they say, in view of the text as a whole."""
        if kind in _MAY_BE_FORETOLD:
            return self.is_danger
        return self.danger >= _BELIED_BELOW or kind in _OF_THINGS

    @property
    def category(self) -> str | None:
        """Code of the surest category, None if the text says nothing."""
        return self.categories[0].code if self.categories else None

    @property
    def is_danger(self) -> bool:
        """People are likely in danger; leans to yes, because a miss costs more than a look."""
        is_grave = any(hint.kind in _GRAVE for hint in self.dangers)
        return self.danger >= (_BELIED_BELOW if is_grave else _DANGER_FROM)

    @property
    def is_desk(self) -> bool:
        """A question that the desk can likely answer; never while people are in danger."""
        return self.desk >= _DESK_FROM and not self.is_danger

    @property
    def commune(self) -> str | None:
        """Code of the commune meant, None if none is named or several could be meant."""
        return sure_commune(self.places)

    @property
    def street(self) -> str | None:
        """The street or road named with the surest place, as written; None if none is."""
        return next((hint.street for hint in self.places if hint.street is not None), None)
