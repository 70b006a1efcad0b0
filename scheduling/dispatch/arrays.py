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
from scheduling.dispatch.objective import TIER, URGENT_UNSERVED_S, promise_price
from scheduling.dispatch.problem import Crew, IntMatrix, Problem, Visit, Window
from scheduling.dispatch.schedule import start_windows

Ints = npt.NDArray[np.int64]

FORBIDDEN: Final = 1 << 60
"""Assignment cost of a crew that may not serve the visit; no sum of real costs reaches it."""

FAR: Final = 1 << 40
"""A second that never comes."""


@dataclass(frozen=True, slots=True, eq=False)
class VisitArrays:
    """One row per visit, in the problem's order; seconds, places and costs.

    ``opens`` and ``last`` are n×w: first and last second of each window, unused ones ``FAR`` and
    ``-FAR``. ``late`` and ``omission`` are in one integer over both tiers.
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


@dataclass(frozen=True, slots=True, eq=False)
class CrewArrays:
    """One row per crew, in the problem's order.

    ``breaks`` is n×b×3: earliest, latest, duration; unused ones have ``FAR`` as earliest and
    latest, so that they never fall due.
    """

    start_place: Ints
    end_place: Ints
    ready: Ints
    shift_end: Ints
    hard_end: Ints
    is_out: Ints
    overtime_rate: Ints
    travel_rate: Ints
    fixed_cost: Ints
    capacity: Ints
    breaks: Ints
    break_count: Ints
    frozen: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """A problem ready for arithmetic.

    Attributes:
        assignment: crews × visits, cost of giving the visit to the crew, or ``FORBIDDEN``.
        changed: crews × visits, the crew-change part of ``assignment``.
        preference: crews × visits, the preference part of ``assignment``.
        overskill: crews × visits, the overskill part of ``assignment``.
        routes: plan in force as visit positions, one tuple per crew.
        anchored: True for visits whose place in their route may not change.
        bound: visit id → the only crew id that may serve it.
    """

    problem: Problem
    visits: VisitArrays
    crews: CrewArrays
    seconds: IntMatrix
    metres: IntMatrix
    assignment: Ints
    changed: Ints
    preference: Ints
    overskill: Ints
    routes: tuple[tuple[int, ...], ...]
    anchored: npt.NDArray[np.bool_]
    bound: Mapping[str, str]


def tables(problem: Problem) -> Tables:
    """The problem as arrays."""
    planned = {
        route.crew_id: tuple(problem.visit_index[stop.visit_id] for stop in route.stops)
        for route in problem.plan
    }
    changed, preference, overskill = _assignment_parts(problem)
    total = changed + preference + overskill
    bound = bound_crews(problem)
    total[~_allowed(problem, bound)] = FORBIDDEN
    anchored = anchored_visits(problem)
    return Tables(
        problem,
        _visit_arrays(problem, anchored),
        _crew_arrays(problem),
        problem.matrix.seconds,
        problem.matrix.metres,
        total,
        changed,
        preference,
        overskill,
        tuple(planned.get(crew.id, ()) for crew in problem.crews),
        np.array([visit.id in anchored for visit in problem.visits], dtype=np.bool_),
        bound,
    )


def _ints(values: object, shape: tuple[int, ...] | None = None) -> Ints:
    array = np.array(values, dtype=np.int64)
    return array if shape is None else array.reshape(shape)


def _visit_arrays(problem: Problem, anchored: frozenset[str]) -> VisitArrays:
    visits, prices = problem.visits, problem.prices
    opens, last = _windows(problem)
    promised = [v.promise.start_at if v.promise else None for v in visits]
    slack = prices.promise_tolerance_s
    price = [promise_price(v.promise, problem.now, prices) if v.promise else 0 for v in visits]
    return VisitArrays(
        place=_ints([v.place for v in visits]),
        duration=_ints([v.duration_s for v in visits]),
        opens=opens,
        last=last,
        due=_ints([FAR if v.due_at is None else v.due_at for v in visits]),
        late=_ints([TIER if v.is_urgent else v.late_rate for v in visits]),
        breach=_ints([v.breach_cost for v in visits]),
        promise_low=_ints([-FAR if at is None else at - slack for at in promised]),
        promise_high=_ints([FAR if at is None else at + slack for at in promised]),
        promise_price=_ints(price),
        omission=_omissions(problem, anchored),
        load=_ints([v.load for v in visits]),
    )


def _omissions(problem: Problem, anchored: frozenset[str]) -> Ints:
    """Cost of leaving each visit out; the sums of ``objective.omission_bill``, spelled out.

    Bills for 250 visits took longer than all the rest of the tables together.
    """
    planned = planned_crews(problem)
    # The search may never trade a frozen or order-pinned stop away; only repair may drop it.
    held = {pin.visit_id for pin in problem.pins} | anchored
    lost = problem.prices.slot_lost
    return _ints(
        [
            v.unserved_cost
            + (lost if v.id in planned else 0)
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


def _crew_arrays(problem: Problem) -> CrewArrays:
    crews = problem.crews
    width = max((len(crew.breaks) for crew in crews), default=0)
    breaks = np.full((len(crews), width, 3), FAR, dtype=np.int64)
    for row, crew in enumerate(crews):
        for column, rule in enumerate(crew.breaks):
            breaks[row, column] = rule.earliest_at, rule.latest_at, rule.duration_s
    return CrewArrays(
        start_place=_ints([c.start_place for c in crews]),
        end_place=_ints([c.end_place for c in crews]),
        ready=_ints([c.ready_at for c in crews]),
        shift_end=_ints([c.shift_end for c in crews]),
        hard_end=_ints([c.hard_end for c in crews]),
        is_out=_ints([c.is_out for c in crews]),
        overtime_rate=_ints([c.overtime_rate for c in crews]),
        travel_rate=_ints([c.travel_rate for c in crews]),
        fixed_cost=_ints([c.fixed_cost for c in crews]),
        capacity=_ints([FAR if c.capacity is None else c.capacity for c in crews]),
        breaks=breaks,
        break_count=_ints([len(c.breaks) for c in crews]),
        frozen=_ints([len(frozen_stops(problem, c.id)) for c in crews]),
    )


def _assignment_parts(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """Crew change, preference and overskill, each crews × visits."""
    shape = (len(problem.crews), len(problem.visits))
    changed = np.zeros(shape, dtype=np.int64)
    for visit_id, crew_id in planned_crews(problem).items():
        column = problem.visit_index[visit_id]
        changed[:, column] = problem.prices.crew_change
        changed[problem.crew_index[crew_id], column] = 0
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


def _allowed(problem: Problem, bound: Mapping[str, str]) -> npt.NDArray[np.bool_]:
    """Crews × visits: skills, crew size, bars, load and bindings all agree."""
    # Visits ask for few distinct things, so the crews are compared once per distinct ask.
    asks: dict[tuple[object, ...], int] = {}
    columns: list[npt.NDArray[np.bool_]] = []
    held = [{skill.code: skill.level for skill in crew.skills} for crew in problem.crews]
    ask_of = []
    for visit in problem.visits:
        ask = (visit.skills, visit.crew_size, visit.load)
        if ask not in asks:
            asks[ask] = len(columns)
            columns.append(_able(held, problem.crews, visit))
        ask_of.append(asks[ask])
    shape = (len(problem.crews), len(problem.visits))
    allowed = np.stack(columns, axis=1)[:, ask_of] if columns else np.ones(shape, dtype=np.bool_)
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


def _able(
    held: Sequence[Mapping[str, int]], crews: Sequence[Crew], visit: Visit
) -> npt.NDArray[np.bool_]:
    """Crews with the skills, the hands and the room for the visit."""
    able = [
        visit.crew_size <= crew.size
        and (crew.capacity is None or visit.load <= crew.capacity)
        and all(skills.get(need.code, 0) >= need.level for need in visit.skills)
        for skills, crew in zip(held, crews, strict=True)
    ]
    return np.array(able, dtype=np.bool_)
