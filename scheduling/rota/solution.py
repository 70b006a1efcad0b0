"""What a rota engine answers: the assignments, how good they are and how it knows.

Plain results, without any search: `check.py` judges them, `fairness.py` counts them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from scheduling.rota.problem import Assignment, Problem


@dataclass(frozen=True, slots=True)
class Rota:
    """Who holds which duty."""

    assignments: frozenset[Assignment]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Rota:
        """Builds a rota from `(duty_id, person_id)` pairs."""
        return cls(frozenset(Assignment(duty_id, person_id) for duty_id, person_id in pairs))

    def holders(self) -> dict[str, list[str]]:
        """Ids of the people on each duty that has any, sorted."""
        found: dict[str, list[str]] = {}
        for assignment in sorted(self.assignments):
            found.setdefault(assignment.duty_id, []).append(assignment.person_id)
        return found

    def duties_of(self) -> dict[str, list[str]]:
        """Ids of the duties of each person who has any, sorted."""
        found: dict[str, list[str]] = {}
        for assignment in sorted(self.assignments):
            found.setdefault(assignment.person_id, []).append(assignment.duty_id)
        return found

    def uncovered(self, problem: Problem) -> dict[str, int]:
        """How many people are missing on each duty that lacks somebody."""
        holders = self.holders()
        missing = {duty.id: duty.need - len(holders.get(duty.id, ())) for duty in problem.duties}
        return {duty_id: count for duty_id, count in missing.items() if count > 0}


UNCOVERED = "uncovered"
RELAXED = "relaxed"
SPREAD = "spread"
UNEVENNESS = "unevenness"
WISHES = "wishes"
ORDER = (UNCOVERED, RELAXED, SPREAD, UNEVENNESS, WISHES)
"""The stages, most important first: no gain in one may cost anything in an earlier one."""


class Proof(StrEnum):
    """How far a stage got: proven best, stopped by its budget, or not needed."""

    PROVEN = "proven"
    LIMIT = "limit"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StageReport:
    """One lexicographic stage on the whole problem: its value and its lower bound."""

    name: str
    value: int
    bound: int
    proof: Proof


@dataclass(frozen=True, slots=True)
class Outcome:
    """A rota with the account of how it was found.

    Attributes:
        stages: in order of importance; values are sums over the components, except
            the fairness spread, which is the worst component's.
        components: number of independent parts solved apart.
        work: deterministic effort spent, in the solver's deterministic seconds.
    """

    rota: Rota
    stages: tuple[StageReport, ...] = field(default=())
    components: int = 0
    work: float = 0.0

    @property
    def proof(self) -> Proof:
        """The weakest proof among the stages."""
        proofs = {stage.proof for stage in self.stages}
        for weakest in (Proof.STOPPED, Proof.LIMIT):
            if weakest in proofs:
                return weakest
        return Proof.PROVEN

    def stage(self, name: str) -> StageReport:
        """The report of the stage called `name`."""
        return next(stage for stage in self.stages if stage.name == name)
