"""Reads of the desk: reply templates by words, category and state."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from dispatcher.desk.schemas import TemplateOut
from dispatcher.models import ReplyTemplate
from priority.words import fold


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which templates: words in any language, a category, a state; None asks for all."""

    words: str | None = None
    category: str | None = None
    state: str | None = None
    inactive: bool = False


def templates(session: Session, org: str, wanted: Wanted) -> list[TemplateOut]:
    """Return the templates that fit, those made for the category first."""
    rows = session.exec(
        select(ReplyTemplate)
        .where(ReplyTemplate.org == org)
        .order_by(col(ReplyTemplate.position), col(ReplyTemplate.code))
    ).all()
    fitting = [row for row in rows if _fits(row, wanted)]
    fitting.sort(key=lambda row: not row.categories)
    return [TemplateOut.model_validate(row.model_dump(exclude={"org"})) for row in fitting]


def _fits(row: ReplyTemplate, wanted: Wanted) -> bool:
    if not (row.active or wanted.inactive):
        return False
    if wanted.category and row.categories and wanted.category not in row.categories:
        return False
    if wanted.state and row.states and wanted.state not in row.states:
        return False
    text = fold(f"{row.title_fr} {row.title_en} {row.text_fr} {row.text_en}")
    return all(word in text for word in fold(wanted.words or "").split())
