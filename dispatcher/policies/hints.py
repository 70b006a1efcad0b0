"""What people's overrides say about the policy: how often each rule was in a score they changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

LEAST_SEEN = 5
Z = 1.96


@dataclass(frozen=True, slots=True)
class Scored:
    """An incident's computed class, the one a person set (None if nobody did), and its reasons."""

    computed: str
    override: str | None
    reasons: Iterable[Mapping[str, Any]]


@dataclass(slots=True)
class Hint:
    """How a rule fares.

    Attributes:
        rule: Rule id.
        kind: Category, danger, site or phenomenon, empty where the rule has none.
        seen: Incidents whose score it was part of.
        raised: Of those, how many a person put in a higher class.
        lowered: Of those, how many a person put in a lower class.
    """

    rule: str
    kind: str
    seen: int = 0
    raised: int = 0
    lowered: int = 0

    @property
    def rate(self) -> float:
        """Share of overridden incidents, 0..1."""
        return (self.raised + self.lowered) / self.seen

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of the rate after Wilson (1927), which small samples need."""
        n, p = self.seen, self.rate
        middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def advice(self) -> str:
        """Return `more` or `fewer` points where people mostly agree, else `none`."""
        changed = self.raised + self.lowered
        if self.seen < LEAST_SEEN or changed < 2:
            return "none"
        if self.raised >= 2 * max(1, self.lowered) and self.lowered < self.raised:
            return "more"
        if self.lowered >= 2 * max(1, self.raised) and self.raised < self.lowered:
            return "fewer"
        return "none"


def override_hints(incidents: Iterable[Scored]) -> list[Hint]:
    """Return each rule with how often people changed the class it led to, most doubtful first."""
    found: dict[tuple[str, str], Hint] = {}
    for one in incidents:
        keys = {(str(r["rule"]), _kind(r.get("params", {}))) for r in one.reasons}
        for rule, kind in keys:
            hint = found.setdefault((rule, kind), Hint(rule, kind))
            hint.seen += 1
            if one.override is not None and one.override != one.computed:
                # P1 sorts before P2: a smaller name is a higher class.
                hint.raised += one.override < one.computed
                hint.lowered += one.override > one.computed
    return sorted(found.values(), key=lambda h: (-h.interval[0], -h.seen, h.rule, h.kind))


def _kind(params: Mapping[str, Any]) -> str:
    for name in ("kind", "phenomenon", "category"):
        if name in params:
            return str(params[name])
    return ""


def counts(incidents: Iterable[Scored]) -> dict[str, int]:
    """Return how many incidents there are and how many of them people overrode, by direction."""
    total: dict[str, int] = defaultdict(int)
    for one in incidents:
        total["seen"] += 1
        if one.override is not None and one.override != one.computed:
            total["raised" if one.override < one.computed else "lowered"] += 1
    return {name: total[name] for name in ("seen", "raised", "lowered")}
