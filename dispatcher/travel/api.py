"""Travel over HTTP: for those who steer, and those who doubt an hour told."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session, select

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.models import Plan
from dispatcher.travel import calibration
from dispatcher.travel.desk import desk_of
from dispatcher.travel.history import finished
from dispatcher.travel.learned import DEFAULT, from_row, newest
from dispatcher.travel.roads import Provenance
from dispatcher.travel.schemas import (
    CoverageOut,
    FactorOut,
    LearnedOut,
    QuantilesOut,
    RoadsOut,
    TravelOut,
    WorkOut,
)
from scheduling.dispatch.eta import HIGH, LOW, MIDDLE, Spread

router = APIRouter(tags=["travel"])


@router.get("/travel/roads")
def read_roads(
    request: Request, _actor: Annotated[Actor, Depends(access.observers)]
) -> RoadsOut | None:
    """Say which road network is used and whom its licence asks to name; null without one."""
    with service_of(request).store.read() as session:
        return _roads(desk_of(session).standing().roads)


@router.get("/travel")
def read_travel(request: Request, actor: Annotated[Actor, Depends(access.observers)]) -> TravelOut:
    """Say where travel times come from, what finished work has taught, and how windows held."""
    service = service_of(request)
    with service.store.read() as session:
        now = service.clocks.service.now()
        visits = finished(session, actor.org, now)
        measured = calibration.measure(visits)
        ahead = calibration.measure(visits, calibration.AHEAD)
        plan = session.exec(select(Plan).where(Plan.org == actor.org)).first()
        standing = desk_of(session).standing()
        learned = _learned(session, actor.org)
    return TravelOut(
        order=list(standing.order),
        roads=_roads(standing.roads),
        router_trouble=standing.router_trouble,
        places=standing.places,
        pairs=standing.pairs,
        memory_bytes=standing.bytes,
        learned=learned,
        goal=calibration.GOAL,
        calibration=[_coverage(moment, one) for moment, one in measured.items()],
        ahead=[_coverage(moment, one) for moment, one in ahead.items()],
        kept_at=standing.kept_at,
        refreshed_at=standing.refreshed_at,
        plans_use_durations=plan is None or plan.learned_durations is not False,
    )


def _roads(origin: Provenance | None) -> RoadsOut | None:
    if origin is None:
        return None
    return RoadsOut(**{name: getattr(origin, name) for name in RoadsOut.model_fields})


def _learned(session: Session, org: str) -> LearnedOut:
    row = newest(session, org)
    known = from_row(row) if row is not None else DEFAULT
    factors = [
        FactorOut(
            **_named(("territory", "length", "band"), cell),
            source=source,
            factor=round(ratio.value, 3),
            trips=ratio.trips,
        )
        for source, one in known.ratios.items()
        for cell, ratio in sorted(one.groups.items())
    ]
    works = [
        WorkOut(**_named(("category", "experience"), cell), ratio=_quantiles(spread, 1000))
        for cell, spread in sorted(known.works.groups.items())
    ]
    return LearnedOut(
        version=known.version,
        at=row.at if row is not None else None,
        history=known.history,
        trips=row.trips if row is not None else 0,
        jobs=row.jobs if row is not None else 0,
        factors=factors,
        drives=_quantiles(known.drives, 1),
        works=works,
    )


def _named(names: tuple[str, ...], cell: tuple[str, ...]) -> dict[str, Any]:
    return dict(zip(names, (*cell, *(None for _ in names)), strict=False))


def _quantiles(spread: Spread, unit: float) -> QuantilesOut:
    low, middle, high = (round(spread.at(level) / unit, 3) for level in (LOW, MIDDLE, HIGH))
    return QuantilesOut(p10=low, p50=middle, p90=high, count=spread.count)


def _coverage(moment: str, one: calibration.Coverage) -> CoverageOut:
    return CoverageOut.model_validate(asdict(one) | {"moment": moment, "share": one.share})
