"""Which pressure zone somebody calls from, and what its sensors say: reads for the suspicion."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from dispatcher.incidents.workflow import LIVE
from dispatcher.models import Incident, Person, Report, Sensor, SensorReading
from priority.duplicates import distance_m
from priority.facts import Reading
from priority.fusion import WATER_SIGNS, SectorReading, Sign

PRESSURE = "pressure"


def pressure_sensors(session: Session, org: str) -> Sequence[Sensor]:
    """Return the sensors of pressure of an authority, by code."""
    return session.exec(
        select(Sensor)
        .where(Sensor.org == org, Sensor.metric == PRESSURE)
        .order_by(col(Sensor.code))
    ).all()


def sectors_of(incident: Incident, sensors: Iterable[Sensor]) -> set[str]:
    """Return the zones that may feed an incident's place.

    Several zones may feed one commune: an exact place is in that of the nearest sensor, one known
    by its commune only may be in any of them.
    """
    near = [one for one in sensors if incident.insee in one.communes]
    if not near or incident.lat is None or incident.lon is None or not _is_exact(incident):
        return {one.sector for one in near}
    here = (incident.lat, incident.lon)
    return {min(near, key=lambda one: distance_m(here, (one.lat, one.lon))).sector}


def _is_exact(incident: Incident) -> bool:
    return bool(incident.facts.get("precise"))


def readings_of(
    session: Session, sensors: Sequence[Sensor], since: datetime, *, simulated: bool
) -> list[SectorReading]:
    """Return what sensors measured since, oldest first."""
    by_code = {one.code: one for one in sensors}
    rows = session.exec(
        select(SensorReading)
        .where(
            col(SensorReading.sensor).in_(list(by_code)),
            col(SensorReading.at) >= since,
            col(SensorReading.simulated).is_(simulated),
        )
        .order_by(col(SensorReading.at))
    ).all()
    return [
        SectorReading(by_code[row.sensor].sector, row.sensor, measure(row, by_code[row.sensor]))
        for row in rows
    ]


def measure(row: SensorReading, sensor: Sensor) -> Reading:
    """Return a stored reading as evidence for a score."""
    return Reading(
        sensor.metric, row.value, sensor.unit, sensor.low, sensor.high, row.at, sensor.name
    )


def calls_of(
    session: Session, org: str, communes: set[str], since: datetime, *, simulated: bool
) -> list[tuple[Sign, Incident]]:
    """Return what people told of the water since, of living incidents in some communes.

    Whoever calls three times is one source: known again by telephone or e-mail.
    """
    rows = session.exec(
        select(Report, Incident, Person)
        .join(Incident, col(Incident.id) == Report.incident_id)
        .join(Person, col(Person.id) == Report.person_id, isouter=True)
        .where(
            Report.org == org,
            col(Report.received_at) >= since,
            Report.channel != "sensor",
            col(Incident.state).in_([state.value for state in LIVE]),
            col(Incident.category).in_(sorted(WATER_SIGNS)),
            col(Incident.insee).in_(sorted(communes)),
            col(Incident.simulated).is_(simulated),
        )
        .order_by(col(Report.received_at))
    ).all()
    return [
        (Sign(str(told.id), report.received_at, "", told.category, _source(report, person)), told)
        for report, told, person in rows
    ]


def _source(report: Report, person: Person | None) -> str:
    phone = "".join(filter(str.isdigit, (person and person.phone) or ""))
    email = ((person and person.email) or "").casefold()
    return phone[-9:] or email or str(report.id)
