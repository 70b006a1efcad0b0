"""Reads of the sensors: last readings, what they say, and the incident that each speaks in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from dispatcher.incidents import scoring
from dispatcher.incidents.workflow import LIVE
from dispatcher.models import Incident, Sensor, SensorReading, SuspectedBurst
from dispatcher.sensing.schemas import PointOut, SensorIncidentOut, SensorOut
from dispatcher.sensing.trend import SHOWN, Point, Range, curve_of, state_of, trend_of


def sensors(session: Session, org: str, now: datetime) -> list[SensorOut]:
    """Return the sensors of an authority by sector and code, with what each says.

    Args:
        session: An open session.
        org: The authority.
        now: Present instant, by which readings are old or not: the policy in force says from when.
    """
    rows = session.exec(
        select(Sensor).where(Sensor.org == org).order_by(col(Sensor.sector), col(Sensor.code))
    ).all()
    points = _recent(session, org, now)
    for code, last in _last(session, org, {row.code for row in rows} - set(points)).items():
        points[code] = [last]
    stale_after = timedelta(minutes=scoring.policy_in_force(session, org).sensor.max_age_min)
    incidents = _incidents(session, org)
    return [_out(row, points.get(row.code, []), now, stale_after, incidents) for row in rows]


def _recent(session: Session, org: str, now: datetime) -> dict[str, list[Point]]:
    """Return the readings of the time shown by sensor, oldest first."""
    found: dict[str, list[Point]] = defaultdict(list)
    for code, at, value in session.exec(
        select(SensorReading.sensor, SensorReading.at, SensorReading.value)
        .where(SensorReading.org == org, col(SensorReading.at) >= now - SHOWN)
        .order_by(col(SensorReading.at), col(SensorReading.received_at))
    ):
        found[code].append(Point(at, value))
    return found


def _last(session: Session, org: str, codes: Iterable[str]) -> dict[str, Point]:
    """Return the last reading of sensors that sent none for long."""
    wanted = sorted(codes)
    if not wanted:
        return {}
    newest = (
        select(SensorReading.sensor, func.max(SensorReading.at).label("at"))
        .where(SensorReading.org == org, col(SensorReading.sensor).in_(wanted))
        .group_by(col(SensorReading.sensor))
        .subquery()
    )
    return {
        row.sensor: Point(row.at, row.value)
        for row in session.exec(
            select(SensorReading).join(
                newest,
                (col(SensorReading.sensor) == newest.c.sensor)
                & (col(SensorReading.at) == newest.c.at),
            )
        ).all()
    }


def _incidents(session: Session, org: str) -> dict[str, Incident]:
    """Return the incident still followed in which each sensor speaks, by the newest suspicion."""
    found: dict[str, Incident] = {}
    for burst in session.exec(
        select(SuspectedBurst)
        .where(SuspectedBurst.org == org)
        .order_by(col(SuspectedBurst.found_at).desc())
    ).all():
        missing = [code for code in burst.sensors if code not in found]
        if not missing:
            continue
        incident = session.get(Incident, burst.incident_id)
        # A person may have let it join another one: that one is the burst since.
        while incident is not None and incident.merged_into is not None:
            incident = session.get(Incident, incident.merged_into)
        if incident is not None and incident.state in LIVE:
            found.update(dict.fromkeys(missing, incident))
    return found


def _out(
    row: Sensor,
    points: list[Point],
    now: datetime,
    stale_after: timedelta,
    incidents: Mapping[str, Incident],
) -> SensorOut:
    last = points[-1] if points else None
    normal = Range(row.low, row.high)
    state = state_of(last, normal, now, stale_after)
    is_present = state not in {"stale", "silent"}
    direction, change = trend_of(points, normal) if is_present else (None, None)
    value = last.value if last else None
    incident = incidents.get(row.code)
    return SensorOut(
        **row.model_dump(exclude={"id", "org"}),
        value=value,
        at=last.at if last else None,
        is_low=value is not None and row.low is not None and value < row.low,
        is_high=value is not None and row.high is not None and value > row.high,
        age_min=max(int((now - last.at).total_seconds() // 60), 0) if last else None,
        state=state,
        trend=direction,
        change_per_hour=change,
        recent=[PointOut(at=one.at, value=one.value) for one in curve_of(points, now)],
        incident=_spoken_in(incident) if incident else None,
    )


def _spoken_in(incident: Incident) -> SensorIncidentOut:
    return SensorIncidentOut(
        id=incident.id, ref=incident.ref, title=incident.title, priority=incident.priority
    )
