"""A working day played against the engine: what is known when, and how it really goes.

Visits become known one after the other; drives and times on site differ from what is planned; the
plan is made anew at each call, from the plan in force, with the prices of the service.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from benchmarks._instances import HOUR, make_live
from scheduling.dispatch.improve import Effort, find_routes
from scheduling.dispatch.problem import (
    Crew,
    Matrix,
    PlannedRoute,
    PlannedStop,
    Prices,
    Problem,
    Promise,
    Visit,
)
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.slack import with_slack

CREWS, VISITS, KNOWN = 24, 110, 94
"""One visit in seven is called in during the day, as 1,000 of 7,500 a week in a large centre."""

CALLS_UNTIL = 5 * HOUR
OVERTIME_AT_MOST = 2 * HOUR
DRIVES, WORKS, KINDS = 0.12, 0.30, 0.28
"""Spreads of the logarithms: of one drive, of one time on site, of a kind of work's own factor."""

MORNING_S = 3.0
"""Processor seconds of the first plan, made before the day begins."""

REPLAN_AFTER_S, ASTRAY_S = 600, 600
"""A crew that comes free this much off its plan has it made anew, at most so often."""

Routes = list[list[str]]


@dataclass(frozen=True, slots=True)
class Truth:
    """The day as it really is.

    Attributes:
        problem: All visits with the catalogue's times, ready and due from when they are known.
        known_at: Visit → second at which it becomes known.
        work_s: Visit → its true seconds on site.
        drive: Visit → by how much the drive to it takes longer than planned.
        kinds: Kind of work → true ÷ catalogue of its mean.
    """

    problem: Problem
    known_at: dict[str, int]
    work_s: dict[str, int]
    drive: dict[str, float]
    kinds: dict[str, float]

    def hindsight(self) -> Problem:
        """The same day for one who knows it all in the morning; nothing starts before its call."""
        factors = np.ones(len(self.problem.matrix.seconds))
        for visit in self.problem.visits:
            factors[visit.place] = self.drive[visit.id]
        seconds = np.rint(self.problem.matrix.seconds * factors[None, :]).astype(np.int32)
        return replace(
            self.problem,
            visits=tuple(replace(v, duration_s=self.work_s[v.id]) for v in self.problem.visits),
            matrix=Matrix(seconds, self.problem.matrix.metres),
        )


def kind_of(visit: Visit) -> str:
    """What the work is: here the skill it needs."""
    return visit.skills[0].code


def make_day(seed: int) -> Truth:
    """A day of the live-dispatch family, with calls until the early afternoon."""
    draw = np.random.default_rng(seed + 10_000)
    made = make_live(seed, visits=VISITS, crews=CREWS, depots=6)
    kinds = {str(kind): float(draw.lognormal(0, KINDS)) for kind in range(6)}
    known_at, work_s, drive, visits = {}, {}, {}, []
    for number, visit in enumerate(made.visits):
        at = 0 if number < KNOWN else int(draw.integers(600, CALLS_UNTIL))
        known_at[visit.id] = at
        factor = kinds[kind_of(visit)] * draw.lognormal(-(WORKS**2) / 2, WORKS)
        work_s[visit.id] = max(300, round(visit.duration_s * factor))
        drive[visit.id] = float(draw.lognormal(0.04, DRIVES))
        ready = max(at, visit.ready_at or 0)
        due = None if visit.due_at is None else visit.due_at + at
        visits.append(replace(visit, ready_at=ready or None, due_at=due))
    crews = tuple(replace(crew, hard_end=crew.shift_end + OVERTIME_AT_MOST) for crew in made.crews)
    problem = replace(made, visits=tuple(visits), crews=crews)
    return Truth(problem, known_at, work_s, drive, kinds)


@dataclass(slots=True)
class _Van:
    """A crew as it goes through the day."""

    crew: Crew
    place: int
    free_at: int
    told_free_at: int
    route: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Day:
    """One day under one way of planning.

    Attributes:
        truth: How it really is.
        lasts: Planned seconds on site of a visit.
        seconds: Processor seconds of each new plan.
        clock: Processor time.
        prices: What it costs to change what people count on.
        slack_s: Crews are wanted home this much early while the whole day lies ahead.
    """

    truth: Truth
    lasts: Callable[[Visit], int]
    seconds: float
    clock: Callable[[], float]
    prices: Prices = field(default_factory=Prices)
    slack_s: int = 0
    vans: list[_Van] = field(default_factory=list)
    starts: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    plans: int = 0
    planned_at: int = 0

    def play(self) -> Routes:
        """The visits that each crew served, in order."""
        self.vans = [
            _Van(c, c.start_place, c.ready_at, c.ready_at) for c in self.truth.problem.crews
        ]
        calls = sorted({at for at in self.truth.known_at.values() if at})
        events = [0, *calls, *(van.free_at for van in self.vans)]
        heapq.heapify(events)
        while events:
            now = heapq.heappop(events)
            if now == 0 or now in calls or self._is_astray(now):
                self._plan(now)
            for van in self.vans:
                wake = self._go(van, now)
                if wake is not None:
                    heapq.heappush(events, wake)
        return [van.done for van in self.vans]

    def _is_astray(self, now: int) -> bool:
        """Whether a crew has come free well off its plan, some time after the last plan."""
        if now - self.planned_at < REPLAN_AFTER_S:
            return False
        return any(
            van.free_at <= now and van.route and abs(van.free_at - van.told_free_at) > ASTRAY_S
            for van in self.vans
            if van.free_at > self.planned_at
        )

    def _go(self, van: _Van, now: int) -> int | None:
        """Let a free crew leave for its next visit; when to look at it again."""
        if van.free_at > now or not van.route:
            return None
        visit = self.truth.problem.visit(van.route[0])
        planned_s = int(self.truth.problem.matrix.seconds[van.place, visit.place])
        leaves_at = max(now, (visit.ready_at or 0) - planned_s)
        if leaves_at > now:
            return leaves_at
        van.route.pop(0)
        van.done.append(visit.id)
        drive_s = round(planned_s * self.truth.drive[visit.id])
        start = max(now + drive_s, visit.ready_at or 0)
        self.starts[visit.id] = start
        van.place, van.free_at = visit.place, start + self.truth.work_s[visit.id]
        van.told_free_at = max(now + planned_s, visit.ready_at or 0) + self.lasts(visit)
        return van.free_at

    def _plan(self, now: int) -> None:
        """Plan what is known and not begun, from the plan in force."""
        self.plans, self.planned_at = self.plans + 1, now
        is_morning = self.plans == 1
        effort = Effort(seconds=MORNING_S if is_morning else self.seconds, seed=self.plans)
        found = find_routes(self._problem(now), effort, self.clock)
        problem = found.known.problem
        scheduler = Scheduler(problem)
        for van, route in zip(self.vans, found.routes, strict=True):
            van.route = list(route)
            for stop in scheduler.route(van.crew.id, route).stops:
                self.first.setdefault(stop.visit_id, stop.start_at)

    def _problem(self, now: int) -> Problem:
        truth = self.truth
        begun = {name for van in self.vans for name in van.done}
        visits = tuple(
            replace(v, duration_s=self.lasts(v))
            for v in truth.problem.visits
            if v.id not in begun and truth.known_at[v.id] <= now
        )
        crews = []
        for van in self.vans:
            # As in the service: a crew that overran is free in five minutes, again and again.
            free_at = max(van.told_free_at, now + 300) if van.free_at > now else now
            ready_at = max(van.crew.ready_at, free_at)
            crews.append(
                replace(
                    van.crew,
                    start_place=van.place,
                    ready_at=ready_at,
                    shift_end=max(van.crew.shift_end, ready_at),
                    hard_end=max(van.crew.hard_end, ready_at + OVERTIME_AT_MOST),
                    is_out=bool(van.done),
                )
            )
        problem = replace(
            truth.problem,
            visits=visits,
            crews=tuple(crews),
            now=now,
            prices=self.prices,
        )
        return self._rolled(with_slack(problem, self.slack_s))

    def _rolled(self, problem: Problem) -> Problem:
        """The plan rolled forward to now, as the service does: what is promised is what stands."""
        scheduler, starts = Scheduler(problem), dict[str, int]()
        for van in self.vans:
            for stop in scheduler.route(van.crew.id, van.route).stops:
                starts[stop.visit_id] = stop.start_at
        plan = tuple(
            PlannedRoute(v.crew.id, tuple(PlannedStop(n, starts[n]) for n in v.route))
            for v in self.vans
        )
        visits = tuple(
            replace(v, promise=Promise(starts[v.id], is_told=True)) if v.id in starts else v
            for v in problem.visits
        )
        return replace(problem, visits=visits, plan=plan)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a day cost, in seconds of driving.

    Attributes:
        late: Visits that started after their time, and those left out.
        late_min: Minutes late of those that started late, on average over all visits.
        overtime_min: Minutes of overtime, all crews.
    """

    cost: float
    late: int
    late_min: float
    unserved: int
    overtime_min: float


def judge_day(truth: Truth, routes: Sequence[Sequence[str]]) -> Verdict:
    """Walk the routes as the day really is; shares no code with the engine."""
    world = truth.hindsight()
    seconds: npt.NDArray[np.int32] = world.matrix.seconds
    visits = {visit.id: visit for visit in world.visits}
    cost, late, late_s, overtime_s, served = 0.0, 0, 0, 0, 0
    for crew, route in zip(world.crews, routes, strict=True):
        at, place = crew.ready_at, crew.start_place
        for name in route:
            visit = visits.pop(name)
            leg = int(seconds[place, visit.place])
            start = max(at + leg, visit.ready_at or 0)
            over = max(0, start - visit.due_at) if visit.due_at is not None else 0
            cost += leg + over * visit.late_rate / 100
            late, late_s, served = late + (over > 0), late_s + over, served + 1
            at, place = start + visit.duration_s, visit.place
        if route:
            leg = int(seconds[place, crew.end_place])
            over = max(0, at + leg - crew.shift_end)
            overtime_s += over
            cost += leg + over * crew.overtime_rate / 100
    cost += sum(visit.unserved_cost for visit in visits.values()) / 100
    every = len(world.visits)
    return Verdict(
        round(cost), late + len(visits), late_s / 60 / every, len(visits), overtime_s / 60
    )
