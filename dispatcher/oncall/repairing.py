"""Somebody cannot come: ways out that change as little as they can, and the one that is chosen.

The engine answers in a process of its own, in under a second; nothing changes before one is
chosen, and then only if the rota is still the one that was shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from dispatcher.clock import elapsed_ms, monotonic_s
from dispatcher.database import Tx
from dispatcher.errors import Conflict, InvalidInput, NotFound, StaleVersion, Unavailable
from dispatcher.events.oncall_facts import TurnMoved
from dispatcher.models import OnCallDuty, OnCallPerson, Rota
from dispatcher.oncall.moves import rota_of, settle
from dispatcher.oncall.snapshot import PUBLISHED
from dispatcher.oncall.solving import PROCESS
from dispatcher.oncall.swapping import InForce, as_problem
from scheduling.rota.check import check
from scheduling.rota.counters import count
from scheduling.rota.problem import Absence, AbsenceKind, Assignment, Duty, Problem
from scheduling.rota.repair import FEWEST, Change, Situation, WayOut, hand_over, is_minimal, repair
from scheduling.rota.robustness import Weakness, robustness
from scheduling.rota.rules.calendar import RELIEF_AT, instant
from scheduling.rota.solution import Rota as EngineRota

REST = "+"
"""What the engine adds to the name of a turn for the part after its holder fell ill."""


@dataclass(frozen=True, slots=True)
class Away:
    """Who is away, on which civil days (end excluded), and why."""

    person_id: UUID
    start: date
    end: date
    kind: AbsenceKind


@dataclass(frozen=True, slots=True)
class Judged:
    """A way out with what it does to fairness.

    Attributes:
        way: The engine's answer.
        furthest: Deviation of whoever is furthest from the fair share afterwards, in points.
        uncovered: Turns left short.
        is_minimal: Whether fewer changes were proven impossible.
    """

    way: WayOut
    furthest: int
    uncovered: int
    is_minimal: bool


@dataclass(frozen=True, slots=True)
class Repairs:
    """The ways out of an absence, on which edition of the rota, and how it stands without."""

    edition: int
    situation: Situation
    ways: tuple[Judged, ...]
    furthest_now: int
    elapsed_ms: float


def ways_out(session: Session, rota: Rota, away: Away, now: datetime, zone: ZoneInfo) -> Repairs:
    """Return up to four different lawful ways out of an absence (blocking for up to a second).

    Raises:
        NotFound: No such person, or the rota is over.
        InvalidInput: The absence is over or backwards.
        Unavailable: The solver failed, or broke a rule.
    """
    started_s = monotonic_s()
    held = as_problem(session, rota, now, zone)
    problem, published = _with(held, away, now, zone)
    situation = Situation(problem, published, now)
    ways = PROCESS.ask(repair, situation)
    for way in ways:
        if faults := [f for f in check(problem, way.rota) if f.code != "cover"]:
            raise Unavailable(f"the repair broke a rule: {faults[0].code}")
    judged = tuple(
        Judged(
            way,
            furthest(problem, way.rota),
            sum(way.rota.uncovered(problem).values()),
            way.name == FEWEST and is_minimal(way),
        )
        for way in ways
    )
    now_furthest = furthest(held.problem, held.rota)
    return Repairs(rota.edition, situation, judged, now_furthest, round(elapsed_ms(started_s), 1))


def apply(
    tx: Tx, rota_id: UUID, edition: int, away: Away, changes: Sequence[Change], zone: ZoneInfo
) -> Rota:
    """Note an absence and put a way out of it in force.

    Raises:
        StaleVersion: Somebody moved turns of this rota meanwhile.
        NotFound: No such rota or person here.
        Conflict: The changes do not fit the rota, or break a rule.
    """
    rota = rota_of(tx.session, tx.org, rota_id, lock=True)
    if rota.edition != edition:
        raise StaleVersion(version=rota.edition)
    held = as_problem(tx.session, rota, tx.now, zone)
    problem, published = _with(held, away, tx.now, zone)
    lost = {Assignment(c.duty_id, c.before) for c in changes if c.before}
    won = {Assignment(c.duty_id, c.after) for c in changes if c.after}
    after = EngineRota((published.assignments - lost) | won)
    faults = [f for f in check(problem, after) if f.code != "cover"]
    old = {f for f in check(held.problem, held.rota) if f.code != "cover"}
    if faults := [f for f in faults if f not in old]:
        raise Conflict("the repair breaks a rule", rule=faults[0].code)
    _note_absence(tx, away)
    starts = problem.duty_by_id()
    for change in changes:
        if change.duty_id not in starts:
            raise Conflict("no such turn in this rota")
        _hand_over(tx, held, change, starts[change.duty_id], away.person_id)
    moved = [
        TurnMoved(duty_id=c.duty_id, before=_id(c.before), after=_id(c.after)) for c in changes
    ]
    settle(tx, replace(held, problem=problem, rota=published), after, moved)
    return rota


def weaknesses(session: Session, rota: Rota, now: datetime, zone: ZoneInfo) -> tuple[Weakness, ...]:
    """Return what each single absence during a turn to come would change (blocking)."""
    held = as_problem(session, rota, now, zone)
    return PROCESS.ask(robustness, held.problem, held.rota, now)


def furthest(problem: Problem, rota: EngineRota) -> int:
    """Return how far from the fair share the person furthest from it is, in points."""
    return max((abs(one.deviation) for one in count(problem, rota)), default=0)


def _with(held: InForce, away: Away, now: datetime, zone: ZoneInfo) -> tuple[Problem, EngineRota]:
    if str(away.person_id) not in {person.id for person in held.problem.people}:
        raise NotFound(what="person")
    start, end = (instant(day, RELIEF_AT, zone) for day in (away.start, away.end))
    if end <= max(start, now):
        raise InvalidInput("the absence is over or ends before it begins", field="end")
    absence = Absence(str(away.person_id), max(start, now), end, away.kind)
    return hand_over(held.problem, held.rota, absence)


def _id(who: str | None) -> UUID | None:
    return UUID(who) if who is not None else None


def _note_absence(tx: Tx, away: Away) -> None:
    person = tx.session.get(OnCallPerson, away.person_id, with_for_update=True)
    if person is None or person.org != tx.org:
        raise NotFound(what="person")
    noted = {
        "start": away.start.isoformat(),
        "end": away.end.isoformat(),
        "kind": away.kind.value,
    }
    if noted not in person.absences:
        person.absences = [*person.absences, noted]


def _hand_over(tx: Tx, held: InForce, change: Change, duty: Duty, absent: UUID) -> None:
    """Give a turn, or what is left of one, to somebody else."""
    whole = change.duty_id.rstrip(REST)
    if whole != change.duty_id:
        # What is left of a turn that runs: whoever fell ill keeps what he did of it.
        running = held.duties.get((whole, str(absent)))
        if running is not None:
            running.end_at = duty.start_at
    elif change.before is not None:
        row = held.duties.get((whole, change.before))
        if row is None:
            raise Conflict("the rota changed: somebody holds one of these turns no more")
        tx.session.delete(row)
    if change.after is not None:
        tx.session.add(
            OnCallDuty(
                id=tx.new_id(),
                rota_id=held.row.id,
                post=duty.post,
                person_id=UUID(change.after),
                week=whole.rpartition(":")[2],
                start_at=duty.start_at,
                end_at=duty.end_at,
                told_at=tx.now if held.row.state == PUBLISHED else None,
            )
        )
