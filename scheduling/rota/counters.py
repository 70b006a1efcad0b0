"""What each person has on the account after a rota: weeks, nights, holidays, fairness."""

from __future__ import annotations

from dataclasses import dataclass

from scheduling.rota.parts import split
from scheduling.rota.problem import Carry, Duty, Problem
from scheduling.rota.rules import Rule, state
from scheduling.rota.rules.calendar import civil_days, holidays_in, nights_in, weekends_in
from scheduling.rota.solution import Rota

_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Counter:
    """The account of one person; points are divided by the share of full time.

    Attributes:
        duties: turns of any length; `weeks` counts those of seven days or more.
        load: points of the rota; 100 is one ordinary week for a full-time person.
        target: points a perfectly fair rota would have given.
        carried: points brought from earlier rotas.
    """

    person_id: str
    duties: int
    weeks: int
    weekends: int
    nights: int
    holidays: int
    load: int
    target: int
    carried: int

    @property
    def deviation(self) -> int:
        """Points above (+) or below (−) the fair load of this rota, the past included in it."""
        return self.load - self.target


def count(
    problem: Problem, rota: Rota, rules: tuple[Rule, ...] | None = None
) -> tuple[Counter, ...]:
    """One account for each person, in the order of the problem."""
    targets: dict[str, int] = {}
    for part in split(state(problem, rules)):
        for person_id, target in zip(part.people, part.target, strict=True):
            targets[person_id] = target
    duties = problem.duty_by_id()
    held = rota.duties_of()
    carries = {carry.person_id: carry for carry in problem.carries}
    return tuple(
        _count_one(
            problem,
            [duties[duty_id] for duty_id in held.get(person.id, ())],
            carries.get(person.id, Carry(person.id)),
            (targets.get(person.id, 0), person.fte_pct),
        )
        for person in problem.people
    )


def _count_one(
    problem: Problem, duties: list[Duty], carry: Carry, share: tuple[int, int]
) -> Counter:
    target, fte_pct = share
    days = [civil_days(problem, duty) for duty in duties]
    return Counter(
        person_id=carry.person_id,
        duties=len(duties),
        weeks=sum(len(mine) >= _WEEK_DAYS for mine in days),
        weekends=sum(weekends_in(mine) for mine in days),
        nights=sum(nights_in(problem, duty) for duty in duties),
        holidays=sum(len(holidays_in(problem, duty)) for duty in duties),
        load=sum(round(duty.points * 100 / fte_pct) for duty in duties),
        target=target,
        carried=carry.points,
    )
