"""The words of every notice to citizens: those of the program, or what a pilot made of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sqlmodel import Session

from dispatcher.i18n import Locale, sentences
from dispatcher.models import NoticeTemplate

NoticeCode = Literal[
    "received",
    "planned",
    "moved",
    "en_route",
    "done",
    "fixed",
    "question",
    "message",
    "wish_accepted",
    "wish_refused",
    "link",
]
NoticeChannel = Literal["sms", "email"]
CODES: Final[tuple[NoticeCode, ...]] = (
    "received",
    "planned",
    "moved",
    "en_route",
    "done",
    "fixed",
    "question",
    "message",
    "wish_accepted",
    "wish_refused",
    "link",
)
CHANNELS: Final[tuple[NoticeChannel, ...]] = ("sms", "email")
PLACEHOLDERS: Final = (
    "org",
    "reference",
    "category",
    "commune",
    "window",
    "words",
    "link",
    "stop",
)
"""`window` is when a crew should come, `words` what the desk wrote, `stop` where messages end."""
SAMPLE: Final[dict[Locale, dict[str, str]]] = {
    "fr": {
        "reference": "2026-00123",
        "category": "Fuite sur la voie publique",
        "commune": "Tulle",
        "window": "aujourd’hui entre 16:10 et 16:40",
        "words": "Le portail est-il ouvert ?",
        "link": "https://cpo.example.fr/suivi/q3J8sVnU0hXo5wW2kq1aYl9Zt6eRc4bD7fGmPiHuTjE",
        "stop": "https://cpo.example.fr/suivi/q3J8sVnU0hXo5wW2kq1aYl9Zt6eRc4bD7fGmPiHuTjE#avis",
    },
    "en": {
        "reference": "2026-00123",
        "category": "Leak in the street",
        "commune": "Tulle",
        "window": "today between 16:10 and 16:40",
        "words": "Is the gate open?",
        "link": "https://cpo.example.fr/suivi/q3J8sVnU0hXo5wW2kq1aYl9Zt6eRc4bD7fGmPiHuTjE",
        "stop": "https://cpo.example.fr/suivi/q3J8sVnU0hXo5wW2kq1aYl9Zt6eRc4bD7fGmPiHuTjE#avis",
    },
}
"""What stands for the places while somebody edits a template; links have their real length."""
_BRACES = re.compile(r"\{([^{}\n]*)\}|[{}]")
_GSM: Final = str.maketrans(
    {
        **{"’": "'", "‘": "'", "«": '"', "»": '"', "–": "-", "…": "...", "œ": "oe", "Œ": "OE"},
        **dict(zip("çêâîôûëïÀÂÈÊËÎÏÔÛÙ", "ceaioueiAAEEEIIOUU", strict=True)),
    }
)
"""French signs that GSM-7 lacks (it has é è à ù and Ç): one of them costs more than half of an
SMS, and everybody reads the word without it.
"""
_NARROW = re.compile("[\u00a0\u202f\u2009]")


@dataclass(frozen=True, slots=True)
class Notice:
    """The words of a notice by one channel, in both languages; SMS have no subject."""

    code: NoticeCode
    channel: NoticeChannel
    subject_fr: str
    subject_en: str
    text_fr: str
    text_en: str
    active: bool = True
    is_own: bool = False

    def subject(self, locale: Locale) -> str:
        """Return the subject in a language."""
        return self.subject_en if locale == "en" else self.subject_fr

    def text(self, locale: Locale) -> str:
        """Return the text in a language."""
        return self.text_en if locale == "en" else self.text_fr


def notice_of(session: Session, org: str, code: NoticeCode, channel: NoticeChannel) -> Notice:
    """Return the words in force: a pilot's, else the program's."""
    row = session.get(NoticeTemplate, (org, code, channel))
    if row is None:
        return default_of(code, channel)
    return Notice(
        code,
        channel,
        row.subject_fr,
        row.subject_en,
        row.text_fr,
        row.text_en,
        row.active,
        is_own=True,
    )


def default_of(code: NoticeCode, channel: NoticeChannel) -> Notice:
    """Return the program's words."""

    def said(locale: Locale, part: str) -> str:
        return sentences(locale).get(f"notice.{code}.{part}", "")

    subjects = ("", "") if channel == "sms" else (said("fr", "subject"), said("en", "subject"))
    return Notice(code, channel, *subjects, said("fr", channel), said("en", channel))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its places filled; what has no value disappears.

    >>> fill("{org} : {reference}{window}", {"org": "CPO", "reference": "2026-1"})
    'CPO : 2026-1'
    """
    return _BRACES.sub(lambda found: values.get(found[1] or "", ""), text).strip()


def plain(text: str) -> str:
    """Return a text with the French signs that would double the price of an SMS replaced.

    >>> plain("bien reçu, réparé à 16 h…")
    'bien recu, réparé à 16 h...'
    """
    return _NARROW.sub(" ", text.translate(_GSM))


def problems(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield line (from 1) and words of what stands in braces and cannot be filled.

    >>> list(problems("Bonjour\n{nom} {link}"))
    [(2, '{nom}')]
    """
    for found in _BRACES.finditer(text):
        if found[1] is None or found[1] not in PLACEHOLDERS:
            yield text.count("\n", 0, found.start()) + 1, found[0]
