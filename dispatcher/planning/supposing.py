"""What if: force a crew, remove crews, add work; the plan as it would be, and nothing changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from dispatcher.clock import elapsed_ms, monotonic_s
from dispatcher.errors import NotFound, Unavailable
from dispatcher.events.states import ProposalEnd
from dispatcher.incidents.images import priority_of
from dispatcher.models import Incident
from dispatcher.planning.moves import price_out
from dispatcher.planning.queries import instant, params_out, refusal_out, subject_of
from dispatcher.planning.schemas import TermOut
from dispatcher.planning.snapshot import SUPPOSED, Snapshot, Work, with_work
from dispatcher.planning.solver import Solver
from dispatcher.planning.suppose_schemas import (
    AddedIn,
    SupposedLineOut,
    SupposeIn,
    SupposeOut,
)
from scheduling.dispatch.solution import Change, Slot, Solution, Unserved
from scheduling.dispatch.suppose import Outcome, Question, Supposition, answered, posed

TOLD_S = 300
"""A start that moves by less is no line: as for proposals."""

ROUNDS = 20_000
"""Of a search after the first answer: half a second or so of one solver process."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A question about a snapshot, answered by insertion.

    Attributes:
        given: As asked.
        question: As the engine sees it.
        began_s: When it was asked, monotonic.
    """

    snapshot: Snapshot
    given: SupposeIn
    question: Question
    began_s: float


def pose(snapshot: Snapshot, given: SupposeIn, forced: Incident | None, now: datetime) -> Posed:
    """Return the question with the plan as it would be by insertion.

    Args:
        snapshot: Nothing frozen.
        given: What is supposed.
        forced: The incident that `given.forced` names.
        now: Service time.

    Raises:
        NotFound: A crew has no shift, or nothing of the incident can be placed.
    """
    began_s = monotonic_s()
    _know(snapshot, given)
    problem = snapshot.problem
    if given.added is not None:
        problem = with_work(snapshot, _work(given.added, now))
    must = None
    if given.forced is not None and forced is not None:
        must = (subject_of(snapshot, forced), str(given.forced.crew_id))
    supposition = Supposition(
        forced=must,
        without=frozenset(str(crew) for crew in given.without_crews),
        added=frozenset() if given.added is None else frozenset({SUPPOSED}),
    )
    return Posed(snapshot, given, posed(problem, supposition), began_s)


def answer(one: Posed) -> SupposeOut:
    """Return the plan as it would be by insertion, in milliseconds."""
    return _told(one, answered(one.question), 0)


async def answer_better(one: Posed, solver: Solver | None) -> SupposeOut:
    """Return the plan as it would be after a search from there, if that is cheaper.

    Raises:
        Unavailable: The solver is away or busy; the first answer stands.
    """
    searchable = one.question.searchable
    if solver is None:
        raise Unavailable("there is no solver")
    if searchable is None:
        return answer(one)
    routes = await solver.search(searchable, one.question.routes, ROUNDS)
    return await run_in_threadpool(_cheaper, one, routes)


def _cheaper(one: Posed, routes: list[list[str]]) -> SupposeOut:
    first, second = answered(one.question), answered(one.question, routes)
    better = min(first, second, key=lambda found: found.bill.cost.scalar)
    return _told(one, better, ROUNDS)


def _told(one: Posed, outcome: Outcome, rounds: int) -> SupposeOut:
    snapshot = one.snapshot
    return SupposeOut(
        plan_version=snapshot.plan_number,
        elapsed_ms=round(elapsed_ms(one.began_s), 2),
        price=price_out(outcome.bill.cost),
        terms=[TermOut(name=n, minutes=round(m, 1)) for n, m in outcome.bill.minutes().items()],
        km_delta=round((_metres(outcome.after) - _metres(outcome.before)) / 1000, 1),
        lines=_lines(snapshot, outcome, one.given.added),
        broken=[refusal_out(snapshot, rule) for rule in outcome.broken],
        rounds=rounds,
    )


def _know(snapshot: Snapshot, given: SupposeIn) -> None:
    crews = [*given.without_crews, *([given.forced.crew_id] if given.forced else [])]
    if any(str(crew) not in snapshot.crews for crew in crews):
        raise NotFound("this crew has no shift", what="crew")


def _work(added: AddedIn, now: datetime) -> Work:
    due = None if added.due_in_min is None else round(now.timestamp()) + added.due_in_min * 60
    return Work(
        at=(added.lat, added.lon),
        duration_s=added.duration_min * 60,
        level=int(added.priority[1]),
        due_at=due,
        skills=tuple(added.skills),
    )


def _lines(snapshot: Snapshot, outcome: Outcome, added: AddedIn | None) -> list[SupposedLineOut]:
    left = {one.visit_id: one for one in outcome.after.unserved}
    lines = [
        _line(snapshot, change, left.get(change.visit_id), added)
        for change in outcome.changes.changes
        if change.shift_s is None or change.is_crew_changed or abs(change.shift_s) > TOLD_S
    ]
    if SUPPOSED in left:
        lines.append(_line(snapshot, Change(SUPPOSED, None, None), left[SUPPOSED], added))
    return sorted(lines, key=lambda line: (line.visit_id is not None, line.priority))


def _line(
    snapshot: Snapshot, change: Change, left: Unserved | None, added: AddedIn | None
) -> SupposedLineOut:
    source = snapshot.visits.get(change.visit_id) or snapshot.orders.get(change.visit_id)
    incident = snapshot.incidents[source.incident_id] if source is not None else None
    return SupposedLineOut(
        visit_id=UUID(change.visit_id) if incident is not None else None,
        incident_id=incident.id if incident is not None else None,
        title=incident.title if incident is not None else None,
        priority=priority_of(incident) if incident else (added.priority if added else "P4"),
        before=_end(snapshot, change.before),
        after=_end(snapshot, change.after),
        reason=left.reason if left is not None else None,
        params=params_out(snapshot, left.params) if left is not None else {},
    )


def _end(snapshot: Snapshot, slot: Slot | None) -> ProposalEnd | None:
    if slot is None:
        return None
    crew = snapshot.crews[slot.crew_id]
    return ProposalEnd(crew_id=crew.id, crew=crew.name, start_at=instant(slot.start_at))


def _metres(plan: Solution) -> int:
    return sum(route.distance_m for route in plan.routes)
