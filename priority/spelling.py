"""How a French word sounds and what a shorthand means, so that « kratere » is « cratère ».

A rough key, not phonetics: words that sound alike to somebody in a hurry get one key. The module
knows the habits of spelling, and no vocabulary of a service.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

SHORTHAND: Mapping[str, str] = {
    "ds": "dans",
    "tt": "tout",
    "tte": "toute",
    "ts": "tous",
    "rte": "route",
    "bcp": "beaucoup",
    "qd": "quand",
    "ki": "qui",
    "koi": "quoi",
    "pa": "pas",
    "pu": "plus",
    "deau": "eau",
    "leau": "eau",
    "dleau": "eau",
    "lo": "eau",
    "elec": "electricite",
    "elek": "electricite",
    "electrik": "electrique",
    "lelectricite": "electricite",
    "leclairage": "eclairage",
    "legout": "egout",
    "legouts": "egouts",
    "lecole": "ecole",
    "larbre": "arbre",
    "dhuile": "huile",
    "lhuile": "huile",
    "degout": "egout",
    "auj": "aujourd",
    "pb": "probleme",
    "pbl": "probleme",
    "bjr": "bonjour",
    "cdt": "cordialement",
    "cdlt": "cordialement",
    "rdv": "rendez",
    "tel": "telephone",
    "lampadere": "lampadaire",
}
"""What people write in a hurry, folded, and the word they mean, folded."""

_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"e?aux?", "o"),
        (r"ph", "f"),
        (r"qu?", "k"),
        (r"sc(?=[eiy])", "s"),
        (r"c(?=[eiy])", "s"),
        (r"c(?!h)", "k"),
        (r"ge(?=[ao])", "j"),
        (r"g(?=[eiy])", "j"),
        (r"gu(?=[eiy])", "g"),
        (r"(?<!c)h", ""),
        (r"y", "i"),
        (r"[ae][mn](?=[^aeiou]|$)", "an"),
        (r"(?:ai|ei)", "e"),
        (r"(?:er|ez|ee|et)s?$", "e"),
        (r"(?<=[aeiou])s(?=[aeiou])", "z"),
        (r"(.)\1+", r"\1"),
        (r"(?:es?|[tdp]s?|[sx])$", ""),
    )
)


@lru_cache(maxsize=4096)
def sound_of(folded: str) -> str:
    """Return the key of a folded word; words that sound alike share it.

    >>> sound_of("cratere") == sound_of("kratere"), sound_of("poteau") == sound_of("poto")
    (True, True)
    """
    key = folded
    for pattern, sound in _SOUNDS:
        key = pattern.sub(sound, key)
    return key or folded


def written_out(folded: str) -> str:
    """Return the word that a shorthand means, the word itself otherwise.

    >>> written_out("ds"), written_out("rue")
    ('dans', 'rue')
    """
    return SHORTHAND.get(folded, folded)
