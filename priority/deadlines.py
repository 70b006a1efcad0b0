"""When something is due: calendar or working time, less the pauses.

Instants in and out are aware. The module does not know incidents, classes or the present time;
days and open hours are in ``calendar``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from priority.calendar import Interval, WorkingCalendar, open_after, open_from

Clock = Literal["calendar", "working"]
"""``calendar`` counts every minute, ``working`` only the open hours of a calendar."""

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Time allowed for something.

    Attributes:
        minutes: 1 or more.
        clock: Which minutes count.
    """

    minutes: int
    clock: Clock = "calendar"

    def __post_init__(self) -> None:
        """Refuse an empty allowance."""
        if self.minutes < 1:
            raise ValueError("an allowance is at least one minute")


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a service promises: to answer, to be there, to end the danger, to have it working again.

    Attributes:
        respond: Until arrival (délai d'intervention); None promises nothing.
        restore: Until service is back (délai de rétablissement); None promises nothing.
        acknowledge: Until a dispatcher takes it (délai de prise en compte); None promises nothing.
        make_safe: Until nobody is in danger any more (mise en sécurité); None promises nothing.
    """

    respond: Allowance | None = None
    restore: Allowance | None = None
    acknowledge: Allowance | None = None
    make_safe: Allowance | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that does not count, because the service waits for somebody else.

    Attributes:
        start: Aware, inclusive.
        end: Aware, exclusive; None while it lasts.
        reason: Why, as the service files it: ``awaiting_concessionaire``, ``awaiting_citizen``…
    """

    start: datetime
    end: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        """Refuse a pause that ends before it starts."""
        if self.end is not None and self.end < self.start:
            raise ValueError("a pause cannot end before it starts")


@dataclass(frozen=True, slots=True)
class DueTimes:
    """When a commitment falls due, in UTC; None where nothing is promised or time stands still."""

    respond_by: datetime | None
    restore_by: datetime | None
    acknowledge_by: datetime | None = None
    make_safe_by: datetime | None = None


def due_at(
    start: datetime, allowance: Allowance, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()
) -> datetime | None:
    """Return the instant when the allowance is spent, in UTC.

    Args:
        start: When time starts to count, aware.
        allowance: How much, on which clock.
        calendar: Open hours, for the working clock.
        pauses: Stretches that do not count, in any order; they may overlap.

    Returns:
        The due instant; None if a pause without end comes first. An allowance spent exactly at
        closing time is due at closing time, not at the next opening.

    Raises:
        ValueError: The calendar is closed for more than a year.
    """
    left = timedelta(minutes=allowance.minutes)
    if allowance.clock == "calendar" and not pauses:
        return start.astimezone(UTC) + left
    if not pauses:
        return open_after(start.astimezone(UTC), left, calendar)
    for begin, end in _counting(start, allowance.clock, calendar, pauses):
        if end - begin >= left:
            return begin + left
        left -= end - begin
    return None


def elapsed(
    interval: Interval, clock: Clock, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()
) -> timedelta:
    """Return how much time counted between two instants.

    Args:
        interval: Aware start and end; an end before the start counts as zero.
        clock: Which minutes count.
        calendar: Open hours, for the working clock.
        pauses: Stretches that do not count.
    """
    total = timedelta(0)
    for begin, end in _counting(interval[0], clock, calendar, pauses):
        if begin >= interval[1]:
            break
        total += min(end, interval[1]) - begin
    return total


def due_times(
    start: datetime,
    commitments: Sequence[Commitment],
    calendar: WorkingCalendar,
    pauses: Sequence[Pause] = (),
) -> DueTimes:
    """Return when the strictest of several commitments fall due.

    A class and a category may each promise something: whichever falls due first binds.

    Args:
        start: When time starts to count, aware.
        commitments: All that bind.
        calendar: Open hours, for working clocks.
        pauses: Stretches that do not count.
    """

    def first(allowances: Sequence[Allowance | None]) -> datetime | None:
        dues = [due_at(start, one, calendar, pauses) for one in allowances if one is not None]
        return min((due for due in dues if due is not None), default=None)

    return DueTimes(
        respond_by=first([one.respond for one in commitments]),
        restore_by=first([one.restore for one in commitments]),
        acknowledge_by=first([one.acknowledge for one in commitments]),
        make_safe_by=first([one.make_safe for one in commitments]),
    )


def paused_by_reason(
    interval: Interval, clock: Clock, calendar: WorkingCalendar, pauses: Sequence[Pause]
) -> Mapping[str, timedelta]:
    """Return how much counting time each reason stopped, so that a delay can be justified.

    Where pauses overlap, each of their reasons is charged with the whole.

    Args:
        interval: Aware start and end.
        clock: Which minutes would have counted.
        calendar: Open hours, for the working clock.
        pauses: Stretches that did not count.
    """
    whole = elapsed(interval, clock, calendar)
    reasons = dict.fromkeys(one.reason for one in pauses)
    return {
        reason: whole
        - elapsed(interval, clock, calendar, [one for one in pauses if one.reason == reason])
        for reason in reasons
    }


def _counting(
    start: datetime, clock: Clock, calendar: WorkingCalendar, pauses: Sequence[Pause]
) -> Iterator[Interval]:
    """Yield the ascending, disjoint intervals in which time counts, from ``start`` on."""
    start = start.astimezone(UTC)
    running = iter([(start, _NEVER)]) if clock == "calendar" else open_from(start, calendar)
    return running if not pauses else _without(pauses, running)


def _without(pauses: Sequence[Pause], running: Iterator[Interval]) -> Iterator[Interval]:
    stops = sorted((pause.start, pause.end or _NEVER) for pause in pauses)
    for begin, end in running:
        cursor = begin
        for stop, resume in stops:
            if stop < end and resume > cursor:
                if stop > cursor:
                    yield cursor, stop.astimezone(UTC)
                cursor = resume.astimezone(UTC)
        if cursor < end:
            yield cursor, end
        if cursor == _NEVER:
            return
