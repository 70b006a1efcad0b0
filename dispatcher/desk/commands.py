"""Verbs of the desk: answer at once, acknowledge and pass on, ask an expert, keep templates."""

import tomllib
from pathlib import Path

from dispatcher.database import Tx
from dispatcher.desk import placeholders
from dispatcher.desk.queries import SUBJECT, problems
from dispatcher.desk.schemas import ReplyIn, TemplateIn, TemplateNamed, TemplatePut
from dispatcher.errors import InvalidInput
from dispatcher.events.facts import IncidentReplied
from dispatcher.events.policy_facts import ReplyTemplateChanged
from dispatcher.events.states import IncidentStatus
from dispatcher.expertise import commands as expertise
from dispatcher.fixtures import fixtures_dir
from dispatcher.i18n import Locale
from dispatcher.incidents import commands as incidents
from dispatcher.incidents.images import image_of
from dispatcher.models import Category, Incident, Message, ReplyTemplate
from dispatcher.models.base import touch
from dispatcher.revisions import revise


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
    if body.asks and body.closes:
        raise InvalidInput("what waits for an answer cannot be closed", field="asks")
    message = Message(
        id=tx.new_id(),
        org=tx.org,
        incident_id=incident.id,
        at=tx.now,
        author=tx.actor.name or tx.actor.label,
        text_fr=body.text or _filled(tx, incident, template, "fr"),
        text_en=body.text or _filled(tx, incident, template, "en"),
        template=template.code if template else None,
        asks=body.asks,
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
    """Put a question to the experts, kept as a note too; or say, with the answer, it is met."""
    if question:
        incidents.add_note(tx, incident, question)
    if needed:
        author = tx.actor.name or tx.actor.label
        expertise.ask(tx, incident, expertise.Asked(question or incident.title, author))
    else:
        expertise.withdraw(tx, incident, question)


def put_template(tx: Tx, code: str, body: TemplatePut) -> tuple[ReplyTemplate, int]:
    """Make or change a reply template; return it with its version. Earlier ones stay readable.

    Raises:
        Conflict: Somebody kept another version meanwhile.
        InvalidInput: A word in braces is none that can be filled, or a category is unknown.
    """
    for problem in problems(body.text_fr, body.text_en):
        if problem.code != "only_here":
            raise InvalidInput(
                f"line {problem.line}: {problem.word} cannot be filled",
                field=problem.field,
                line=problem.line,
                word=problem.word,
            )
    for category in body.categories:
        if tx.session.get(Category, category) is None:
            raise InvalidInput("no such category", field="categories", category=category)
    row = tx.session.get(ReplyTemplate, (tx.org, code), with_for_update=True)
    values = body.model_dump(mode="json", include=set(TemplateIn.model_fields))
    before = row.model_dump(include=set(TemplateIn.model_fields)) if row else None
    version = revise(
        tx, SUBJECT + code, values, before=before, note=body.note, replaces=body.replaces
    )
    if row is None:
        row = ReplyTemplate(org=tx.org, code=code, **values)
        tx.session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    tx.record(ReplyTemplateChanged(code=code, version=version))
    return row, version


def load_templates(tx: Tx, path: Path | None = None) -> int:
    """Add the templates of a file that are not there yet; those that people edited stay."""
    text = (path or fixtures_dir() / "replies.toml").read_text(encoding="utf-8")
    added = 0
    for position, document in enumerate(tomllib.loads(text).get("reply", ())):
        template = TemplateNamed.model_validate({"position": position, **document})
        if tx.session.get(ReplyTemplate, (tx.org, template.code)) is None:
            tx.session.add(ReplyTemplate(org=tx.org, **template.model_dump(mode="json")))
            added += 1
    return added


def _filled(tx: Tx, incident: Incident, template: ReplyTemplate | None, locale: Locale) -> str:
    if template is None:
        return ""
    text = template.text_fr if locale == "fr" else template.text_en
    return placeholders.fill(text, placeholders.values_of(tx.session, incident, locale))


def _template(tx: Tx, code: str) -> ReplyTemplate:
    row = tx.session.get(ReplyTemplate, (tx.org, code))
    if row is None or not row.active:
        raise InvalidInput("no such reply template", field="template", template=code)
    return row
