"""The planner over HTTP: moves with their price, ways out of an absence, robustness."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.oncall import moves, queries, repairing
from dispatcher.oncall.moves import Handover, Price
from dispatcher.oncall.planner_schemas import (
    AwayIn,
    BrokenOut,
    ChangeOut,
    FairnessOut,
    HandoverMade,
    RepairIn,
    RepairsOut,
    RobustnessOut,
    TurnMovesOut,
    TurnPriceOut,
    TurnsMoveIn,
    WayOutOut,
    WeaknessOut,
)
from dispatcher.oncall.repairing import Away, Judged
from dispatcher.oncall.schemas import RotaView
from scheduling.rota.problem import AbsenceKind
from scheduling.rota.repair import Change
from scheduling.rota.robustness import Ease

router = APIRouter(tags=["on-call"])
Manager = Annotated[Actor, Depends(access.oncall_managers)]
POINTS = 100


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(service_of(request).settings.timezone)


@router.get("/oncall/duties/{duty_id}/moves")
def price_moves(request: Request, duty_id: UUID, actor: Manager) -> TurnMovesOut:
    """Price every move of a turn before it is made: euros, rules with their text, fairness."""
    service = service_of(request)
    now = service.clocks.service.now()
    with service.store.read() as session:
        pricer, found = moves.options(session, actor.org, duty_id, now, _zone(request))
        edition = pricer.row.edition
    return TurnMovesOut(edition=edition, prices=[_price(one) for one in found])


@router.post("/rotas/{rota_id}/moves")
def move_turns(request: Request, rota_id: UUID, body: TurnsMoveIn, actor: Manager) -> RotaView:
    """Move turns on the edition that was seen; 412 if others moved some, 409 if a law forbids."""
    handovers = tuple(
        Handover(one.duty_id, str(one.from_id), str(one.to_id)) for one in body.handovers
    )
    command = partial(
        moves.move,
        rota_id=rota_id,
        edition=body.edition,
        handovers=handovers,
        zone=_zone(request),
    )
    service_of(request).store.submit_wait(lambda tx: command(tx).id, actor)
    return _seen(request, actor, rota_id)


@router.post("/rotas/{rota_id}/repairs")
def propose_repairs(request: Request, rota_id: UUID, body: AwayIn, actor: Manager) -> RepairsOut:
    """Find lawful, different ways out of an absence, fewest changes first; nothing is stored."""
    service = service_of(request)
    now = service.clocks.service.now()
    with service.store.read() as session:
        rota = moves.rota_of(session, actor.org, rota_id)
        found = repairing.ways_out(session, rota, _away(body), now, _zone(request))
    return RepairsOut(
        edition=found.edition,
        ways=[_way(one) for one in found.ways],
        furthest_now=_weeks(found.furthest_now),
        elapsed_ms=found.elapsed_ms,
    )


@router.post("/rotas/{rota_id}/repairs/apply")
def apply_repair(request: Request, rota_id: UUID, body: RepairIn, actor: Manager) -> RotaView:
    """Note the absence and put the chosen way out in force; 412 if the rota moved meanwhile."""
    changes = [Change(c.duty_id, _text(c.before), _text(c.after)) for c in body.changes]
    command = partial(
        repairing.apply,
        rota_id=rota_id,
        edition=body.edition,
        away=_away(body.away),
        changes=changes,
        zone=_zone(request),
    )
    service_of(request).store.submit_wait(lambda tx: command(tx).id, actor)
    return _seen(request, actor, rota_id)


@router.get("/rotas/{rota_id}/robustness")
def read_robustness(request: Request, rota_id: UUID, actor: Manager) -> RobustnessOut:
    """Count the single absences that one or two changes repair, and name those they do not."""
    service = service_of(request)
    now = service.clocks.service.now()
    with service.store.read() as session:
        rota = moves.rota_of(session, actor.org, rota_id)
        found = repairing.weaknesses(session, rota, now, _zone(request))
    counts = {ease: sum(one.ease is ease for one in found) for ease in Ease}
    return RobustnessOut(
        turns=len(found),
        one=counts[Ease.ONE],
        two=counts[Ease.TWO],
        hard=counts[Ease.HARD],
        weakest=[
            WeaknessOut(
                duty_id=one.cell.duty_id,
                person_id=UUID(one.cell.person_id),
                changes=int(one.ease),
                stand_ins=[UUID(who) for who in one.stand_ins],
            )
            for one in found
            if one.ease is not Ease.ONE
        ],
    )


def _seen(request: Request, actor: Actor, rota_id: UUID) -> RotaView:
    with service_of(request).store.read() as session:
        return queries.by_id(session, actor, rota_id, _zone(request))


def _away(body: AwayIn) -> Away:
    return Away(body.person_id, body.start, body.end, AbsenceKind(body.kind))


def _text(who: UUID | None) -> str | None:
    return str(who) if who is not None else None


def _price(one: Price) -> TurnPriceOut:
    return TurnPriceOut(
        handovers=[
            HandoverMade(duty_id=h.duty_id, from_id=UUID(h.from_id), to_id=UUID(h.to_id))
            for h in one.handovers
        ],
        cents=one.cents,
        lawful=one.is_lawful,
        broken=[
            BrokenOut(
                rule=b.rule.name,
                hard=b.rule.is_hard,
                source=", ".join(p for p in (b.rule.source.text, b.rule.source.article) if p),
                link=b.rule.source.link or None,
                person_id=UUID(b.person_id) if b.person_id else None,
                weeks=_weeks_of(b.duty_ids),
            )
            for b in one.broken
        ],
        fairness=[
            FairnessOut(person_id=UUID(who), before=_weeks(before), after=_weeks(after))
            for who, (before, after) in one.fairness.items()
        ],
        wishes_broken=one.wishes_broken,
    )


def _way(one: Judged) -> WayOutOut:
    return WayOutOut(
        name=one.way.name,
        people=sorted(UUID(who) for who in one.way.people),
        changes=[
            ChangeOut(
                duty_id=c.duty_id,
                before=UUID(c.before) if c.before else None,
                after=UUID(c.after) if c.after else None,
            )
            for c in one.way.changes
        ],
        cents=one.way.short_notice_cents,
        furthest=_weeks(one.furthest),
        uncovered=one.uncovered,
        minimal=one.is_minimal,
    )


def _weeks(points: int) -> float:
    return round(points / POINTS, 2)


def _weeks_of(duty_ids: Iterable[str]) -> list[str]:
    return sorted({duty_id.rpartition(":")[2] for duty_id in duty_ids})
