"""The cover of the territory: how soon a crew would be at a P1 in each commune, now or later.

Worked out from the plan in force and the travel estimates, and kept half a minute: many screens
ask, the answer moves slowly.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from dispatcher.auth.context import Service
from dispatcher.clock import monotonic_s
from dispatcher.incidents.scoring import policy_in_force
from dispatcher.models import Commune, Council
from dispatcher.planning import snapshot as snapshots
from dispatcher.planning.coverage_schemas import CommuneCover, CoverOut, SectorCover
from priority.policy import Priority
from scheduling.dispatch.coverage import Answer, answers, cover, stands_at
from scheduling.dispatch.travel import Point

KEPT_S = 30.0
COVERED = 0.8
"""Share of a sector's people to be reached in time, as often as a promised window should hold."""
NO_PROMISE_MIN = 60
"""What a P1 is held to where the policy promises nothing."""


@dataclass(slots=True)
class Coverages:
    """The last answers of a process, by authority and minutes ahead."""

    kept: dict[tuple[str, int], tuple[float, CoverOut]] = field(default_factory=dict)

    @staticmethod
    def of(service: Service) -> "Coverages":
        """Return the service's own."""
        found: Coverages = service.parts.setdefault("coverages", Coverages())
        return found

    def read(self, session: Session, org: str, now: datetime, ahead_min: int) -> CoverOut:
        """Return the cover so many minutes ahead, at most half a minute old."""
        key = (org, ahead_min)
        known = self.kept.get(key)
        if known is not None and monotonic_s() - known[0] < KEPT_S:
            return known[1]
        made = coverage(session, org, now, ahead_min)
        self.kept[key] = (monotonic_s(), made)
        return made


def coverage(session: Session, org: str, now: datetime, ahead_min: int = 0) -> CoverOut:
    """Return how soon a crew would be at a P1 in each commune.

    Args:
        session: One consistent snapshot of the database.
        org: The authority.
        now: Service time, aware.
        ahead_min: Minutes from now at which the emergency happens, ≥ 0.
    """
    communes = _communes(session, org)
    snapshot = snapshots.take(session, org, now, snapshots.NOTHING_FROZEN)
    known = len(snapshot.points)
    estimates = snapshot.measure([*snapshot.points, *(Point(c.lat, c.lon) for c, _ in communes)])
    at = now + timedelta(minutes=ahead_min)
    at_s = round(at.timestamp())
    stands = stands_at(snapshot.problem, at_s)
    rows = range(known, known + len(communes))
    found = answers(stands, estimates.matrix.seconds, at_s, rows)
    promise = policy_in_force(session, org).commitment(Priority.P1).respond
    promise_min = promise.minutes if promise else NO_PROMISE_MIN
    return CoverOut(
        at=at,
        promise_min=promise_min,
        crews=len(stands),
        travel_source=estimates.source,
        sectors=_sectors(communes, found, promise_min, on_duty=bool(stands)),
        communes=[
            CommuneCover(
                insee=commune.insee,
                name=commune.name,
                sector=sector,
                minutes=None if one.seconds is None else round(one.seconds / 60),
                crew=snapshot.crews[one.crew_id].name if one.crew_id else None,
            )
            for (commune, sector), one in zip(communes, found, strict=True)
        ],
    )


def _communes(session: Session, org: str) -> list[tuple[Commune, str | None]]:
    return list(
        session.exec(
            select(Commune, Council.sector)
            .join(Council, col(Council.code) == col(Commune.council_code), isouter=True)
            .where(Commune.org == org)
            .order_by(Commune.name, Commune.insee)
        ).all()
    )


def _sectors(
    communes: list[tuple[Commune, str | None]],
    found: list[Answer],
    promise_min: int,
    *,
    on_duty: bool,
) -> list[SectorCover]:
    members: dict[str, list[int]] = defaultdict(list)
    for index, (_commune, sector) in enumerate(communes):
        if sector is not None:
            members[sector].append(index)
    made = []
    for name in sorted(members):
        people = [communes[index][0].population for index in members[name]]
        known = cover([found[index] for index in members[name]], people, promise_min * 60)
        made.append(
            SectorCover(
                name=name,
                mean_min=None if known.mean_s is None else round(known.mean_s / 60),
                within=round(known.within, 3),
                is_hole=on_duty and known.within < COVERED,
            )
        )
    return made
