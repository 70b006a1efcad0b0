"""Words in braces that a reply template leaves open, and what an incident puts there.

The set is closed and names no person: what fills it may be read by everybody who reported.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from dispatcher.i18n import Locale, t
from dispatcher.models import Category, Incident

NAMES: Final = ("reference", "category", "place", "commune", "reported_on", "promised_by")
PARIS: Final = ZoneInfo("Europe/Paris")
_BRACES = re.compile(r"\{([^{}\n]*)\}|[{}]")

ProblemCode = Literal["unknown_placeholder", "lone_brace"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text: where (line from 1) and the words that are wrong."""

    code: ProblemCode
    line: int
    word: str


def used(text: str) -> frozenset[str]:
    """Return the known placeholders of a text.

    >>> sorted(used("{commune}, {reference} et {commune}"))
    ['commune', 'reference']
    """
    return frozenset(found[1] for found in _BRACES.finditer(text) if found[1] in NAMES)


def problems(text: str) -> Iterator[Problem]:
    r"""Yield what cannot be filled.

    >>> [(p.code, p.line, p.word) for p in problems("Bonjour\n{nom}, {commune")]
    [('unknown_placeholder', 2, '{nom}'), ('lone_brace', 2, '{')]
    """
    for found in _BRACES.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if found[1] is None:
            yield Problem("lone_brace", line, found[0])
        elif found[1] not in NAMES:
            yield Problem("unknown_placeholder", line, found[0])


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders filled; what has no value stays as written.

    >>> fill("{commune} : {reference}", {"commune": "Tulle"})
    'Tulle : {reference}'
    """
    return _BRACES.sub(lambda found: values.get(found[1] or "", found[0]), text)


def values_of(
    session: Session, incident: Incident, locale: Locale, *, exact: bool = True
) -> dict[str, str]:
    """Return what an incident puts in each place, in a reader's language.

    Args:
        session: A session on any snapshot.
        incident: What the reply is about.
        locale: Of the reader.
        exact: Whether the reader may see an address; else the commune stands for it.
    """
    category = session.get(Category, incident.category)
    commune = incident.commune or t(locale, "reply.somewhere")
    labels = {"fr": category.label_fr, "en": category.label_en} if category else {}
    promised = incident.respond_by
    return {
        "reference": incident.ref,
        "category": labels.get(locale, incident.title),
        "place": (incident.place_label if exact else None) or commune,
        "commune": commune,
        "reported_on": t(locale, "reply.day", at=incident.reported_at.astimezone(PARIS)),
        "promised_by": t(locale, "reply.hour", at=promised.astimezone(PARIS))
        if promised
        else t(locale, "reply.soon"),
    }
