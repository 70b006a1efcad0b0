"""How brittle is a rota: for each turn to come, what its holder's absence would change.

An absence is easy when one colleague can simply take the turn, bearable when he can after giving
one turn of his own away, and hard when neither is lawful. Found by trying, and judged by the
independent checker, so that nobody is promised a repair that the law forbids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from scheduling.rota.check import check
from scheduling.rota.districts import districts, share_of
from scheduling.rota.problem import Absence, AbsenceKind, Assignment, Duty, Problem
from scheduling.rota.solution import Rota


class Ease(IntEnum):
    """How many turns change hands when the holder is away; HARD is more than two."""

    ONE = 1
    TWO = 2
    HARD = 3


@dataclass(frozen=True, slots=True)
class Weakness:
    """One turn whose holder could fall ill.

    Attributes:
        cell: the turn and its holder.
        ease: how much would change.
        stand_ins: who could take the turn as things are, by id.
    """

    cell: Assignment
    ease: Ease
    stand_ins: tuple[str, ...] = ()


def robustness(problem: Problem, rota: Rota, now: datetime) -> tuple[Weakness, ...]:
    """What each single absence would change, one for each turn to come, in order of time.

    Args:
        problem: Rules, people, absences and turns.
        rota: Who holds what.
        now: Turns that have begun are left out.
    """
    found: list[Weakness] = []
    for district in districts(problem):
        trial = _Trial(district, share_of(rota, district), now)
        found += [trial.judge(cell) for cell in trial.cells]
    starts = {duty.id: duty.start_at for duty in problem.duties}
    return tuple(sorted(found, key=lambda one: (starts[one.cell.duty_id], one.cell)))


class _Trial:
    """One district, in which absences are tried out."""

    def __init__(self, problem: Problem, rota: Rota, now: datetime) -> None:
        self.problem = problem
        self.rota = rota
        self.duties = problem.duty_by_id()
        self.open = {duty.id for duty in problem.duties if duty.start_at > now}
        self.rights = {p.id: {q.post for q in p.qualifications} for p in problem.people}
        self.faults = set(check(problem, rota))
        self.cells = sorted(cell for cell in rota.assignments if cell.duty_id in self.open)

    def judge(self, cell: Assignment) -> Weakness:
        """Try out the absence of one holder during one turn."""
        duty = self.duties[cell.duty_id]
        away = Absence(cell.person_id, duty.start_at, duty.end_at, AbsenceKind.SICK)
        problem = replace(self.problem, absences=(*self.problem.absences, away))
        able = [who for who in sorted(self.rights) if self._may_take(who, duty)]
        direct = tuple(who for who in able if self._holds(problem, self._given(cell, who)))
        if direct:
            return Weakness(cell, Ease.ONE, direct)
        for who in able:
            for second in self._passed_on(cell, who):
                if self._holds(problem, second):
                    return Weakness(cell, Ease.TWO, (who,))
        return Weakness(cell, Ease.HARD)

    def _may_take(self, who: str, duty: Duty) -> bool:
        held = Assignment(duty.id, who) in self.rota.assignments
        return duty.post in self.rights[who] and not held

    def _given(self, cell: Assignment, who: str) -> frozenset[Assignment]:
        return (self.rota.assignments - {cell}) | {Assignment(cell.duty_id, who)}

    def _passed_on(self, cell: Assignment, who: str) -> Iterator[frozenset[Assignment]]:
        """Rotas in which a stand-in takes the turn and hands one of his own to a third person."""
        after = self._given(cell, who)
        own = [c for c in after if c.person_id == who and c.duty_id in self.open]
        for theirs in sorted(own):
            if theirs.duty_id == cell.duty_id:
                continue
            for third in sorted(self.rights):
                if third != who and self._may_take(third, self.duties[theirs.duty_id]):
                    yield (after - {theirs}) | {Assignment(theirs.duty_id, third)}

    def _holds(self, problem: Problem, cells: frozenset[Assignment]) -> bool:
        return set(check(problem, Rota(cells))) <= self.faults
