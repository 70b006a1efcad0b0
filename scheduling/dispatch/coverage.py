"""How soon would a crew be there, if an emergency happened in each place: the territory's cover.

An emergency goes before everything planned: a crew finishes what it has begun at that instant and
leaves for it from there. Refuses to know skills: which crew may do what is for offers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduling.dispatch.problem import IntMatrix, Problem


@dataclass(frozen=True, slots=True)
class Stand:
    """A crew at an instant.

    Attributes:
        crew_id: whose.
        place: row of the matrix where it is, or ends what it does.
        free_at: when it can leave, Unix seconds, not before the instant.
    """

    crew_id: str
    place: int
    free_at: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The best response in one place.

    Attributes:
        seconds: from the emergency to the first crew there; None when no crew is on duty.
        crew_id: that crew.
    """

    seconds: int | None
    crew_id: str | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """How a part of the territory is covered.

    Attributes:
        mean_s: response averaged over its people; None when nobody would come.
        within: share of its people reached within the promise, 0..1.
    """

    mean_s: int | None
    within: float


def stands_at(problem: Problem, at: int) -> list[Stand]:
    """Where crews on duty are and when they are free, by the plan in force.

    Args:
        problem: the question, with its plan.
        at: the instant, Unix seconds, not before the problem's own.
    """
    planned = {route.crew_id: route.stops for route in problem.plan}
    found = []
    for crew in problem.crews:
        place, free_at = crew.start_place, crew.ready_at
        for stop in planned.get(crew.id, ()):
            if stop.start_at > at:
                break
            visit = problem.visit(stop.visit_id)
            place, free_at = visit.place, stop.start_at + visit.lasts_s(crew.experience)
        free_at = max(free_at, at)
        if free_at < crew.shift_end:
            found.append(Stand(crew.id, place, free_at))
    return found


def answers(
    stands: Sequence[Stand], seconds: IntMatrix, at: int, places: Sequence[int]
) -> list[Answer]:
    """The best response in each place.

    Args:
        stands: crews at the instant.
        seconds: travel between rows, row = from.
        at: the instant, Unix seconds.
        places: rows of the matrix to be reached.
    """
    if not stands:
        return [Answer(None) for _ in places]
    waits = np.array([stand.free_at - at for stand in stands], dtype=np.int64)
    rows = [stand.place for stand in stands]
    total = seconds[np.ix_(rows, list(places))] + waits[:, None]
    best = total.argmin(axis=0)
    return [
        Answer(int(total[crew, place]), stands[int(crew)].crew_id)
        for place, crew in enumerate(best)
    ]


def cover(found: Sequence[Answer], people: Sequence[int], promise_s: int) -> Cover:
    """How the people of some places are covered.

    Args:
        found: the answer in each place.
        people: who live there, ≥ 0; without anybody every place weighs the same.
        promise_s: seconds within which a crew is promised.

    >>> cover([Answer(600, "a"), Answer(1800, "a")], [300, 100], 900)
    Cover(mean_s=900, within=0.75)
    >>> cover([Answer(None)], [10], 900)
    Cover(mean_s=None, within=0.0)
    """
    weights = list(people) if any(people) else [1] * len(found)
    whole = sum(weights)
    told = [(one.seconds, weight) for one, weight in zip(found, weights, strict=True)]
    reached = [(seconds, weight) for seconds, weight in told if seconds is not None]
    if not whole or len(reached) < len(told):
        return Cover(None, 0.0)
    mean_s = round(sum(seconds * weight for seconds, weight in reached) / whole)
    kept = sum(weight for seconds, weight in reached if seconds <= promise_s)
    return Cover(mean_s, kept / whole)
