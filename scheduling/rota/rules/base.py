"""What a rule is: a name, a source, dates of validity, and two ways of saying it.

`add` states the rule to a model before the search; `verify` reads a finished rota and
lists what breaks it. The two are written apart and tested against each other on random
rotas, because a rule that is only ever stated to a solver is never seen to be wrong.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from scheduling.rota.model import Model
from scheduling.rota.problem import Duty, Held, Problem
from scheduling.rota.solution import Rota


class Force(StrEnum):
    """Where a rule gets its strength: a rule of law is never offered for relaxation."""

    LAW = "law"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule is written: the text, the article and a page that quotes it."""

    text: str
    article: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a rota breaks a rule; `detail` is a number or date for display."""

    rule: str
    person_id: str | None = None
    duty_ids: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(ABC):
    """A rule of law or of the authority.

    Attributes:
        valid_from: first day on which the rule is in force (None: always was).
        valid_until: first day on which it no longer is (None: still is).
        price: 0 when the rule may not be broken; otherwise the cost of one breach in
            the relaxation stage, between 1 and 1,000.
    """

    name: ClassVar[str]
    source: ClassVar[Source]
    force: ClassVar[Force]

    valid_from: date | None = None
    valid_until: date | None = None
    price: int = 0

    @property
    def is_hard(self) -> bool:
        """True when a rota that breaks the rule may not be published."""
        return self.price == 0

    def in_force(self, problem: Problem, instant: datetime) -> bool:
        """Says whether the rule applies to a duty that begins at `instant`."""
        day = problem.local(instant).date()
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day < self.valid_until)

    def duties_in_force(self, problem: Problem, duties: Iterable[Duty]) -> list[Duty]:
        """The duties to which the rule applies, in the order given."""
        if self.valid_from is None and self.valid_until is None:
            return list(duties)
        return [duty for duty in duties if self.in_force(problem, duty.start_at)]

    @abstractmethod
    def add(self, model: Model) -> None:
        """States the rule about `model.problem`."""

    @abstractmethod
    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists every place where the rota breaks the rule."""


def held_by(problem: Problem, rota: Rota) -> Iterator[tuple[str, list[Duty]]]:
    """The duties of each person who has any, by start."""
    duties = problem.duty_by_id()
    for person_id, duty_ids in rota.duties_of().items():
        held = [duties[duty_id] for duty_id in duty_ids]
        yield person_id, sorted(held, key=lambda duty: (duty.start_at, duty.id))


def past_of(problem: Problem) -> dict[str, list[Held]]:
    """The duties each person held before the horizon, by start."""
    past: dict[str, list[Held]] = {person.id: [] for person in problem.people}
    for held in sorted(problem.history, key=lambda held: held.start_at):
        past.setdefault(held.person_id, []).append(held)
    return past


def cliques(
    duties: Sequence[Duty],
    start: Callable[[Duty], datetime],
    free_from: Callable[[Duty], datetime],
) -> list[tuple[Duty, ...]]:
    """Largest sets of duties of which one person may hold only one.

    Two duties exclude each other when the later one starts before the earlier one
    sets its holder free. One set per sweep stop replaces quadratically many pairs
    and gives the solver a far tighter relaxation.

    Args:
        duties: the duties open to one person.
        start: when a duty begins, in the time the rule counts in.
        free_from: when its holder may begin another one, in the same time.
    """
    found: list[tuple[Duty, ...]] = []
    active: list[Duty] = []
    for duty in sorted(duties, key=lambda duty: (start(duty), duty.id)):
        kept = [earlier for earlier in active if free_from(earlier) > start(duty)]
        if len(kept) < len(active) and len(active) > 1:
            found.append(tuple(active))
        active = [*kept, duty]
    if len(active) > 1:
        found.append(tuple(active))
    return found


def week_of(problem: Problem, instant: datetime) -> date:
    """The Monday of the civil week in which an instant falls."""
    day = problem.local(instant).date()
    return day - timedelta(days=day.weekday())


def overlap(one: Duty, other: Duty) -> bool:
    """Says whether two duties run at the same time, if only for a minute."""
    return one.start_at < other.end_at and other.start_at < one.end_at
