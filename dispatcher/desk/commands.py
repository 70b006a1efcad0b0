"""Verbs of the desk: answer at once, acknowledge and pass on, ask an expert, keep templates."""

import tomllib
from pathlib import Path

from dispatcher.database import Tx
from dispatcher.desk.schemas import ReplyIn, TemplateIn, TemplateOut
from dispatcher.errors import InvalidInput
from dispatcher.events.facts import ExpertAsked, IncidentReplied, ReplyTemplateChanged
from dispatcher.events.states import IncidentStatus
from dispatcher.fixtures import fixtures_dir
from dispatcher.incidents import commands as incidents
from dispatcher.incidents.images import image_of
from dispatcher.models import Incident, Message, ReplyTemplate
from dispatcher.models.base import touch


def reply(tx: Tx, incident: Incident, body: ReplyIn) -> Message:
    """Tell everybody who reported an incident something, and close it when that is all it needs.

    Without closing it acknowledges: a received incident is then taken in hand.

    Raises:
        InvalidInput: There is neither text nor template, or no such template.
        IllegalMove: Somebody is at work already: it cannot be closed as answered.
    """
    template = _template(tx, body.template) if body.template else None
    if template is None and not body.text:
        raise InvalidInput("say something, or name a template", field="text")
    message = Message(
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        at=tx.now,
        author=tx.actor.name or tx.actor.label,
        text_fr=body.text or (template.text_fr if template else ""),
        text_en=body.text or (template.text_en if template else ""),
        template=template.code if template else None,
    )
    tx.session.add(message)
    if body.closes:
        incidents.move(tx, incident, IncidentStatus.ANSWERED, message.template)
    elif incident.state in {IncidentStatus.RECEIVED, IncidentStatus.REOPENED}:
        incidents.acknowledge(tx, incident)
    # A version of its own: pages of citizens show the message.
    touch(incident, tx.now)
    fact = IncidentReplied(
        incident_id=incident.id,
        message_id=message.id,
        template=message.template,
        closes=body.closes,
    )
    tx.record(fact, image_of(incident))
    return message


def ask_expert(tx: Tx, incident: Incident, needed: bool, question: str | None) -> None:
    """Mark that an expert is needed, with the question as a note; or that he no longer is."""
    if question:
        incidents.add_note(tx, incident, question)
    if incident.needs_expert == needed:
        return
    incident.needs_expert = needed
    touch(incident, tx.now)
    tx.record(ExpertAsked(incident_id=incident.id, needed=needed), image_of(incident))


def put_template(tx: Tx, code: str, body: TemplateIn) -> ReplyTemplate:
    """Make or change a reply template."""
    row = tx.session.get(ReplyTemplate, (tx.org, code))
    values = body.model_dump(mode="json")
    if row is None:
        row = ReplyTemplate(org=tx.org, code=code, **values)
        tx.session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    tx.record(ReplyTemplateChanged(code=code))
    return row


def load_templates(tx: Tx, path: Path | None = None) -> int:
    """Add the templates of a file that are not there yet; those that people edited stay."""
    text = (path or fixtures_dir() / "replies.toml").read_text(encoding="utf-8")
    added = 0
    for position, document in enumerate(tomllib.loads(text).get("reply", ())):
        template = TemplateOut.model_validate({"position": position, **document})
        if tx.session.get(ReplyTemplate, (tx.org, template.code)) is None:
            tx.session.add(ReplyTemplate(org=tx.org, **template.model_dump(mode="json")))
            added += 1
    return added


def _template(tx: Tx, code: str) -> ReplyTemplate:
    row = tx.session.get(ReplyTemplate, (tx.org, code))
    if row is None or not row.active:
        raise InvalidInput("no such reply template", field="template", template=code)
    return row
