"""Who may be on duty at all: cover, qualification, absence, one duty at a time, decisions.

These rules hold for every kind of duty and every authority.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from scheduling.rota.model import Fact, Model, Term
from scheduling.rota.problem import Absence, Assignment, Duty, Problem, Qualification
from scheduling.rota.rules.base import Breach, Force, Rule, Source, cliques, held_by, overlap
from scheduling.rota.rules.calendar import civil_days
from scheduling.rota.solution import Rota

_ORGANISATION = Source(
    text="Décret n° 2001-623 du 12 juillet 2001",
    article="art. 5",
    link="https://www.idcite.com/RH-R-M-Horaires-de-debut-et-de-fin-des-periodes-ouvrant-droit-a-"
    "remuneration-horaire-et-a-indemnite-d-astreinte_a30681.amp.html",
)
"""The assembly decides the cases, the organisation and the posts concerned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover(Rule):
    """Each duty is held by exactly as many people as it needs.

    The search may leave a duty short when nothing else is lawful; it then says so.

    Source: décret n° 2001-623 du 12 juillet 2001, art. 5: the assembly sets the cases
    and the organisation of on-call duty, hence how many people each post needs.
    """

    name: ClassVar[str] = "cover"
    source: ClassVar[Source] = _ORGANISATION
    force: ClassVar[Force] = Force.LOCAL

    def add(self, model: Model) -> None:
        """Asks the model to cover every duty."""
        for duty in model.problem.duties:
            model.ask_cover(duty, Fact(self.name, duty_ids=(duty.id,)))

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists duties short of people, or with too many."""
        holders = rota.holders()
        return tuple(
            Breach(self.name, None, (duty.id,), f"{len(holders.get(duty.id, ()))}/{duty.need}")
            for duty in problem.duties
            if len(holders.get(duty.id, ())) != duty.need
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualified(Rule):
    """A duty is held by somebody entitled to its post on every one of its days.

    Source: décret n° 2001-623 du 12 juillet 2001, art. 5: the assembly lists the posts
    concerned; décret n° 2015-415 du 14 avril 2015, art. 2: the decision duty is for
    managing staff only.
    """

    name: ClassVar[str] = "qualification"
    source: ClassVar[Source] = _ORGANISATION
    force: ClassVar[Force] = Force.LAW

    def add(self, model: Model) -> None:
        """Forbids the cells whose days no qualification covers."""
        for person in model.problem.people:
            for duty in model.duties_open_to(person):
                if not _is_entitled(model.problem, person.qualifications, duty):
                    fact = Fact(self.name, person.id, (duty.id,), duty.post)
                    model.forbid(Assignment(duty.id, person.id), fact)

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists assignments without the right to the post."""
        people = problem.person_by_id()
        return tuple(
            Breach(self.name, person_id, (duty.id,), duty.post)
            for person_id, duties in held_by(problem, rota)
            for duty in duties
            if not _is_entitled(problem, people[person_id].qualifications, duty)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Present(Rule):
    """Nobody is on duty during an absence, whatever its kind.

    Source: décret n° 85-1250 du 26 novembre 1985, art. 1er: leave is a right of every
    civil servant in activity; someone ill, on a course or on leave cannot be bound to
    stay at or near home ready to intervene (décret n° 2005-542, art. 2).
    """

    name: ClassVar[str] = "absence"
    source: ClassVar[Source] = Source(
        text="Décret n° 85-1250 du 26 novembre 1985",
        article="art. 1er",
        link="https://www.weka.fr/actualite/fonction-publique/breve_juridique/"
        "conges-annuels-doffice-25885/",
    )
    force: ClassVar[Force] = Force.LAW

    def add(self, model: Model) -> None:
        """Forbids the cells that touch an absence, one fact for each absence."""
        absences = _absences_by_person(model.problem)
        for person in model.problem.people:
            for absence in absences.get(person.id, ()):
                reason = f"{absence.kind}:{model.problem.local(absence.start_at).date()}"
                for duty in model.duties_open_to(person):
                    if _meets(absence, duty):
                        fact = Fact(self.name, person.id, (), reason)
                        model.forbid(Assignment(duty.id, person.id), fact)

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists assignments that touch an absence of their holder."""
        absences = _absences_by_person(problem)
        return tuple(
            Breach(self.name, person_id, (duty.id,), str(problem.local(absence.start_at).date()))
            for person_id, duties in held_by(problem, rota)
            for duty in duties
            for absence in absences.get(person_id, ())
            if _meets(absence, duty)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAtATime(Rule):
    """Nobody holds two duties that overlap.

    Source: décret n° 2005-542 du 19 mai 2005, art. 2: the person on call must be able
    to intervene, which two simultaneous duties do not allow.
    """

    name: ClassVar[str] = "one_at_a_time"
    source: ClassVar[Source] = Source(
        text="Décret n° 2005-542 du 19 mai 2005",
        article="art. 2",
        link="https://naudrh.1fr1.net/t13-gardien-et-reglementation",
    )
    force: ClassVar[Force] = Force.LAW

    def add(self, model: Model) -> None:
        """Allows one duty in each largest set of overlapping duties."""
        for person in model.problem.people:
            duties = model.duties_open_to(person)
            for clique in cliques(duties, _start, _end):
                fact = Fact(self.name, person.id, tuple(duty.id for duty in clique))
                model.at_most([Term(Assignment(d.id, person.id)) for d in clique], 1, fact)
            self._add_history(model, person.id, duties)

    def _add_history(self, model: Model, person_id: str, duties: tuple[Duty, ...]) -> None:
        ends = [held.end_at for held in model.problem.history if held.person_id == person_id]
        for duty in duties:
            if any(end > duty.start_at for end in ends):
                fact = Fact(self.name, person_id, (duty.id,), "history")
                model.forbid(Assignment(duty.id, person_id), fact)

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists overlapping pairs, and duties begun before an earlier one has ended."""
        found: list[Breach] = []
        for person_id, duties in held_by(problem, rota):
            for place, duty in enumerate(duties):
                for earlier in duties[:place]:
                    if overlap(earlier, duty):
                        found.append(Breach(self.name, person_id, (earlier.id, duty.id)))
                for held in problem.history:
                    if held.person_id == person_id and held.end_at > duty.start_at:
                        found.append(Breach(self.name, person_id, (duty.id,), "history"))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Rule):
    """What somebody decided by hand stands: pinned duties are held, banned ones are not.

    Source: décret n° 2001-623 du 12 juillet 2001, art. 5 (the authority organises).
    """

    name: ClassVar[str] = "decision"
    source: ClassVar[Source] = _ORGANISATION
    force: ClassVar[Force] = Force.LOCAL

    def add(self, model: Model) -> None:
        """Requires the pinned cells and forbids the banned ones."""
        for pin in model.problem.pins:
            model.require(pin, Fact(self.name, pin.person_id, (pin.duty_id,), "pin"))
        for ban in model.problem.bans:
            model.forbid(ban, Fact(self.name, ban.person_id, (ban.duty_id,), "ban"))

    def verify(self, problem: Problem, rota: Rota) -> tuple[Breach, ...]:
        """Lists pins that do not stand and bans that were passed over."""
        lost = [(pin, "pin") for pin in problem.pins if pin not in rota.assignments]
        taken = [(ban, "ban") for ban in problem.bans if ban in rota.assignments]
        return tuple(
            Breach(self.name, cell.person_id, (cell.duty_id,), what)
            for cell, what in (*lost, *taken)
        )


def _start(duty: Duty) -> datetime:
    return duty.start_at


def _end(duty: Duty) -> datetime:
    return duty.end_at


def _is_entitled(problem: Problem, rights: tuple[Qualification, ...], duty: Duty) -> bool:
    mine = [right for right in rights if right.post == duty.post]
    if any(right.valid_from is None and right.valid_until is None for right in mine):
        return True
    days = civil_days(problem, duty) or (problem.local(duty.start_at).date(),)
    return any(right.covers(days[0], days[-1]) for right in mine)


def _absences_by_person(problem: Problem) -> dict[str, list[Absence]]:
    found: dict[str, list[Absence]] = {}
    for absence in problem.absences:
        found.setdefault(absence.person_id, []).append(absence)
    return found


def _meets(absence: Absence, duty: Duty) -> bool:
    return absence.start_at < duty.end_at and duty.start_at < absence.end_at


def meetings(duties: tuple[Duty, ...]) -> Iterator[tuple[Duty, Duty]]:
    """Pairs of duties that overlap, each once, a duty with itself included."""
    ordered = sorted(duties, key=lambda duty: (duty.start_at, duty.id))
    for place, duty in enumerate(ordered):
        yield duty, duty
        for later in ordered[place + 1 :]:
            if later.start_at >= duty.end_at:
                break
            yield duty, later
