"""The incident of a suspected burst that nobody has named yet: where it is put, and what its
sensors report.
"""

from collections.abc import Sequence
from uuid import UUID

from dispatcher.database import Tx
from dispatcher.incidents import commands as incidents
from dispatcher.incidents import scoring
from dispatcher.incidents.weather import warned
from dispatcher.models import Category, Incident, Report
from priority.facts import Reading
from priority.fusion import SuspectedBurst

BURST = "water_main_burst"
_SEEN = frozenset({"water_leak_road", BURST})
"""Who tells of these sees the water; the others only miss it at home."""


def open_burst(
    tx: Tx,
    burst: SuspectedBurst,
    behind: Sequence[Incident],
    low: Sequence[Reading],
    *,
    simulated: bool,
) -> Incident:
    """Open the incident that the calls will join, with the sensors' own report.

    It is put where somebody sees water, else where the first caller is: a crew must start
    somewhere, and the place can be corrected.

    Args:
        tx: The command's transaction.
        burst: What was found.
        behind: The incidents called for, first sign first; one or more.
        low: The readings that make the evidence.
        simulated: Whether all of it is.
    """
    seed = next((one for one in behind if one.category in _SEEN), behind[0])
    kind = tx.session.get(Category, BURST) or tx.session.get_one(Category, seed.category)
    known = scoring.known_of(
        {
            name: value
            for name, value in seed.facts.items()
            if name in {"sites", "population_density", "traffic", "precise"}
        }
    )
    facts = scoring.with_readings(scoring.stored_of(warned(tx, known)), low)
    moment = scoring.Moment(at=tx.now, reported_at=tx.now)
    spot = incidents.Spot(
        seed.place_label, seed.insee, seed.commune, seed.lat, seed.lon, known.precise
    )
    draft = incidents.Draft(
        category=kind,
        title=kind.label_fr,
        spot=spot,
        channel="sensor",
        scored=scoring.score(
            scoring.policy_in_force(tx.session, tx.org), kind, scoring.known_of(facts), moment
        ),
        facts=facts,
        simulated=simulated,
    )
    report_id = tx.new_id()
    incident = incidents.open_incident(tx, draft, report_id)
    tx.put(_report(report_id, incident, burst, low))
    return tx.session.get_one(Incident, incident.id)


def _report(
    report_id: UUID, incident: Incident, burst: SuspectedBurst, low: Sequence[Reading]
) -> Report:
    return Report(
        id=report_id,
        org=incident.org,
        incident_id=incident.id,
        channel="sensor",
        text=words(burst, low),
        category=incident.category,
        place_label=incident.place_label,
        insee=incident.insee,
        lat=incident.lat,
        lon=incident.lon,
        received_at=incident.reported_at,
        simulated=incident.simulated,
        reading={},
    )


def words(burst: SuspectedBurst, low: Sequence[Reading]) -> str:
    """Return what the sensors say, in French like every report that people read at the desk."""
    told = "\u00a0; ".join(
        f"{one.sensor} {_number(one.value)}\u00a0{one.unit} pour {_number(one.low or 0)} au moins"
        for one in low
    )
    return f"Télégestion, secteur {burst.sector}\u00a0: pression basse ({told}), plusieurs appels."


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
