"""A problem as flat integer arrays, built once and read by every fast evaluator.

The only place where names become positions and two tiers become one integer. Refuses to time or
to price anything by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.binding import anchored_visits, bound_crews, frozen_stops, planned_crews
from scheduling.dispatch.extras import FAR, Ints, Piece, Sums, durations, paces, pieces, sums
from scheduling.dispatch.hours import free_from, home_by, pauses, skills_held
from scheduling.dispatch.objective import (
    TIER,
    Term,
    crew_change_price,
    missing_wishes,
    promise_price,
    promise_tolerance,
    territory_cost,
)
from scheduling.dispatch.problem import (
    URGENT_UNSERVED_S,
    Crew,
    IntMatrix,
    Problem,
    Skill,
    TerritoryRule,
    Visit,
    Window,
)
from scheduling.dispatch.schedule import start_windows
from scheduling.dispatch.shares import Shares, shares
from scheduling.dispatch.tags import Legs, legs

__all__ = ["FAR", "FORBIDDEN", "CrewArrays", "Ints", "Tables", "VisitArrays", "tables"]

FORBIDDEN: Final = 1 << 60
"""Assignment cost of a crew that may not serve the visit; no sum of real costs reaches it."""


@dataclass(frozen=True, slots=True, eq=False)
class VisitArrays:
    """One row per visit, in the problem's order; seconds, places and costs.

    ``opens`` and ``last`` are n×w: first and last second of each window, unused ones ``FAR`` and
    ``-FAR``. ``late`` and ``omission`` are in one integer over both tiers. ``duration`` is n×p, a
    column for each pace; column 0 is that of crews of no class.
    """

    place: Ints
    duration: Ints
    opens: Ints
    last: Ints
    due: Ints
    late: Ints
    breach: Ints
    promise_low: Ints
    promise_high: Ints
    promise_price: Ints
    omission: Ints
    load: Ints
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CrewArrays:
    """One row per crew, in the problem's order.

    ``breaks`` is n×b×3: earliest, latest, duration; unused ones have ``FAR`` as earliest and
    latest, so that they never fall due. ``pace`` is the crew's column of ``VisitArrays.duration``.
    """

    start_place: Ints
    end_place: Ints
    ready: Ints
    priced_from: Ints
    hard_end: Ints
    is_out: Ints
    overtime_rate: Ints
    travel_rate: Ints
    fixed_cost: Ints
    capacity: Ints
    breaks: Ints
    break_count: Ints
    frozen: Ints
    pace: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """A problem ready for arithmetic.

    Attributes:
        seconds: of a leg, driving and delay between tags, row = from (see ``tags``).
        metres: of a leg.
        delays: the delay in ``seconds``; ``None`` where the problem has none.
        assignment: crews × visits, cost of giving the visit to the crew, or ``FORBIDDEN``.
        changed: crews × visits, the crew-change part of ``assignment``.
        preference: crews × visits, the preference part of ``assignment``.
        overskill: crews × visits, the overskill part of ``assignment``.
        more: the rarer parts of ``assignment``, each crews × visits, where the problem has them.
        sums: what is summed over routes, where the problem asks.
        held: visits that may not leave their route alone, because others are tied to them.
        shares: what several routes share, where the problem asks.
        routes: plan in force as visit positions, one tuple per crew.
        anchored: True for visits whose place in their route may not change.
        bound: visit id → the only crew id that may serve it.
    """

    problem: Problem
    visits: VisitArrays
    crews: CrewArrays
    seconds: IntMatrix
    metres: IntMatrix
    delays: IntMatrix | None
    assignment: Ints
    changed: Ints
    preference: Ints
    overskill: Ints
    routes: tuple[tuple[int, ...], ...]
    anchored: npt.NDArray[np.bool_]
    bound: Mapping[str, str]
    more: Mapping[Term, Ints]
    sums: Sums | None
    held: frozenset[str]
    shares: Shares | None


def tables(problem: Problem, held: frozenset[str] = frozenset()) -> Tables:
    """The problem as arrays.

    Args:
        problem: the question; its links are not in the arrays (see ``linked.boxed``).
        held: visits that a search may not leave out once they are placed.
    """
    planned = {
        route.crew_id: tuple(problem.visit_index[stop.visit_id] for stop in route.stops)
        for route in problem.plan
    }
    changed, preference, overskill = _assignment_parts(problem)
    more = _rarer_parts(problem)
    total = sum(more.values(), changed + preference + overskill)
    bound = bound_crews(problem)
    total[~_allowed(problem, bound)] = FORBIDDEN
    anchored, way = anchored_visits(problem), legs(problem)
    return Tables(
        problem,
        _visit_arrays(problem, anchored | held, way),
        _crew_arrays(problem, way),
        way.seconds,
        way.metres,
        way.delays,
        total,
        changed,
        preference,
        overskill,
        tuple(planned.get(crew.id, ()) for crew in problem.crews),
        np.array([visit.id in anchored for visit in problem.visits], dtype=np.bool_),
        bound,
        more,
        sums(problem),
        held,
        shares(problem),
    )


def _ints(values: object, shape: tuple[int, ...] | None = None) -> Ints:
    array = np.array(values, dtype=np.int64)
    return array if shape is None else array.reshape(shape)


def _visit_arrays(problem: Problem, anchored: frozenset[str], way: Legs) -> VisitArrays:
    visits, prices = problem.visits, problem.prices
    opens, last = _windows(problem)
    bounds = [
        (v.promise.start_at, promise_tolerance(v.promise, problem.now, prices))
        if v.promise
        else None
        for v in visits
    ]
    price = [promise_price(v.promise, problem.now, prices) if v.promise else 0 for v in visits]
    return VisitArrays(
        place=_ints(way.visits),
        duration=durations(problem),
        opens=opens,
        last=last,
        due=_ints([FAR if v.due_at is None else v.due_at for v in visits]),
        late=_ints([TIER if v.is_urgent else v.late_rate for v in visits]),
        breach=_ints([v.breach_cost for v in visits]),
        promise_low=_ints([-FAR if one is None else one[0] - one[1] for one in bounds]),
        promise_high=_ints([FAR if one is None else one[0] + one[1] for one in bounds]),
        promise_price=_ints(price),
        omission=_omissions(problem, anchored),
        load=_ints([v.load for v in visits]),
        pieces=pieces(problem),
    )


def _omissions(problem: Problem, anchored: frozenset[str]) -> Ints:
    """Cost of leaving each visit out; the sums of ``objective.omission_bill``, spelled out.

    Bills for 250 visits took longer than all the rest of the tables together.
    """
    planned = planned_crews(problem)
    # The search may never trade a frozen or order-pinned stop away; only repair may drop it.
    held = {pin.visit_id for pin in problem.pins} | anchored
    held |= {v.id for v in problem.visits if v.bump_cost is None and v.id in planned}
    lost = problem.prices.slot_lost
    return _ints(
        [
            v.unserved_cost
            + (lost + (v.bump_cost or 0) if v.id in planned else 0)
            + (TIER * URGENT_UNSERVED_S if v.is_urgent or v.id in held else 0)
            for v in problem.visits
        ]
    )


def _windows(problem: Problem) -> tuple[Ints, Ints]:
    pins = {pin.visit_id: pin for pin in problem.pins}
    width = 1
    opens_lists, last_lists = [], []
    for visit in problem.visits:
        windows: tuple[Window, ...] = ()
        if visit.windows or visit.ready_at is not None or visit.id in pins:
            windows = start_windows(visit, pins.get(visit.id))
        opens_lists.append([w.opens_at for w in windows] or [-FAR])
        last_lists.append([w.closes_at - 1 for w in windows] or [FAR])
        width = max(width, len(windows))
    opens = _ints([row + [FAR] * (width - len(row)) for row in opens_lists], (-1, width))
    last = _ints([row + [-FAR] * (width - len(row)) for row in last_lists], (-1, width))
    return opens, last


def _crew_arrays(problem: Problem, way: Legs) -> CrewArrays:
    crews = problem.crews
    rules, kinds = [pauses(crew) for crew in crews], paces(problem)
    width = max((len(own) for own in rules), default=0)
    breaks = np.full((len(crews), width, 3), FAR, dtype=np.int64)
    for row, own in enumerate(rules):
        for column, rule in enumerate(own):
            breaks[row, column] = rule.earliest_at, rule.latest_at, rule.duration_s
    return CrewArrays(
        start_place=_ints(way.starts),
        end_place=_ints([c.end_place for c in crews]),
        ready=_ints([free_from(c) for c in crews]),
        priced_from=_ints([c.priced_from for c in crews]),
        hard_end=_ints([home_by(c) for c in crews]),
        is_out=_ints([c.is_out for c in crews]),
        overtime_rate=_ints([c.overtime_rate for c in crews]),
        travel_rate=_ints([c.travel_rate for c in crews]),
        fixed_cost=_ints([c.fixed_cost for c in crews]),
        capacity=_ints([FAR if c.capacity is None else c.capacity for c in crews]),
        breaks=breaks,
        break_count=_ints([len(own) for own in rules]),
        frozen=_ints([len(frozen_stops(problem, c.id)) for c in crews]),
        pace=_ints([kinds.index(c.experience) if c.experience in kinds else 0 for c in crews]),
    )


def _assignment_parts(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """Crew change, preference and overskill, each crews × visits."""
    shape = (len(problem.crews), len(problem.visits))
    changed = np.zeros(shape, dtype=np.int64)
    for route in problem.plan:
        for stop in route.stops:
            column = problem.visit_index[stop.visit_id]
            price = crew_change_price(stop.start_at, problem.now, problem.prices)
            changed[:, column] = price
            changed[problem.crew_index[route.crew_id], column] = 0
    preference = np.zeros(shape, dtype=np.int64)
    for column, visit in enumerate(problem.visits):
        for liking in visit.preferences:
            if liking.crew_id in problem.crew_index:
                preference[problem.crew_index[liking.crew_id], column] += liking.cost
    overskill = np.zeros(shape, dtype=np.int64)
    if problem.prices.overskill:
        for row, crew in enumerate(problem.crews):
            for column, visit in enumerate(problem.visits):
                needed = {skill.code for skill in visit.skills}
                idle = sum(skill.code not in needed for skill in crew.skills)
                overskill[row, column] = idle * problem.prices.overskill
    return changed, preference, overskill


def _rarer_parts(problem: Problem) -> dict[Term, Ints]:
    """Territory and wished skills, crews × visits each, if any visit has them."""
    shape = (len(problem.crews), len(problem.visits))
    parts: dict[Term, Ints] = {}
    lent = any(crew.territories for crew in problem.crews)
    if lent and any(visit.territory is not None for visit in problem.visits):
        rows = [
            [territory_cost(v, c, problem.prices) for v in problem.visits] for c in problem.crews
        ]
        parts["territory"] = _ints(rows, shape)
    if problem.prices.underskill and any(visit.wished_skills for visit in problem.visits):
        rows = [
            [missing_wishes(v, c) if v.wished_skills else 0 for v in problem.visits]
            for c in problem.crews
        ]
        parts["underskill"] = _ints(rows, shape) * problem.prices.underskill
    return parts


def _allowed(problem: Problem, bound: Mapping[str, str]) -> npt.NDArray[np.bool_]:
    """Crews × visits: skills, crew size, bars, load and bindings all agree."""
    # Visits ask for few distinct things, so the crews are compared once per distinct ask.
    asks: dict[tuple[object, ...], int] = {}
    columns: list[npt.NDArray[np.bool_]] = []
    able = [_Able(problem, crew) for crew in problem.crews]
    ask_of = []
    for visit in problem.visits:
        ask = (
            visit.skills,
            visit.crew_size,
            visit.load,
            visit.any_skills,
            visit.equipment,
            visit.required_crews,
            visit.territory,
            visit.loads,
            visit.is_remote,
        )
        if ask not in asks:
            asks[ask] = len(columns)
            columns.append(np.array([crew.may(visit) for crew in able], dtype=np.bool_))
        ask_of.append(asks[ask])
    shape = (len(problem.crews), len(problem.visits))
    allowed = np.stack(columns, axis=1)[:, ask_of] if columns else np.ones(shape, dtype=np.bool_)
    _mark_far(problem, allowed)
    for column, visit in enumerate(problem.visits):
        for bar in visit.bars:
            row = problem.crew_index.get(bar.crew_id)
            if row is not None:
                allowed[row, column] = False
    for visit_id, crew_id in bound.items():
        column, row = problem.visit_index[visit_id], problem.crew_index[crew_id]
        may = allowed[row, column]
        allowed[:, column] = False
        allowed[row, column] = may
    return allowed


class _Able:
    """What one crew brings: skills, hands, room, equipment, sectors."""

    def __init__(self, problem: Problem, crew: Crew) -> None:
        self._crew, self._held = crew, skills_held(crew)
        self._most = {limit.code: limit.most for limit in crew.limits}
        is_hard = problem.territory_rule is TerritoryRule.HARD
        self._sectors = {t.code for t in crew.territories} if is_hard else set()

    def may(self, visit: Visit) -> bool:
        """True if the crew has all that the visit asks of anybody who comes."""
        crew, held = self._crew, self._held
        return (
            visit.is_remote == crew.is_remote
            and visit.crew_size <= crew.size
            and (crew.capacity is None or visit.load <= crew.capacity)
            and all(held.get(need.code, 0) >= need.level for need in visit.skills)
            and (not visit.any_skills or self._has_one(visit.any_skills))
            and all(code in crew.equipment for code in visit.equipment)
            and (not visit.required_crews or crew.id in visit.required_crews)
            and (not self._sectors or visit.territory is None or visit.territory in self._sectors)
            and all(load.units <= self._most.get(load.code, FAR) for load in visit.loads)
        )

    def _has_one(self, skills: Sequence[Skill]) -> bool:
        return any(self._held.get(skill.code, 0) >= skill.level for skill in skills)


def _mark_far(problem: Problem, allowed: npt.NDArray[np.bool_]) -> None:
    """Forbid what lies too far from a crew's home."""
    places = [visit.place for visit in problem.visits]
    for row, crew in enumerate(problem.crews):
        if crew.max_from_home_s is not None:
            allowed[row] &= problem.matrix.seconds[crew.end_place, places] <= crew.max_from_home_s
        if crew.max_from_home_m is not None:
            allowed[row] &= problem.matrix.metres[crew.end_place, places] <= crew.max_from_home_m
