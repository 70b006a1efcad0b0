"""Sentences in the reader's language: French first, English second; keys and parameters everywhere
else.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Literal

Locale = Literal["fr", "en"]
LOCALES: tuple[Locale, ...] = ("fr", "en")


@cache
def sentences(locale: Locale) -> dict[str, str]:
    """Return every sentence of a language by its key."""
    text = (files("dispatcher") / "locales" / f"{locale}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def t(locale: Locale, key: str, **params: object) -> str:
    """Return the sentence of `key`, parameters filled in; the key itself when nobody wrote it.

    `{count}` chooses between `key.one` and `key.other` when those exist; in French 0 and 1 are
    singular.
    """
    known = sentences(locale)
    count = params.get("count")
    if isinstance(count, int):
        singular = count < 2 if locale == "fr" else count == 1
        key = next((k for k in (f"{key}.{'one' if singular else 'other'}", key) if k in known), key)
    return known.get(key, key).format(**params) if key in known else key


def pick(wanted: str | None, default: Locale = "fr") -> Locale:
    """Return the first language of a cookie, query or Accept-Language value that we speak."""
    for part in (wanted or "").split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code == "fr":
            return "fr"
        if code == "en":
            return "en"
    return default
