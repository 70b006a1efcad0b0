"""Taking a proposal, by hand or by itself, and giving it back as long as nothing has happened to
what it moved.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict, NotFound, PlanChanged
from dispatcher.models import Crew, Proposal, Visit
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.proposals import decide, merge_lines, open_proposal, refused_moves
from dispatcher.planning.routes import write_route
from dispatcher.planning.rows import Scope, planned_stops
from dispatcher.planning.snapshot import Snapshot
from dispatcher.planning.tuning import Tuning, early_home
from dispatcher.planning.visits import plan_in_force, turn_plan, withdraw_visit
from dispatcher.planning.workflow import PLANNED
from scheduling.dispatch.assemble import in_force, unexplained
from scheduling.dispatch.check import Breach, check
from scheduling.dispatch.objective import cost_of

SHOWN_FOR = timedelta(minutes=30)
"""How long what was applied by itself stays on the board with its way back."""

Json = dict[str, Any]
Routes = dict[str, list[str]]


def accept(
    tx: Tx, proposal_id: UUID, lines: Collection[UUID] | None, freeze: timedelta
) -> tuple[int, int]:
    """Apply a proposal, whole or some lines; return how many routes were written and the new
    number.

    Raises:
        PlanChanged: The plan turned since it was proposed.
    """
    proposal = open_proposal(tx, proposal_id)
    if plan_in_force(tx).number != proposal.plan_number:
        decide(tx, proposal, "stale")
        raise PlanChanged(current=plan_in_force(tx).number)
    told = {line["visit_id"] for line in proposal.lines}
    chosen = told if lines is None else told & {str(line) for line in lines}
    taken = [line for line in proposal.lines if line["visit_id"] in chosen]
    scope = _scope_of(tx, proposal, taken, is_whole=lines is None)
    snapshot = snapshots.take(tx.session, tx.org, tx.now, freeze, scope)
    written = _write(tx, proposal, snapshot, chosen, is_whole=lines is None)
    plan = turn_plan(tx, "proposal")
    _keep(tx, proposal, chosen, "person")
    decide(tx, proposal, "accepted")
    return written, plan.number


def apply_allowed(tx: Tx, proposal: Proposal, tuning: Tuning) -> int:
    """Apply the lines that may go without asking; return how many.

    They must make a plan that is lawful and better by themselves, whatever happens to the rest of
    the proposal, and nobody may have refused or undone them lately.

    Args:
        tx: The command's transaction; the plan's number was checked in it.
        proposal: Open, on the plan in force.
        tuning: Who has opted in.
    """
    if not tuning.is_automatic:
        return 0
    refused, sectors = refused_moves(tx), _sectors(tx)
    allowed = [
        line
        for line in proposal.lines
        if _is_allowed(line, sectors, tuning) and _move_of(line) not in refused
    ]
    scope = _scope_of(tx, proposal, allowed, is_whole=False)
    snapshot = snapshots.take(tx.session, tx.org, tx.now, tuning.freeze, scope)
    on_duty = {crew.id for crew in snapshot.crews.values()}
    chosen = {line["visit_id"] for line in allowed if _ends([line]) <= on_duty}
    weighed = early_home(snapshot.problem, tuning)
    if not chosen or not _is_better(replace(snapshot, problem=weighed), proposal, chosen):
        return 0
    _write(tx, proposal, snapshot, chosen, is_whole=False)
    turn_plan(tx, "automatic")
    for former in _applied_ones(tx):
        decide(tx, former, "accepted")
    _keep(tx, proposal, chosen, "automatic")
    decide(tx, proposal, "applied")
    return len(chosen)


def undo(tx: Tx, proposal_id: UUID) -> int:
    """Give back what a proposal moved; return the plan's new number.

    Raises:
        NotFound: There is no such proposal.
        Conflict: It was not applied, or something it moved has moved on since; `reason` says which.
    """
    proposal = tx.session.get(Proposal, proposal_id)
    if proposal is None or proposal.org != tx.org:
        raise NotFound(what="proposal")
    if proposal.applied is None or proposal.state not in {"applied", "accepted"}:
        raise Conflict("nothing of this proposal is in force", reason="not_applied")
    scope = Scope({*map(UUID, proposal.applied["before"]), *_ends(proposal.lines)}, ())
    snapshot = snapshots.take(tx.session, tx.org, tx.now, snapshots.NOTHING_FROZEN, scope)
    back, new = _to_give_back(tx, proposal, snapshot)
    current = {r.crew_id: [s.visit_id for s in r.stops] for r in snapshot.problem.plan}
    former = {c: stops for c, stops in proposal.applied["before"].items() if c in current}
    target = merge_lines(current, former, back)
    fresh = {str(visit.id) for visit in new}
    target = {crew: [n for n in stops if n not in fresh] for crew, stops in target.items()}
    if worse := _broken_by(snapshot, current, target):
        raise Conflict("the former plan would break a rule now", reason=worse[0].rule)
    for visit in new:
        withdraw_visit(tx, visit)
    for crew, stops in target.items():
        if crew in snapshot.crews and stops != current.get(crew, []):
            write_route(tx, snapshot, crew, stops, "proposal")
    plan = turn_plan(tx, "undo")
    decide(tx, proposal, "undone")
    return plan.number


def keep(tx: Tx, proposal_id: UUID) -> None:
    """Say that what was applied by itself was seen: it leaves the board."""
    proposal = tx.session.get(Proposal, proposal_id)
    if proposal is None or proposal.org != tx.org:
        raise NotFound(what="proposal")
    if proposal.state == "applied":
        decide(tx, proposal, "accepted")


def tidy(tx: Tx) -> None:
    """Take off the board what was applied by itself a while ago."""
    for proposal in _applied_ones(tx):
        if proposal.updated_at < tx.now - SHOWN_FOR:
            decide(tx, proposal, "accepted")


def _applied_ones(tx: Tx) -> list[Proposal]:
    rows = tx.session.exec(
        select(Proposal).where(Proposal.org == tx.org, Proposal.state == "applied")
    )
    return list(rows.all())


def _write(
    tx: Tx, proposal: Proposal, snapshot: Snapshot, chosen: set[str], *, is_whole: bool
) -> int:
    wanted = _wanted(proposal, snapshot)
    current = {r.crew_id: [s.visit_id for s in r.stops] for r in snapshot.problem.plan}
    target = wanted if is_whole else merge_lines(current, wanted, chosen)
    proposal.applied = {"before": current}
    written = 0
    for crew_name, stops in target.items():
        if crew_name in snapshot.crews and stops != current.get(crew_name, []):
            write_route(tx, snapshot, crew_name, stops, "proposal")
            written += 1
    return written


def _scope_of(tx: Tx, proposal: Proposal, lines: Sequence[Json], *, is_whole: bool) -> Scope:
    """Return the crews whose routes would change, and the waiting work that would be placed.

    Every other command waits meanwhile, and drives between all places of a large plan take long.
    """
    crews = _ends(lines)
    if is_whole:
        current = planned_stops(tx.session, tx.org)
        known = {name for stops in current.values() for name in stops}
        for route in proposal.routes:
            stops = [name for name in route["stops"] if name in known]
            if stops != current.get(route["crew"], []):
                crews.add(UUID(route["crew"]))
    return Scope(crews, {UUID(line["incident_id"]) for line in lines})


def _ends(lines: Iterable[Json]) -> set[UUID]:
    """Return the crews that visits leave and those that they go to."""
    ends = (end for line in lines for end in (line["from"], line["to"]) if end is not None)
    return {UUID(end["crew_id"]) for end in ends}


def _sectors(tx: Tx) -> dict[str, str]:
    """Return the sector of every crew."""
    rows = tx.session.exec(select(Crew.id, Crew.sector).where(Crew.org == tx.org))
    return {str(crew): sector for crew, sector in rows}


def _wanted(proposal: Proposal, snapshot: Snapshot) -> Routes:
    """Return the proposed routes of what can still be planned."""
    known = set(snapshot.visits) | set(snapshot.orders)
    return {r["crew"]: [n for n in r["stops"] if n in known] for r in proposal.routes}


def _keep(tx: Tx, proposal: Proposal, chosen: set[str], by: Literal["person", "automatic"]) -> None:
    proposal.lines = [line for line in proposal.lines if line["visit_id"] in chosen]
    before = (proposal.applied or {}).get("before", {})
    proposal.applied = {"by": by, "at": tx.now.isoformat(), "before": before}


def _move_of(line: Json) -> tuple[str, str]:
    return line["visit_id"], (line["to"] or {}).get("crew_id", "")


def _is_allowed(line: Json, sectors: Mapping[str, str], tuning: Tuning) -> bool:
    """Whether the class and the sectors of both crews have opted in; a visit must keep a crew."""
    if line["to"] is None or line["priority"] not in tuning.classes:
        return False
    return all(sectors.get(str(crew)) in tuning.sectors for crew in _ends([line]))


def _is_better(snapshot: Snapshot, proposal: Proposal, chosen: set[str]) -> bool:
    """Whether these lines alone make a lawful plan that costs less."""
    problem = snapshot.problem
    current = dict(zip((c.id for c in problem.crews), in_force(problem), strict=True))
    target = merge_lines(current, _wanted(proposal, snapshot), chosen)
    before = unexplained(problem, list(current.values()))
    after = unexplained(problem, [target.get(crew.id, []) for crew in problem.crews])
    return not check(problem, after) and cost_of(problem, after) < cost_of(problem, before)


def _to_give_back(tx: Tx, proposal: Proposal, snapshot: Snapshot) -> tuple[set[str], list[Visit]]:
    """Return the planned visits to move back, and those that a waiting order had become."""
    back, new = set[str](), list[Visit]()
    for line in proposal.lines:
        visit = snapshot.visits.get(line["visit_id"])
        if line["from"] is None:
            visit = _visit_of_order(tx, UUID(line["visit_id"]))
        crew = (line["to"] or {}).get("crew_id")
        if visit is None or str(visit.crew_id) != crew or str(visit.id) not in snapshot.visits:
            raise Conflict("a visit has moved on", reason="visit_moved_on", ref=line["ref"])
        if visit.pin is not None:
            raise Conflict("a visit was pinned since", reason="visit_pinned", ref=line["ref"])
        if line["from"] is None:
            new.append(visit)
        else:
            back.add(line["visit_id"])
    return back, new


def _visit_of_order(tx: Tx, order_id: UUID) -> Visit | None:
    planned = [state.value for state in PLANNED]
    return tx.session.exec(
        select(Visit).where(Visit.work_order_id == order_id, col(Visit.state).in_(planned))
    ).first()


def _broken_by(snapshot: Snapshot, current: Routes, target: Routes) -> list[Breach]:
    """Rules that the former routes break and the present ones keep."""
    problem = snapshot.problem

    def breaches(routes: Routes) -> list[Breach]:
        plan = unexplained(problem, [routes.get(crew.id, []) for crew in problem.crews])
        return [b for b in check(problem, plan) if b.rule != "churn"]

    known = {(b.rule, b.crew_id, b.visit_id) for b in breaches(current)}
    return [b for b in breaches(target) if (b.rule, b.crew_id, b.visit_id) not in known]
