"""A large plan through the service's own planner: cut by sector, solved at once, joined, checked.

``python -m benchmarks.sectors [--seconds S] [--seed N]`` takes 200 crews and 3,000 visits of which
most are planned already, freezes the next two hours and allows 100 visits to change crew; then the
planner's solver cuts it, has its processes work S processor seconds on each sector, and joins. The
independent checker looks for broken rules; planned visits that changed crew, and starts within the
frozen horizon that moved, are counted. Prints one JSON line.
"""

import asyncio
from dataclasses import replace
from time import perf_counter

from benchmarks._instances import HOUR, make_live
from benchmarks._results import arguments, say
from dispatcher.planning.solver import Solver
from scheduling.dispatch.assemble import assemble, in_force
from scheduling.dispatch.check import check
from scheduling.dispatch.improve import Effort, find_routes
from scheduling.dispatch.objective import cost_of
from scheduling.dispatch.problem import PlannedRoute, PlannedStop, Prices, Problem
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.settle import settle
from scheduling.dispatch.solution import Solution
from scheduling.dispatch.warm import warm_up

CREWS, VISITS, DEPOTS = 200, 3000, 20
FROZEN_S, CHURN = 2 * HOUR, 100
FIRST_ROUNDS = 4_000
SECONDS = 4.0


def large_plan(seed: int, crews: int, visits: int, depots: int) -> Problem:
    """A running plan of this size with waiting visits, a frozen horizon and a churn budget."""
    problem = make_live(seed, visits=visits, crews=crews, depots=depots)
    waiting = {visit.id for visit in problem.visits[-visits // 20 :]}
    known = replace(problem, visits=tuple(v for v in problem.visits if v.id not in waiting))
    effort = Effort(iterations=FIRST_ROUNDS, seed=seed)
    routes = find_routes(known, effort, perf_counter).routes
    scheduler, plan = Scheduler(problem), []
    for crew, route in zip(problem.crews, routes, strict=True):
        stops = scheduler.route(crew.id, route).stops
        plan.append(
            PlannedRoute(crew.id, tuple(PlannedStop(s.visit_id, s.start_at) for s in stops))
        )
    return settle(
        replace(problem, plan=tuple(plan), frozen_until=FROZEN_S, churn_max=CHURN, prices=Prices())
    )


def sectors_of(problem: Problem) -> dict[str, str]:
    """Crew to sector: that of its depot, four depots a sector."""
    homes = sorted({crew.end_place for crew in problem.crews})
    rank = {home: number for number, home in enumerate(homes)}
    return {crew.id: f"sector {rank[crew.end_place] // 4}" for crew in problem.crews}


def moved(problem: Problem, plan: Solution) -> tuple[int, int]:
    """Planned visits that changed crew or left, and frozen stops that moved."""
    crew_of = {s.visit_id: r.crew_id for r in plan.routes for s in r.stops}
    start_of = {s.visit_id: s.start_at for r in plan.routes for s in r.stops}
    churn = frozen = 0
    for route in problem.plan:
        for stop in route.stops:
            left = crew_of.get(stop.visit_id) != route.crew_id
            churn += left and stop.visit_id in crew_of
            is_frozen = stop.start_at <= problem.frozen_until
            frozen += is_frozen and (left or start_of[stop.visit_id] != stop.start_at)
    return churn, frozen


async def _solve(problem: Problem, seconds: float, processes: int) -> tuple[Solution, float]:
    solver = Solver(processes)
    try:
        return await solver.improve(problem, seconds, 1, sectors_of(problem))
    finally:
        solver.stop()


def main() -> None:
    """Print the figures."""
    asked = arguments(__doc__, "seconds")
    seconds = asked.seconds or SECONDS
    warm_up()
    problem = large_plan(asked.seed, CREWS, VISITS, DEPOTS)
    before = assemble(problem, in_force(problem))
    found, took_ms = asyncio.run(_solve(problem, seconds, 2))
    churn, frozen = moved(problem, found)
    old, new = cost_of(problem, before), cost_of(problem, found)
    say(
        "sectors",
        crews=CREWS,
        visits=VISITS,
        sectors=len(set(sectors_of(problem).values())),
        seconds=seconds,
        took_s=round(took_ms / 1000, 1),
        hard_violations=len(check(problem, found)),
        cost_before=old.scalar // 100,
        cost=new.scalar // 100,
        gain_percent=round((1 - new.scalar / old.scalar) * 100, 2),
        unserved_before=len(before.unserved),
        unserved=len(found.unserved),
        churn=churn,
        churn_max=CHURN,
        frozen_moved=frozen,
    )


if __name__ == "__main__":
    main()
