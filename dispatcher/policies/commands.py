"""Verbs of the policy: keep a draft, adopt it; living incidents are then scored again."""

from typing import Any

from sqlmodel import col, select

from dispatcher.database import Tx
from dispatcher.errors import Conflict, InvalidInput
from dispatcher.events.policy_facts import PolicyAdopted
from dispatcher.incidents import commands as incidents
from dispatcher.incidents import scoring
from dispatcher.incidents.workflow import LIVE
from dispatcher.models import Incident, KeptState, PolicyVersion
from dispatcher.policies import text as texts
from priority.policy import Policy


def save_draft(tx: Tx, text: str) -> PolicyVersion:
    """Keep the draft that colleagues share; it may have mistakes."""
    draft = tx.session.exec(
        select(PolicyVersion).where(PolicyVersion.org == tx.org, PolicyVersion.state == "draft")
    ).first()
    if draft is None:
        draft = _row(tx, "draft", text, {}, 0, "")
    draft.text, draft.by, draft.at = text, _author(tx), tx.now
    tx.session.add(draft)
    return draft


def adopt(tx: Tx, text: str, note: str, replaces: int) -> PolicyVersion:
    """Put a policy in force under the next version; the draft is gone with it.

    Incidents that are over keep the policy that scored them; `rescore_living` follows for the
    others.

    Args:
        tx: The command's transaction.
        text: TOML.
        note: Why, for the council's minutes.
        replaces: Version that the author knew as the one in force.

    Raises:
        Conflict: Another one was adopted meanwhile.
        InvalidInput: The text is no policy; with the first problem's field and line.
    """
    before = scoring.policy_in_force(tx.session, tx.org)
    if before.version != replaces:
        raise Conflict("another policy was adopted since", current=before.version)
    text = texts.with_version(text, before.version + 1)
    checked = texts.check(text)
    if checked.policy is None:
        first = checked.problems[0]
        raise InvalidInput(first.message, field=first.path or "text", line=first.line)
    _retire(tx, before)
    policy = checked.policy
    body = policy.model_dump(mode="json")
    row = _row(tx, "in_force", text, body, policy.version, note)
    row.label = scoring.label_of(policy)
    tx.session.add(row)
    kept = tx.session.get_one(KeptState, scoring.policy_key(tx.org), with_for_update=True)
    kept.ver += 1
    kept.state = {"json": policy.model_dump_json(), "adopted": True}
    tx.record(
        PolicyAdopted(name=policy.name, version=policy.version, replaces=before.version, note=note)
    )
    return row


def rescore_living(tx: Tx) -> int:
    """Score every living incident by the policy in force; return how many changed."""
    living = [state.value for state in LIVE]
    rows = tx.session.exec(
        select(Incident).where(Incident.org == tx.org, col(Incident.state).in_(living))
    ).all()
    changed = 0
    for incident in rows:
        scored = scoring.rescored(tx.session, incident, tx.now)
        changed += incidents.rescore(tx, incident, scored)
        incident.policy_version = scored.policy_version
    return changed


def _retire(tx: Tx, before: Policy) -> None:
    """Keep the policy that was in force, so that what it scored can always be explained."""
    rows = tx.session.exec(
        select(PolicyVersion).where(
            PolicyVersion.org == tx.org, col(PolicyVersion.state).in_(["in_force", "draft"])
        )
    ).all()
    known = False
    for row in rows:
        if row.state == "draft":
            tx.session.delete(row)
        else:
            known = row.label == scoring.label_of(before)
            row.state = "past"
    if not known:
        body = before.model_dump(mode="json")
        row = _row(tx, "past", texts.to_text(before, "fr"), body, before.version, "")
        row.label, row.by = scoring.label_of(before), ""
        tx.session.add(row)


def _row(
    tx: Tx, state: str, text: str, body: dict[str, Any], version: int, note: str
) -> PolicyVersion:
    return PolicyVersion(
        id=tx.new_id(),
        org=tx.org,
        version=version,
        label=state,
        state=state,
        text=text,
        body=body,
        note=note,
        by=_author(tx),
        at=tx.now,
    )


def _author(tx: Tx) -> str:
    return tx.actor.name or tx.actor.label
