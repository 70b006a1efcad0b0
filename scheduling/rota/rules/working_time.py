"""Guarantees of working time that the law gives to everyone whose duty is work.

Stand-by at home is not working time; on-site duties and shifts are. Only what the
problem contains is counted: ordinary office hours must be given as duties or history
for the weekly caps to see them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from scheduling.rota.model import Fact, Model, Term
from scheduling.rota.problem import Assignment, Duty, Held, Problem
from scheduling.rota.rules.base import (
    Breach,
    Force,
    Rule,
    Source,
    cliques,
    held_by,
    past_of,
    week_of,
)
from scheduling.rota.solution import Rota

_GUARANTEES = Source(
    text="Décret n° 2000-815 du 25 août 2000",
    article="art. 3-I",
    link="https://cdg50.fr/base-documentaire/garanties-minimales-du-temps-de-travail/",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyRest(Rule):
    """At least `hours` of rest between two duties that are work.

    Source: décret n° 2000-815 du 25 août 2000, art. 3-I (11 hours a day), applied to
    local authorities by décret n° 2001-623, art. 1er; 9 hours for the surveillance of
    transport infrastructure by décret n° 2002-259, art. 2.
    """

    name: ClassVar[str] = "daily_rest"
    source: ClassVar[Source] = _GUARANTEES
    force: ClassVar[Force] = Force.LAW

    hours: int = 11

    def _rested(self, duty: Duty | Held) -> datetime:
        return duty.end_at + timedelta(hours=self.hours)

    def add(self, model: Model) -> None:
        """Allows one duty in each set too close to leave the rest between them."""
        past = past_of(model.problem)
        for person in model.problem.people:
            open_duties = self.duties_in_force(model.problem, model.duties_open_to(person))
            work = [duty for duty in open_duties if duty.work_min]
            for clique in cliques(work, lambda duty: duty.start_at, self._rested):
                fact = Fact(self.name, person.id, tuple(duty.id for duty in clique))
                model.at_most([Term(Assignment(d.id, person.id)) for d in clique], 1, fact)
            ends = [self._rested(held) for held in past[person.id] if held.work_min]
            for duty in work:
                if any(end > duty.start_at for end in ends):
                    fact = Fact(self.name, person.id, (duty.id,), "history")
                    model.forbid(Assignment(duty.id, person.id), fact)

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists work duties begun before the rest was over."""
        found: list[Breach] = []
        past = past_of(problem)
        for person_id, held in held_by(problem, rota):
            before: list[Duty | Held] = [old for old in past[person_id] if old.work_min]
            for duty in self.duties_in_force(problem, held):
                if not duty.work_min:
                    continue
                for earlier in before:
                    if self._rested(earlier) > duty.start_at:
                        found.append(Breach(self.name, person_id, (duty.id,), f"{self.hours} h"))
                        break
                before.append(duty)
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedHours(Rule):
    """At most `mean_h` hours of work a week on average over any `weeks` weeks running.

    Source: décret n° 2000-815 du 25 août 2000, art. 3-I: 48 hours in one week, and 44
    hours on average over any 12 consecutive weeks; 60 hours in one isolated week for
    winter service by décret n° 2002-259, art. 5.
    """

    name: ClassVar[str] = "worked_hours"
    source: ClassVar[Source] = _GUARANTEES
    force: ClassVar[Force] = Force.LAW

    mean_h: int = 48
    weeks: int = 1

    def add(self, model: Model) -> None:
        """Caps the minutes of work in every window, past duties as constants."""
        problem = model.problem
        past = past_of(problem)
        for person in problem.people:
            open_duties = self.duties_in_force(problem, model.duties_open_to(person))
            work = [duty for duty in open_duties if duty.work_min]
            done = _minutes_by_week(problem, past[person.id], [])
            for monday in self._windows([week_of(problem, duty.start_at) for duty in work]):
                inside = [d for d in work if self._contains(monday, week_of(problem, d.start_at))]
                left = self.mean_h * 60 * self.weeks - self._sum(monday, done)
                terms = [Term(Assignment(d.id, person.id), d.work_min) for d in inside]
                fact = Fact(self.name, person.id, tuple(d.id for d in inside), str(monday))
                model.at_most(terms, max(0, left), fact)

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists windows with too much work, the duties of the rota being to blame."""
        found: list[Breach] = []
        past = past_of(problem)
        for person_id, held in held_by(problem, rota):
            work = [duty for duty in self.duties_in_force(problem, held) if duty.work_min]
            done = _minutes_by_week(problem, past[person_id], work)
            for monday in self._windows([week_of(problem, duty.start_at) for duty in work]):
                minutes = self._sum(monday, done)
                if minutes > self.mean_h * 60 * self.weeks:
                    detail = f"{minutes / 60 / self.weeks:.1f} h, {monday}"
                    found.append(Breach(self.name, person_id, (), detail))
        return tuple(found)

    def _windows(self, mondays: list[date]) -> list[date]:
        """First Mondays of every window that contains one of the weeks given."""
        back = range(self.weeks)
        return sorted({monday - timedelta(weeks=number) for monday in mondays for number in back})

    def _contains(self, first: date, monday: date) -> bool:
        return first <= monday < first + timedelta(weeks=self.weeks)

    def _sum(self, first: date, minutes: Mapping[date, int]) -> int:
        return sum(spent for monday, spent in minutes.items() if self._contains(first, monday))


def _minutes_by_week(problem: Problem, past: list[Held], new: list[Duty]) -> dict[date, int]:
    minutes: dict[date, int] = {}
    spent: list[Duty | Held] = [*past, *new]
    for duty in spent:
        monday = week_of(problem, duty.start_at)
        minutes[monday] = minutes.get(monday, 0) + duty.work_min
    return minutes
