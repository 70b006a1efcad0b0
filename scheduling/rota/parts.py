"""The problem cut into independent parts, as small integers ready for a search.

Two people who can never stand in for one another, directly or through others, need
not be planned together: solving the parts apart is exact and several times faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scheduling.rota.fairness import fair_targets
from scheduling.rota.model import Cap, Fact, Model
from scheduling.rota.problem import Assignment, Duty, Wish


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap in cell numbers: `(cell, weight)` terms, limit, price (0 = unbreakable)."""

    terms: tuple[tuple[int, int], ...]
    limit: int
    price: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Want:
    """A wish in cell numbers: to hold one of the cells, or none of them."""

    cells: tuple[int, ...]
    wants_duty: bool
    weight: int


@dataclass(slots=True)
class Part:
    """One independent part; cells, duties and people are numbers from 0.

    Attributes:
        cells: every cell that may be taken, with its duty and its person beside it.
        cost: load of each cell for its person, in points divided by the share of full
            time (a week costs a half-time person 200).
        target: fair load of each person over the horizon, in the same points.
        pinned: cells that must be taken.
    """

    cells: list[Assignment] = field(default_factory=list)
    duty: list[int] = field(default_factory=list)
    person: list[int] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)
    pinned: set[int] = field(default_factory=set)
    duties: list[Duty] = field(default_factory=list)
    weight: list[int] = field(default_factory=list)
    duty_cells: list[list[int]] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    person_cells: list[list[int]] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    company: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    wants: list[Want] = field(default_factory=list)

    @property
    def need(self) -> list[int]:
        """How many people each duty needs."""
        return [duty.need for duty in self.duties]


class _Groups:
    """Union-find over duties and people."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, key: str) -> str:
        parent = self._parent.setdefault(key, key)
        while parent != self._parent[parent]:
            self._parent[parent] = parent = self._parent[self._parent[parent]]
        return parent

    def join(self, keys: Iterable[str]) -> None:
        first, *others = (self.root(key) for key in keys)
        for other in others:
            self._parent[other] = first


def split(model: Model) -> list[Part]:
    """The independent parts of a model, in the order of their first duty."""
    cells = [cell for cell in model.cells if cell not in model.forbidden]
    groups = _Groups()
    for cell in cells:
        groups.join((_duty_key(cell), _person_key(cell)))
    for cap in model.caps:
        groups.join(_person_key(term.cell) for term in cap.terms)
    for rule in model.companions:
        groups.join(_person_key(cell) for cell in (rule.cell, *rule.companions))
    parts: dict[str, Part] = {}
    for duty in sorted(model.problem.duties, key=lambda duty: (duty.start_at, duty.id)):
        part = parts.setdefault(groups.root(f"d:{duty.id}"), Part())
        part.duties.append(duty)
    members: dict[str, list[Assignment]] = {}
    for cell in cells:
        members.setdefault(groups.root(_duty_key(cell)), []).append(cell)
    numbers: dict[Assignment, tuple[Part, int]] = {}
    for root, part in parts.items():
        _number(model, part, members.get(root, []), numbers)
    _add_rules(model, numbers)
    _add_wishes(model, numbers)
    for part in parts.values():
        part.target = fair_targets(model, part.duties, part.people)
    return list(parts.values())


def _duty_key(cell: Assignment) -> str:
    return f"d:{cell.duty_id}"


def _person_key(cell: Assignment) -> str:
    return f"p:{cell.person_id}"


def _number(
    model: Model,
    part: Part,
    cells: Sequence[Assignment],
    numbers: dict[Assignment, tuple[Part, int]],
) -> None:
    posts = model.problem.post_by_code()
    people = model.problem.person_by_id()
    duty_number = {duty.id: number for number, duty in enumerate(part.duties)}
    person_number: dict[str, int] = {}
    part.duty_cells = [[] for _ in part.duties]
    part.weight = [posts[duty.post].criticality for duty in part.duties]
    for cell in cells:
        if cell.person_id not in person_number:
            person_number[cell.person_id] = len(part.people)
            part.people.append(cell.person_id)
            part.person_cells.append([])
        number, duty = len(part.cells), duty_number[cell.duty_id]
        points = part.duties[duty].points * 100
        part.cells.append(cell)
        part.duty.append(duty)
        part.person.append(person_number[cell.person_id])
        part.cost.append(round(points / people[cell.person_id].fte_pct))
        part.duty_cells[duty].append(number)
        part.person_cells[person_number[cell.person_id]].append(number)
        if cell in model.required:
            part.pinned.add(number)
        numbers[cell] = (part, number)


def _add_rules(model: Model, numbers: dict[Assignment, tuple[Part, int]]) -> None:
    for cap in model.caps:
        _add_limit(cap, numbers)
    for rule in model.companions:
        if rule.cell in numbers:
            part, cell = numbers[rule.cell]
            others = tuple(numbers[other][1] for other in rule.companions if other in numbers)
            part.company.append((cell, others))


def _add_limit(cap: Cap, numbers: dict[Assignment, tuple[Part, int]]) -> None:
    found = [(numbers[term.cell], term.weight) for term in cap.terms if term.cell in numbers]
    if sum(weight for _, weight in found) > cap.limit:
        terms = tuple((cell, weight) for (_, cell), weight in found)
        found[0][0][0].limits.append(Limit(terms, cap.limit, cap.price, cap.fact))


def _add_wishes(model: Model, numbers: dict[Assignment, tuple[Part, int]]) -> None:
    people = model.problem.person_by_id()
    for wish in model.problem.wishes:
        touched = [
            numbers[cell]
            for duty in model.duties_open_to(people[wish.person_id])
            if _touches(wish, duty) and (cell := Assignment(duty.id, wish.person_id)) in numbers
        ]
        if touched:
            cells = tuple(cell for _, cell in touched)
            touched[0][0].wants.append(Want(cells, wish.wants_duty, wish.weight))


def _touches(wish: Wish, duty: Duty) -> bool:
    return wish.start_at < duty.end_at and duty.start_at < wish.end_at
