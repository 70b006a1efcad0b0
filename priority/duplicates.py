"""How alike two reports are: place, time, words and category, each with its evidence.

Says how likely it is that two messages speak of one situation; never decides to merge. Pure
arithmetic on two reports: finding the candidates is the caller's affair.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Literal, TypeVar

from priority.facts import require_aware
from priority.reasons import Param
from priority.streets import ROAD
from priority.words import tokens_of

Key = TypeVar("Key")
Trait = Literal["place", "time", "words", "category"]

_WAYS = frozenset(
    {"rue", "avenue", "boulevard", "place", "chemin", "impasse", "allee", "allees", "route"}
    | {"quai", "square", "des", "les", "bis", "ter", "hameau", "lotissement", "residence"}
)
"""Words of a street's name by which no street is told from another; mistaken often, too."""
LIKELY = 0.1
"""Share from which a kind is one that a message may mean, for ``ReportTraits.maybe``."""
_EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of GRS 80, metres. Source: H. Moritz, Geodetic Reference System 1980."""


@dataclass(frozen=True, slots=True)
class ReportTraits:
    """What one report tells that can be compared.

    Attributes:
        at: When it was reported, aware.
        category: Category code, None while unknown.
        service: Service code, None while unknown.
        lat: WGS 84 degrees, None when no point is known (then ``lon`` is None too).
        lon: WGS 84 degrees.
        insee: Commune, None when unknown.
        words: Stems that count, see ``words_of``.
        street: Words of the street or number of the road, see ``street_key``; empty when none is
            told.
        maybe: Other category codes that the report may mean, when its words leave it open.
        population: Of the commune, None when unknown: in a village two reports of one kind are
            likelier one event than in a town.
    """

    at: datetime
    category: str | None = None
    service: str | None = None
    lat: float | None = None
    lon: float | None = None
    insee: str | None = None
    words: frozenset[str] = frozenset()
    street: frozenset[str] = frozenset()
    population: int | None = None
    maybe: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a naive instant and half a point."""
        require_aware("at", self.at)
        if (self.lat is None) != (self.lon is None):
            raise ValueError("a point has both a latitude and a longitude")


@dataclass(frozen=True, slots=True)
class LikenessRule:
    """How much each trait weighs, and where it ends.

    Attributes:
        same_place_m: Up to here two points are one place, metres.
        far_m: From here on two points are never the same, metres.
        same_time_s: Up to here two reports are simultaneous, seconds.
        late_s: From here on two reports are never the same, seconds.
        weights: Weight of each trait; only their ratios matter.
        same_commune: Likeness of place when only the commune is known and equal, 0..1.
        same_village: The same in a commune of ``village`` people or fewer.
        village: People.
        same_street: Likeness of place when the street is the same too, 0..1.
        other_street: When both tell a street of the commune and they differ, 0..1.
        same_service: Likeness of category when only the service is equal, or when the kind of one
            is what the other may mean, 0..1.
    """

    same_place_m: float = 30.0
    far_m: float = 1_000.0
    same_time_s: float = 3_600.0
    late_s: float = 72 * 3_600.0
    weights: Mapping[Trait, float] = field(
        default_factory=lambda: {"place": 0.45, "category": 0.25, "time": 0.15, "words": 0.15},
        hash=False,
    )
    same_commune: float = 0.35
    same_village: float = 0.6
    village: int = 2_000
    same_street: float = 0.95
    other_street: float = 0.08
    same_service: float = 0.5


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How alike two reports are in one trait.

    Attributes:
        trait: Which.
        value: 0 (nothing in common) to 1 (the same).
        weight: Share in the total, 0..1; the shares of all traits known on both sides make 1.
        params: Evidence: ``distance_m``, ``apart_s``, ``shared``…
    """

    trait: Trait
    value: float
    weight: float
    params: Mapping[str, Param] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two reports are, 0..1, and why, heaviest trait first."""

    value: float
    reasons: tuple[Resemblance, ...]


_SAME_PLACE_AND_TIME = LikenessRule()


def words_of(text: str, small_words: AbstractSet[str] = frozenset()) -> frozenset[str]:
    """Return the stems of a text that are worth comparing: three letters or more, not small.

    Args:
        text: What somebody wrote.
        small_words: Folded words that say nothing.
    """
    return frozenset(
        token.stem
        for token in tokens_of(text)
        if len(token.folded) >= 3 and token.folded not in small_words
    )


@lru_cache(maxsize=1024)
def street_key(street: str | None) -> frozenset[str]:
    """Return the words by which a street is the same street, however it is written.

    >>> sorted(street_key("12 bis av. Jean-Jaurès")), sorted(street_key("RD 1089"))
    (['jaures', 'jean'], ['1089'])
    """
    if street is None:
        return frozenset()
    road = ROAD.search(street)
    if road is not None:
        return frozenset({"".join(sign for sign in road.group() if sign.isdigit())})
    words = [token.folded for token in tokens_of(street)]
    return frozenset(
        one for one in words if len(one) > 2 and one not in _WAYS and not one.isdigit()
    )


def distance_m(from_point: tuple[float, float], to_point: tuple[float, float]) -> float:
    """Return the great-circle distance in metres.

    Args:
        from_point: Latitude and longitude, WGS 84 degrees.
        to_point: Likewise.
    """
    lat_a, lon_a, lat_b, lon_b = (radians(degrees) for degrees in (*from_point, *to_point))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_RADIUS_M * asin(sqrt(min(half, 1.0)))


def likeness(
    left: ReportTraits, right: ReportTraits, rule: LikenessRule = _SAME_PLACE_AND_TIME
) -> Likeness:
    """Return how alike two reports are.

    The weighted mean of the traits known on both sides, halved when the services differ; 0 as
    soon as place or time excludes it, and 0 when the places cannot be compared. Symmetric.

    Args:
        left: One report.
        right: The other.
        rule: Weights and limits.
    """
    found = [
        resemblance
        for resemblance in (
            _place(left, right, rule),
            _category(left, right, rule),
            _time(left, right, rule),
            _words(left, right),
        )
        if resemblance is not None
    ]
    total = sum(rule.weights[one.trait] for one in found)
    reasons = tuple(
        Resemblance(one.trait, one.value, rule.weights[one.trait] / total, one.params)
        for one in sorted(found, key=lambda one: -rule.weights[one.trait])
    )
    traits = {one.trait: one.value for one in reasons}
    if not traits.get("place") or not traits["time"]:
        return Likeness(0.0, reasons)
    mean = sum(one.value * one.weight for one in reasons)
    return Likeness(min(mean * (0.5 + 0.5 * traits.get("category", 1.0)), 1.0), reasons)


def most_alike(
    report: ReportTraits,
    known: Iterable[tuple[Key, ReportTraits]],
    at_least: float = 0.5,
    limit: int = 5,
    rule: LikenessRule = _SAME_PLACE_AND_TIME,
) -> list[tuple[Key, Likeness]]:
    """Return the known reports most like a new one, most alike first.

    Args:
        report: The new one.
        known: Keys and traits of those to compare with.
        at_least: Lowest likeness worth showing, inclusive.
        limit: Most results.
        rule: Weights and limits.
    """
    compared = ((key, likeness(report, other, rule)) for key, other in known)
    alike = [(key, found) for key, found in compared if found.value >= at_least]
    return sorted(alike, key=lambda pair: -pair[1].value)[:limit]


def _decline(value: float, full: float, none: float) -> float:
    """1 up to ``full``, 0 from ``none`` on, a straight line between."""
    if value <= full:
        return 1.0
    return max(0.0, (none - value) / (none - full)) if value < none else 0.0


def _place(left: ReportTraits, right: ReportTraits, rule: LikenessRule) -> Resemblance | None:
    if left.lat is None or left.lon is None or right.lat is None or right.lon is None:
        return _area(left, right, rule)
    apart_m = distance_m((left.lat, left.lon), (right.lat, right.lon))
    value = _decline(apart_m, rule.same_place_m, rule.far_m) ** 2
    return Resemblance("place", value, 0.0, {"distance_m": round(apart_m)})


def _area(left: ReportTraits, right: ReportTraits, rule: LikenessRule) -> Resemblance | None:
    """Compare communes and streets where at least one report has no point."""
    if left.insee is None or right.insee is None:
        return None
    if left.insee != right.insee:
        return Resemblance("place", 0.0, 0.0, {"same_commune": False})
    if left.street and right.street:
        is_same = left.street <= right.street or right.street <= left.street
        value = rule.same_street if is_same else rule.other_street
        return Resemblance("place", value, 0.0, {"same_commune": True, "same_street": is_same})
    people = left.population if left.population is not None else right.population
    is_village = people is not None and people <= rule.village
    value = rule.same_village if is_village else rule.same_commune
    return Resemblance("place", value, 0.0, {"same_commune": True})


def _time(left: ReportTraits, right: ReportTraits, rule: LikenessRule) -> Resemblance:
    apart_s = abs((left.at - right.at).total_seconds())
    value = _decline(apart_s, rule.same_time_s, rule.late_s)
    return Resemblance("time", value, 0.0, {"apart_s": round(apart_s)})


def _category(left: ReportTraits, right: ReportTraits, rule: LikenessRule) -> Resemblance | None:
    if left.category is not None and left.category == right.category:
        return Resemblance("category", 1.0, 0.0, {"same": "category"})
    if left.service is None or right.service is None:
        return None
    if left.category in right.maybe or right.category in left.maybe:
        return Resemblance("category", rule.same_service, 0.0, {"same": "candidate"})
    if left.service == right.service:
        return Resemblance("category", rule.same_service, 0.0, {"same": "service"})
    return Resemblance("category", 0.0, 0.0, {"same": "nothing"})


def _words(left: ReportTraits, right: ReportTraits) -> Resemblance | None:
    """Dice's coefficient of the two sets of stems, when both say something."""
    if not left.words or not right.words:
        return None
    shared = left.words & right.words
    value = 2 * len(shared) / (len(left.words) + len(right.words))
    return Resemblance("words", value, 0.0, {"shared": " ".join(sorted(shared)[:6])})
