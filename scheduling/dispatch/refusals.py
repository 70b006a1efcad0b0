"""Why a crew cannot take a visit: the one rule that binds, with the amounts a person needs.

Answers for one crew and one visit. Refuses to rank, and to write sentences: codes and parameters
only, the reader's language is chosen elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduling.dispatch.problem import Crew, Problem, Visit
from scheduling.dispatch.schedule import Scheduler
from scheduling.dispatch.solution import Param


@dataclass(frozen=True, slots=True)
class Refusal:
    """One crew left out.

    Attributes:
        reason: ``missing_skill``, ``crew_too_small``, ``capacity``, ``pinned_elsewhere``,
            ``window_closed``, ``delays_other``, ``break``, ``hard_end``, or the code of a bar.
        params: amounts, times in seconds on the problem's clock.
    """

    crew_id: str
    reason: str
    params: Mapping[str, Param] = field(default_factory=dict)


def standing_refusal(crew: Crew, visit: Visit, only: str | None) -> Refusal | None:
    """The reason that holds at any hour (skill, size, load, bar, pin), if there is one.

    Args:
        crew: who is asked.
        visit: what for.
        only: the one crew the visit is bound to, if any.
    """
    for need in visit.skills:
        held = max((s.level for s in crew.skills if s.code == need.code), default=0)
        if held < need.level:
            params: dict[str, Param] = {"skill": need.code, "level": need.level, "held": held}
            return Refusal(crew.id, "missing_skill", params)
    if visit.crew_size > crew.size:
        return Refusal(crew.id, "crew_too_small", {"needs": visit.crew_size, "has": crew.size})
    if crew.capacity is not None and visit.load > crew.capacity:
        return Refusal(crew.id, "capacity", {"needs": visit.load, "has": crew.capacity})
    for bar in visit.bars:
        if bar.crew_id == crew.id:
            return Refusal(crew.id, bar.reason)
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
    if broken.rule == "window_closed" and broken.visit_id != visit_id:
        return Refusal(crew_id, "delays_other", {"visit_id": broken.visit_id, **broken.params})
    return Refusal(crew_id, broken.rule, broken.params)
