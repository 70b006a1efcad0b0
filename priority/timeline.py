"""When a score will change by itself: the instants at which a rule about time can speak otherwise.

Lets a service plan the next scoring of each incident instead of scoring all of them every minute:
between now and that instant nothing can change but by new facts.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from priority.facts import Facts
from priority.policy import Policy
from priority.score import assess

HORIZON = timedelta(hours=72)
_SECOND = timedelta(seconds=1)
"""Past an inclusive edge, and past the rounding of a share of a delay."""


def next_change_at(
    facts: Facts, policy: Policy, of: Literal["score", "class"] = "score"
) -> datetime | None:
    """Return the first instant after ``facts.at`` at which the score changes if nothing is done.

    Args:
        facts: What is known now.
        policy: The policy in force.
        of: ``score`` for any point more or less, ``class`` for another class only.

    Returns:
        An aware instant, exact to the second; None when nothing changes within 72 hours, after
        which the caller asks again.
    """
    now = assess(facts, policy)
    for at in moments(facts, policy):
        then = assess(replace(facts, at=at), policy)
        is_other = then.priority != now.priority if of == "class" else then.score != now.score
        if is_other:
            return at
    return None


def moments(facts: Facts, policy: Policy) -> list[datetime]:
    """Return the instants at which a rule about time can change its points, ascending.

    Those after ``facts.at`` and within 72 hours of it.
    """
    found = set(_civil_edges(facts, policy))
    stale = timedelta(minutes=policy.sensor.max_age_min) + _SECOND
    found |= {reading.at + stale for reading in facts.readings}
    found |= {reading.at for reading in facts.readings}
    for step in range(1, policy.waiting.cap + 1):
        found.add(facts.reported_at + step * timedelta(minutes=policy.waiting.every_min))
    if facts.respond_by is not None:
        promised = facts.respond_by - facts.reported_at
        for band in policy.due.bands:
            found.add(facts.respond_by - band.share_left * promised + _SECOND)
    for warning in facts.vigilances:
        found.add(warning.starts_at - timedelta(hours=policy.weather_ahead_h))
        if warning.ends_at is not None:
            found.add(warning.ends_at)
    return sorted(at for at in found if facts.at < at <= facts.at + HORIZON)


def _civil_edges(facts: Facts, policy: Policy) -> Iterator[datetime]:
    """Midnights, ends of night, and hours of sites of the next days, as instants."""
    working = policy.calendar.working
    today = working.local(facts.at).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [rule.hours for rule in policy.sites.values() if rule.hours is not None]
    minutes = {0, *working.night, *(edge for span in hours for edge in span)}
    for days in range(5):
        for minute in minutes:
            yield today + timedelta(days=days, minutes=minute)
