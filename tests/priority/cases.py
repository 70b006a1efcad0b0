"""Builders: an ordinary incident on an ordinary Tuesday, changed by what a test is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from priority.facts import CategoryFacts, Danger, Facts, NearbySite, Reading, Vigilance
from priority.policy import Policy
from priority.reasons import Reason, Rule
from priority.score import assess

NOW = datetime(2026, 11, 24, 13, 7, tzinfo=UTC)
"""Tuesday 24 November 2026, 14:07 in Paris: open hours, no holiday."""

POLICY = Policy.default()


def facts(**changes: Any) -> Facts:
    """Return a leak reported just now, with nothing else known."""
    leak = CategoryFacts("water_leak_road", "drinking_water", severity=14, urgency=11)
    plain = Facts(at=NOW, reported_at=NOW, category=leak)
    return replace(plain, **changes)


def of_service(service: str) -> CategoryFacts:
    """Return a kind of incident of a service, with few points."""
    return CategoryFacts("some_kind", service, severity=5, urgency=5)


def policy(**changes: Any) -> Policy:
    """Return the default policy with fields replaced, as a council writes them."""
    return Policy.model_validate(changes)


def said(rule: Rule, incident: Facts, under: Policy = POLICY) -> list[Reason]:
    """Return what one rule said."""
    return [reason for reason in assess(incident, under).reasons if reason.rule is rule]


def points(rule: Rule, incident: Facts, under: Policy = POLICY) -> int:
    """Return all points of one rule."""
    return sum(reason.points for reason in said(rule, incident, under))


def hospital(distance_m: int, name: str = "Hôpital de Tulle") -> NearbySite:
    return NearbySite("hospital", name, distance_m)


def pressure(value: float, age: timedelta = timedelta(0)) -> Reading:
    return Reading("pressure", value, "bar", low=2.0, high=8.0, at=NOW - age)


def vigilance(phenomenon: str, colour: Any, starts_in: timedelta = timedelta(0)) -> Vigilance:
    return Vigilance(phenomenon, colour, NOW + starts_in)


def danger(kind: str, word: str = "…") -> Danger:
    return Danger(kind, word)
