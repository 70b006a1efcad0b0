"""The optimiser's better plans: publish the difference, take it whole or by line, refuse it.

A proposal speaks of one plan number. Once the plan has turned, it is stale and can only be looked
at.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.errors import NotFound, PlanChanged
from dispatcher.events.facts import ProposalDecided, ProposalPublished
from dispatcher.events.states import ProposalEnd, ProposalLine
from dispatcher.incidents.images import priority_of
from dispatcher.models import Proposal
from dispatcher.models.base import touch
from dispatcher.planning.images import proposal_image
from dispatcher.planning.queries import instant
from dispatcher.planning.snapshot import Snapshot
from dispatcher.planning.visits import plan_in_force
from scheduling.dispatch.objective import explain
from scheduling.dispatch.problem import Problem
from scheduling.dispatch.solution import Change, Diff, Slot, Solution, diff, slots

WORTH_TELLING_MIN = 3.0

REFUSED_FOR = timedelta(hours=2)
"""How long nobody is asked again about moves that somebody refused or undid."""

Decision = Literal["accepted", "rejected", "stale", "applied", "undone"]


def publish(
    tx: Tx,
    snapshot: Snapshot,
    plans: tuple[Solution, Solution],
    solver: dict[str, Any],
    weighed: Problem | None = None,
) -> Proposal | None:
    """Store a better plan as an open proposal; None when it is not worth anybody's time.

    Args:
        tx: The command's transaction.
        snapshot: The day as it is: people are told its prices.
        plans: The plan in force, timed; and the better one, checked by the caller.
        solver: `name` and `elapsed_ms`.
        weighed: The problem by which plans are compared, if not that of the snapshot.

    Raises:
        PlanChanged: The plan turned while the solver worked.
    """
    plan = plan_in_force(tx)
    if plan.number != snapshot.plan_number:
        raise PlanChanged(current=plan.number)
    before, after = plans
    problem = snapshot.problem if weighed is None else weighed
    old, new = explain(problem, before).total.cost, explain(problem, after).total.cost
    changes = diff(slots(before), slots(after))
    lines = [_line(snapshot, change) for change in changes.changes if _is_told(change)]
    better = new.urgent < old.urgent or old.minutes - new.minutes >= WORTH_TELLING_MIN
    told = [line.model_dump(mode="json", by_alias=True) for line in lines]
    if not lines or not better or any(_says_the_same(p.lines, told) for p in _open_ones(tx)):
        return None
    if _moves(told) <= refused_moves(tx):
        return None
    _close_open(tx, "stale")
    proposal = Proposal(
        id=tx.new_id(),
        org=tx.org,
        state="open",
        plan_number=plan.number,
        created_at=tx.now,
        updated_at=tx.now,
        summary=_summary(snapshot.problem, changes, plans),
        lines=told,
        routes=[{"crew": r.crew_id, "stops": list(r.visit_ids)} for r in after.routes],
        solver=solver,
    )
    tx.session.add(proposal)
    fact = ProposalPublished(proposal_id=proposal.id, plan_version=plan.number, lines=len(lines))
    tx.record(fact, proposal_image(proposal))
    return proposal


def merge_lines(
    current: dict[str, list[str]], wanted: dict[str, list[str]], chosen: Collection[str]
) -> dict[str, list[str]]:
    """Return the current routes with only the chosen visits moved to where the proposal puts them.

    A moved visit stands right after the last of its proposed predecessors that is in the route.

    >>> merge_lines({"a": ["1", "2"], "b": []}, {"a": ["2"], "b": ["1"]}, {"1"})
    {'a': ['2'], 'b': ['1']}
    """
    merged = {crew: [n for n in stops if n not in chosen] for crew, stops in current.items()}
    for crew, stops in wanted.items():
        route = merged.setdefault(crew, [])
        for rank, name in enumerate(stops):
            if name in chosen:
                before = [route.index(n) for n in stops[:rank] if n in route]
                route.insert(max(before, default=-1) + 1, name)
    return merged


def reject(tx: Tx, proposal_id: UUID, reason: str) -> None:
    """Refuse a proposal; the reason is kept, and nobody is asked again for a while."""
    decide(tx, open_proposal(tx, proposal_id), "rejected", reason)


def refused_moves(tx: Tx) -> set[tuple[str, str]]:
    """Return the moves, visit and crew, that somebody refused or undid lately."""
    rows = tx.session.exec(
        select(Proposal).where(
            Proposal.org == tx.org,
            col(Proposal.state).in_(["rejected", "undone"]),
            col(Proposal.updated_at) > tx.now - REFUSED_FOR,
        )
    ).all()
    return set().union(*(_moves(row.lines) for row in rows))


def outdate(tx: Tx, plan_number: int) -> None:
    """Close open proposals of older plans."""
    for proposal in _open_ones(tx):
        if proposal.plan_number < plan_number:
            decide(tx, proposal, "stale")


def open_proposal(tx: Tx, proposal_id: UUID) -> Proposal:
    """Return a proposal that still waits for an answer.

    Raises:
        NotFound: There is none of that id.
        PlanChanged: It was answered or overtaken already.
    """
    found = tx.session.get(Proposal, proposal_id)
    if found is None or found.org != tx.org:
        raise NotFound(what="proposal")
    if found.state != "open":
        raise PlanChanged("this proposal is no longer open", state=found.state)
    return found


def _open_ones(tx: Tx) -> Sequence[Proposal]:
    return tx.session.exec(
        select(Proposal).where(Proposal.org == tx.org, Proposal.state == "open")
    ).all()


def _close_open(tx: Tx, decision: Decision) -> None:
    for proposal in _open_ones(tx):
        decide(tx, proposal, decision)


def decide(tx: Tx, proposal: Proposal, decision: Decision, reason: str | None = None) -> None:
    """Give a proposal its end; the board hears of it."""
    proposal.state = decision
    proposal.decided_by = tx.actor.label
    proposal.reason = reason
    touch(proposal, tx.now)
    fact = ProposalDecided(
        proposal_id=proposal.id, decision=decision, lines=len(proposal.lines), reason=reason
    )
    tx.record(fact, proposal_image(proposal))


def _says_the_same(known: list[dict[str, Any]], found: list[dict[str, Any]]) -> bool:
    """Whether two proposals send the same visits to the same crews, whatever the minute."""
    return _moves(known) == _moves(found)


def _moves(lines: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(line["visit_id"], (line["to"] or {}).get("crew_id", "")) for line in lines}


def _is_told(change: Change) -> bool:
    moved_s = change.shift_s
    return moved_s is None or change.is_crew_changed or abs(moved_s) > 300


def _summary(problem: Problem, changes: Diff, plans: tuple[Solution, Solution]) -> dict[str, Any]:
    before, after = plans
    old, new = (explain(problem, plan).total.cost.minutes for plan in plans)
    crews = {
        end.crew_id
        for change in changes.changes
        if change.is_crew_changed or change.before is None
        for end in (change.before, change.after)
        if end is not None
    }
    metres = sum(r.distance_m for r in after.routes) - sum(r.distance_m for r in before.routes)
    moved = changes.moved(1800)
    return {
        "crews_changed": len(crews),
        "arrivals_moved": len(moved),
        "citizens_to_tell": len({c.visit_id for c in (*moved, *changes.crew_changes)}),
        "km_delta": round(metres / 1000, 1),
        "cost_delta_min": round(new - old, 1),
    }


def _line(snapshot: Snapshot, change: Change) -> ProposalLine:
    source = snapshot.visits.get(change.visit_id) or snapshot.orders[change.visit_id]
    incident = snapshot.incidents[source.incident_id]
    return ProposalLine(
        visit_id=UUID(change.visit_id),
        incident_id=incident.id,
        ref=incident.ref,
        title=incident.title,
        priority=priority_of(incident),
        before=_end(snapshot, change.before),
        after=_end(snapshot, change.after),
    )


def _end(snapshot: Snapshot, slot: Slot | None) -> ProposalEnd | None:
    if slot is None:
        return None
    crew = snapshot.crews[slot.crew_id]
    return ProposalEnd(crew_id=crew.id, crew=crew.name, start_at=instant(slot.start_at))
