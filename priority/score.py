"""How urgent and how grave: one incident's facts under one policy, with the reasons.

Adds up what the rules say. Knows no rule's subject, no clock and no store: the same facts under
the same policy give the same assessment for ever, which is what makes a policy replayable on the
past.
"""

from dataclasses import dataclass

from priority.facts import Facts
from priority.policy import Policy, Priority
from priority.reasons import Axis, Reason, Rule
from priority.rules import RULES


@dataclass(frozen=True, slots=True)
class Assessment:
    """The result, complete in itself.

    Attributes:
        severity: Harm if nothing is done, 0 to the policy's axis cap (50).
        urgency: How fast that harm grows, 0 to the policy's axis cap (50).
        priority: Class, from the score and the policy's thresholds.
        score: ``severity + urgency``, 0–100.
        reasons: What was said, in the order of the rules; points add up to the score exactly.
    """

    severity: int
    urgency: int
    priority: Priority
    score: int
    reasons: tuple[Reason, ...]


def assess(facts: Facts, policy: Policy) -> Assessment:
    """Return severity, urgency, class, score and reasons.

    Args:
        facts: What is known.
        policy: What the council decided.

    Returns:
        An assessment whose reasons' points sum to its score; where an axis is full, the reason
        ``axis_cap`` carries the points that did not count, as a negative number.
    """
    reasons = [reason for rule in RULES for reason in rule(facts, policy)]
    severity = _total("severity", reasons, policy.axis_cap)
    urgency = _total("urgency", reasons, policy.axis_cap)
    score = severity + urgency
    return Assessment(severity, urgency, policy.priority_of(score), score, tuple(reasons))


def _total(axis: Axis, reasons: list[Reason], cap: int) -> int:
    """Sum one axis, and say so in the reasons when its cap cuts it."""
    total = sum(reason.points for reason in reasons if reason.axis == axis)
    if total > cap:
        reasons.append(Reason(Rule.AXIS_CAP, axis, cap - total, {"cap": cap}))
    return min(total, cap)
