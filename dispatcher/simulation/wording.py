"""From a situation to a sentence: place, tone and slips of the keyboard.

Pure: the same chance gives the same words.
"""

import unicodedata
from dataclasses import dataclass

from dispatcher.simulation import phrases
from dispatcher.simulation.chance import Entropy, below, pick

TOWN = 1500
"""Inhabitants from which most addresses are streets."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is told: ways to say it (with `{place}`), where, and in what tone."""

    sentences: tuple[str, ...]
    street: str
    commune: str
    grave: bool
    stormy: bool
    on_the_road: bool


def address_in(chance: Entropy, population: int) -> str:
    """Return a street in a town, a hamlet or a street in a village."""
    draw = chance.random()
    if population >= TOWN and draw < 0.75:
        street = pick(chance, phrases.STREETS)
        return f"{1 + below(chance, 60)} {street}" if chance.random() < 0.5 else street
    return pick(chance, phrases.HAMLETS if draw < 0.6 else phrases.STREETS)


def sentence(chance: Entropy, subject: Subject) -> str:
    """Return what one caller says of a subject."""
    said = pick(chance, subject.sentences or ("Problème {place}",))
    core = said.replace("{place}", _said(chance, subject))
    opening = pick(chance, phrases.OPENINGS)
    if opening.endswith((", ", ": ")):
        core = core[0].lower() + core[1:]
    if subject.stormy and chance.random() < 0.5:
        ending = pick(chance, phrases.STORM_ENDINGS)
    elif subject.grave and chance.random() < 0.35:
        alarming = phrases.ALARMING_ON_THE_ROAD if subject.on_the_road else phrases.ALARMING
        ending = pick(chance, alarming)
    else:
        ending = pick(chance, phrases.ENDINGS)
    stop = "" if core.endswith(("?", "!")) or not ending else "."
    return _typed(chance, f"{opening}{core}{stop}{ending}")


def _said(chance: Entropy, subject: Subject) -> str:
    """A place as people say it: `rue Basse à Tulle`, `au lieu-dit Le Mas, Affieux`."""
    street = subject.street
    if street in phrases.HAMLETS:
        street = f"au lieu-dit {street}"
    draw = chance.random()
    if draw < 0.55:
        return f"{street} {in_commune(subject.commune)}"
    if draw < 0.75:
        return f"{street}, {subject.commune}"
    return f"{street} {in_commune(subject.commune)}, {pick(chance, phrases.LANDMARKS)}"


def in_commune(name: str) -> str:
    """Return "in this commune" with the article melted as French does.

    >>> in_commune("Tulle"), in_commune("Le Lonzac"), in_commune("Les Angles-sur-Corrèze")
    ('à Tulle', 'au Lonzac', 'aux Angles-sur-Corrèze')
    """
    return _joined(name, "à ", "au ", "aux ")


def of_commune(name: str) -> str:
    """Return "of this commune" with the article melted as French does.

    >>> of_commune("Ussel"), of_commune("Le Lonzac"), of_commune("Brive-la-Gaillarde")
    ("d'Ussel", 'du Lonzac', 'de Brive-la-Gaillarde')
    """
    vowel = name[:1].lower() in "aeiouyéèêâîôh"
    return _joined(name, "d'" if vowel else "de ", "du ", "des ")


def _joined(name: str, plain: str, masculine: str, plural: str) -> str:
    if name.startswith("Le "):
        return masculine + name[3:]
    if name.startswith("Les "):
        return plural + name[4:]
    return plain + name


def _typed(chance: Entropy, text: str) -> str:
    """The text as it leaves a hurried hand: now and then without accents, or with one slip."""
    draw = chance.random()
    if draw < 0.08:
        plain = unicodedata.normalize("NFD", text)
        return "".join(c for c in plain if not unicodedata.combining(c)).lower()
    if draw < 0.13:
        return text.lower()
    if draw < 0.25:
        return _slip(chance, text)
    return text


def _slip(chance: Entropy, text: str) -> str:
    """One wrong, doubled, missing or exchanged letter, in the middle of a word."""
    inside = [
        i for i in range(1, len(text) - 2) if text[i - 1 : i + 2].isalpha() and text[i].islower()
    ]
    if not inside:
        return text
    at = pick(chance, inside)
    letter = text[at]
    changes = (
        text[:at] + text[at + 1] + letter + text[at + 2 :],
        text[:at] + text[at + 1 :],
        text[:at] + letter + text[at:],
        text[:at] + phrases.neighbour(letter) + text[at + 1 :],
    )
    return pick(chance, changes)
