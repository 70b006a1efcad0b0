"""What would change the class: the smallest single change of each kind, up and down.

Asks ``assess`` again with one fact changed, so a counterfactual can never disagree with the
score. It does not say whether a change is likely, nor advise one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from priority.facts import Colour, Danger, Facts, NearbySite, Vigilance
from priority.policy import Policy, Priority
from priority.reasons import Param, instant_text
from priority.score import assess
from priority.timeline import moments

Change = Literal[
    "site_near",
    "no_site_near",
    "homes_without_water",
    "danger_told",
    "danger_withdrawn",
    "sensor_normal",
    "reports",
    "sources",
    "weather",
    "time_passing",
]
"""Kind of change; readers translate it with the parameters."""

_WATER = "drinking_water"
"""The one service whose failure leaves homes without water."""

_COLOURS: tuple[Colour, ...] = ("yellow", "orange", "red")


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """One change and the class it would lead to.

    Attributes:
        change: What would be different.
        priority: The class then; never the present one.
        score: The score then, 0–100.
        params: The change in figures: ``within_m``, ``homes``, ``at``…
    """

    change: Change
    priority: Priority
    score: int
    params: dict[str, Param]


_Candidate = tuple[Change, Facts, dict[str, Param]]


def counterfactuals(facts: Facts, policy: Policy) -> tuple[Counterfactual, ...]:
    """Return the smallest changes that alter the class, the closest score first.

    Args:
        facts: What is known.
        policy: The policy in force.

    Returns:
        At most one counterfactual for each kind of change and each class it leads to: the one
        whose score is nearest to the present score. ``time_passing`` gives only the first moment
        within 72 hours at which the class changes if nothing is done.
    """
    now = assess(facts, policy)
    nearest: dict[tuple[Change, Priority], Counterfactual] = {}
    for change, changed, params in _candidates(facts, policy):
        then = assess(changed, policy)
        if then.priority == now.priority:
            continue
        key = (change, then.priority)
        found = Counterfactual(change, then.priority, then.score, params)
        if key not in nearest or _distance(found, now.score) < _distance(nearest[key], now.score):
            nearest[key] = found
    in_time = _first_in_time(facts, policy, now.priority)
    every = [*nearest.values(), *([in_time] if in_time else [])]
    return tuple(sorted(every, key=lambda one: (_distance(one, now.score), one.change)))


def _distance(found: Counterfactual, score: int) -> int:
    return abs(found.score - score)


def _candidates(facts: Facts, policy: Policy) -> Iterator[_Candidate]:
    yield from _sites(facts, policy)
    yield from _homes(facts, policy)
    yield from _dangers(facts, policy)
    yield from _sensor(facts)
    yield from _counts(facts, policy)
    yield from _weather(facts, policy)


def _sites(facts: Facts, policy: Policy) -> Iterator[_Candidate]:
    present = {site.kind for site in facts.sites}
    for kind, rule in policy.sites.items():
        imagined = NearbySite(kind, "", rule.within_m)
        changed = replace(facts, sites=(*facts.sites, imagined))
        yield "site_near", changed, {"kind": kind, "within_m": rule.within_m}
        if kind in present:
            others = tuple(site for site in facts.sites if site.kind != kind)
            yield "no_site_near", replace(facts, sites=others), {"kind": kind}


def _homes(facts: Facts, policy: Policy) -> Iterator[_Candidate]:
    if not facts.homes_without_water and facts.category.service != _WATER:
        return
    steps = [0, *(int(band.at_least) for band in policy.homes_without_water)]
    below = [step - 1 for step in steps if 0 < step <= facts.homes_without_water]
    above = [step for step in steps if step > facts.homes_without_water]
    for homes in (*below, *above):
        changed = replace(facts, homes_without_water=homes)
        yield "homes_without_water", changed, {"homes": homes}


def _dangers(facts: Facts, policy: Policy) -> Iterator[_Candidate]:
    told = {danger.kind for danger in facts.dangers}
    for kind in policy.dangers:
        if kind in told:
            left = tuple(danger for danger in facts.dangers if danger.kind != kind)
            yield "danger_withdrawn", replace(facts, dangers=left), {"kind": kind}
        else:
            more = (*facts.dangers, Danger(kind, ""))
            yield "danger_told", replace(facts, dangers=more), {"kind": kind}


def _sensor(facts: Facts) -> Iterator[_Candidate]:
    if facts.readings:
        yield "sensor_normal", replace(facts, readings=()), {}


def _counts(facts: Facts, policy: Policy) -> Iterator[_Candidate]:
    for band in policy.repeats:
        if (reports := int(band.at_least)) > facts.reports:
            yield "reports", replace(facts, reports=reports), {"reports": reports}
    for band in policy.independent_sources:
        if (sources := int(band.at_least)) > facts.sources:
            more = replace(facts, sources=sources, reports=max(sources, facts.reports))
            yield "sources", more, {"sources": sources}


def _weather(facts: Facts, policy: Policy) -> Iterator[_Candidate]:
    for phenomenon in policy.weather:
        others = tuple(one for one in facts.vigilances if one.phenomenon != phenomenon)
        if len(others) < len(facts.vigilances):
            lifted: dict[str, Param] = {"phenomenon": phenomenon, "colour": "green"}
            yield "weather", replace(facts, vigilances=others), lifted
        for colour in _COLOURS:
            warned = (*others, Vigilance(phenomenon, colour, facts.at))
            params: dict[str, Param] = {"phenomenon": phenomenon, "colour": colour}
            yield "weather", replace(facts, vigilances=warned), params


def _first_in_time(facts: Facts, policy: Policy, present: Priority) -> Counterfactual | None:
    """The first moment at which the class changes by itself, found at the instants that count."""
    for at in moments(facts, policy):
        then = assess(replace(facts, at=at), policy)
        if then.priority != present:
            evidence: dict[str, Param] = {"at": instant_text(at)}
            return Counterfactual("time_passing", then.priority, then.score, evidence)
    return None
