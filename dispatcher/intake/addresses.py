"""Where an address is: asked of a geocoder when one is set, of our own gazetteer otherwise.

Only the service asks; a browser never speaks to the geocoder. Answers outside the territory are
left out, so a mistake of the geocoder cannot send a crew to another département.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dispatcher.auth.context import Service
from dispatcher.clock import monotonic_s
from dispatcher.intake.ban import EXACT, NEAR, BanClient, Found, Silent
from dispatcher.intake.library import Library
from priority.words import fold

log = logging.getLogger("cpo.intake")

SURE = 0.6
"""Score from which an address is taken for the one that was meant."""
SHORTEST = 3
KEPT = 512
KEPT_S = 3600.0
Key = tuple[str, str | None, int]


@dataclass(frozen=True, slots=True)
class Address:
    """A place for some words.

    Attributes:
        label: For people, commune included.
        name: Number and street only; what goes into an address field.
        insee: Commune.
        commune: Its name.
        lat: Degrees WGS 84.
        lon: Likewise.
        is_exact: Known to the house; else somewhere along the street, or only the commune.
        source: Who says so.
    """

    label: str
    name: str
    insee: str
    commune: str
    lat: float
    lon: float
    is_exact: bool
    source: Literal["ban", "gazetteer"]


class Addresses:
    """Looks addresses up; threads may share it."""

    def __init__(self, client: BanClient | None) -> None:
        """Look in the gazetteer only, when there is no client."""
        self._client = client
        self._known: OrderedDict[Key, tuple[float, Sequence[Found]]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def is_on(self) -> bool:
        """Whether a geocoder is set."""
        return self._client is not None

    def suggest(
        self, library: Library, words: str, insee: str | None = None, limit: int = 5
    ) -> Sequence[Address]:
        """Return places for words as they are typed, best first.

        Args:
            library: The territory.
            words: Address, with or without its commune.
            insee: Commune to look in, when it is known.
            limit: Most places, 1 to 10.
        """
        if len(words.strip()) < SHORTEST:
            return ()
        found = [_of(one, library) for one in self._search(words, insee, limit)]
        ours = [one for one in found if one is not None]
        return ours or _from_gazetteer(library, words)

    def locate(self, library: Library, street: str, insee: str) -> Address | None:
        """Return where a street of a commune is, None when that is not sure enough."""
        if len(street.strip()) < SHORTEST:
            return None
        for one in self._search(street, insee, 1):
            if one.score >= SURE and one.kind in NEAR and one.insee == insee:
                return _of(one, library)
        return None

    def _search(self, words: str, insee: str | None, limit: int) -> Sequence[Found]:
        if self._client is None:
            return ()
        key = (" ".join(fold(words).split()), insee, limit)
        with self._lock:
            kept = self._known.get(key)
        if kept is not None and monotonic_s() < kept[0]:
            return kept[1]
        try:
            found = self._client.search(words, insee, limit)
        except Silent as silence:
            log.info("geocoder_silent", extra={"reason": str(silence)})
            return ()
        with self._lock:
            self._known[key] = (monotonic_s() + KEPT_S, found)
            self._known.move_to_end(key)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return found


def addresses_of(service: Service) -> Addresses:
    """Return the service's look-up of addresses."""
    made = service.parts.get("addresses")
    if made is None:
        settings = service.settings
        url = settings.geocoder_url
        client = BanClient(url, settings.geocoder_timeout_s) if url else None
        made = service.parts.setdefault("addresses", Addresses(client))
    found: Addresses = made
    return found


def _of(one: Found, library: Library) -> Address | None:
    commune = library.communes.get(one.insee)
    if commune is None or library.atlas.commune_at(one.lat, one.lon) is None:
        return None
    return Address(
        label=f"{one.name}, {commune.name}" if one.name != commune.name else commune.name,
        name=one.name,
        insee=commune.insee,
        commune=commune.name,
        lat=one.lat,
        lon=one.lon,
        is_exact=one.kind in EXACT,
        source="ban",
    )


def _from_gazetteer(library: Library, words: str) -> Sequence[Address]:
    found = []
    for hint in library.reader.read(words).places:
        if hint.commune is not None:
            named = hint.commune
            street = hint.street or ""
            found.append(
                Address(
                    label=f"{street}, {named.name}" if street else named.name,
                    name=street or named.name,
                    insee=named.insee,
                    commune=named.name,
                    lat=named.lat,
                    lon=named.lon,
                    is_exact=False,
                    source="gazetteer",
                )
            )
    return found
