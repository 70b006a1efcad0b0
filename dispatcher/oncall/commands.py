"""Storing a rota and putting it in force."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict, NotFound
from dispatcher.events.facts import RotaGenerated
from dispatcher.models import OnCallDuty, Rota
from dispatcher.oncall.snapshot import LOOK_BACK, PUBLISHED, Snapshot, holidays_of, published_rota
from dispatcher.oncall.solving import Gap, Solved, Verdict, verdicts
from scheduling.rota.counters import Counter
from scheduling.rota.model import Fact
from scheduling.rota.problem import Problem
from scheduling.rota.solution import UNCOVERED, UNEVENNESS, Outcome
from scheduling.rota.solution import Rota as EngineRota

DRAFT = "draft"
SUPERSEDED = "superseded"


def store_rota(tx: Tx, snapshot: Snapshot, solved: Solved) -> Rota:
    """Keep a computed rota as the next version, a draft until it is published."""
    zone = snapshot.problem.policy.zone
    first, last = snapshot.weeks[0], snapshot.weeks[-1]
    latest = tx.session.exec(select(func.max(Rota.number)).where(Rota.org == tx.org)).one()
    rota = Rota(
        id=tx.new_id(),
        org=tx.org,
        name=f"{first.iso} – {last.iso}",
        number=(latest or 0) + 1,
        state=DRAFT,
        starts_on=first.start_at.astimezone(zone).date(),
        weeks=len(snapshot.weeks),
        created_at=tx.now,
        counters=[_counter(counter) for counter in solved.counters],
        rules=[_rule(verdict) for verdict in solved.verdicts],
        solver=_solver(snapshot, solved),
    )
    tx.session.add(rota)
    tx.session.flush()
    duties = snapshot.problem.duty_by_id()
    for cell in sorted(solved.outcome.rota.assignments):
        duty = duties[cell.duty_id]
        tx.session.add(
            OnCallDuty(
                id=tx.new_id(),
                rota_id=rota.id,
                post=duty.post,
                person_id=UUID(cell.person_id),
                week=cell.duty_id.rpartition(":")[2],
                start_at=duty.start_at,
                end_at=duty.end_at,
            )
        )
    return rota


def publish_rota(tx: Tx, rota_id: UUID, beside: UUID | None = None) -> Rota:
    """Put a draft in force; whoever is on call keeps the turn until the new rota begins.

    Args:
        tx: The command's transaction.
        rota_id: The draft.
        beside: The rota in force when the draft was computed, if that matters.

    Raises:
        NotFound: No such rota here.
        Conflict: It is not a draft any more, or the rota in force changed meanwhile.
    """
    rota = tx.session.get(Rota, rota_id, with_for_update=True)
    if rota is None or rota.org != tx.org:
        raise NotFound(what="rota")
    if rota.state != DRAFT:
        raise Conflict("only a draft can be published", state=rota.state)
    previous = published_rota(tx.session, tx.org)
    _tell_holders(tx, rota, previous)
    if beside is not None and (previous is None or previous.id != beside):
        raise Conflict("another rota was published meanwhile")
    if previous is not None:
        _take_over(tx, previous, rota)
        previous.state = SUPERSEDED
        tx.session.add(previous)
    rota.state, rota.published_at = PUBLISHED, tx.now
    tx.session.add(rota)
    announce(tx, rota)
    return rota


def _tell_holders(tx: Tx, rota: Rota, previous: Rota | None) -> None:
    """Note when each holder was told of a turn: now, or when an earlier rota gave it to him."""
    known: dict[tuple[str, UUID, datetime], datetime | None] = {}
    if previous is not None:
        query = select(OnCallDuty).where(OnCallDuty.rota_id == previous.id)
        known = {_turn(duty): duty.told_at for duty in tx.session.exec(query).all()}
    for duty in tx.session.exec(select(OnCallDuty).where(OnCallDuty.rota_id == rota.id)).all():
        duty.told_at = known.get(_turn(duty), tx.now)


def _turn(duty: OnCallDuty) -> tuple[str, UUID, datetime]:
    return duty.post, duty.person_id, duty.start_at


def _take_over(tx: Tx, previous: Rota, rota: Rota) -> None:
    """Copy the turns of the last year that begin before the new rota does.

    They keep answering who is on call until then, and spacing rules still see them.
    """
    own = tx.session.exec(
        select(func.min(col(OnCallDuty.start_at))).where(OnCallDuty.rota_id == rota.id)
    ).one()
    query = select(OnCallDuty).where(OnCallDuty.rota_id == previous.id)
    query = query.where(col(OnCallDuty.start_at) >= tx.now - LOOK_BACK)
    if own is not None:
        query = query.where(col(OnCallDuty.start_at) < own)
    for duty in tx.session.exec(query).all():
        tx.session.add(OnCallDuty(**{**duty.model_dump(), "id": tx.new_id(), "rota_id": rota.id}))


def announce(tx: Tx, rota: Rota) -> None:
    """Record that a rota exists, as a draft or in force."""
    tx.record(
        RotaGenerated(
            rota_id=rota.id,
            version=rota.number,
            uncovered=int(rota.solver["uncovered"]),
            published=rota.state == PUBLISHED,
        )
    )


def _counter(counter: Counter) -> dict[str, Any]:
    return {
        "person_id": counter.person_id,
        "weeks": counter.weeks,
        "weekends": counter.weekends,
        "nights": counter.nights,
        "holidays": counter.holidays,
        "deviation": round(counter.deviation / 100, 2),
        "carried": counter.carried,
        "target": counter.target,
    }


def kept_rules(problem: Problem, rota: EngineRota) -> list[dict[str, Any]]:
    """Return every rule with whether a rota keeps it, as a rota row stores them."""
    return [_rule(one) for one in verdicts(problem, Outcome(rota))]


def _rule(verdict: Verdict) -> dict[str, Any]:
    source = verdict.rule.source
    return {
        "name": verdict.rule.name,
        "hard": verdict.rule.is_hard,
        "source": ", ".join(part for part in (source.text, source.article) if part),
        "link": source.link or None,
        "satisfied": verdict.is_kept,
        "detail": verdict.detail,
    }


def _solver(snapshot: Snapshot, solved: Solved) -> dict[str, Any]:
    outcome, zone = solved.outcome, snapshot.problem.policy.zone
    evenness = outcome.stage(UNEVENNESS)
    return {
        "status": outcome.proof.value,
        "elapsed_ms": solved.elapsed_ms,
        "bound": evenness.bound,
        "objective": evenness.value,
        "uncovered": outcome.stage(UNCOVERED).value,
        "stages": [
            {"name": s.name, "value": s.value, "bound": s.bound, "proof": s.proof.value}
            for s in outcome.stages
        ],
        "gaps": [_gap(gap) for gap in solved.gaps],
        "week_holidays": {
            week.iso: len(found)
            for week in snapshot.weeks
            if (found := holidays_of(week, snapshot.problem.holidays, zone))
        },
    }


def _gap(gap: Gap) -> dict[str, Any]:
    post, _, week = gap.duty_id.rpartition(":")
    return {
        "post": post,
        "week_iso": week,
        "missing": gap.missing,
        "facts": [_fact(fact) for fact in gap.facts],
        "ways_out": [_fact(fact) for fact in gap.ways_out],
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "rule": fact.rule,
        "person_id": fact.person_id,
        "weeks": sorted({duty_id.rpartition(":")[2] for duty_id in fact.duty_ids}),
        "reason": fact.reason,
    }
