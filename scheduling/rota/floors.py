"""How unfair even the best rota must be: floors of spread and unevenness, without any search.

A person's load is a sum of some of his duties' costs, whatever the rota. Which sums exist is
known at once, so is the least distance of each from what he owes, and the narrowest band that
holds one possible deviation of everybody. Rules only take rotas away: the floors stay valid.
"""

from __future__ import annotations

from heapq import heapify, heapreplace

from scheduling.rota.parts import Part
from scheduling.rota.solution import SPREAD, UNEVENNESS


def floors(part: Part) -> dict[str, int]:
    """Lower bounds on the spread and the unevenness of any rota of a part, in points."""
    possible = [_deviations(part, person) for person in range(len(part.people))]
    return {
        SPREAD: _narrowest(possible),
        UNEVENNESS: sum(min(map(abs, deviations)) for deviations in possible),
    }


def _deviations(part: Part, person: int) -> list[int]:
    """Every distance from his target that a person's duties can add up to, ascending."""
    cells = part.person_cells[person]
    pinned = sum(part.cost[cell] for cell in cells if cell in part.pinned)
    reach = 1 << pinned
    for cell in cells:
        if cell not in part.pinned:
            reach |= reach << part.cost[cell]
    return [load - part.target[person] for load in range(reach.bit_length()) if reach >> load & 1]


def _narrowest(lists: list[list[int]]) -> int:
    """Width of the narrowest band that holds a number of each list (all ascending)."""
    if not lists:
        return 0
    heads = [(numbers[0], which, 0) for which, numbers in enumerate(lists)]
    highest = max(first for first, _, _ in heads)
    heapify(heads)
    best = highest - heads[0][0]
    while True:
        _, which, place = heads[0]
        if place + 1 == len(lists[which]):
            return best
        following = lists[which][place + 1]
        highest = max(highest, following)
        heapreplace(heads, (following, which, place + 1))
        best = min(best, highest - heads[0][0])
