"""What an authority decides for itself: spacing, frequency, who with whom.

No text sets a legal maximum of on-call weeks; the deliberation of the assembly does.
Every value here is therefore a parameter of `Policy`.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from scheduling.rota.model import Fact, Model, Term
from scheduling.rota.problem import Assignment, Mentoring, Problem
from scheduling.rota.rules.base import (
    Breach,
    Force,
    Rule,
    Source,
    cliques,
    held_by,
    overlap,
    past_of,
)
from scheduling.rota.rules.presence import meetings
from scheduling.rota.solution import Rota

_DELIBERATION = Source(
    text="Délibération de l'assemblée (décret n° 2001-623, art. 5)",
    article="",
    link="https://www.cdg44.fr/",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing(Rule):
    """At least `free_weeks` weeks without duty between two duties of one person.

    Counted on the wall clock, so a change of hour neither adds nor removes a week.

    Source: local rule; no statutory maximum exists, the assembly sets the frequency
    (décret n° 2001-623 du 12 juillet 2001, art. 5).
    """

    name: ClassVar[str] = "spacing"
    source: ClassVar[Source] = _DELIBERATION
    force: ClassVar[Force] = Force.LOCAL

    free_weeks: int = 1

    @property
    def _gap(self) -> timedelta:
        return timedelta(weeks=self.free_weeks)

    def _free_at_first(self, problem: Problem) -> dict[str, datetime]:
        """When each person with a past may begin a duty again, on the wall clock."""
        return {
            person_id: max(problem.local(held.end_at) for held in past) + self._gap
            for person_id, past in past_of(problem).items()
            if past
        }

    def add(self, model: Model) -> None:
        """Allows one duty in each set too close together; looks back at history."""
        free_at_first = self._free_at_first(model.problem)
        for person in model.problem.people:
            duties = self.duties_in_force(model.problem, model.duties_open_to(person))
            for clique in cliques(
                duties,
                lambda duty: model.starts[duty.id],
                lambda duty: model.ends[duty.id] + self._gap,
            ):
                fact = Fact(self.name, person.id, tuple(duty.id for duty in clique))
                terms = [Term(Assignment(duty.id, person.id)) for duty in clique]
                model.at_most(terms, 1, fact, self.price)
            free_at = free_at_first.get(person.id)
            for duty in duties:
                if free_at is not None and model.starts[duty.id] < free_at:
                    fact = Fact(self.name, person.id, (duty.id,), "history")
                    self._refuse(model, Assignment(duty.id, person.id), fact)

    def _refuse(self, model: Model, cell: Assignment, fact: Fact) -> None:
        if self.is_hard:
            model.forbid(cell, fact)
        else:
            model.at_most([Term(cell)], 0, fact, self.price)

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists duties begun too soon after the holder's previous one."""
        found: list[Breach] = []
        free_at_first = self._free_at_first(problem)
        for person_id, held in held_by(problem, rota):
            free_at, last = free_at_first.get(person_id), "history"
            for duty in self.duties_in_force(problem, held):
                if free_at is not None and problem.local(duty.start_at) < free_at:
                    found.append(Breach(self.name, person_id, (duty.id,), last))
                free = problem.local(duty.end_at) + self._gap
                if free_at is None or free > free_at:
                    free_at, last = free, duty.id
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferredSpacing(Spacing):
    """The same spacing as a preference: given up, by name, when cover asks for it.

    Source: local rule (décret n° 2001-623 du 12 juillet 2001, art. 5).
    """

    name: ClassVar[str] = "preferred_spacing"

    free_weeks: int = 2
    price: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTooOften(Rule):
    """At most `max_duties` duties begun in any `window_weeks` weeks running.

    Source: local rule (décret n° 2001-623 du 12 juillet 2001, art. 5).
    """

    name: ClassVar[str] = "frequency"
    source: ClassVar[Source] = _DELIBERATION
    force: ClassVar[Force] = Force.LOCAL

    max_duties: int = 17
    window_weeks: int = 52

    def add(self, model: Model) -> None:
        """Caps the duties of every window that begins with a duty, past or planned."""
        problem, span = model.problem, timedelta(weeks=self.window_weeks)
        past = past_of(problem)
        for person in problem.people:
            duties = self.duties_in_force(problem, model.duties_open_to(person))
            starts = [model.starts[duty.id] for duty in duties]
            old = [problem.local(held.start_at) for held in past[person.id]]
            stated = (0, self.max_duties)
            for first in sorted({*starts, *old}):
                begin, end = bisect_left(starts, first), bisect_left(starts, first + span)
                left = max(0, self.max_duties - sum(first <= at < first + span for at in old))
                # A window that ends with the same duty as the last one stated and leaves
                # as much room is contained in it: a year of weeks needs one cap, not 52.
                if end == stated[0] and left >= stated[1]:
                    continue
                ids = tuple(duty.id for duty in duties[begin:end])
                terms = [Term(Assignment(duty_id, person.id)) for duty_id in ids]
                model.at_most(terms, left, Fact(self.name, person.id, ids), self.price)
                stated = (end, left)

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists windows with too many duties, at least one of them in the rota."""
        found: list[Breach] = []
        past = past_of(problem)
        for person_id, held in held_by(problem, rota):
            duties = self.duties_in_force(problem, held)
            new = [problem.local(duty.start_at) for duty in duties]
            old = [problem.local(held.start_at) for held in past[person_id]]
            for first in sorted({*new, *old}):
                mine = sum(self._in(first, at) for at in new)
                count = mine + sum(self._in(first, at) for at in old)
                if mine and count > self.max_duties:
                    detail = f"{count}/{self.max_duties}, {first.date()}"
                    found.append(Breach(self.name, person_id, (), detail))
        return tuple(found)

    def _in(self, first: datetime, start: datetime) -> bool:
        return first <= start < first + timedelta(weeks=self.window_weeks)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptApart(Rule):
    """Two people who may not be on duty at the same time, such as a couple.

    Source: local rule (décret n° 2001-623 du 12 juillet 2001, art. 5).
    """

    name: ClassVar[str] = "apart"
    source: ClassVar[Source] = _DELIBERATION
    force: ClassVar[Force] = Force.LOCAL

    one: str
    other: str

    def add(self, model: Model) -> None:
        """Allows at most one of the two in every pair of overlapping duties."""
        duties = tuple(self.duties_in_force(model.problem, model.problem.duties))
        cells = set(model.cells)
        for first, second in meetings(duties):
            ways = {(first.id, second.id), (second.id, first.id)}
            for mine, theirs in sorted(ways):
                pair = Assignment(mine, self.one), Assignment(theirs, self.other)
                if cells.issuperset(pair):
                    fact = Fact(self.name, self.one, (mine, theirs), self.other)
                    model.at_most([Term(cell) for cell in pair], 1, fact, self.price)

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists pairs of overlapping duties held by the two."""
        held = dict(held_by(problem, rota))
        return tuple(
            Breach(self.name, self.one, (mine.id, theirs.id), self.other)
            for mine in self.duties_in_force(problem, held.get(self.one, ()))
            for theirs in self.duties_in_force(problem, held.get(self.other, ()))
            if overlap(mine, theirs)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentored(Rule):
    """A novice is only on duty while one of the seniors is, on whatever post.

    Source: local rule (décret n° 2001-623 du 12 juillet 2001, art. 5).
    """

    name: ClassVar[str] = "mentoring"
    source: ClassVar[Source] = _DELIBERATION
    force: ClassVar[Force] = Force.LOCAL

    mentoring: Mentoring

    def add(self, model: Model) -> None:
        """Asks for a senior's overlapping duty beside each duty of the novice."""
        cells = set(model.cells)
        novice = model.problem.person_by_id()[self.mentoring.novice_id]
        for duty in self.duties_in_force(model.problem, model.duties_open_to(novice)):
            company = sorted(
                cell
                for other in model.problem.duties
                if overlap(duty, other)
                for cell in (Assignment(other.id, s) for s in self.mentoring.senior_ids)
                if cell in cells
            )
            fact = Fact(self.name, novice.id, (duty.id,))
            model.ask_company(Assignment(duty.id, novice.id), company, fact)

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists the novice's duties without a senior beside them."""
        held = dict(held_by(problem, rota))
        beside = [duty for senior in self.mentoring.senior_ids for duty in held.get(senior, ())]
        alone = [
            duty
            for duty in self.duties_in_force(problem, held.get(self.mentoring.novice_id, ()))
            if not any(overlap(duty, other) for other in beside)
        ]
        return tuple(Breach(self.name, self.mentoring.novice_id, (duty.id,)) for duty in alone)
