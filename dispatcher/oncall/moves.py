"""Turns moved by a planner's hand: the price in euros, the rules broken and the fairness of each
possible move before it is made, then the move itself, by who saw the rota as it is.

A rule of law stands whatever the planner wants; one that the authority may relax is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from dispatcher.database import Tx
from dispatcher.errors import Conflict, InvalidInput, NotFound, StaleVersion
from dispatcher.events.oncall_facts import TurnMoved, TurnsMoved
from dispatcher.models import OnCallDuty, OnCallPerson, OnCallPost, Rota
from dispatcher.notifications import deliveries, subscriptions
from dispatcher.notifications.deliveries import Message
from dispatcher.oncall.commands import kept_rules
from dispatcher.oncall.ladder import paging_policy
from dispatcher.oncall.pay import duty_pay
from dispatcher.oncall.snapshot import PUBLISHED, posts_of
from dispatcher.oncall.swapping import InForce, as_problem, recounted
from scheduling.rota.check import check
from scheduling.rota.counters import Counter, count
from scheduling.rota.problem import Assignment, Problem, Wish
from scheduling.rota.rules import Rule, rules_for
from scheduling.rota.solution import Rota as EngineRota

SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Handover:
    """One turn (`post:week`) that goes from one person to another."""

    duty_id: str
    from_id: str
    to_id: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a move would break, about whom."""

    rule: Rule
    person_id: str | None
    duty_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """What a move would cost and change.

    Attributes:
        handovers: The move: one turn given, or two exchanged.
        cents: Pay of the turns concerned after the move, less what it is now.
        broken: Rules that it would newly break.
        fairness: Person to deviation from the fair share before and after, in points.
        wishes_broken: Weight of wishes that the new holders would lose.
    """

    handovers: tuple[Handover, ...]
    cents: int
    broken: tuple[Broken, ...]
    fairness: dict[str, tuple[int, int]]
    wishes_broken: int

    @property
    def is_lawful(self) -> bool:
        """Whether no rule that must be kept would be broken."""
        return not any(one.rule.is_hard for one in self.broken)


class Pricer:
    """Judges moves on one rota at one instant."""

    def __init__(self, session: Session, rota: Rota, now: datetime, zone: ZoneInfo) -> None:
        """Read the rota; nothing is written."""
        self.row, self.now, self.zone = rota, now, zone
        self.held: InForce = as_problem(session, rota, now, zone)
        self.posts: dict[str, OnCallPost] = {p.code: p for p in posts_of(session, rota.org)}
        self.frozen = self.held.frozen(now)
        problem = self.held.problem
        self.rules = {rule.name: rule for rule in rules_for(problem.policy)}
        self.faults = set(check(problem, self.held.rota))
        self.counts: dict[str, Counter] = {c.person_id: c for c in count(problem, self.held.rota)}
        self.turns = problem.duty_by_id()
        self.fte = {person.id: person.fte_pct for person in problem.people}

    def options(self, turn: OnCallDuty) -> list[Price]:
        """Return the price of giving a turn to each colleague, and of exchanging it for each turn.

        Raises:
            InvalidInput: The turn has begun.
        """
        duty_id, giver = _name(turn), str(turn.person_id)
        if duty_id in self.frozen:
            raise InvalidInput("the turn has begun", field="duty_id")
        problem = self.held.problem
        people = [person.id for person in problem.people if person.id != giver]
        found = [self.price((Handover(duty_id, giver, who),)) for who in people]
        for cell in sorted(self.held.rota.assignments):
            fits = cell.duty_id not in self.frozen and cell.person_id != giver
            if fits and cell.duty_id != duty_id:
                back = Handover(cell.duty_id, cell.person_id, giver)
                found.append(self.price((Handover(duty_id, giver, cell.person_id), back)))
        return found

    def price(self, handovers: tuple[Handover, ...]) -> Price:
        """Return what a move would cost and change."""
        after = self.after(handovers)
        faults = set(check(self.held.problem, after)) - self.faults
        broken = tuple(
            Broken(self.rules[fault.code], fault.person_id, fault.duty_ids)
            for fault in sorted(faults, key=lambda f: (f.code, f.person_id or "", f.duty_ids))
            if fault.code in self.rules
        )
        people = dict.fromkeys(who for one in handovers for who in (one.from_id, one.to_id))
        return Price(
            handovers,
            sum(self._rise(one) for one in handovers),
            broken,
            {who: self._deviation(who, handovers) for who in people},
            sum(_lost(wish, one, self.held.problem) for one in handovers for wish in self._wishes),
        )

    def after(self, handovers: Sequence[Handover]) -> EngineRota:
        """Return the rota after a move.

        Raises:
            Conflict: Somebody holds one of the turns no more, or it has begun.
        """
        given = {Assignment(one.duty_id, one.from_id) for one in handovers}
        taken = {Assignment(one.duty_id, one.to_id) for one in handovers}
        held = self.held.rota.assignments
        if not given <= held or any(one.duty_id in self.frozen for one in handovers):
            raise Conflict("the rota changed: somebody holds one of these turns no more")
        if taken & (held - given) or len(given) != len(handovers):
            raise Conflict("somebody would hold the same turn twice")
        return EngineRota((held - given) | taken)

    @property
    def _wishes(self) -> tuple[Wish, ...]:
        return self.held.problem.wishes

    def _rise(self, one: Handover) -> int:
        turn = self.held.duties[(one.duty_id, one.from_id)]
        post = self.posts[turn.post]
        told = self.now if self.row.state == PUBLISHED else turn.told_at
        then = turn.model_copy(update={"told_at": told})
        paid = [duty_pay(which, post, self.zone) for which in (turn, then)]
        before, after = (found.total_cents if found is not None else 0 for found in paid)
        return after - before

    def _deviation(self, who: str, handovers: Sequence[Handover]) -> tuple[int, int]:
        before = self.counts[who].deviation if who in self.counts else 0
        change = sum(
            round(self.turns[one.duty_id].points * 100 / self.fte[who])
            * ((one.to_id == who) - (one.from_id == who))
            for one in handovers
        )
        return before, before + change


def _lost(wish: Wish, one: Handover, problem: Problem) -> int:
    duty = problem.duty_by_id()[one.duty_id]
    meets = wish.start_at < duty.end_at and duty.start_at < wish.end_at
    return wish.weight if meets and wish.person_id == one.to_id and not wish.wants_duty else 0


def rota_of(session: Session, org: str, rota_id: UUID, *, lock: bool = False) -> Rota:
    """Return a rota that may still be changed.

    Raises:
        NotFound: No such rota here.
        Conflict: Another one replaced it.
    """
    rota = session.get(Rota, rota_id, with_for_update=lock)
    if rota is None or rota.org != org:
        raise NotFound(what="rota")
    if rota.state == SUPERSEDED:
        raise Conflict("another rota replaced this one", state=rota.state)
    return rota


def options(
    session: Session, org: str, turn_id: UUID, now: datetime, zone: ZoneInfo
) -> tuple[Pricer, list[Price]]:
    """Return the price of every move of a turn.

    Raises:
        NotFound: No such turn, or its rota is over.
        InvalidInput: The turn has begun.
    """
    turn = session.get(OnCallDuty, turn_id)
    if turn is None:
        raise NotFound(what="duty")
    pricer = Pricer(session, rota_of(session, org, turn.rota_id), now, zone)
    if (_name(turn), str(turn.person_id)) not in pricer.held.duties:
        raise NotFound(what="duty")
    return pricer, pricer.options(turn)


def move(
    tx: Tx, rota_id: UUID, edition: int, handovers: tuple[Handover, ...], zone: ZoneInfo
) -> Rota:
    """Give turns to others, on the rota that the planner saw.

    Raises:
        StaleVersion: Somebody moved turns of this rota meanwhile.
        NotFound: No such rota here.
        Conflict: The move does not fit, or breaks a rule that must be kept.
    """
    rota = rota_of(tx.session, tx.org, rota_id, lock=True)
    if rota.edition != edition:
        raise StaleVersion(version=rota.edition)
    pricer = Pricer(tx.session, rota, tx.now, zone)
    price = pricer.price(handovers)
    if not price.is_lawful:
        raise Conflict("the move breaks a rule", rule=price.broken[0].rule.name)
    rows = [pricer.held.duties[(one.duty_id, one.from_id)] for one in handovers]
    for row, one in zip(rows, handovers, strict=True):
        row.person_id = UUID(one.to_id)
        if rota.state == PUBLISHED:
            row.told_at = tx.now
    moved = [
        TurnMoved(duty_id=h.duty_id, before=UUID(h.from_id), after=UUID(h.to_id)) for h in handovers
    ]
    settle(tx, pricer.held, pricer.after(handovers), moved)
    return rota


def settle(tx: Tx, held: InForce, after: EngineRota, moved: Sequence[TurnMoved]) -> None:
    """Bring a rota's account, rules and edition in line with turns that changed hands, and tell
    the people of a rota in force.
    """
    rota = held.row
    rota.counters = recounted(held, after)
    rota.rules = kept_rules(held.problem, after)
    rota.edition += 1
    tx.record(TurnsMoved(rota_id=rota.id, edition=rota.edition, turns=list(moved)))
    if rota.state == PUBLISHED:
        for who in sorted({str(p) for one in moved for p in (one.before, one.after) if p}):
            _tell(tx, rota, UUID(who))


def _tell(tx: Tx, rota: Rota, person_id: UUID) -> None:
    person = tx.session.get_one(OnCallPerson, person_id)
    payload: dict[str, Any] = {"mine_id": str(person_id)}
    event = f"turns:{rota.id}:{rota.edition}"
    for channel in paging_policy(tx.session, tx.org).channels:
        if channel != "webhook":
            for target in subscriptions.targets(tx.session, person, channel):
                deliveries.enqueue(tx, Message(event, channel, target, "turns", payload))


def _name(turn: OnCallDuty) -> str:
    return f"{turn.post}:{turn.week}"
