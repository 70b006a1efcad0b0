"""A pressure that fell and calls of one sector become one incident: a suspected burst main.

Looked for when readings come in low and when somebody tells of the water; found once, then only
joined by later calls. Everything goes through the verbs of merging, so each incident can be parted
again; what a person has parted is not joined a second time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.events.facts import IncidentRescored
from dispatcher.events.sensing_facts import BurstSuspected
from dispatcher.events.states import IncidentStatus
from dispatcher.incidents import commands as incidents
from dispatcher.incidents import merging, promises, scoring
from dispatcher.incidents.images import priority_of
from dispatcher.incidents.workflow import LIVE, MOVES
from dispatcher.models import Incident, IncidentMerge, Sensor, SensorReading, SuspectedBurst
from dispatcher.sensing import opening, zones
from priority.facts import Reading
from priority.fusion import BurstRule, SectorReading, Sign, suspected_bursts
from priority.fusion import SuspectedBurst as Found
from priority.reasons import Rule

RULE = BurstRule()
LOOK_BACK = timedelta(minutes=60)
"""Gateways gather readings and send them late; a call an hour old may be their first sign."""
WHY = "Même secteur de pression : rupture de conduite suspectée"
_LIVING = [state.value for state in LIVE]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of some sectors: signs, readings and the incidents behind them, by key."""

    signs: Sequence[Sign]
    readings: Sequence[SectorReading]
    behind: Mapping[str, Incident]
    sensors: Mapping[str, Sensor]
    simulated: bool


def look(tx: Tx, sectors: Iterable[str]) -> list[UUID]:
    """Follow as one what is likely one burst in these sectors; return the incidents found new.

    Simulated calls and readings are never mixed with real ones.

    Args:
        tx: The command's transaction.
        sectors: Pressure zones.
    """
    wanted = set(sectors)
    every = zones.pressure_sensors(tx.session, tx.org)
    here = [one for one in every if one.sector in wanted]
    found: list[UUID] = []
    for simulated in (False, True) if here else ():
        scene = _scene(tx, every, here, simulated)
        if scene is None:
            continue
        for sector in sorted(wanted):
            known = _living_burst(tx, sector, simulated)
            if known is not None:
                _join_later(tx, known, scene)
        for burst in suspected_bursts(scene.signs, scene.readings, RULE):
            if burst.sector in wanted and _living_burst(tx, burst.sector, simulated) is None:
                found.append(_follow(tx, burst, scene))
    return found


def look_around(tx: Tx, incident: Incident) -> list[UUID]:
    """Look for a burst in the sectors that may feed an incident's place."""
    sectors = zones.sectors_of(incident, zones.pressure_sensors(tx.session, tx.org))
    return look(tx, sectors) if sectors else []


def refresh(tx: Tx, codes: set[str]) -> None:
    """Let suspected bursts have the last reading of their sensors, back to normal or not; it is
    told only when it changes the score.
    """
    for burst, incident in _followed(tx):
        if not codes & set(burst.sensors):
            continue
        last = [one for code in burst.sensors if (one := _last(tx, code, burst.simulated))]
        incident.facts = scoring.with_readings(incident.facts, last)
        _rescore(tx, incident)


def _rescore(tx: Tx, incident: Incident) -> None:
    """Score anew; that a sensor falls silent is told even where a cap hides its points."""
    scored = scoring.rescored(tx.session, incident, tx.now)
    spoke = any(reason["rule"] == Rule.SENSOR for reason in incident.reasons)
    speaks = any(reason.rule == Rule.SENSOR for reason in scored.assessment.reasons)
    if not incidents.rescore(tx, incident, scored) and spoke != speaks:
        fact = IncidentRescored(
            incident_id=incident.id, priority=priority_of(incident), score=incident.score
        )
        incidents.reassess(tx, incident, scored, fact)


def _followed(tx: Tx) -> list[tuple[SuspectedBurst, Incident]]:
    """Return the suspicions still followed, oldest first, each with the incident it is in now."""
    rows = tx.session.exec(
        select(SuspectedBurst, Incident)
        .join(Incident, col(Incident.id) == SuspectedBurst.incident_id)
        .where(
            SuspectedBurst.org == tx.org,
            col(Incident.state).in_([*_LIVING, IncidentStatus.MERGED.value]),
        )
        .order_by(col(SuspectedBurst.found_at))
    ).all()
    found = []
    for burst, incident in rows:
        # A person may have let it join another one: that one is the burst since.
        while incident.merged_into is not None:
            incident = tx.session.get_one(Incident, incident.merged_into)
        if incident.state in LIVE:
            found.append((burst, incident))
    return found


def _last(tx: Tx, code: str, simulated: bool) -> Reading | None:
    row = tx.session.exec(
        select(SensorReading, Sensor)
        .join(Sensor, col(Sensor.code) == SensorReading.sensor)
        .where(SensorReading.sensor == code, col(SensorReading.simulated).is_(simulated))
        .order_by(col(SensorReading.at).desc())
        .limit(1)
    ).first()
    return None if row is None else zones.measure(*row)


def _scene(
    tx: Tx, every: Sequence[Sensor], here: Sequence[Sensor], simulated: bool
) -> Scene | None:
    """Return what is known, or None where no pressure fell: nothing more is then read."""
    since = tx.now - LOOK_BACK
    readings = zones.readings_of(tx.session, here, since, simulated=simulated)
    if not any(one.reading.deviation >= RULE.drop for one in readings):
        return None
    communes = {insee for one in here for insee in one.communes}
    parted = _parted(tx)
    signs: list[Sign] = []
    behind: dict[str, Incident] = {}
    for sign, incident in zones.calls_of(tx.session, tx.org, communes, since, simulated=simulated):
        if incident.id in parted:
            continue
        behind[sign.key] = incident
        signs += [replace(sign, sector=one) for one in zones.sectors_of(incident, every)]
    return Scene(signs, readings, behind, {one.code: one for one in here}, simulated)


def _parted(tx: Tx) -> set[UUID]:
    """Return what a person has taken out of a suspected burst: it is not put back."""
    return set(
        tx.session.exec(
            select(IncidentMerge.source_id)
            .join(SuspectedBurst, col(SuspectedBurst.incident_id) == IncidentMerge.target_id)
            .where(IncidentMerge.org == tx.org, col(IncidentMerge.undone_at).is_not(None))
        ).all()
    )


def _living_burst(tx: Tx, sector: str, simulated: bool) -> tuple[SuspectedBurst, Incident] | None:
    found = (pair for pair in _followed(tx) if pair[0].sector == sector)
    return next((pair for pair in found if pair[0].simulated == simulated), None)


def _join_later(tx: Tx, known: tuple[SuspectedBurst, Incident], scene: Scene) -> None:
    """Join whoever calls about a sector whose burst is followed, while its pressure is low."""
    row, target = known
    low = [
        one
        for one in scene.readings
        if one.sector == row.sector and one.reading.deviation >= RULE.drop
    ]
    for sign in scene.signs:
        near = [one for one in low if abs(one.reading.at - sign.at) <= RULE.within]
        if sign.sector != row.sector or not near:
            continue
        if _join(tx, scene.behind[sign.key], target):
            row.calls += 1
            row.last_at = max(row.last_at, sign.at)
    row.drop = max([row.drop, *(one.reading.deviation for one in low)])


def _follow(tx: Tx, burst: Found, scene: Scene) -> UUID:
    """Make one incident of what is likely one burst; return which."""
    behind = [scene.behind[key] for key in burst.keys]
    low = _deepest(burst, scene)
    target = _at_work(behind) or _named_so(behind)
    if target is None:
        target = opening.open_burst(tx, burst, behind, low, simulated=scene.simulated)
    else:
        target.facts = scoring.with_readings(target.facts, low)
    row = SuspectedBurst(
        incident_id=target.id,
        org=tx.org,
        sector=burst.sector,
        sensors=list(burst.sensors),
        calls=len({one.source for one in scene.signs if one.key in burst.keys}),
        first_at=burst.first_at,
        last_at=burst.last_at,
        drop=burst.drop,
        found_at=tx.now,
        simulated=scene.simulated,
    )
    tx.session.add(row)
    for incident in behind:
        _join(tx, incident, target)
    scored = scoring.renewed(tx.session, target, tx.now)
    fact = BurstSuspected(
        incident_id=target.id,
        sector=burst.sector,
        sensors=[scene.sensors[code].name for code in burst.sensors],
        calls=row.calls,
        drop_percent=round(burst.drop * 100),
    )
    incidents.reassess(tx, target, promises.earliest(scored, [target]), fact)
    return target.id


def _deepest(burst: Found, scene: Scene) -> list[Reading]:
    """Return the last low reading of each sensor whose pressure fell."""
    last: dict[str, Reading] = {}
    for one in scene.readings:
        if one.sensor in burst.sensors and one.reading.deviation >= RULE.drop:
            last[one.sensor] = one.reading
    return list(last.values())


def _at_work(behind: Sequence[Incident]) -> Incident | None:
    """Return the incident that cannot join another one any more, because a crew is at it."""
    return next((one for one in behind if not _may_join(one)), None)


def _named_so(behind: Sequence[Incident]) -> Incident | None:
    return next((one for one in behind if one.category == opening.BURST), None)


def _may_join(incident: Incident) -> bool:
    return IncidentStatus.MERGED in MOVES[IncidentStatus(incident.state)]


def _join(tx: Tx, incident: Incident, target: Incident) -> bool:
    if incident.id == target.id or not _may_join(incident):
        return False
    merging.merge(tx, incident, target, WHY)
    return True
