"""A rota in the making: what is taken, what still fits, and what a change would cost.

The working state of the local search on one part. It keeps running sums so that a
move is judged in a few microseconds; it decides nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from scheduling.rota.parts import Part
from scheduling.rota.solution import (
    ORDER,
    RELAXED,
    SPREAD,
    UNCOVERED,
    UNEVENNESS,
    WISHES,
)

EXCESS_COST = 1_000_000
"""Cost of one unit above a priced limit: above any fairness, below a missing person."""
WISH_COST = 2_000
"""Cost of a broken wish of weight 1: what an imbalance of 45 points costs squared."""


class Board:
    """The cells taken on one part, with running sums."""

    __slots__ = (
        "_cell_limits",
        "_cell_wants",
        "_company",
        "cell_of",
        "cover",
        "deviation",
        "held",
        "part",
        "sums",
        "taken",
        "want_counts",
    )

    def __init__(self, part: Part) -> None:
        """Starts empty."""
        cells = len(part.cells)
        self.part = part
        self.taken = [False] * cells
        self.cover = [0] * len(part.duties)
        self.deviation = [-target for target in part.target]
        self.held: list[list[int]] = [[] for _ in part.people]
        self.cell_of = [{part.person[cell]: cell for cell in mine} for mine in part.duty_cells]
        self.sums = [0] * len(part.limits)
        self.want_counts = [0] * len(part.wants)
        self._cell_limits: list[list[tuple[int, int]]] = [[] for _ in range(cells)]
        self._cell_wants: list[list[int]] = [[] for _ in range(cells)]
        self._company: list[list[tuple[int, tuple[int, ...]]]] = [[] for _ in range(cells)]
        for number, limit in enumerate(part.limits):
            for cell, weight in limit.terms:
                self._cell_limits[cell].append((number, weight))
        for number, want in enumerate(part.wants):
            for cell in want.cells:
                self._cell_wants[cell].append(number)
        for rule in part.company:
            for cell in {rule[0], *rule[1]}:
                self._company[cell].append(rule)

    def put(self, cell: int) -> None:
        """Takes a cell, lawful or not."""
        self._count(cell, 1)
        self.taken[cell] = True
        self.held[self.part.person[cell]].append(cell)

    def drop(self, cell: int) -> None:
        """Gives a taken cell back."""
        self._count(cell, -1)
        self.taken[cell] = False
        self.held[self.part.person[cell]].remove(cell)

    def _count(self, cell: int, step: int) -> None:
        part = self.part
        self.cover[part.duty[cell]] += step
        self.deviation[part.person[cell]] += step * part.cost[cell]
        for number, weight in self._cell_limits[cell]:
            self.sums[number] += step * weight
        for number in self._cell_wants[cell]:
            self.want_counts[number] += step

    def fits(self, cell: int) -> bool:
        """Says whether no unbreakable limit refuses the cell beside those taken."""
        limits, sums = self.part.limits, self.sums
        for number, weight in self._cell_limits[cell]:
            limit = limits[number]
            if not limit.price and sums[number] + weight > limit.limit:
                return False
        return True

    def has_company(self, cells: Iterable[int]) -> bool:
        """Says whether every company rule that mentions one of the cells is kept."""
        taken = self.taken
        return all(
            not taken[asking] or any(taken[other] for other in others)
            for cell in cells
            for asking, others in self._company[cell]
        )

    def side_cost(self, cells: Iterable[int]) -> int:
        """Cost of the priced limits and wishes that mention one of the cells."""
        part, total = self.part, 0
        for number in {number for cell in cells for number, _ in self._cell_limits[cell]}:
            limit = part.limits[number]
            if limit.price:
                total += EXCESS_COST * limit.price * max(0, self.sums[number] - limit.limit)
        for number in {number for cell in cells for number in self._cell_wants[cell]}:
            want = part.wants[number]
            if (self.want_counts[number] > 0) != want.wants_duty:
                total += WISH_COST * want.weight
        return total

    def has_side_costs(self) -> bool:
        """Says whether any priced limit, wish or company rule exists at all."""
        part = self.part
        return bool(part.wants or part.company or any(limit.price for limit in part.limits))

    # What the stages of the search measure, each named as in the outcome.

    def uncovered(self) -> int:
        """People missing, weighted by how critical their post is."""
        part = self.part
        return sum(
            weight * max(0, duty.need - count)
            for duty, weight, count in zip(part.duties, part.weight, self.cover, strict=True)
        )

    def relaxed(self) -> int:
        """Price of the negotiable rules given up."""
        return sum(
            limit.price * max(0, total - limit.limit)
            for limit, total in zip(self.part.limits, self.sums, strict=True)
        )

    def spread(self) -> int:
        """Distance between the most and the least loaded person, in points."""
        return max(self.deviation, default=0) - min(self.deviation, default=0)

    def unevenness(self) -> int:
        """Sum of everybody's distance from the fair load, in points."""
        return sum(map(abs, self.deviation))

    def broken_wishes(self) -> int:
        """Weight of the wishes not granted."""
        return sum(
            want.weight
            for want, count in zip(self.part.wants, self.want_counts, strict=True)
            if (count > 0) != want.wants_duty
        )

    def key(self) -> tuple[int, ...]:
        """The measures in the order of the stages; smaller is better."""
        return tuple(self.measure(name) for name in ORDER)

    def measure(self, name: str) -> int:
        """The value of one stage."""
        measures = {
            UNCOVERED: self.uncovered,
            RELAXED: self.relaxed,
            SPREAD: self.spread,
            UNEVENNESS: self.unevenness,
            WISHES: self.broken_wishes,
        }
        return measures[name]()

    def copy_taken(self) -> list[int]:
        """The cells taken, in order."""
        return [cell for cell, is_taken in enumerate(self.taken) if is_taken]

    def load(self, cells: Iterable[int]) -> None:
        """Replaces everything taken by the cells given."""
        for cell in self.copy_taken():
            self.drop(cell)
        for cell in cells:
            self.put(cell)
