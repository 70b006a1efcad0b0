"""Why a crew cannot take a visit: the one rule that binds, with the amounts a person needs.

Answers for one crew and one visit. Refuses to rank, and to write sentences: codes and parameters
only, the reader's language is chosen elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scheduling.dispatch.hours import skills_held
from scheduling.dispatch.problem import Crew, Problem, TerritoryRule, Visit
from scheduling.dispatch.schedule import Broken, Scheduler
from scheduling.dispatch.solution import Param, Route


@dataclass(frozen=True, slots=True)
class Refusal:
    """One crew left out.

    Attributes:
        reason: ``missing_skill``, ``skill_expires``, ``missing_equipment``, ``crew_too_small``,
            ``remote``, ``capacity``, ``out_of_territory``, ``too_far_from_home``,
            ``not_required_crew``, ``pinned_elsewhere``, ``delays_other``, a rule of
            ``schedule`` or ``shares``, or the code of a bar.
        params: amounts, times in seconds on the problem's clock.
    """

    crew_id: str
    reason: str
    params: Mapping[str, Param] = field(default_factory=dict)


def standing_refusal(
    problem: Problem, crew: Crew, visit: Visit, only: str | None
) -> Refusal | None:
    """The reason that holds at any hour (skill, size, load, sector, bar, pin), if there is one.

    Args:
        problem: the question.
        crew: who is asked.
        visit: what for.
        only: the one crew the visit is bound to, if any.
    """
    return next(standing_refusals(problem, crew, visit, only), None)


def standing_refusals(
    problem: Problem, crew: Crew, visit: Visit, only: str | None
) -> Iterator[Refusal]:
    """The reasons that hold at any hour, one of each kind; arguments as above."""
    if (found := _unskilled(crew, visit)) is not None:
        yield found
    if (found := _unequipped(crew, visit)) is not None:
        yield found
    if (found := _out_of_reach(problem, crew, visit)) is not None:
        yield found
    if (found := _unwanted(crew, visit, only)) is not None:
        yield found


def _unskilled(crew: Crew, visit: Visit) -> Refusal | None:
    """A skill is missing, too low, or runs out before the shift does."""
    held = skills_held(crew)
    for need in visit.skills:
        if held.get(need.code, 0) < need.level:
            expired = any(s.code == need.code and s.level >= need.level for s in crew.skills)
            level = held.get(need.code, 0)
            params: dict[str, Param] = {"skill": need.code, "level": need.level, "held": level}
            return Refusal(crew.id, "skill_expires" if expired else "missing_skill", params)
    if visit.any_skills and not any(held.get(s.code, 0) >= s.level for s in visit.any_skills):
        codes = " ".join(skill.code for skill in visit.any_skills)
        return Refusal(crew.id, "missing_skill", {"skill": codes, "held": 0})
    return None


def _unequipped(crew: Crew, visit: Visit) -> Refusal | None:
    """Hands, vehicle, room or parts are missing, or nobody drives there at all."""
    if visit.is_remote != crew.is_remote:
        return Refusal(crew.id, "remote")
    if visit.crew_size > crew.size:
        return Refusal(crew.id, "crew_too_small", {"needs": visit.crew_size, "has": crew.size})
    for code in visit.equipment:
        if code not in crew.equipment:
            return Refusal(crew.id, "missing_equipment", {"equipment": code})
    if crew.capacity is not None and visit.load > crew.capacity:
        return Refusal(crew.id, "capacity", {"needs": visit.load, "has": crew.capacity})
    most = {limit.code: limit.most for limit in crew.limits}
    for load in visit.loads:
        if load.units > most.get(load.code, load.units):
            params: dict[str, Param] = {"load": load.code, "needs": load.units}
            return Refusal(crew.id, "load_limit", {**params, "has": most[load.code]})
    return None


def _out_of_reach(problem: Problem, crew: Crew, visit: Visit) -> Refusal | None:
    """The visit lies outside the crew's sectors or too far from its home."""
    codes = {territory.code for territory in crew.territories}
    is_hard = problem.territory_rule is TerritoryRule.HARD
    if is_hard and codes and visit.territory is not None and visit.territory not in codes:
        return Refusal(crew.id, "out_of_territory", {"territory": visit.territory})
    away_s = int(problem.matrix.seconds[crew.end_place, visit.place])
    away_m = int(problem.matrix.metres[crew.end_place, visit.place])
    for away, most in ((away_s, crew.max_from_home_s), (away_m, crew.max_from_home_m)):
        if most is not None and away > most:
            return Refusal(crew.id, "too_far_from_home", {"needs": away, "has": most})
    return None


def _unwanted(crew: Crew, visit: Visit, only: str | None) -> Refusal | None:
    """Somebody decided that this crew does not go."""
    for bar in visit.bars:
        if bar.crew_id == crew.id:
            return Refusal(crew.id, bar.reason)
    if visit.required_crews and crew.id not in visit.required_crews:
        return Refusal(crew.id, "not_required_crew")
    if only is not None and only != crew.id:
        return Refusal(crew.id, "pinned_elsewhere", {"crew_id": only})
    return None


def timed_refusal(
    problem: Problem, scheduler: Scheduler, visit_id: str, attempt: tuple[str, tuple[str, ...]]
) -> Refusal:
    """What the least bad place in this crew's day breaks.

    Args:
        problem: the question.
        scheduler: of the same problem.
        visit_id: the visit refused.
        attempt: crew id and the visit ids of its route with the visit in its least bad place.
    """
    crew_id, visit_ids = attempt
    route = scheduler.route(crew_id, visit_ids)
    broken = scheduler.broken(route)
    if broken is None:
        capacity = problem.crew(crew_id).capacity
        load = sum(problem.visit(name).load for name in visit_ids)
        return Refusal(crew_id, "capacity", {"needs": load, "has": capacity})
    return _as_refusal(crew_id, visit_id, broken)


def timed_refusals(
    problem: Problem, scheduler: Scheduler, visit_id: str, routes: tuple[Route, Route]
) -> Iterator[Refusal]:
    """Every rule that a crew's route breaks with the visit, and broke less or not without it.

    Args:
        problem: the question.
        scheduler: of the same problem.
        visit_id: the visit that is placed.
        routes: of one crew, timed: without the visit, then with it.
    """
    before, after = routes
    known = {(one.rule, one.visit_id): _missed_by(one) for one in scheduler.every_broken(before)}
    for broken in scheduler.every_broken(after):
        missed = known.get((broken.rule, broken.visit_id))
        if missed is None or missed < _missed_by(broken):
            yield _as_refusal(after.crew_id, visit_id, broken)
    capacity = problem.crew(after.crew_id).capacity
    load = sum(problem.visit(stop.visit_id).load for stop in after.stops)
    if capacity is not None and load > capacity and problem.visit(visit_id).load:
        yield Refusal(after.crew_id, "capacity", {"needs": load, "has": capacity})


AMOUNTS = (("needs", "has"), ("would_end", "shift_end"), ("would_start", "latest_at"))
"""What a broken rule asks for, and what there is: by name of the two parameters."""


def _missed_by(broken: Broken) -> int:
    """By how much a rule is missed, in its own unit; 0 for rules without an amount."""
    for wanted, limit in (*AMOUNTS, ("arrive_at", "closes_at")):
        high, low = broken.params.get(wanted), broken.params.get(limit)
        if isinstance(high, int) and isinstance(low, int):
            return high - low
    return 0


def _as_refusal(crew_id: str, visit_id: str, broken: Broken) -> Refusal:
    if broken.rule == "window_closed" and broken.visit_id != visit_id:
        return Refusal(crew_id, "delays_other", {"visit_id": broken.visit_id, **broken.params})
    return Refusal(crew_id, broken.rule, broken.params)
