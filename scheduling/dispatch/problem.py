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
* A crew leaves as soon as it may, drives, and waits at the door until the window opens; what is
  linked waits for the last of those it is linked to.
* A **place** is a row of the travel matrix; row = from, column = to.
* Routes hold only what is still to do: done, on-site and en-route work is already rolled into
  the crew's ``start_place`` and ``ready_at``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.crew import Break, Crew, LoadLimit, Territory, WorkLimit
from scheduling.dispatch.plan import (
    After,
    KeptHours,
    Link,
    Pin,
    PinKind,
    PlannedRoute,
    PlannedStop,
    Relaxation,
    Reserve,
    TerritoryRule,
    Together,
)
from scheduling.dispatch.visit import (
    COST_PER_MINUTE,
    COST_PER_SECOND,
    Bar,
    Commitment,
    CrewDuration,
    Load,
    Preference,
    ProblemError,
    Promise,
    Skill,
    SoftWindow,
    Transition,
    Visit,
    Window,
)

__all__ = [
    "COST_PER_MINUTE",
    "COST_PER_SECOND",
    "FADING",
    "FREE",
    "URGENT_TIER_S",
    "URGENT_UNSERVED_S",
    "After",
    "Bar",
    "Break",
    "Commitment",
    "Crew",
    "CrewDuration",
    "IntMatrix",
    "KeptHours",
    "Link",
    "Load",
    "LoadLimit",
    "Matrix",
    "Pin",
    "PinKind",
    "PlannedRoute",
    "PlannedStop",
    "Preference",
    "Prices",
    "Problem",
    "ProblemError",
    "Promise",
    "Relaxation",
    "Reserve",
    "Skill",
    "SoftWindow",
    "Territory",
    "TerritoryRule",
    "Together",
    "Transition",
    "Visit",
    "Window",
    "WorkLimit",
    "urgent_share_s",
]

IntMatrix = npt.NDArray[np.int32]

URGENT_UNSERVED_S: Final = 36_000
"""Seconds of urgent lateness that leaving out one urgent or pinned visit amounts to."""

URGENT_TIER_S: Final = 1 << 24
"""All urgent lateness of a problem stays below, so that both tiers fit one 64-bit integer."""


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
        underskill: per wished skill that the crew does not hold.
        out_of_territory: per visit outside the crew's sectors, where that is allowed.
        eta_shift: per second that a promised start moves beyond the tolerance; doubled once told.
        waiting: per second a crew stands idle at a door.
        resequence: per planned visit that comes right after one it preceded.
        uneven_hours: per hour × hour of driving and service of each crew.
        uneven_visits: per visit × visit of each crew.
        promise_widens: percent of the time ahead by which the tolerance grows: what is told far
            ahead is told wide, so that moving inside it breaks nothing.
        far_percent: part of ``crew_change`` that counts for what is planned to start more than
            ``soon_s`` ahead, 0 to 100: crews prepare for the next hours, not for the evening.
    """

    crew_change: int = 20 * COST_PER_MINUTE
    slot_lost: int = 40 * COST_PER_MINUTE
    promise_moved: int = 10 * COST_PER_MINUTE
    promise_tolerance_s: int = 900
    soon_s: int = 7200
    overskill: int = 0
    underskill: int = 0
    out_of_territory: int = 60 * COST_PER_MINUTE
    eta_shift: int = 0
    waiting: int = 0
    resequence: int = 0
    uneven_hours: int = 0
    uneven_visits: int = 0
    promise_widens: int = 0
    far_percent: int = 100

    def __post_init__(self) -> None:
        """Refuse prices that pay."""
        ours = (self.crew_change, self.slot_lost, self.promise_moved, self.overskill)
        more = (self.underskill, self.out_of_territory, self.eta_shift, self.waiting)
        rest = (self.resequence, self.uneven_hours, self.uneven_visits, self.promise_tolerance_s)
        if min(*ours, *more, *rest, self.soon_s, self.promise_widens, self.far_percent) < 0:
            raise ProblemError("negative price")
        if self.far_percent > 100:
            raise ProblemError("what is far ahead may not cost more than what is near")


FREE: Final = Prices(0, 0, 0, 900, 7200, 0)
"""No price on change: for cold plans and public benchmarks."""

FADING: Final = Prices(promise_widens=35, far_percent=25)
"""What is hours away may change more freely: windows told reach 0.35 of the time ahead (see
``promises``), and crews prepare for the next hours. What the service plans with: five of six made
days came out cheaper by it, all six by 4 % on average (``benchmarks.day``)."""


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
        links: visits that start together or after one another; both sides are in ``visits``.
        incompatible: pairs of visit kinds that one route may not hold both.
        territory_rule: whether a crew may leave its sectors.
        location_max_age_s: a crew's position older than this is flagged; ``None`` = never.
        churn_max: planned visits that may go to another crew; ``None`` = any number.
        max_active_crews: most crews that serve anything, ≥ 0; ``None`` = all may.
        reserves: crews that sectors keep free at given times, always or at a price.
        kept_hours: parts of sectors' hours that only urgent visits may fill.
        transitions: delays between visits by their tags, each pair once.
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
    links: tuple[Link, ...] = ()
    incompatible: tuple[tuple[str, str], ...] = ()
    territory_rule: TerritoryRule = TerritoryRule.HARD
    location_max_age_s: int | None = None
    churn_max: int | None = None
    max_active_crews: int | None = None
    reserves: tuple[Reserve, ...] = ()
    kept_hours: tuple[KeptHours, ...] = ()
    transitions: tuple[Transition, ...] = ()
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
        _refuse_bad_links(self)
        _refuse_remote_travel(self)
        if len({(one.from_tag, one.to_tag) for one in self.transitions}) != len(self.transitions):
            raise ProblemError("one pair of tags has two delays")
        if self.max_active_crews is not None and self.max_active_crews < 0:
            raise ProblemError("fewer than no crews may be active")
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


def _refuse_remote_travel(problem: Problem) -> None:
    """What is done from afar costs no travel, and no plan gives it to people on the road."""
    crews = [crew for crew in problem.crews if crew.is_remote]
    places = {place for crew in crews for place in (crew.start_place, crew.end_place)}
    places |= {visit.place for visit in problem.visits if visit.is_remote}
    rows = np.ix_(sorted(places), sorted(places))
    if places and (problem.matrix.seconds[rows].any() or problem.matrix.metres[rows].any()):
        raise ProblemError("remote crews and visits lie apart")
    given = [(stop.visit_id, route.crew_id) for route in problem.plan for stop in route.stops]
    given += [(pin.visit_id, pin.crew_id) for pin in problem.pins]
    for visit_id, crew_id in given:
        if problem.visit(visit_id).is_remote != problem.crew(crew_id).is_remote:
            raise ProblemError(f"visit {visit_id} is given to a crew of the other kind")


def _refuse_bad_links(problem: Problem) -> None:
    """A visit meets once; links name known visits, last a second, and do not run in a circle."""
    met = [name for link in problem.links if isinstance(link, Together) for name in link.visit_ids]
    if len(set(met)) != len(met):
        raise ProblemError("a visit is in two meetings")
    pairs = [(a.first, a.then) for a in problem.links if isinstance(a, After)]
    named = {*met, *(name for pair in pairs for name in pair)}
    if not named <= problem.visit_index.keys():
        raise ProblemError("a link names an unknown visit")
    if any(problem.visit(name).shortest_s < 1 for name in named):
        raise ProblemError("a linked visit must last a second or more")
    leader = {
        name: link.visit_ids[0]
        for link in problem.links
        if isinstance(link, Together)
        for name in link.visit_ids
    }
    waits = {
        name: {leader.get(a, a) for a, b in pairs if leader.get(b, b) == name}
        for name in (leader.get(n, n) for n in named)
    }
    while waits:
        free = [name for name, before in waits.items() if not before & waits.keys()]
        if not free:
            raise ProblemError("links run in a circle")
        for name in free:
            del waits[name]
    kinds = {kind for pair in problem.incompatible for kind in pair}
    if len(kinds) > 60:
        raise ProblemError("more than 60 kinds of visit that may not meet")


def urgent_share_s(visit: Visit, last: int) -> int:
    """Return the most that an urgent visit can weigh in its tier: unserved, or served last."""
    late_s = 0 if visit.due_at is None else last - visit.due_at
    return max(late_s, URGENT_UNSERVED_S)


def _refuse_overflow(problem: Problem) -> None:
    """Keep both tiers inside one 64-bit integer (see ``objective.TIER``)."""
    last = max((crew.hard_end for crew in problem.crews), default=problem.now)
    urgent_s = sum(urgent_share_s(visit, last) for visit in problem.visits if visit.is_urgent)
    if urgent_s + URGENT_UNSERVED_S * len(problem.pins) >= URGENT_TIER_S:
        raise ProblemError("too many urgent visits, or due too long ago: clamp due_at")
    ordinary = sum(visit.unserved_cost for visit in problem.visits)
    ordinary += sum(r.crews * len(r.windows) * (r.price or 0) for r in problem.reserves)
    if ordinary >= 1 << 37:
        raise ProblemError("unserved costs or reserves too dear to stay below the urgent tier")
