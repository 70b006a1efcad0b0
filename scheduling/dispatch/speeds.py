"""How fast a van drives on a road, from its OpenStreetMap tags; which way, and whether at all.

Speeds are means over a whole section with its bends, not limits: what a crew's van keeps up in
rural France. They are a stated first guess; finished trips correct them (``trips.py``).
"""

from collections.abc import Mapping
from typing import Final, Literal

Ways = Literal["both", "forward", "backward"]

KMH: Final = {
    "motorway": 105,
    "motorway_link": 50,
    "trunk": 88,
    "trunk_link": 45,
    "primary": 68,
    "primary_link": 40,
    "secondary": 60,
    "secondary_link": 36,
    "tertiary": 50,
    "tertiary_link": 32,
    "unclassified": 40,
    "road": 35,
    "residential": 27,
    "living_street": 12,
    "service": 16,
    "track": 18,
}
"""Kilometres an hour by ``highway``; classes that are not here are no roads for a van."""

TRACK_GRADES: Final = ("grade1", "grade2")
"""Tracks a van takes: paved, or firm gravel. The others end in mud."""

ROUGH_KMH: Final = {
    "unpaved": 32,
    "compacted": 40,
    "fine_gravel": 36,
    "gravel": 30,
    "dirt": 22,
    "earth": 22,
    "ground": 22,
    "grass": 15,
    "sand": 15,
    "mud": 10,
    "cobblestone": 30,
    "sett": 35,
    "unhewn_cobblestone": 20,
}
"""Most a van does on a surface, kilometres an hour."""

OF_LIMIT: Final = 0.88
"""Share of a posted limit that a whole section reaches."""

FRENCH_LIMITS: Final = {"fr:urban": 50, "fr:rural": 80, "fr:motorway": 130, "fr:zone30": 30}
CLOSED: Final = frozenset({"no", "private", "agricultural", "forestry", "military"})
YES: Final = frozenset({"yes", "true", "1"})
SIGNAL_S: Final = 12
"""Seconds lost on the mean at traffic lights."""


def speed_kmh(tags: Mapping[str, str]) -> float | None:
    """Mean speed on a way, km/h; ``None`` where a van may not or cannot drive.

    >>> speed_kmh({"highway": "secondary"}), speed_kmh({"highway": "secondary", "maxspeed": "50"})
    (60.0, 44.0)
    >>> speed_kmh({"highway": "footway"}) is None
    True
    """
    kind = tags.get("highway", "")
    if kind not in KMH or _is_closed(tags):
        return None
    if kind == "track" and tags.get("tracktype") not in TRACK_GRADES:
        return None
    speed = float(KMH[kind])
    limit = _limit(tags.get("maxspeed", ""))
    if limit is not None:
        speed = min(speed, limit * OF_LIMIT)
    rough = ROUGH_KMH.get(tags.get("surface", ""))
    return speed if rough is None else min(speed, float(rough))


def ways_of(tags: Mapping[str, str]) -> Ways:
    """Ways in which a road may be driven.

    Roundabouts and motorways are one-way without saying so.
    """
    told = tags.get("oneway", "")
    if told in YES:
        return "forward"
    if told in {"-1", "reverse"}:
        return "backward"
    if told:
        return "both"
    implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") in {
        "motorway",
        "motorway_link",
    }
    return "forward" if implied else "both"


def _is_closed(tags: Mapping[str, str]) -> bool:
    """The most particular access tag decides."""
    for key in ("motorcar", "motor_vehicle", "vehicle", "access"):
        if key in tags:
            return tags[key] in CLOSED
    return tags.get("area") == "yes" or tags.get("service") == "parking_aisle"


def _limit(text: str) -> float | None:
    """Kilometres an hour of a ``maxspeed``; ``None`` when it says no number."""
    known = FRENCH_LIMITS.get(text.lower())
    if known is not None:
        return float(known)
    number, _, unit = text.partition(" ")
    try:
        value = float(number)
    except ValueError:
        return None
    if value <= 0:
        return None
    return value * 1.609344 if unit == "mph" else value
