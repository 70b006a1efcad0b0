"""When a citizen may expect the crew: an honest window around the planned arrival.

`windows.py` computes windows from learned drives and durations; the rule here is for what stands in
no route: the farther away the arrival, the wider the window. Ends are rounded outwards to five
minutes, because an exact hour would be a false promise.
"""

from datetime import UTC, datetime, timedelta

EARLY_AT_LEAST = timedelta(minutes=5)
LATE_AT_LEAST = timedelta(minutes=10)
EARLY_SHARE = 0.10
LATE_SHARE = 0.25
ROUND_S = 300


def window_around(start_at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return the earliest and latest arrival to promise, both aware UTC.

    Args:
        start_at: Planned start on site.
        now: Instant of the promise; the earliest arrival never lies before it.
    """
    ahead = max(start_at - now, timedelta(0))
    early = start_at - max(EARLY_AT_LEAST, ahead * EARLY_SHARE)
    late = start_at + max(LATE_AT_LEAST, ahead * LATE_SHARE)
    return rounded(max(early, min(now, start_at)), late)


def rounded(low: datetime, high: datetime) -> tuple[datetime, datetime]:
    """Return a window with its ends rounded outwards, and never without width."""
    start = _round(low, up=False)
    return start, max(_round(high, up=True), start + timedelta(seconds=ROUND_S))


def _round(at: datetime, *, up: bool) -> datetime:
    seconds = at.timestamp()
    slots = -(-seconds // ROUND_S) if up else seconds // ROUND_S
    return datetime.fromtimestamp(slots * ROUND_S, UTC)
