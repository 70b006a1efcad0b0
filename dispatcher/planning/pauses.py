"""Which pauses a crew is still owed, and how late they may begin.

Meals wait for urgent work: a crew next to a burst main does not have its lunch first. The twenty
minutes that the law asks for within six hours of work are had on site, by turns (décret n° 2000-815
du 25 août 2000, art. 3; Code du travail, art. L3121-16), and the meal follows at once.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dispatcher.models import Shift
from scheduling.dispatch.problem import Break, Problem

SOON_AFTER = timedelta(minutes=30)
"""A pause that was put off begins within this time of the end of the urgent work."""
REACH_S = 5400
"""Urgent work that a crew leaves for at once begins within this time, whatever the drive."""


def breaks_owed(
    shift: Shift, ready_at: datetime, urgent: Sequence[tuple[datetime, datetime]]
) -> tuple[Break, ...]:
    """Return the pauses still owed; where urgent work lies over one, it may begin after that.

    Args:
        shift: With its pauses as laid out.
        ready_at: When the crew is next free; a pause that had to begin before was had.
        urgent: Start and end of the crew's urgent visits, done ones too.
    """
    found = []
    for pause in shift.breaks:
        earliest = datetime.fromisoformat(pause["earliest_at"])
        latest = datetime.fromisoformat(pause["latest_at"])
        lasts = timedelta(seconds=int(pause["duration_s"]))
        over = [end for start, end in urgent if start < latest + lasts and end > earliest]
        latest = max(latest, *(end + SOON_AFTER for end in over)) if over else latest
        if latest > ready_at:
            window = round(earliest.timestamp()), round(latest.timestamp())
            found.append(Break(*window, round(lasts.total_seconds())))
    return tuple(found)


def put_off(problem: Problem, name: str, ends_at: int | None = None) -> Problem:
    """Return the problem in which pauses wait for an urgent visit.

    Args:
        problem: With pauses as usual.
        name: The visit.
        ends_at: When it is done, Unix seconds; None where that is still asked: for each crew, when
            it would be done if the crew left at once.
    """
    lasts_s = problem.visit(name).duration_s
    crews = []
    for crew in problem.crews:
        done_at = crew.ready_at + REACH_S + lasts_s if ends_at is None else ends_at
        latest = done_at + round(SOON_AFTER.total_seconds())
        breaks = [
            replace(one, latest_at=max(one.latest_at, latest)) if one.earliest_at < done_at else one
            for one in crew.breaks
        ]
        crews.append(replace(crew, breaks=tuple(breaks)))
    return replace(problem, crews=tuple(crews))
