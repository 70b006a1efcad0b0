"""The rules of a rota, as objects: what each says, where it is written, how to check it.

`rules_for(policy)` is the catalogue an authority works under; pass another tuple to
the engines to try a different one.
"""

from __future__ import annotations

from scheduling.rota.model import Model
from scheduling.rota.problem import Policy, Problem
from scheduling.rota.rules.base import Breach, Force, Rule, Source
from scheduling.rota.rules.local import KeptApart, Mentored, NotTooOften, PreferredSpacing, Spacing
from scheduling.rota.rules.presence import Cover, Decided, OneAtATime, Present, Qualified
from scheduling.rota.rules.working_time import DailyRest, WorkedHours
from scheduling.rota.solution import Rota

__all__ = [
    "Breach",
    "Cover",
    "DailyRest",
    "Decided",
    "Force",
    "KeptApart",
    "Mentored",
    "NotTooOften",
    "OneAtATime",
    "PreferredSpacing",
    "Present",
    "Qualified",
    "Rule",
    "Source",
    "Spacing",
    "WorkedHours",
    "breaches",
    "rules_for",
    "state",
]


def rules_for(policy: Policy) -> tuple[Rule, ...]:
    """The catalogue of rules under a policy, the general ones first."""
    rules: list[Rule] = [Cover(), Qualified(), Present(), OneAtATime(), Decided()]
    rules += [DailyRest(hours=policy.daily_rest_h)]
    rules += [WorkedHours(mean_h=48, weeks=1), WorkedHours(mean_h=44, weeks=12)]
    if policy.min_free_weeks:
        rules.append(Spacing(free_weeks=policy.min_free_weeks))
    if policy.preferred_free_weeks > policy.min_free_weeks:
        rules.append(PreferredSpacing(free_weeks=policy.preferred_free_weeks))
    rules += [
        NotTooOften(max_duties=cap.max_duties, window_weeks=cap.window_weeks)
        for cap in policy.frequencies
    ]
    rules += [KeptApart(one=one, other=other) for one, other in policy.apart]
    rules += [Mentored(mentoring=mentoring) for mentoring in policy.mentoring]
    return tuple(rules)


def state(problem: Problem, rules: tuple[Rule, ...] | None = None) -> Model:
    """The model in which every rule has stated itself about the problem."""
    model = Model(problem)
    for rule in rules_for(problem.policy) if rules is None else rules:
        rule.add(model)
    return model


def breaches(
    problem: Problem, rota: Rota, rules: tuple[Rule, ...] | None = None
) -> tuple[Breach, ...]:
    """Every breach of every rule, hard or not, in the order of the catalogue."""
    catalogue = rules_for(problem.policy) if rules is None else rules
    return tuple(breach for rule in catalogue for breach in rule.verify(problem, rota))
