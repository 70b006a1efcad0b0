"""Reads of competence: an incident's body with its proof, rules as text, rules on trial."""

from datetime import datetime

from sqlmodel import Session, col, select

from dispatcher.authorities import rules
from dispatcher.authorities.schemas import (
    ClaimOut,
    CompetenceOut,
    CompetenceRuleOut,
    FoundOut,
    RuleProblem,
    RulesCheckOut,
    RulesVersionOut,
    TriedOut,
    TryIn,
    TryOut,
)
from dispatcher.authorities.text import Checked, check, codes_of
from dispatcher.errors import InvalidInput
from dispatcher.incidents.scoring import policy_in_force
from dispatcher.models import Category, Commune, CompetenceClaim, Incident
from dispatcher.revisions import revisions
from priority.competence import Competence, CompetenceRule, Situation, competent, tried
from priority.facts import RoadClass
from priority.words import fold


def competence_of(
    session: Session, incident: Incident, now: datetime, road: RoadClass | None
) -> CompetenceOut:
    """Return which body is competent for an incident, why, and which bodies were asked."""
    counting = rules.in_force_for(session, incident, now)
    situation = rules.situation_of(session, incident, counting.at, road)
    found = rules.asked(session, incident.org, situation, counting.rules)
    claims = session.exec(
        select(CompetenceClaim)
        .where(CompetenceClaim.incident_id == incident.id)
        .order_by(col(CompetenceClaim.at), col(CompetenceClaim.id))
    ).all()
    return CompetenceOut(
        found=_found(session, found, counting.rules) if found else None,
        road=situation.road,
        rules_version=counting.version,
        claims=[claim_out(claim) for claim in claims],
    )


def claim_out(claim: CompetenceClaim) -> ClaimOut:
    """Return a body that was asked, as it goes out."""
    return ClaimOut.model_validate(claim.model_dump(include=set(ClaimOut.model_fields)))


def versions(session: Session, org: str) -> list[RulesVersionOut]:
    """Return the rules that are or were in force, newest first; empty before the first adoption."""
    return [
        RulesVersionOut(
            version=one.version, note=one.note, by=one.by, at=one.at, text=str(one.body["text"])
        )
        for one in revisions(session, org, rules.SUBJECT)
    ]


def check_text(session: Session, org: str, text: str) -> RulesCheckOut:
    """Return what is wrong with a text by line, and the rules that it is."""
    found = check(text, codes_of(session, org))
    return RulesCheckOut(
        valid=found.rules is not None,
        problems=[RuleProblem.model_validate(one) for one in found.problems],
        rules=_rules_out(found),
    )


def try_on(session: Session, org: str, body: TryIn, now: datetime) -> TryOut:
    """Return who is competent by rules on trial, and how they came to it.

    Raises:
        InvalidInput: The text is no rules, or there is no such category.
    """
    checked = check(body.text, codes_of(session, org))
    if checked.rules is None:
        first = checked.refused
        raise InvalidInput("these are no rules", field="text", line=first.line if first else 1)
    category = session.get(Category, body.category)
    if category is None:
        raise InvalidInput("no such category", field="category", category=body.category)
    commune = commune_in(session, org, body.place)
    situation = Situation(
        at=body.at or now,
        service=category.service,
        category=category.code,
        insee=commune.insee if commune else None,
        council=commune.council_code if commune else None,
        road=body.road or rules.road_of(body.place),
        in_town=body.in_town,
    )
    calendar = policy_in_force(session, org).calendar.working
    found = competent(situation, checked.rules, calendar)
    shown = {one.id: one for one in _rules_out(checked)}
    return TryOut(
        found=_found(session, found, checked.rules) if found else None,
        commune=commune.name if commune else None,
        road=situation.road,
        open=calendar.is_open(situation.at),
        tried=[
            TriedOut(rule=shown[one.rule.id], failed=one.failed)
            for one in tried(situation, checked.rules, calendar)
        ],
    )


def commune_in(session: Session, org: str, words: str) -> Commune | None:
    """Return the commune whose name stands in the words of a place, the longest name first."""
    place = f" {fold(words)} "
    rows = session.exec(select(Commune.insee, Commune.name).where(Commune.org == org)).all()
    named = [(len(name), insee) for insee, name in rows if f" {fold(name)} " in place]
    return session.get(Commune, max(named)[1]) if named else None


def _found(session: Session, found: Competence, among: tuple[CompetenceRule, ...]) -> FoundOut:
    return FoundOut(
        level=found.level,
        authority=found.authority,
        name=rules.name_of(session, found),
        rule=found.rule,
        source=next(rule.source for rule in among if rule.id == found.rule),
        params=dict(found.params),
    )


def _rules_out(checked: Checked) -> list[CompetenceRuleOut]:
    pairs = zip(checked.rules or (), checked.lines, strict=False)
    return [
        CompetenceRuleOut.model_validate({**rule.model_dump(), "line": line})
        for rule, line in pairs
    ]
