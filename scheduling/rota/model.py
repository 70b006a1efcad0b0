"""What the rules say of one problem, written down once as plain data.

Rules state themselves here; the CP-SAT builder, the local search and the explanation
engine all read the same statements, so a rule is written once and every engine obeys
it. This module searches nothing and knows no solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduling.rota.problem import Assignment, Duty, Person, Problem


@dataclass(frozen=True, slots=True)
class Fact:
    """One application of one rule to one subject: the smallest thing one can name.

    Attributes:
        rule: name of the rule that speaks.
        person_id: whom it concerns, if anybody.
        duty_ids: the duties it concerns.
        reason: what in the problem it comes from ("leave", "2027-05-17"), for display.
    """

    rule: str
    person_id: str | None = None
    duty_ids: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A cell counted `weight` times in a cap."""

    cell: Assignment
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Cap:
    """The weighted number of cells taken may not pass `limit`.

    `price` is 0 for a rule nobody may break; otherwise it is the cost of one unit
    above the limit, paid in the relaxation stage and reported by name.
    """

    terms: tuple[Term, ...]
    limit: int
    fact: Fact
    price: int = 0


@dataclass(frozen=True, slots=True)
class Companion:
    """Taking `cell` asks that at least one cell of `companions` be taken."""

    cell: Assignment
    companions: tuple[Assignment, ...]
    fact: Fact


@dataclass(slots=True)
class Model:
    """The statements of a set of rules about one problem.

    `cells` are the assignments worth considering: people × duties of the posts for
    which they hold a qualification, whatever its dates. Everything else is refused
    without a word. `starts` and `ends` are the duties' wall-clock times.
    """

    problem: Problem
    cells: tuple[Assignment, ...] = ()
    forbidden: dict[Assignment, list[Fact]] = field(default_factory=dict)
    required: dict[Assignment, Fact] = field(default_factory=dict)
    caps: list[Cap] = field(default_factory=list)
    companions: list[Companion] = field(default_factory=list)
    cover: dict[str, Fact] = field(default_factory=dict)
    caps_of: dict[str, list[Cap]] = field(default_factory=dict)
    starts: dict[str, datetime] = field(default_factory=dict)
    ends: dict[str, datetime] = field(default_factory=dict)
    _by_person: dict[str, tuple[Duty, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lists the cells worth considering."""
        for duty in self.problem.duties:
            self.starts[duty.id] = self.problem.local(duty.start_at)
            self.ends[duty.id] = self.problem.local(duty.end_at)
        by_post: dict[str, list[Duty]] = {post.code: [] for post in self.problem.posts}
        for duty in sorted(self.problem.duties, key=lambda duty: (duty.start_at, duty.id)):
            by_post[duty.post].append(duty)
        for person in self.problem.people:
            posts = sorted({qualification.post for qualification in person.qualifications})
            duties = [duty for post in posts for duty in by_post[post]]
            duties.sort(key=lambda duty: (duty.start_at, duty.id))
            self._by_person[person.id] = tuple(duties)
        self.cells = tuple(
            Assignment(duty.id, person_id)
            for person_id, duties in self._by_person.items()
            for duty in duties
        )

    def duties_open_to(self, person: Person) -> tuple[Duty, ...]:
        """Duties of the posts the person is or was qualified for, by start."""
        return self._by_person[person.id]

    def forbid(self, cell: Assignment, fact: Fact) -> None:
        """States that the cell may not be taken."""
        self.forbidden.setdefault(cell, []).append(fact)

    def require(self, cell: Assignment, fact: Fact) -> None:
        """States that the cell must be taken."""
        self.required[cell] = fact

    def at_most(self, terms: Sequence[Term], limit: int, fact: Fact, price: int = 0) -> None:
        """States that the weighted number of cells taken may not pass `limit` (≥ 0)."""
        if sum(term.weight for term in terms) <= limit:
            return
        cap = Cap(tuple(terms), limit, fact, price)
        self.caps.append(cap)
        for person_id in {term.cell.person_id for term in terms}:
            self.caps_of.setdefault(person_id, []).append(cap)

    def ask_company(self, cell: Assignment, among: Iterable[Assignment], fact: Fact) -> None:
        """States that taking the cell asks for one of the others."""
        self.companions.append(Companion(cell, tuple(among), fact))

    def ask_cover(self, duty: Duty, fact: Fact) -> None:
        """States that the duty is to be held by exactly `duty.need` people."""
        self.cover[duty.id] = fact
