"""What each person owes: fair loads by water-filling, given shares, presence and the past.

A fair load is the one everybody would carry if weeks could be cut into minutes: each
duty's points are poured over the people entitled to its post, lowest account first,
in proportion to their share of full time and of presence. The search then measures
every person against that level rather than against the luckiest colleague.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduling.rota.model import Model
from scheduling.rota.problem import Assignment, Duty, Person

_ROUNDS = 200
_STILL = 0.01
"""Stop when no load moves by more than a hundredth of a point (a minute or so)."""


@dataclass(slots=True)
class _Account:
    """A person as a vessel: `width` is the share owed, `floor` what is already there."""

    width: float
    floor: float
    reach: float


def fair_targets(model: Model, duties: Sequence[Duty], people: Sequence[str]) -> list[int]:
    """Fair load of each person over the duties given, in points per full-time share.

    Args:
        model: the stated rules; forbidden cells decide who may share which duty.
        duties: the duties of one independent part.
        people: ids of the people of that part.

    Returns:
        One load for each person, in the same order; a person with a heavy account from
        earlier rotas may owe nothing.
    """
    known = model.problem.person_by_id()
    accounts = {i: _account(model, known[i]) for i in people}
    posts: dict[str, list[Duty]] = {}
    for duty in duties:
        posts.setdefault(duty.post, []).append(duty)
    pools = {
        post: [i for i in people if accounts[i].width > 0 and _takes_part(model, known[i], mine)]
        for post, mine in posts.items()
    }
    demand = {post: sum(duty.points * duty.need for duty in mine) for post, mine in posts.items()}
    loads = _pour(demand, pools, accounts)
    return [round(loads.get(i, 0.0) * 100 / known[i].fte_pct) for i in people]


def _pour(
    demand: dict[str, int], pools: dict[str, list[str]], accounts: dict[str, _Account]
) -> dict[str, float]:
    """Fair raw loads: pours post after post until nothing moves any more.

    Each pass levels one post given the others; the sum of squared levels is convex and
    separable by post, so the passes converge to its minimum.
    """
    poured = {post: dict.fromkeys(pool, 0.0) for post, pool in pools.items()}
    total = dict.fromkeys(accounts, 0.0)
    for _ in range(_ROUNDS):
        moved = 0.0
        for post, pool in pools.items():
            for i in pool:
                total[i] -= poured[post][i]
            fresh = _level(demand[post], pool, accounts, total)
            for i in pool:
                moved = max(moved, abs(fresh[i] - poured[post][i]))
                total[i] += fresh[i]
            poured[post] = fresh
        if moved < _STILL or len(pools) == 1:
            break
    return total


def _level(
    demand: int, pool: list[str], accounts: dict[str, _Account], others: dict[str, float]
) -> dict[str, float]:
    """Pours one post's demand over its pool to a common level, by bisection."""
    floors = {i: accounts[i].floor + others[i] / accounts[i].width for i in pool}
    room = {i: max(0.0, accounts[i].reach - others[i]) for i in pool}

    def taken(level: float) -> dict[str, float]:
        return {i: min(room[i], max(0.0, level - floors[i]) * accounts[i].width) for i in pool}

    if demand >= sum(room.values()):
        return room
    low = min(floors.values(), default=0.0)
    high = low + 1.0
    while sum(taken(high).values()) < demand:
        high += 2 * (high - low)
    for _ in range(60):
        middle = (low + high) / 2
        if sum(taken(middle).values()) < demand:
            low = middle
        else:
            high = middle
    return taken(high)


def _account(model: Model, person: Person) -> _Account:
    """The vessel of a person: presence narrows it, the past fills its bottom."""
    lowering = [
        absence
        for absence in model.problem.absences
        if absence.person_id == person.id and absence.kind.lowers_share
    ]
    duties = model.duties_open_to(person)
    away = sum(
        any(a.start_at < d.end_at and d.start_at < a.end_at for a in lowering) for d in duties
    )
    presence = 1 - away / len(duties) if duties else 0.0
    carried = next((c.points for c in model.problem.carries if c.person_id == person.id), 0)
    return _Account(person.fte_pct / 100 * presence, float(carried), _reach(model, person))


def _reach(model: Model, person: Person) -> float:
    """Most points the person can hold at all, taking every free duty in turn.

    Without it somebody away for most of the horizon would be owed duties nobody can
    give, and the spread would measure that instead of the planner's choice.
    """
    caps = [
        ({term.cell for term in cap.terms}, cap.limit)
        for cap in model.caps_of.get(person.id, ())
        if cap.price == 0 and all(term.weight == 1 for term in cap.terms)
    ]
    taken: set[Assignment] = set()
    points = 0
    for duty in sorted(model.duties_open_to(person), key=lambda duty: (duty.end_at, -duty.points)):
        cell = Assignment(duty.id, person.id)
        if cell in model.forbidden:
            continue
        if all(cell not in cells or len(cells & taken) < limit for cells, limit in caps):
            taken.add(cell)
            points += duty.points
    return float(points)


def _takes_part(model: Model, person: Person, duties: Sequence[Duty]) -> bool:
    open_to = {duty.id for duty in model.duties_open_to(person)}
    return any(
        duty.id in open_to and Assignment(duty.id, person.id) not in model.forbidden
        for duty in duties
    )
