"""From rows to a score: the stored facts of an incident, put in front of the policy in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from dispatcher.database import Tx
from dispatcher.errors import NotFound
from dispatcher.events.states import IncidentStatus
from dispatcher.incidents import promises
from dispatcher.incidents.commands import Scored
from dispatcher.models import Category, Incident, KeptState, PolicyVersion
from priority.deadlines import due_times
from priority.facts import CategoryFacts, Danger, Facts, NearbySite, Reading, Vigilance
from priority.policy import Policy
from priority.score import assess

_KEPT_STATE = select(KeptState.state).where(col(KeptState.key) == bindparam("key"))
ATTENDED = frozenset({IncidentStatus.STABILISED, IncidentStatus.RESOLVED})


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What is stored with an incident so that its score can be computed again, for ever the
    same.
    """

    dangers: tuple[Danger, ...] = ()
    sites: tuple[NearbySite, ...] = ()
    population_density: float | None = None
    traffic: int | None = None
    homes_without_water: int = 0
    readings: tuple[Reading, ...] = ()
    vigilances: tuple[Vigilance, ...] = ()
    sources: int = 1
    reopenings: int = 0
    access: str | None = None
    precise: bool = False


_KNOWN: TypeAdapter[KnownFacts] = TypeAdapter(KnownFacts)


def known_of(stored: dict[str, Any]) -> KnownFacts:
    """Return the stored facts of an incident as values."""
    return _KNOWN.validate_python(stored)


def stored_of(known: KnownFacts) -> dict[str, Any]:
    """Return facts as the JSON kept with an incident."""
    stored: dict[str, Any] = _KNOWN.dump_python(known, mode="json")
    return stored


def with_readings(stored: dict[str, Any], readings: Sequence[Reading]) -> dict[str, Any]:
    """Return the facts kept with an incident, with other readings of sensors."""
    fresh = stored_of(KnownFacts(readings=tuple(readings)))["readings"]
    return {**stored, "readings": fresh}


def policy_key(org: str) -> str:
    """Return where the policy in force of an authority is kept."""
    return f"policy:{org}"


@lru_cache(maxsize=16)
def _policy(text: str) -> Policy:
    return Policy.from_json(text)


def policy_in_force(session: Session, org: str) -> Policy:
    """Return the policy that scores an authority's incidents now.

    Raises:
        NotFound: Reference data were never imported.
    """
    kept = session.get(KeptState, policy_key(org))
    return _required(None if kept is None else kept.state)


def policy_for(tx: Tx) -> Policy:
    """Return the policy in force for a new incident; read once for the reports stored together.

    Raises:
        NotFound: Reference data were never imported.
    """
    key = policy_key(tx.org)

    def load() -> Policy:
        return _required(tx.look(_KEPT_STATE, key=key).scalar_one_or_none())

    return tx.read_once(key, load)


def _required(state: dict[str, Any] | None) -> Policy:
    if state is None:
        raise NotFound("no policy is in force: run `cpo import` first")
    return _policy(state["json"])


def label_of(policy: Policy) -> str:
    """Return how incidents name the policy that scored them."""
    return f"{policy.name} v{policy.version}"


def policy_behind(session: Session, incident: Incident) -> Policy:
    """Return the policy that scored an incident: the one in force, or an older one it kept."""
    current = policy_in_force(session, incident.org)
    if incident.policy_version == label_of(current):
        return current
    kept = session.exec(
        select(PolicyVersion).where(
            PolicyVersion.org == incident.org, PolicyVersion.label == incident.policy_version
        )
    ).first()
    return Policy.model_validate(kept.body) if kept else current


@dataclass(frozen=True, slots=True)
class Moment:
    """When a score is asked for, and since when and how often the incident was reported."""

    at: datetime
    reported_at: datetime
    reports: int = 1
    respond_by: datetime | None = None
    is_attended: bool = False


def facts_of(category: Category, known: KnownFacts, moment: Moment) -> Facts:
    """Return everything the score may depend on."""
    return Facts(
        at=moment.at,
        reported_at=moment.reported_at,
        category=CategoryFacts(
            category.code, category.service, category.severity, category.urgency
        ),
        dangers=known.dangers,
        sites=known.sites,
        population_density=known.population_density,
        traffic=known.traffic,
        homes_without_water=known.homes_without_water,
        readings=known.readings,
        reports=moment.reports,
        sources=known.sources,
        vigilances=known.vigilances,
        respond_by=moment.respond_by,
        is_attended=moment.is_attended,
        reopenings=known.reopenings,
    )


def score(policy: Policy, category: Category, known: KnownFacts, moment: Moment) -> Scored:
    """Return the assessment of facts at a moment, with the times it promises."""
    assessment = assess(facts_of(category, known, moment), policy)
    due = due_times(
        moment.reported_at,
        promises.bound_by(policy, category, assessment.priority),
        policy.calendar.working,
    )
    return Scored(
        assessment,
        label_of(policy),
        due.respond_by,
        due.restore_by,
        due.acknowledge_by,
        due.make_safe_by,
    )


def rescored(session: Session, incident: Incident, at: datetime) -> Scored:
    """Return the present assessment of a stored incident, with the promises that it has."""
    category = session.get_one(Category, incident.category)
    policy = policy_in_force(session, incident.org)
    facts = facts_of(category, known_of(incident.facts), moment_of(incident, at))
    unpromised = Scored(assess(facts, policy), label_of(policy), None, None)
    return promises.kept(unpromised, incident)


def renewed(session: Session, incident: Incident, at: datetime) -> Scored:
    """Return the present assessment of a stored incident, with the promises that follow from it:
    those of the class in force and the category, pauses and joined incidents counted.
    """
    scored = rescored(session, incident, at)
    return promises.renewed(session, policy_in_force(session, incident.org), incident, scored)


def moment_of(incident: Incident, at: datetime) -> Moment:
    """Return the moment of scoring a stored incident."""
    return Moment(
        at=at,
        reported_at=incident.reported_at,
        reports=incident.report_count,
        respond_by=incident.respond_by,
        is_attended=incident.state in ATTENDED or incident.step in {"on_site", "done"},
    )
