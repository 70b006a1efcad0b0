"""Somebody wishes to be free of a duty: the chains of two to four people that allow it.

A chain hands the duty on: the first person gives it to the second, who gives one of his own
to the third, and so on, until somebody keeps what he got or the first person takes the last
duty in return. Only chains that leave the rota lawful and nobody less fairly treated than
before are listed; people agree or refuse afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scheduling.rota.check import check
from scheduling.rota.districts import districts, share_of
from scheduling.rota.model import Model
from scheduling.rota.parts import split
from scheduling.rota.problem import POINTS_PER_WEEK, Assignment, Problem, ProblemError
from scheduling.rota.rules import state
from scheduling.rota.solution import Rota

FEWEST_PEOPLE, MOST_PEOPLE = 2, 4


@dataclass(frozen=True, slots=True)
class Handover:
    """One duty that goes from one person to another."""

    duty_id: str
    from_id: str
    to_id: str


@dataclass(frozen=True, slots=True)
class Chain:
    """A lawful exchange.

    Attributes:
        handovers: in order; each giver but the first is the taker before him.
        is_cycle: True when the first person takes the last duty given.
        unfairness: by how much the furthest of the people concerned is from the fair load
            afterwards, in points; 100 is one ordinary week.
        wishes_broken: weight of wishes of the takers that the chain newly breaks.
    """

    handovers: tuple[Handover, ...]
    rota: Rota
    is_cycle: bool
    unfairness: int
    wishes_broken: int

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who must agree, the one who asked first."""
        givers = [one.from_id for one in self.handovers]
        return tuple(givers if self.is_cycle else [*givers, self.handovers[-1].to_id])


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: to be free of `duty_id`.

    Attributes:
        frozen: duties that may not change hands, such as those begun.
        tolerance: points by which a load may move away from the fair one.
        most_people: longest chain, 2 to 4.
        limit: number of chains listed.
        tries: chains given to the checker at most, the shortest first.
    """

    person_id: str
    duty_id: str
    frozen: frozenset[str] = frozenset()
    tolerance: int = POINTS_PER_WEEK // 4
    most_people: int = MOST_PEOPLE
    limit: int = 10
    tries: int = 2_000


def chains(problem: Problem, rota: Rota, ask: Ask) -> tuple[Chain, ...]:
    """Lawful and fair-neutral chains: fewest people first, then fewest wishes, then fairest.

    Raises:
        ProblemError: when the person does not hold the duty, or it is frozen.
    """
    given = Assignment(ask.duty_id, ask.person_id)
    if given not in rota.assignments or ask.duty_id in ask.frozen:
        raise ProblemError(f"not to be given away: {ask.duty_id}")
    if not FEWEST_PEOPLE <= ask.most_people <= MOST_PEOPLE:
        raise ProblemError(f"a chain of {ask.most_people} people")
    piece = next(p for p in districts(problem) if ask.duty_id in p.duty_by_id())
    search = _Search(piece, share_of(rota, piece), ask)
    found: list[Chain] = []
    for people in range(FEWEST_PEOPLE, ask.most_people + 1):
        same = sorted(
            search.of_length(people, rota),
            key=lambda one: (one.wishes_broken, one.unfairness, one.people),
        )
        found += same
        if len(found) >= ask.limit:
            break
    return tuple(found[: ask.limit])


class _Search:
    """One district: who may take what, whose load may change, and what is lawful."""

    def __init__(self, problem: Problem, rota: Rota, ask: Ask) -> None:
        self.problem, self.rota, self.ask = problem, rota, ask
        self.model: Model = state(problem)
        self.target: dict[str, int] = {}
        for part in split(self.model):
            self.target.update(zip(part.people, part.target, strict=True))
        self.duties = problem.duty_by_id()
        self.fte = {person.id: person.fte_pct for person in problem.people}
        self.held = {who: list(ids) for who, ids in rota.duties_of().items()}
        pinned = {(pin.duty_id, pin.person_id) for pin in problem.pins}
        self.movable = {
            who: [i for i in ids if i not in ask.frozen and (i, who) not in pinned]
            for who, ids in self.held.items()
        }
        self.allowed = {cell for cell in self.model.cells if cell not in self.model.forbidden}
        self.faults = set(check(problem, rota))
        self.tried = 0

    def of_length(self, people: int, whole: Rota) -> Iterator[Chain]:
        """The chains of exactly so many people."""
        start = Handover(self.ask.duty_id, self.ask.person_id, "")
        for handovers, is_cycle in self._extend((start,), people):
            if self.tried >= self.ask.tries:
                return
            if not self._is_fair(handovers):
                continue
            self.tried += 1
            after = _applied(self.rota, handovers)
            if set(check(self.problem, after)) <= self.faults:
                yield Chain(
                    handovers,
                    _applied(whole, handovers),
                    is_cycle,
                    max(abs(self._deviation(who, handovers)) for who in _people(handovers)),
                    sum(self._broken(one) for one in handovers),
                )

    def _extend(
        self, begun: tuple[Handover, ...], people: int
    ) -> Iterator[tuple[tuple[Handover, ...], bool]]:
        """Completes a chain whose last handover has no taker yet."""
        *done, last = begun
        givers = [one.from_id for one in begun]
        if len(givers) == people:
            if self._may_take(self.ask.person_id, last.duty_id):
                yield (*done, _to(last, self.ask.person_id)), True
            return
        for taker in sorted(self.fte):
            if taker in givers or not self._may_take(taker, last.duty_id):
                continue
            whole = (*done, _to(last, taker))
            if len(givers) == people - 1:
                yield whole, False
            for duty_id in self.movable.get(taker, ()):
                yield from self._extend((*whole, Handover(duty_id, taker, "")), people)

    def _may_take(self, who: str, duty_id: str) -> bool:
        return (
            Assignment(duty_id, who) in self.allowed
            and Assignment(duty_id, who) not in self.rota.assignments
        )

    def _is_fair(self, handovers: tuple[Handover, ...]) -> bool:
        """Whether nobody ends further from the fair load than before, within the tolerance."""
        return all(
            abs(self._deviation(who, handovers))
            <= abs(self._deviation(who, ())) + self.ask.tolerance
            for who in _people(handovers)
        )

    def _deviation(self, who: str, handovers: tuple[Handover, ...]) -> int:
        """Points above or below the fair load, per full-time share, after some handovers."""
        load = sum(self._cost(who, duty_id) for duty_id in self.held.get(who, ()))
        for one in handovers:
            load += self._cost(who, one.duty_id) * ((one.to_id == who) - (one.from_id == who))
        return load - self.target.get(who, 0)

    def _cost(self, who: str, duty_id: str) -> int:
        """Points of a duty for somebody, rounded one by one as his account shows them."""
        return round(self.duties[duty_id].points * 100 / self.fte[who])

    def _broken(self, one: Handover) -> int:
        """Weight of the taker's wishes to be free during the duty."""
        duty = self.duties[one.duty_id]
        return sum(
            wish.weight
            for wish in self.problem.wishes
            if wish.person_id == one.to_id and not wish.wants_duty
            if wish.start_at < duty.end_at and duty.start_at < wish.end_at
        )


def _people(handovers: tuple[Handover, ...]) -> frozenset[str]:
    return frozenset(who for one in handovers for who in (one.from_id, one.to_id))


def _to(one: Handover, taker: str) -> Handover:
    return Handover(one.duty_id, one.from_id, taker)


def _applied(rota: Rota, handovers: tuple[Handover, ...]) -> Rota:
    out = {Assignment(one.duty_id, one.from_id) for one in handovers}
    new = {Assignment(one.duty_id, one.to_id) for one in handovers}
    return Rota((rota.assignments - out) | new)
