"""Reads of the desk: reply templates by words, category and state; one on trial."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from sqlmodel import Session, col, select

from dispatcher.desk import placeholders
from dispatcher.desk.schemas import (
    SmsOut,
    SpokenOut,
    TemplateCheckOut,
    TemplateIn,
    TemplateOut,
    TemplateProblem,
    TemplateTextIn,
    TemplateVersionOut,
)
from dispatcher.i18n import Locale
from dispatcher.models import Incident, ReplyTemplate
from dispatcher.notifications.sms_size import sms_size
from dispatcher.revisions import latest_versions, revisions
from priority.words import fold

SUBJECT = "reply:"
"""Before the code of a template, what its versions are kept under."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which templates: words in any language, a category, a state; None asks for all."""

    words: str | None = None
    category: str | None = None
    state: str | None = None
    inactive: bool = False


def templates(
    session: Session, org: str, wanted: Wanted, incident: Incident | None = None
) -> list[TemplateOut]:
    """Return the templates that fit, those made for the category first, filled for an incident."""
    rows = session.exec(
        select(ReplyTemplate)
        .where(ReplyTemplate.org == org)
        .order_by(col(ReplyTemplate.position), col(ReplyTemplate.code))
    ).all()
    fitting = [row for row in rows if _fits(row, wanted)]
    fitting.sort(key=lambda row: not row.categories)
    known = latest_versions(session, org, SUBJECT)
    filled: dict[str, dict[str, str]] = {}
    if incident is not None:
        filled["fr"] = placeholders.values_of(session, incident, "fr")
        filled["en"] = placeholders.values_of(session, incident, "en")
    return [
        TemplateOut(
            **row.model_dump(exclude={"org"}),
            version=known.get(SUBJECT + row.code, 1),
            filled_fr=placeholders.fill(row.text_fr, filled["fr"]) if filled else None,
            filled_en=placeholders.fill(row.text_en, filled["en"]) if filled else None,
        )
        for row in fitting
    ]


def versions(session: Session, org: str, code: str) -> list[TemplateVersionOut]:
    """Return the versions of a template, newest first; empty before the first edit."""
    return [
        TemplateVersionOut(
            version=one.version,
            note=one.note,
            by=one.by,
            at=one.at,
            body=TemplateIn.model_validate(one.body),
        )
        for one in revisions(session, org, SUBJECT + code)
    ]


def problems(text_fr: str, text_en: str) -> Iterator[TemplateProblem]:
    """Yield what is wrong with the words of a template, in either language."""
    sides: tuple[tuple[Literal["text_fr", "text_en"], str, str], ...] = (
        ("text_fr", text_fr, text_en),
        ("text_en", text_en, text_fr),
    )
    for field, text, other in sides:
        for found in placeholders.problems(text):
            yield TemplateProblem(field=field, **asdict(found))
        for name in sorted(placeholders.used(text) - placeholders.used(other)):
            line = text[: text.index(f"{{{name}}}")].count("\n") + 1
            yield TemplateProblem(field=field, code="only_here", line=line, word=f"{{{name}}}")


def check(session: Session, org: str, body: TemplateTextIn, *, exact: bool) -> TemplateCheckOut:
    """Return what is wrong with a template, and how it reads for a recent incident.

    Args:
        session: A session on any snapshot.
        org: Whose incidents.
        body: The words on trial.
        exact: Whether the reader may see the address of an incident.
    """
    incident = _example(session, org, body)

    def spoken(text: str, locale: Locale) -> SpokenOut:
        values = placeholders.values_of(session, incident, locale, exact=exact) if incident else {}
        filled = placeholders.fill(text, values)
        return SpokenOut(text=filled, sms=SmsOut(**asdict(sms_size(filled))))

    return TemplateCheckOut(
        problems=list(problems(body.text_fr, body.text_en)),
        placeholders=list(placeholders.NAMES),
        ref=incident.ref if incident else "",
        fr=spoken(body.text_fr, "fr"),
        en=spoken(body.text_en, "en"),
    )


def _example(session: Session, org: str, body: TemplateTextIn) -> Incident | None:
    """Return a recent incident, of the template's categories if there is one."""
    newest = (
        select(Incident)
        .where(Incident.org == org, col(Incident.state) != "merged")
        .order_by(col(Incident.reported_at).desc(), col(Incident.id))
    )
    fitting = newest.where(col(Incident.category).in_(body.categories))
    for wanted in (fitting, newest) if body.categories else (newest,):
        found = session.exec(wanted.limit(body.skip + 1)).all()
        if found:
            return found[body.skip % len(found)]
    return None


def _fits(row: ReplyTemplate, wanted: Wanted) -> bool:
    if not (row.active or wanted.inactive):
        return False
    if wanted.category and row.categories and wanted.category not in row.categories:
        return False
    if wanted.state and row.states and wanted.state not in row.states:
        return False
    text = fold(f"{row.title_fr} {row.title_en} {row.text_fr} {row.text_en}")
    return all(word in text for word in fold(wanted.words or "").split())
