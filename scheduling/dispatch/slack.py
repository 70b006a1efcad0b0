"""Days planned to end early, because work overruns and calls come.

A plan that fills shifts to their last minute pays for every overrun in overtime, for what is
promised is dear to move. So a search may be given a problem whose crews are wanted home sooner:
by an hour when a whole day lies ahead, by less as it passes, by nothing at its end. Prices of the
plan found are to be told by the problem as it is. Only the price of coming home changes: what is
lawful, who counts as there and what is kept free stay as they are.
"""

from dataclasses import replace
from typing import Final

from scheduling.dispatch.hours import free_from
from scheduling.dispatch.problem import Problem

SLACK_S: Final = 3600
WHOLE_DAY_S: Final = 8 * 3600


def with_slack(problem: Problem, slack_s: int = SLACK_S) -> Problem:
    """The same problem, whose crews are wanted home early.

    Args:
        problem: the question.
        slack_s: seconds before the end of the shift when eight hours of it are left, ≥ 0; in
            proportion when less is. No crew is wanted home before it is free.
    """
    crews = []
    for crew in problem.crews:
        left_s = min(max(0, crew.shift_end - problem.now), WHOLE_DAY_S)
        early = crew.shift_end - slack_s * left_s // WHOLE_DAY_S
        crews.append(
            replace(crew, overtime_from=min(crew.priced_from, max(free_from(crew), early)))
        )
    return replace(problem, crews=tuple(crews))
