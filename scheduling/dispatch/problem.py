"""What must be visited, by whom it may be, and what is already promised.

The planning question as frozen integers, with no clock, no database and no solver in it.

Conventions, stated once and obeyed everywhere in this package:

* **Time** is in integer seconds on one clock of the caller's choice (the service uses Unix
  time). Durations are seconds, distances metres.
* **Cost** is in hundredths of a second of driving, so that one second of travel at the normal
  rate is the exact integer 100 and sums are reproducible to the bit. People are shown minutes:
  ``cost / COST_PER_MINUTE``. A *rate* is cost per second: 100 means a minute costs a minute.
* A **window** is half-open, ``[opens_at, closes_at)``: service may start at ``opens_at`` and may
  not start at ``closes_at``. A window speaks of the start of service, never of its end.
* ``due_at`` is the last second that is on time; lateness counts the seconds after it.
* ``shift_end`` is the last second of arrival at the end place without overtime, ``hard_end`` the
  last lawful one; both are inclusive.
* A crew leaves as soon as it may, drives, and waits at the door until the window opens.
* A **place** is a row of the travel matrix; row = from, column = to.
* Routes hold only what is still to do: done, on-site and en-route work is already rolled into
  the crew's ``start_place`` and ``ready_at``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

IntMatrix = npt.NDArray[np.int32]

COST_PER_SECOND: Final = 100
COST_PER_MINUTE: Final = 60 * COST_PER_SECOND


class ProblemError(ValueError):
    """The problem contradicts itself and cannot be planned."""


class PinKind(StrEnum):
    """How much of a dispatcher's decision the search may not undo."""

    CREW = "crew"
    ORDER = "order"
    TIME = "time"


class Relaxation(StrEnum):
    """What may change after the freeze horizon, from least to most."""

    TIMES = "times"
    ORDER = "order"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds in which a service may start: ``opens_at`` included, ``closes_at`` excluded."""

    opens_at: int
    closes_at: int

    def __post_init__(self) -> None:
        """Refuse an empty window."""
        if self.closes_at <= self.opens_at:
            raise ProblemError(f"window closes at {self.closes_at}, opens at {self.opens_at}")


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill, licence or piece of equipment, with the level needed or held (1 = basic).

    Nobody holds or needs one code twice.
    """

    code: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Bar:
    """One crew that may not do one visit, and the reason code shown to the dispatcher."""

    crew_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preference:
    """Cost added when this crew does the visit: sector, continuity (negative = welcome)."""

    crew_id: str
    cost: int


@dataclass(frozen=True, slots=True)
class Promise:
    """An arrival that was announced.

    Attributes:
        start_at: announced start of service.
        is_told: True once the citizen was told; moving it then costs double.
    """

    start_at: int
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One crew's presence for one work order, still to be done.

    Attributes:
        id: unique name.
        place: row of the travel matrix.
        duration_s: service time, seconds, ≥ 0.
        priority: 1 (most urgent) to 4; only a visit of larger number may be bumped.
        windows: when service may start, in time order, disjoint; empty = any time.
        ready_at: not before (parts, permit, road closure); ``None`` = at once.
        due_at: last second of start that is on time; ``None`` = never late.
        late_rate: cost per second late (ignored when ``is_urgent``: seconds count as such).
        breach_cost: one-off cost as soon as the start is late.
        unserved_cost: cost of leaving the visit out.
        is_urgent: True puts lateness and omission of this visit in the tier above all cost.
        skills: all needed, at these levels or above.
        crew_size: agents needed on site.
        load: units of vehicle capacity taken.
        bars: crews excluded and why.
        preferences: crews welcome or unwelcome, with a cost.
        promise: arrival announced earlier, if any.
    """

    id: str
    place: int
    duration_s: int
    priority: int = 3
    windows: tuple[Window, ...] = ()
    ready_at: int | None = None
    due_at: int | None = None
    late_rate: int = COST_PER_SECOND
    breach_cost: int = 0
    unserved_cost: int = 600 * COST_PER_MINUTE
    is_urgent: bool = False
    skills: tuple[Skill, ...] = ()
    crew_size: int = 1
    load: int = 0
    bars: tuple[Bar, ...] = ()
    preferences: tuple[Preference, ...] = ()
    promise: Promise | None = None

    def __post_init__(self) -> None:
        """Refuse negative amounts, unordered windows and unknown priorities."""
        amounts = (self.duration_s, self.late_rate, self.breach_cost, self.unserved_cost, self.load)
        if min(amounts) < 0 or self.place < 0 or self.crew_size < 1:
            raise ProblemError(f"visit {self.id}: negative amount")
        if not 1 <= self.priority <= 4:
            raise ProblemError(f"visit {self.id}: priority {self.priority} is not 1 to 4")
        for before, after in zip(self.windows, self.windows[1:], strict=False):
            if after.opens_at < before.closes_at:
                raise ProblemError(f"visit {self.id}: windows overlap or are out of order")


@dataclass(frozen=True, slots=True)
class Break:
    """A pause a crew must take if its route goes on after ``latest_at``.

    It starts within ``[earliest_at, latest_at]`` (both included), while the crew stands: before
    it leaves a place, or at a door that is not open yet; never inside a drive or a service. A
    crew that is home by ``latest_at`` needs none.
    """

    earliest_at: int
    latest_at: int
    duration_s: int

    def __post_init__(self) -> None:
        """Refuse a pause that cannot start."""
        if self.latest_at < self.earliest_at or self.duration_s <= 0:
            raise ProblemError("break without room to start")


@dataclass(frozen=True, slots=True)
class Crew:
    """People and a vehicle that move together, from where and when they are next free.

    Attributes:
        start_place: place at ``ready_at``.
        end_place: place where the shift ends.
        ready_at: free from this second: shift start, or end of the committed work.
        shift_end: last arrival at ``end_place`` without overtime.
        hard_end: last lawful arrival at ``end_place``, ≥ ``shift_end``.
        is_out: True if the crew has left its depot, so that it drives home even when idle.
        overtime_rate: cost per second after ``shift_end``.
        travel_rate: cost per second of driving.
        fixed_cost: cost of using the crew at all.
        breaks: pauses still to take, in time order.
        capacity: units of load carried; ``None`` = no limit.
        size: agents in the crew.
    """

    id: str
    start_place: int
    end_place: int
    ready_at: int
    shift_end: int
    hard_end: int
    is_out: bool = False
    skills: tuple[Skill, ...] = ()
    breaks: tuple[Break, ...] = ()
    overtime_rate: int = 2 * COST_PER_SECOND
    travel_rate: int = COST_PER_SECOND
    fixed_cost: int = 0
    capacity: int | None = None
    size: int = 1

    def __post_init__(self) -> None:
        """Refuse a shift that ends in law before it ends on paper."""
        if self.hard_end < self.shift_end:
            raise ProblemError(f"crew {self.id}: hard end before shift end")
        if min(self.overtime_rate, self.travel_rate, self.fixed_cost) < 0:
            raise ProblemError(f"crew {self.id}: negative rate")


@dataclass(frozen=True, slots=True)
class Pin:
    """A dispatcher's decision: this visit, this crew, and perhaps its order or time.

    ``ORDER`` keeps the relative order of the pinned visits of one route as in the plan in force;
    ``TIME`` adds ``window``, in which service must start. A pin says where a visit goes if it is
    served; leaving it out is priced in the urgent tier.
    """

    visit_id: str
    crew_id: str
    kind: PinKind = PinKind.CREW
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A visit of the plan in force and the start it was given."""

    visit_id: str
    start_at: int


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """One crew's part of the plan in force, in order, committed work left out."""

    crew_id: str
    stops: tuple[PlannedStop, ...]


@dataclass(frozen=True, slots=True)
class Prices:
    """What it costs to change what people already count on.

    Attributes:
        crew_change: a planned visit goes to another crew.
        slot_lost: a planned visit is left out (on top of its unserved cost).
        promise_moved: a promised start moves by more than ``promise_tolerance_s``; doubled once
            told, and up to doubled again when the promise is near.
        promise_tolerance_s: movement that nobody notices, seconds.
        soon_s: a promise this close or closer to now starts to weigh more.
        overskill: per skill of the crew that the visit does not need.
    """

    crew_change: int = 20 * COST_PER_MINUTE
    slot_lost: int = 40 * COST_PER_MINUTE
    promise_moved: int = 10 * COST_PER_MINUTE
    promise_tolerance_s: int = 900
    soon_s: int = 7200
    overskill: int = 0


FREE: Final = Prices(0, 0, 0, 900, 7200, 0)
"""No price on change: for cold plans and public benchmarks."""


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Travel between places.

    Attributes:
        seconds: n×n, int32, seconds of driving, row = from.
        metres: n×n, int32, metres driven, row = from.
    """

    seconds: IntMatrix
    metres: IntMatrix

    def __post_init__(self) -> None:
        """Refuse tables that are not square, not alike, or negative."""
        shape = self.seconds.shape
        if len(shape) != 2 or shape[0] != shape[1] or self.metres.shape != shape:
            raise ProblemError("travel tables must be square and of one size")
        if shape[0] and (int(self.seconds.min()) < 0 or int(self.metres.min()) < 0):
            raise ProblemError("negative travel")

    def __len__(self) -> int:
        """Number of places."""
        return int(self.seconds.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Everything a planner may know.

    Attributes:
        now: instant of the snapshot.
        frozen_until: leading stops of a planned route that start before this do not move.
        plan: the plan in force; a visit stands in it at most once.
    """

    visits: tuple[Visit, ...]
    crews: tuple[Crew, ...]
    matrix: Matrix
    now: int = 0
    frozen_until: int = 0
    plan: tuple[PlannedRoute, ...] = ()
    pins: tuple[Pin, ...] = ()
    prices: Prices = field(default_factory=Prices)
    relaxation: Relaxation = Relaxation.ALL
    visit_index: Mapping[str, int] = field(init=False, repr=False)
    crew_index: Mapping[str, int] = field(init=False, repr=False)
    route_index: Mapping[str, PlannedRoute] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Build the indexes and refuse dangling or doubled names."""
        visit_index = _index("visit", [visit.id for visit in self.visits])
        crew_index = _index("crew", [crew.id for crew in self.crews])
        # Plain dicts, because a mapping proxy cannot travel to a solver process.
        object.__setattr__(self, "visit_index", visit_index)
        object.__setattr__(self, "crew_index", crew_index)
        object.__setattr__(self, "route_index", {route.crew_id: route for route in self.plan})
        _refuse_unknown_places(self)
        _refuse_dangling_plan(self)
        _refuse_overflow(self)

    def visit(self, visit_id: str) -> Visit:
        """The visit of that id; ``KeyError`` if there is none."""
        return self.visits[self.visit_index[visit_id]]

    def crew(self, crew_id: str) -> Crew:
        """The crew of that id; ``KeyError`` if there is none."""
        return self.crews[self.crew_index[crew_id]]


def _index(kind: str, ids: Sequence[str]) -> dict[str, int]:
    index = {name: position for position, name in enumerate(ids)}
    if len(index) != len(ids):
        raise ProblemError(f"two {kind}s share one id")
    return index


def _refuse_unknown_places(problem: Problem) -> None:
    size = len(problem.matrix)
    places = [visit.place for visit in problem.visits]
    places += [place for crew in problem.crews for place in (crew.start_place, crew.end_place)]
    if any(not 0 <= place < size for place in places):
        raise ProblemError("a place lies outside the travel matrix")


def _refuse_dangling_plan(problem: Problem) -> None:
    routes = [route.crew_id for route in problem.plan]
    stops = [stop.visit_id for route in problem.plan for stop in route.stops]
    if len(set(routes)) != len(routes) or len(set(stops)) != len(stops):
        raise ProblemError("a crew or a visit stands twice in the plan")
    pinned = [pin.visit_id for pin in problem.pins]
    if len(set(pinned)) != len(pinned):
        raise ProblemError("a visit is pinned twice")
    crews = routes + [pin.crew_id for pin in problem.pins]
    if not set(crews) <= problem.crew_index.keys():
        raise ProblemError("the plan or a pin names an unknown crew")
    if not set(stops + pinned) <= problem.visit_index.keys():
        raise ProblemError("the plan or a pin names an unknown visit")


def _refuse_overflow(problem: Problem) -> None:
    """Keep both tiers inside one 64-bit integer (see ``objective.TIER``)."""
    last = max((crew.hard_end for crew in problem.crews), default=problem.now)
    urgent_s = sum(
        36_000 if visit.due_at is None else max(last - visit.due_at, 36_000)
        for visit in problem.visits
        if visit.is_urgent
    )
    if urgent_s + 36_000 * len(problem.pins) >= 1 << 24:
        raise ProblemError("too many urgent visits, or due too long ago: clamp due_at")
    if sum(visit.unserved_cost for visit in problem.visits) >= 1 << 37:
        raise ProblemError("unserved costs too large to stay below the urgent tier")
