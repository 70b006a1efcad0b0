"""How likely a due time is missed: expected start, remaining work from experience, time left.

Experience is a sample of past durations; nothing is assumed of its shape. The module knows no
plan and no clock.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from priority.facts import require_aware


@dataclass(frozen=True, slots=True)
class Experience:
    """How long similar work took.

    Attributes:
        minutes: Past durations, ascending; empty when nothing is known.
    """

    minutes: tuple[float, ...]

    @classmethod
    def of(cls, durations_min: Sequence[float]) -> "Experience":
        """Return the experience of durations in any order.

        Raises:
            ValueError: A duration is negative.
        """
        if any(one < 0 for one in durations_min):
            raise ValueError("a duration is not negative")
        return cls(tuple(sorted(durations_min)))

    def share_above(self, minutes: float) -> float:
        """Return the likelihood of more than so many minutes, 0..1, never quite 0 or 1.

        Laplace's rule of succession: (longer + 1) / (all + 2), so that three lucky days promise
        nothing and no experience at all says one half.
        """
        longer = len(self.minutes) - bisect_right(self.minutes, minutes)
        return (longer + 1) / (len(self.minutes) + 2)

    def quantile(self, share: float) -> float | None:
        """Return the duration that a share of the work did not exceed, None without experience.

        Args:
            share: 0..1; 0.5 is the median, the upper one of an even number.
        """
        if not self.minutes:
            return None
        return self.minutes[min(int(share * len(self.minutes)), len(self.minutes) - 1)]


def breach_probability(
    due_by: datetime, expected_at: datetime, delays: Experience, work: Experience | None = None
) -> float:
    """Return how likely the due time is missed, 0..1.

    Args:
        due_by: When it is due, aware.
        expected_at: Planned arrival, aware.
        delays: Minutes that crews came later than planned (0 for in time).
        work: Minutes of work until service is back; None judges the arrival alone.
    """
    require_aware("due_by", due_by)
    require_aware("expected_at", expected_at)
    slack_min = (due_by - expected_at) / timedelta(minutes=1)
    if slack_min < 0:
        return 1.0
    if work is None or not work.minutes:
        return delays.share_above(slack_min)
    # Delay and work are taken as independent: every past work is tried against the slack it leaves.
    missed = [
        delays.share_above(slack_min - spent) if spent <= slack_min else 1.0
        for spent in work.minutes
    ]
    return sum(missed) / len(missed)
