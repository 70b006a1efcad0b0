"""The rarer rules and prices of a problem as arrays, present only where the problem uses them.

Two kinds. A **piece** makes one start of one visit dearer, outside a second, at a fixed cost and a
rate; evaluators add pieces up. A **sum** belongs to a whole route: loads, driving, distance, order,
evenness; a crew that has one is *special* and its routes are walked whole, so that the other
crews pay nothing for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scheduling.dispatch.hours import work_room_s
from scheduling.dispatch.objective import Term, eta_shift_rate, promise_tolerance
from scheduling.dispatch.problem import Crew, Problem, Visit
from scheduling.dispatch.shares import standing_by

Ints = npt.NDArray[np.int64]

FAR: Final = 1 << 40
"""A second that never comes, an amount never reached."""


class Piece(NamedTuple):
    """Cost of starts on one side of a second; n each.

    Attributes:
        term: what it is called.
        is_late: True if starts after ``at`` cost, False if starts before.
        at: the second; ``FAR`` (or ``-FAR`` for early pieces) where a visit has none.
        fixed: one-off cost outside.
        rate: cost per second outside.
    """

    term: Term
    is_late: bool
    at: Ints
    fixed: Ints
    rate: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What is summed over a route; visits × or crews × the number of sums.

    Attributes:
        names: of the columns: load codes, ``#visits``, and ``#plain_s`` once for each pace.
        taken: n×d, units each visit takes.
        most: c×d, what a crew's route may take, ``FAR`` = no limit.
        soft_most: c×d, units above which each costs ``rate``.
        rate: c×d.
        kind: n, bit of the visit's kind, 0 = none.
        clash: n, bits of the kinds it may not meet.
        max_travel: c, seconds of driving.
        max_distance: c, metres.
        distance_rate: c, cost per kilometre.
        time_rate: c, cost per second between leaving and returning.
        overtime_square: c, cost per minute × minute.
        duty: c×2, first and last second at which a visit that is not escalated may start.
        escalated: n, 1 = outside any duty too.
        rank: n, position in the planned route, -1 = unplanned.
        planner: n, crew of the planned route, -1.
        is_special: c, True if any of this concerns the crew.
    """

    names: tuple[str, ...]
    taken: Ints
    most: Ints
    soft_most: Ints
    rate: Ints
    kind: Ints
    clash: Ints
    max_travel: Ints
    max_distance: Ints
    distance_rate: Ints
    time_rate: Ints
    overtime_square: Ints
    duty: Ints
    escalated: Ints
    rank: Ints
    planner: Ints
    is_special: npt.NDArray[np.bool_]


def pieces(problem: Problem) -> tuple[Piece, ...]:
    """The pieces that at least one visit has."""
    visits, prices = problem.visits, problem.prices
    found = []
    if any(v.commitment is not None for v in visits):
        found += _commitments(visits)
    if any(v.soft_window is not None for v in visits):
        found += _wishes(visits)
    if prices.eta_shift and any(v.promise is not None for v in visits):
        found += _shifts(problem)
    if any(v.delay_rate for v in visits):
        rates = _ints(v.delay_rate for v in visits)
        at = np.where(rates > 0, problem.now, FAR).astype(np.int64)
        found.append(Piece("delay", True, at, np.zeros_like(rates), rates))
    return tuple(found)


def paces(problem: Problem) -> tuple[str | None, ...]:
    """Classes of experience that change a duration of some visit, after ``None``."""
    held = {crew.experience for crew in problem.crews}
    told = {one.experience for visit in problem.visits for one in visit.crew_durations}
    return (None, *sorted(told & held))


def durations(problem: Problem) -> Ints:
    """Visits × paces, seconds of service."""
    kinds = paces(problem)
    rows = [[visit.lasts_s(kind) for kind in kinds] for visit in problem.visits]
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(kinds))


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _commitments(visits: tuple[Visit, ...]) -> list[Piece]:
    at = _ints(FAR if v.commitment is None else v.commitment.due_at for v in visits)
    fixed = _ints(0 if v.commitment is None else v.commitment.breach_cost for v in visits)
    rate = _ints(0 if v.commitment is None else v.commitment.rate for v in visits)
    none = np.zeros_like(at)
    return [
        Piece("sla_breach_fixed", True, at, fixed, none),
        Piece("sla_breach_hourly", True, at, none, rate),
    ]


def _wishes(visits: tuple[Visit, ...]) -> list[Piece]:
    wishes = [v.soft_window for v in visits]
    opens = _ints(-FAR if w is None or w.opens_at is None else w.opens_at for w in wishes)
    closes = _ints(FAR if w is None or w.closes_at is None else w.closes_at for w in wishes)
    early = _ints(0 if w is None else w.early_rate for w in wishes)
    late = _ints(0 if w is None else w.late_rate for w in wishes)
    none = np.zeros_like(opens)
    return [
        Piece("soft_early", False, opens, none, early),
        Piece("soft_late", True, closes, none, late),
    ]


def _shifts(problem: Problem) -> list[Piece]:
    promises, now = [v.promise for v in problem.visits], problem.now
    slacks = [0 if p is None else promise_tolerance(p, now, problem.prices) for p in promises]
    each = list(zip(promises, slacks, strict=True))
    low = _ints(-FAR if p is None else p.start_at - slack for p, slack in each)
    high = _ints(FAR if p is None else p.start_at + slack for p, slack in each)
    rate = _ints(0 if p is None else eta_shift_rate(p, problem.prices) for p in promises)
    none = np.zeros_like(low)
    return [
        Piece("eta_shift", False, low, none, rate),
        Piece("eta_shift", True, high, none, rate),
    ]


def sums(problem: Problem) -> Sums | None:
    """The sums, or ``None`` if no crew is special."""
    prices = problem.prices
    priced = max(prices.waiting, prices.resequence, prices.uneven_hours, prices.uneven_visits)
    everyone = priced > 0 or bool(problem.incompatible)
    bound = standing_by(problem)
    special = [everyone or crew.id in bound or _is_special(crew) for crew in problem.crews]
    if not any(special):
        return None
    crews, visits = problem.crews, problem.visits
    taken, most, soft_most, rate, names = _loads(problem)
    kind, clash = _kinds(problem)
    rank, planner = _ranks(problem)
    return Sums(
        names=names,
        taken=taken,
        most=most,
        soft_most=soft_most,
        rate=rate,
        kind=kind,
        clash=clash,
        max_travel=_ints(FAR if c.max_travel_s is None else c.max_travel_s for c in crews),
        max_distance=_ints(FAR if c.max_distance_m is None else c.max_distance_m for c in crews),
        distance_rate=_ints(c.distance_rate for c in crews),
        time_rate=_ints(c.time_rate for c in crews),
        overtime_square=_ints(c.overtime_square for c in crews),
        duty=_duties(crews),
        escalated=_ints(v.is_escalated for v in visits),
        rank=rank,
        planner=planner,
        is_special=np.array(special, dtype=np.bool_),
    )


def _is_special(crew: Crew) -> bool:
    limits = (crew.max_travel_s, crew.max_distance_m, crew.max_visits, crew.on_call)
    rates = crew.distance_rate + crew.time_rate + crew.overtime_square + crew.reserve_s
    return bool(crew.limits) or rates > 0 or any(limit is not None for limit in limits)


def _duties(crews: tuple[Crew, ...]) -> Ints:
    rows = [
        (c.on_call.opens_at, c.on_call.closes_at - 1) if c.on_call else (-FAR, FAR) for c in crews
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def _loads(problem: Problem) -> tuple[Ints, Ints, Ints, Ints, tuple[str, ...]]:
    """Units taken, limits, soft limits, rates, and the names of the sums."""
    codes = sorted({limit.code for crew in problem.crews for limit in crew.limits})
    kinds = paces(problem)
    names = (*codes, "#visits", *("#plain_s" for _ in kinds))
    visits_column, plain = len(codes), len(codes) + 1
    taken = np.zeros((len(problem.visits), len(names)), dtype=np.int64)
    for row, visit in enumerate(problem.visits):
        for load in visit.loads:
            if load.code in codes:
                taken[row, codes.index(load.code)] = load.units
        taken[row, visits_column] = 1
        taken[row, plain:] = [0 if visit.is_urgent else visit.lasts_s(kind) for kind in kinds]
    most = np.full((len(problem.crews), len(names)), FAR, dtype=np.int64)
    soft_most, rate = most.copy(), np.zeros_like(most)
    for row, crew in enumerate(problem.crews):
        for limit in crew.limits:
            column = codes.index(limit.code)
            most[row, column] = limit.most
            rate[row, column] = limit.rate
            soft_most[row, column] = limit.most if limit.soft_most is None else limit.soft_most
        if crew.max_visits is not None:
            most[row, visits_column] = crew.max_visits
        room_s = work_room_s(crew)
        if room_s is not None:
            pace = kinds.index(crew.experience) if crew.experience in kinds else 0
            most[row, plain + pace] = room_s
    return taken, most, soft_most, rate, names


def _kinds(problem: Problem) -> tuple[Ints, Ints]:
    """One bit per kind that clashes with some kind, and the bits it clashes with."""
    bits: dict[str, int] = {}
    for pair in problem.incompatible:
        for kind in pair:
            bits.setdefault(kind, 1 << len(bits))
    clashes: Mapping[str, int] = {
        kind: sum({bits[b if a == kind else a] for a, b in problem.incompatible if kind in (a, b)})
        for kind in bits
    }
    kinds = [visit.kind or "" for visit in problem.visits]
    return _ints(bits.get(k, 0) for k in kinds), _ints(clashes.get(k, 0) for k in kinds)


def _ranks(problem: Problem) -> tuple[Ints, Ints]:
    rank = np.full(len(problem.visits), -1, dtype=np.int64)
    planner = rank.copy()
    for route in problem.plan:
        for position, stop in enumerate(route.stops):
            row = problem.visit_index[stop.visit_id]
            rank[row], planner[row] = position, problem.crew_index[route.crew_id]
    return rank, planner


def sum_excess(sums: Sums, crews: Ints, stops: Ints, trip: tuple[Ints, Ints]) -> Ints:
    """Units, seconds and metres by which k routes exceed the limits on their sums.

    Args:
        sums: of the problem.
        crews: k, crew of each route.
        stops: k×n, visits in order, -1 after the last.
        trip: k each, seconds and metres driven.
    """
    over = np.maximum(_taken(sums, stops) - sums.most[crews], 0).sum(axis=1)
    over += np.maximum(trip[0] - sums.max_travel[crews], 0)
    over += np.maximum(trip[1] - sums.max_distance[crews], 0)
    kinds, clash = _bits(sums.kind, stops), _bits(sums.clash, stops)
    seen = np.zeros(len(crews), dtype=np.int64)
    for column in range(stops.shape[1]):
        over += (seen & clash[:, column]) != 0
        seen |= kinds[:, column]
    return np.asarray(over, dtype=np.int64)


def soft_overload(sums: Sums, crews: Ints, stops: Ints) -> Ints:
    """Cost of the units above the soft limits, k."""
    above = np.maximum(_taken(sums, stops) - sums.soft_most[crews], 0)
    return np.asarray((above * sums.rate[crews]).sum(axis=1), dtype=np.int64)


def swapped(sums: Sums, crews: Ints, stops: Ints) -> Ints:
    """Planned visits that come right after one they preceded in the crew's planned route, k."""
    rank = np.where(
        sums.planner[np.maximum(stops, 0)] == crews[:, None], _bits(sums.rank, stops), -1
    )
    rank = np.where(stops >= 0, rank, -1)
    before, after = rank[:, :-1], rank[:, 1:]
    return np.asarray(((before >= 0) & (after >= 0) & (after < before)).sum(axis=1), dtype=np.int64)


def _taken(sums: Sums, stops: Ints) -> Ints:
    units = np.where(stops[:, :, None] >= 0, sums.taken[np.maximum(stops, 0)], 0)
    return np.asarray(units.sum(axis=1), dtype=np.int64)


def _bits(values: Ints, stops: Ints) -> Ints:
    return np.where(stops >= 0, values[np.maximum(stops, 0)], 0)
