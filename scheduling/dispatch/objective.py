"""What a plan costs, term by term, in minutes, and why.

Two lexicographic tiers. The **urgent** tier counts seconds: lateness of urgent visits, and a
fixed ten hours for each urgent or pinned visit left out. Only between plans that are equal there
does the **ordinary** tier count, a plain sum of named costs. A weighted sum was refused: it left a
P1 thirteen minutes late where the ranker had a place for it.

Names follow the field (Google Route Optimization, Timefold, Salesforce). Refuses to know how
plans are found; the array evaluators must agree with it exactly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from scheduling.dispatch.binding import planned_crews
from scheduling.dispatch.gaps import gap_cost
from scheduling.dispatch.hours import free_from, skills_held
from scheduling.dispatch.problem import (
    COST_PER_MINUTE,
    FREE,
    URGENT_UNSERVED_S,
    Crew,
    Prices,
    Problem,
    Promise,
    Visit,
)
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.solution import Route, Solution

Term = Literal[
    "urgent_lateness",
    "urgent_unserved",
    "travel",
    "lateness",
    "breach",
    "unserved",
    "overtime",
    "crew_fixed",
    "crew_change",
    "preference",
    "overskill",
    "promise_moved",
    "slot_lost",
    "sla_breach_fixed",
    "sla_breach_hourly",
    "soft_early",
    "soft_late",
    "eta_shift",
    "delay",
    "territory",
    "underskill",
    "bump",
    "distance",
    "paid_time",
    "waiting",
    "load_soft",
    "resequence",
    "fairness_hours",
    "fairness_visits",
    "transition",
    "coverage_gap",
]

URGENT_TERMS: Final[frozenset[Term]] = frozenset({"urgent_lateness", "urgent_unserved"})

HOUR_SQUARED: Final = 3600 * 3600

TIER: Final = 1 << 38
"""Ordinary cost that one second in the urgent tier outweighs, where one integer is needed.

2^38 hundredths of a second are 87 years of driving: no plan's ordinary cost comes near. 500
urgent visits left out still fit in 64 bits.
"""


@dataclass(frozen=True, slots=True, order=True)
class Cost:
    """A plan's cost: ``urgent`` seconds first, ``ordinary`` hundredths of a second second."""

    urgent: int = 0
    ordinary: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        """Sum tier by tier."""
        return Cost(self.urgent + other.urgent, self.ordinary + other.ordinary)

    def __sub__(self, other: "Cost") -> "Cost":
        """Difference tier by tier."""
        return Cost(self.urgent - other.urgent, self.ordinary - other.ordinary)

    @property
    def scalar(self) -> int:
        """One integer in the same order, for searches."""
        return self.urgent * TIER + self.ordinary

    @property
    def minutes(self) -> float:
        """Ordinary cost in minutes."""
        return self.ordinary / COST_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Bill:
    """Amounts by term; urgent terms in seconds, others in hundredths of a second."""

    amounts: Mapping[Term, int] = field(default_factory=dict)

    @property
    def cost(self) -> Cost:
        """The amounts summed by tier."""
        urgent = sum(amount for term, amount in self.amounts.items() if term in URGENT_TERMS)
        return Cost(urgent, sum(self.amounts.values()) - urgent)

    def minutes(self) -> dict[Term, float]:
        """Every term that is not zero, in minutes, urgent ones too."""
        return {
            term: amount / (60 if term in URGENT_TERMS else COST_PER_MINUTE)
            for term, amount in self.amounts.items()
            if amount
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where the cost of a plan comes from.

    Attributes:
        total: all terms; ``coverage_gap`` among them, which no route answers for alone.
        routes: crew id → terms of its route (travel, overtime, fixed) and of its visits.
        visits: visit id → terms this visit alone answers for, served or not.
    """

    total: Bill
    routes: Mapping[str, Bill]
    visits: Mapping[str, Bill]


def add_bills(bills: Iterable[Bill]) -> Bill:
    """One bill for all."""
    amounts: dict[Term, int] = {}
    for bill in bills:
        for term, amount in bill.amounts.items():
            amounts[term] = amounts.get(term, 0) + amount
    return Bill(amounts)


def promise_price(promise: Promise, now: int, prices: Prices) -> int:
    """Cost of moving this promise: double once told, up to double again the sooner it is."""
    price = prices.promise_moved * (2 if promise.is_told else 1)
    ahead_s = min(max(promise.start_at - now, 0), prices.soon_s)
    return price + price * (prices.soon_s - ahead_s) // max(prices.soon_s, 1)


def promise_tolerance(promise: Promise, now: int, prices: Prices) -> int:
    """Seconds by which this start may move either way and still be what was announced."""
    ahead_s = max(0, promise.start_at - now)
    return prices.promise_tolerance_s + ahead_s * prices.promise_widens // 100


def crew_change_price(planned_at: int, now: int, prices: Prices) -> int:
    """Cost of giving to another crew what is planned to start at this second."""
    is_far = planned_at - now > prices.soon_s
    return prices.crew_change * prices.far_percent // 100 if is_far else prices.crew_change


def start_bill(visit: Visit, start_at: int, now: int, prices: Prices) -> Bill:
    """What serving the visit at ``start_at`` costs: lateness, breach, moved promise."""
    amounts: dict[Term, int] = {}
    if visit.due_at is not None and start_at > visit.due_at:
        late_s = start_at - visit.due_at
        if visit.is_urgent:
            amounts["urgent_lateness"] = late_s
        else:
            amounts["lateness"] = late_s * visit.late_rate
        amounts["breach"] = visit.breach_cost
    promise = visit.promise
    slack_s = promise_tolerance(promise, now, prices) if promise else 0
    if promise and abs(start_at - promise.start_at) > slack_s:
        amounts["promise_moved"] = promise_price(promise, now, prices)
        moved_s = abs(start_at - promise.start_at) - slack_s
        amounts["eta_shift"] = moved_s * eta_shift_rate(promise, prices)
    amounts |= _wanted(visit, start_at)
    if visit.delay_rate:
        amounts["delay"] = max(0, start_at - now) * visit.delay_rate
    return Bill(amounts)


def _wanted(visit: Visit, start_at: int) -> dict[Term, int]:
    """Cost of a start outside the soft window and of a broken commitment."""
    amounts: dict[Term, int] = {}
    wish, commitment = visit.soft_window, visit.commitment
    if wish is not None and wish.opens_at is not None:
        amounts["soft_early"] = max(0, wish.opens_at - start_at) * wish.early_rate
    if wish is not None and wish.closes_at is not None:
        amounts["soft_late"] = max(0, start_at - wish.closes_at) * wish.late_rate
    if commitment is not None and start_at > commitment.due_at:
        amounts["sla_breach_fixed"] = commitment.breach_cost
        amounts["sla_breach_hourly"] = (start_at - commitment.due_at) * commitment.rate
    return amounts


def eta_shift_rate(promise: Promise, prices: Prices) -> int:
    """Cost per second of moving this promise beyond the tolerance: double once told."""
    return prices.eta_shift * (2 if promise.is_told else 1)


def assignment_bill(visit: Visit, crew: Crew, change: int, prices: Prices) -> Bill:
    """What giving the visit to this crew costs, whatever the hour.

    Args:
        visit: what is given.
        crew: to whom.
        change: cost of its being another crew than planned, 0 = it is not.
        prices: for the rest.
    """
    amounts: dict[Term, int] = {"crew_change": change} if change else {}
    preference = sum(p.cost for p in visit.preferences if p.crew_id == crew.id)
    if preference:
        amounts["preference"] = preference
    if prices.overskill:
        needed = {skill.code for skill in visit.skills}
        idle = sum(skill.code not in needed for skill in crew.skills)
        amounts["overskill"] = idle * prices.overskill
    if visit.wished_skills:
        amounts["underskill"] = missing_wishes(visit, crew) * prices.underskill
    if visit.territory is not None and crew.territories:
        amounts["territory"] = territory_cost(visit, crew, prices)
    return Bill(amounts)


def missing_wishes(visit: Visit, crew: Crew) -> int:
    """Number of wished skills that the crew does not hold at their level."""
    held = skills_held(crew)
    return sum(held.get(wish.code, 0) < wish.level for wish in visit.wished_skills)


def territory_cost(visit: Visit, crew: Crew, prices: Prices) -> int:
    """Cost of the visit's sector for this crew: its own sectors name theirs."""
    if visit.territory is None or not crew.territories:
        return 0
    costs = {territory.code: territory.cost for territory in crew.territories}
    return costs.get(visit.territory, prices.out_of_territory)


def omission_bill(visit: Visit, is_planned: bool, is_pinned: bool, prices: Prices) -> Bill:
    """What leaving the visit out costs."""
    amounts: dict[Term, int] = {"unserved": visit.unserved_cost}
    if visit.is_urgent or is_pinned or (is_planned and visit.bump_cost is None):
        amounts["urgent_unserved"] = URGENT_UNSERVED_S
    if is_planned:
        amounts["slot_lost"] = prices.slot_lost
        amounts["bump"] = visit.bump_cost or 0
    return Bill(amounts)


def route_bill(crew: Crew, route: Route, prices: Prices = FREE) -> Bill:
    """What a timed route costs beside its visits (nothing for a crew that stays put)."""
    amounts: dict[Term, int] = {"travel": route.travel_s * crew.travel_rate}
    if route.stops or crew.is_out:
        overtime_s = max(0, route.end_at - crew.priced_from)
        squared = overtime_s * overtime_s * crew.overtime_square // 3600
        amounts["overtime"] = overtime_s * crew.overtime_rate + squared
        amounts["distance"] = route.distance_m * crew.distance_rate // 1000
    if route.stops:
        service_s = sum(stop.end_at - stop.start_at for stop in route.stops)
        paused_s = sum(pause.end_at - pause.start_at for pause in route.pauses)
        delay_s = sum(stop.delay_s for stop in route.stops)
        spent_s, work_s = route.end_at - free_from(crew), route.travel_s + service_s + delay_s
        amounts["crew_fixed"] = crew.fixed_cost
        if delay_s:
            amounts["transition"] = delay_s * crew.travel_rate
        amounts["paid_time"] = spent_s * crew.time_rate
        amounts["waiting"] = (spent_s - work_s - paused_s) * prices.waiting
        amounts["fairness_hours"] = work_s * work_s * prices.uneven_hours // HOUR_SQUARED
        amounts["fairness_visits"] = len(route.stops) ** 2 * prices.uneven_visits
    return Bill(amounts)


def order_bill(problem: Problem, crew: Crew, visit_ids: Sequence[str]) -> Bill:
    """Planned visits that follow one they preceded, and loads above their soft limit."""
    planned = problem.route_index.get(crew.id)
    ranks = {stop.visit_id: n for n, stop in enumerate(planned.stops if planned else ())}
    swapped = sum(
        ranks[after] < ranks[before]
        for before, after in pairwise(visit_ids)
        if before in ranks and after in ranks
    )
    over = 0
    for limit in crew.limits:
        soft_most = limit.most if limit.soft_most is None else limit.soft_most
        loads = (load for name in visit_ids for load in problem.visit(name).loads)
        units = sum(load.units for load in loads if load.code == limit.code)
        over += max(0, units - soft_most) * limit.rate
    return Bill({"resequence": swapped * problem.prices.resequence, "load_soft": over})


def explain(problem: Problem, solution: Solution) -> Explanation:
    """Cost of the plan by term, by route and by visit.

    Args:
        problem: the question.
        solution: an answer whose stops are timed (as by :class:`Scheduler`).
    """
    planned = planned_crews(problem)
    starts = {stop.visit_id: stop.start_at for route in problem.plan for stop in route.stops}
    pinned = {pin.visit_id for pin in problem.pins}
    prices = problem.prices
    visits: dict[str, Bill] = {}
    routes: dict[str, Bill] = {}
    for route in solution.routes:
        crew = problem.crew(route.crew_id)
        for stop in route.stops:
            visit = problem.visit(stop.visit_id)
            was_with = planned.get(visit.id, crew.id)
            at = starts.get(visit.id, 0)
            change = 0 if was_with == crew.id else crew_change_price(at, problem.now, prices)
            given = assignment_bill(visit, crew, change, prices)
            timed = start_bill(visit, stop.start_at, problem.now, prices)
            visits[visit.id] = add_bills([given, timed])
        own = [visits[visit_id] for visit_id in route.visit_ids]
        ordered = order_bill(problem, crew, route.visit_ids)
        routes[crew.id] = add_bills([route_bill(crew, route, prices), ordered, *own])
    left_out = []
    for unserved in solution.unserved:
        visit = problem.visit(unserved.visit_id)
        bill = omission_bill(visit, visit.id in planned, visit.id in pinned, prices)
        visits[visit.id] = bill
        left_out.append(bill)
    gap = gap_cost(problem, solution.routes)
    together = Bill({"coverage_gap": gap} if gap else {})
    return Explanation(add_bills([*routes.values(), *left_out, together]), routes, visits)


def cost_of(problem: Problem, solution: Solution) -> Cost:
    """Total cost of the plan."""
    return explain(problem, solution).total.cost


def price(problem: Problem, scheduler: Scheduler, crew_id: str, visit_ids: tuple[str, ...]) -> Cost:
    """Cost of one crew serving these visits in this order, apart from what routes share."""
    route = scheduler.route(crew_id, visit_ids)
    return explain(problem, Solution((route,), ())).routes[crew_id].cost
