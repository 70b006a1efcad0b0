"""Verbs of competence: ask a body, note its answer, keep the rules."""

from typing import Any, cast

from sqlmodel import col, select

from dispatcher.authorities.rules import SUBJECT, rules_key, rules_text
from dispatcher.authorities.schemas import AnswerIn, BodyIn, RulesIn
from dispatcher.authorities.text import check, codes_of
from dispatcher.authorities.workflow import OPEN, ClaimState, check_move
from dispatcher.database import Tx
from dispatcher.errors import Conflict, InvalidInput
from dispatcher.events.facts import CompetenceMoved
from dispatcher.events.policy_facts import CompetenceRulesAdopted
from dispatcher.events.states import IncidentStatus
from dispatcher.i18n import t
from dispatcher.incidents import commands as incidents
from dispatcher.incidents.images import image_of
from dispatcher.models import CompetenceClaim, Incident, KeptState, Message
from dispatcher.revisions import revise


def ask(tx: Tx, incident: Incident, body: BodyIn, params: dict[str, Any]) -> CompetenceClaim:
    """Pass an incident to a body; those who reported read it, and keep their link.

    Raises:
        Conflict: Another body has it already.
        IllegalMove: A crew of ours is at work.
    """
    if _open(tx, incident) is not None:
        raise Conflict("another body has been asked; note its answer first")
    incidents.move(tx, incident, IncidentStatus.TRANSFERRED, body.name)
    return _claim(tx, incident, body, params)


def answer(tx: Tx, claim: CompetenceClaim, body: AnswerIn) -> CompetenceClaim:
    """Note what a body answered; a refusal brings the incident back to our queue.

    Returns:
        The claim that counts now: the same one, or the next body's after a hand-over.

    Raises:
        IllegalMove: This answer cannot follow.
        InvalidInput: The motive or the next body is missing.
    """
    check_move(claim.state, body.answer)
    if body.answer in {"refused", "handed_over"} and not body.motive:
        raise InvalidInput("say why", field="motive")
    if (body.answer == "handed_over") != (body.to is not None):
        raise InvalidInput("name the next body when handing over, and only then", field="to")
    incident = tx.session.get_one(Incident, claim.incident_id)
    claim.state, claim.motive, claim.answered_at = body.answer, body.motive, tx.now
    _record(tx, incident, claim)
    if body.to is not None:
        return _claim(tx, incident, body.to, {})
    if incident.state == IncidentStatus.TRANSFERRED:
        if body.answer == "refused":
            incidents.move(tx, incident, IncidentStatus.REOPENED, body.motive)
        elif body.answer == "closed":
            incidents.move(tx, incident, IncidentStatus.CLOSED, body.motive)
    return claim


def put_rules(tx: Tx, body: RulesIn) -> tuple[int, int]:
    """Put other rules in force; return how many there are, and their version.

    What was asked or ended before keeps the rules of that moment.

    Raises:
        Conflict: Others were adopted meanwhile.
        InvalidInput: They are none; with the first problem's field and line.
    """
    checked = check(body.text, codes_of(tx.session, tx.org))
    if checked.refused is not None:
        first = checked.refused
        raise InvalidInput(
            f"line {first.line}: {first.message}",
            field=first.path or "text",
            line=first.line,
            word=first.word,
        )
    count = len(checked.rules or ())
    key = rules_key(tx.org)
    kept = tx.session.get(KeptState, key, with_for_update=True)
    before = {"text": rules_text(tx.session, tx.org)}
    after = {"text": body.text}
    version = revise(tx, SUBJECT, after, before=before, note=body.note, replaces=body.replaces)
    if kept is None:
        tx.session.add(KeptState(key=key, org=tx.org, ver=1, state=after))
    else:
        kept.ver, kept.state = kept.ver + 1, after
    tx.record(CompetenceRulesAdopted(version=version, rules=count, note=body.note))
    return count, version


def _open(tx: Tx, incident: Incident) -> CompetenceClaim | None:
    return tx.session.exec(
        select(CompetenceClaim).where(
            CompetenceClaim.incident_id == incident.id, col(CompetenceClaim.state).in_(OPEN)
        )
    ).first()


def _claim(tx: Tx, incident: Incident, body: BodyIn, params: dict[str, Any]) -> CompetenceClaim:
    author = tx.actor.name or tx.actor.label
    claim = CompetenceClaim(
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        level=body.level,
        authority=body.authority,
        name=body.name,
        rule=body.rule,
        params=params,
        state="asked",
        by=author,
        at=tx.now,
    )
    tx.session.add(claim)
    tx.session.add(
        Message(
            id=tx.new_id(),
            org=tx.org,
            incident_id=incident.id,
            at=tx.now,
            author=author,
            text_fr=t("fr", "competence.passed", name=body.name),
            text_en=t("en", "competence.passed", name=body.name),
        )
    )
    _record(tx, incident, claim)
    return claim


def _record(tx: Tx, incident: Incident, claim: CompetenceClaim) -> None:
    fact = CompetenceMoved(
        incident_id=incident.id,
        claim_id=claim.id,
        body=claim.name,
        state=cast(ClaimState, claim.state),
        motive=claim.motive,
    )
    tx.record(fact, image_of(incident))
