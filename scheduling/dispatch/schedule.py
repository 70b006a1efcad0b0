"""When a crew that visits these places in this order arrives, serves, pauses and comes home.

The readable statement of the timing rules; the array code of ``batch`` and ``kernel`` must agree
with it to the second (tests compare them). It times broken routes too, so that a refusal can say
by how much a rule is missed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from scheduling.dispatch.hours import free_from, home_by, pauses, work_room_s
from scheduling.dispatch.problem import Break, Crew, Pin, Problem, Visit, Window
from scheduling.dispatch.solution import Param, Pause, Route, Stop
from scheduling.dispatch.tags import Tag, delays

Rule = Literal[
    "capacity",
    "window_closed",
    "break",
    "hard_end",
    "on_call",
    "incompatible",
    "travel_limit",
    "distance_limit",
    "load_limit",
    "visit_limit",
    "reserve",
]


@dataclass(frozen=True, slots=True)
class Broken:
    """A hard rule a route breaks, where, and the amounts a person needs to see why."""

    rule: Rule
    visit_id: str | None
    params: dict[str, Param] = field(default_factory=dict)


FOREVER: Final = 1 << 40
NEVER: Final = Window(-FOREVER, -FOREVER + 1)


def start_windows(visit: Visit, pin: Pin | None = None) -> tuple[Window, ...]:
    """Windows of a visit after its ready time and its time pin; empty tuple = any time.

    A pinned window that misses every opening replaces them: the dispatcher decided, and knows.
    """
    windows = visit.windows
    if pin is not None and pin.window is not None:
        kept = [w for w in (both_windows(w, pin.window) for w in windows) if w is not None]
        windows = tuple(kept) or (pin.window,)
    if visit.ready_at is None:
        return windows
    after = Window(visit.ready_at, FOREVER)
    if not windows:
        return (after,)
    return tuple(w for w in (both_windows(w, after) for w in windows) if w is not None) or (NEVER,)


def _after(windows: Sequence[Window], at: int) -> tuple[Window, ...]:
    """The windows from a second on."""
    late = Window(at, FOREVER)
    if not windows:
        return (late,)
    kept = (both_windows(window, late) for window in windows)
    return tuple(window for window in kept if window is not None) or (NEVER,)


def both_windows(one: Window, other: Window) -> Window | None:
    """Seconds that lie in both windows, if any."""
    opens_at = max(one.opens_at, other.opens_at)
    closes_at = min(one.closes_at, other.closes_at)
    return Window(opens_at, closes_at) if opens_at < closes_at else None


def earliest_start(windows: Sequence[Window], at: int) -> int | None:
    """First second ≥ ``at`` inside a window; ``None`` when the last one has closed.

    >>> earliest_start([Window(10, 20), Window(30, 40)], 20)
    30
    """
    if not windows:
        return at
    for window in windows:
        if at < window.closes_at:
            return max(at, window.opens_at)
    return None


class Scheduler:
    """Times routes of one problem."""

    def __init__(self, problem: Problem) -> None:
        """Work out every visit's windows once."""
        pins = {pin.visit_id: pin for pin in problem.pins}
        self._problem, self._delays = problem, delays(problem)
        self._windows = {v.id: start_windows(v, pins.get(v.id)) for v in problem.visits}

    def windows(self, crew: Crew, visit: Visit) -> tuple[Window, ...]:
        """When this crew may start the visit; empty = any time."""
        windows = self._windows[visit.id]
        if crew.on_call is None or visit.is_escalated:
            return windows
        if not windows:
            return (crew.on_call,)
        duty = (both_windows(window, crew.on_call) for window in windows)
        return tuple(window for window in duty if window is not None) or (NEVER,)

    def route(
        self, crew_id: str, visit_ids: Sequence[str], not_before: Mapping[str, int] | None = None
    ) -> Route:
        """The crew's route, each stop as early as the rules allow, links apart.

        A window already closed on arrival is served at once (and :meth:`broken` says so).

        Args:
            crew_id: who drives.
            visit_ids: what is served, in order.
            not_before: first second of start of visits that wait for another route.
        """
        crew = self._problem.crew(crew_id)
        walk = _Walk(self._problem, crew, self._delays)
        for visit_id in visit_ids:
            visit = self._problem.visit(visit_id)
            windows = self.windows(crew, visit)
            if not_before and visit_id in not_before:
                windows = _after(windows, not_before[visit_id])
            walk.serve(visit, windows)
        if visit_ids or crew.is_out:
            walk.go_home(bool(visit_ids))
        return walk.as_route()

    def broken(self, route: Route) -> Broken | None:
        """The first timing rule the route breaks, in order of time; ``None`` if it is lawful."""
        return next(self.every_broken(route), None)

    def every_broken(self, route: Route) -> Iterator[Broken]:
        """Every timing rule the route breaks: windows and breaks in order of time, then sums."""
        crew = self._problem.crew(route.crew_id)
        for stop in route.stops:
            visit = self._problem.visit(stop.visit_id)
            windows = self.windows(crew, visit)
            if earliest_start(windows, stop.start_at) != stop.start_at:
                yield self._closed(visit, stop)
        for pause, rule in zip(route.pauses, pauses(crew), strict=False):
            if pause.start_at > rule.latest_at:
                params: dict[str, Param] = {"latest_at": rule.latest_at}
                yield Broken("break", None, {**params, "would_start": pause.start_at})
        if route.end_at > home_by(crew) and (route.stops or crew.is_out):
            params = {"shift_end": home_by(crew), "would_end": route.end_at}
            yield Broken("hard_end", None, params)
        yield from over_limits(self._problem, route)

    def _closed(self, visit: Visit, stop: Stop) -> Broken:
        """The start lies in no window of the visit, or outside the duty of a crew on call."""
        windows = self._windows[visit.id]
        if earliest_start(windows, stop.start_at) == stop.start_at:
            return Broken("on_call", visit.id, {"arrive_at": stop.arrive_at})
        closed = max((w.closes_at for w in windows), default=stop.start_at)
        return Broken("window_closed", visit.id, {"arrive_at": stop.arrive_at, "closes_at": closed})


def over_limit(problem: Problem, route: Route) -> Broken | None:
    """The first limit on the sums of a route, or on what it holds together, that it breaks."""
    return next(over_limits(problem, route), None)


def over_limits(problem: Problem, route: Route) -> Iterator[Broken]:
    """Every limit on the sums of a route, or on what it holds together, that it breaks."""
    crew = problem.crew(route.crew_id)
    visits = [problem.visit(stop.visit_id) for stop in route.stops]
    kinds = {visit.kind for visit in visits}
    for one, other in problem.incompatible:
        # Two visits of one kind may not meet either if the pair says so.
        if one in kinds and other in kinds and (one != other or _count(visits, one) > 1):
            yield Broken("incompatible", None, {"kind": one, "other": other})
    plain_s = sum(v.lasts_s(crew.experience) for v in visits if not v.is_urgent)
    sums: list[tuple[Rule, int, int | None]] = [
        ("travel_limit", route.travel_s, crew.max_travel_s),
        ("distance_limit", route.distance_m, crew.max_distance_m),
        ("visit_limit", len(visits), crew.max_visits),
        ("reserve", plain_s, work_room_s(crew)),
    ]
    for limit in crew.limits:
        loads = (load for visit in visits for load in visit.loads)
        units = sum(load.units for load in loads if load.code == limit.code)
        sums.append(("load_limit", units, limit.most))
    for rule, amount, most in sums:
        if most is not None and amount > most:
            yield Broken(rule, None, {"needs": amount, "has": most})


def _count(visits: Sequence[Visit], kind: str) -> int:
    return sum(visit.kind == kind for visit in visits)


class _Walk:
    """A crew under way: where it stands, when, and which breaks are still to take."""

    def __init__(self, problem: Problem, crew: Crew, delays: Mapping[tuple[Tag, Tag], int]) -> None:
        self._matrix, self._crew, self._delays = problem.matrix, crew, delays
        self._at, self._place, self._tag = free_from(crew), crew.start_place, crew.last_tag
        self._due_breaks = list(pauses(crew))
        self._stops: list[Stop] = []
        self._pauses: list[Pause] = []
        self._travel_s = 0
        self._distance_m = 0

    def serve(self, visit: Visit, windows: Sequence[Window]) -> None:
        travel_s = int(self._matrix.seconds[self._place, visit.place])
        lasts_s = visit.lasts_s(self._crew.experience)
        delay_s = self._delays.get((self._tag, visit.tag), 0)
        while self._due_breaks:
            first = self._due_breaks[0]
            arrive_at = self._at + delay_s + travel_s
            start_at = _start(windows, arrive_at)
            if max(arrive_at, first.earliest_at) + first.duration_s <= start_at:
                break
            leaves_late = start_at + lasts_s > first.latest_at
            if not (self._at >= first.earliest_at or leaves_late):
                break
            self._at = self._pause(first, self._at)
        depart_at = self._at + delay_s
        arrive_at = self._at = depart_at + travel_s
        while self._due_breaks:
            first = self._due_breaks[0]
            if max(self._at, first.earliest_at) + first.duration_s > _start(windows, self._at):
                break
            self._at = self._pause(first, self._at)
        start_at = _start(windows, self._at)
        distance_m = int(self._matrix.metres[self._place, visit.place])
        end_at = start_at + lasts_s
        self._stops.append(
            Stop(visit.id, depart_at, travel_s, distance_m, arrive_at, start_at, end_at, delay_s)
        )
        self._travel_s += travel_s
        self._distance_m += distance_m
        self._at, self._place, self._tag = end_at, visit.place, visit.tag

    def go_home(self, has_worked: bool) -> None:
        travel_s = int(self._matrix.seconds[self._place, self._crew.end_place])
        while has_worked and self._due_breaks:
            if self._at + travel_s <= self._due_breaks[0].latest_at:
                break
            self._at = self._pause(self._due_breaks[0], self._at)
        self._at += travel_s
        self._travel_s += travel_s
        self._distance_m += int(self._matrix.metres[self._place, self._crew.end_place])

    def as_route(self) -> Route:
        stops, pauses = tuple(self._stops), tuple(self._pauses)
        return Route(self._crew.id, stops, pauses, self._at, self._travel_s, self._distance_m)

    def _pause(self, rule: Break, at: int) -> int:
        start_at = max(at, rule.earliest_at)
        self._pauses.append(Pause(start_at, start_at + rule.duration_s, len(self._stops)))
        self._due_breaks.pop(0)
        return start_at + rule.duration_s


def _start(windows: Sequence[Window], at: int) -> int:
    opens = earliest_start(windows, at)
    return at if opens is None else opens
