"""Where every crew goes and when: the answer to a problem, and what changed since another one.

Refuses to know how the answer was found or what it costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Param = int | str | None
UnservedReason = Literal["no_crew_allowed", "no_time", "costs_more_than_leaving_out", "not_tried"]

PROMISE_TOLERANCE_S: Final = 900


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit of a route, timed (seconds, metres; all on the problem's clock).

    Attributes:
        depart_at: leaves the previous place, any delay there over.
        travel_s: driving from the previous place.
        distance_m: driven from the previous place.
        arrive_at: ``depart_at + travel_s``.
        start_at: start of service, after any pause and wait.
        end_at: end of service.
        delay_s: between tags, spent at the previous place right before leaving it.
    """

    visit_id: str
    depart_at: int
    travel_s: int
    distance_m: int
    arrive_at: int
    start_at: int
    end_at: int
    delay_s: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """A break as taken; ``before`` is the position of the stop whose service it precedes."""

    start_at: int
    end_at: int
    before: int


@dataclass(frozen=True, slots=True)
class Route:
    """One crew's remaining day.

    Attributes:
        end_at: arrival at the end place (``ready_at`` of a crew that does not move).
        travel_s: all driving, the way home included.
        distance_m: all driving, the way home included.
    """

    crew_id: str
    stops: tuple[Stop, ...]
    pauses: tuple[Pause, ...]
    end_at: int
    travel_s: int
    distance_m: int

    @property
    def visit_ids(self) -> tuple[str, ...]:
        """Visits in order."""
        return tuple(stop.visit_id for stop in self.stops)


@dataclass(frozen=True, slots=True)
class Unserved:
    """A visit left out, why, and one crew that shows it.

    Attributes:
        params: amounts behind the reason (``example_reason``, ``would_end``, …).
    """

    visit_id: str
    reason: UnservedReason
    example_crew_id: str | None = None
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Solution:
    """A whole plan: one route per crew (perhaps empty), every other visit in ``unserved``."""

    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]

    def placements(self) -> dict[str, tuple[str, Stop]]:
        """Visit id → (crew id, stop) of every served visit."""
        return {
            stop.visit_id: (route.crew_id, stop) for route in self.routes for stop in route.stops
        }


@dataclass(frozen=True, slots=True)
class Slot:
    """A crew and a start: one side of a change."""

    crew_id: str
    start_at: int


@dataclass(frozen=True, slots=True)
class Change:
    """One visit that differs between two plans; ``None`` = not planned on that side."""

    visit_id: str
    before: Slot | None
    after: Slot | None

    @property
    def is_crew_changed(self) -> bool:
        """True if both sides are planned, by different crews."""
        return (
            self.before is not None
            and self.after is not None
            and self.before.crew_id != self.after.crew_id
        )

    @property
    def shift_s(self) -> int | None:
        """Seconds by which the start moved (positive = later); ``None`` if planned on one side."""
        if self.before is None or self.after is None:
            return None
        return self.after.start_at - self.before.start_at


@dataclass(frozen=True, slots=True)
class Diff:
    """What two plans of the same visits do differently.

    Attributes:
        changes: visits whose crew changed, whose start moved by at least a second, or that
            entered or left the plan, in order of visit id.
    """

    changes: tuple[Change, ...]

    @property
    def placed(self) -> tuple[Change, ...]:
        """Visits planned only after."""
        return tuple(change for change in self.changes if change.before is None)

    @property
    def dropped(self) -> tuple[Change, ...]:
        """Visits planned only before."""
        return tuple(change for change in self.changes if change.after is None)

    @property
    def crew_changes(self) -> tuple[Change, ...]:
        """Visits that went to another crew."""
        return tuple(change for change in self.changes if change.is_crew_changed)

    def moved(self, tolerance_s: int = PROMISE_TOLERANCE_S) -> tuple[Change, ...]:
        """Visits whose start moved by more than ``tolerance_s`` seconds."""
        return tuple(
            change
            for change in self.changes
            if change.shift_s is not None and abs(change.shift_s) > tolerance_s
        )


def diff(before: Mapping[str, Slot], after: Mapping[str, Slot]) -> Diff:
    """Changes from one set of slots to another.

    >>> diff({"a": Slot("c1", 10)}, {"a": Slot("c2", 10)}).crew_changes[0].visit_id
    'a'
    """
    changes = (
        Change(visit_id, before.get(visit_id), after.get(visit_id))
        for visit_id in sorted(before.keys() | after.keys())
    )
    return Diff(tuple(change for change in changes if change.before != change.after))


def slots(solution: Solution) -> dict[str, Slot]:
    """Visit id → slot of every served visit, the form :func:`diff` compares."""
    return {
        visit_id: Slot(crew_id, stop.start_at)
        for visit_id, (crew_id, stop) in solution.placements().items()
    }
