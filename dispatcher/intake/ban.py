"""Ask a server of the Base Adresse Nationale for an address, and stop asking while it is silent.

Shape of the answers: GeocodeJSON, as `data.geopf.fr/geocodage` and a self-hosted addok give it.
Nothing but words of a place leaves: no text of a report, no name.

Source: IGN Géoplateforme, service de géocodage, API « search »; data under Licence Ouverte 2.0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dispatcher.clock import monotonic_s

FAILURES = 3
"""In a row, before the server is left alone."""
REST_S = 30.0
"""How long it is then left alone; one question tries again after that."""
ANSWER_BYTES = 262_144
EXACT = frozenset({"housenumber"})
NEAR = frozenset({"housenumber", "street", "locality"})


class Silent(Exception):
    """The server gave no answer that can be used, or is left alone."""


class _Properties(BaseModel):
    model_config = ConfigDict(extra="ignore")

    label: Annotated[str, Field(max_length=300)]
    name: Annotated[str, Field(max_length=300)] = ""
    score: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    type: str = ""
    citycode: str = ""
    city: str = ""


class _Geometry(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    coordinates: tuple[
        Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]
    ]


class _Feature(BaseModel):
    model_config = ConfigDict(extra="ignore")

    properties: _Properties
    geometry: _Geometry


class _Collection(BaseModel):
    model_config = ConfigDict(extra="ignore")

    features: list[Any]


@dataclass(frozen=True, slots=True)
class Found:
    """One address that a server knows.

    Attributes:
        label: Whole, with postcode and commune.
        name: Number and street only.
        insee: Commune.
        city: Its name.
        lat: Degrees WGS 84.
        lon: Likewise.
        score: How well it answers the question, 0..1, by the server.
        kind: `housenumber`, `street`, `locality`, `municipality`.
    """

    label: str
    name: str
    insee: str
    city: str
    lat: float
    lon: float
    score: float
    kind: str


class Breaker:
    """Counts failures in a row; after some, refuses at once for a while."""

    def __init__(self, failures: int = FAILURES, rest_s: float = REST_S) -> None:
        """Start closed: everything passes."""
        self._most, self._rest_s = failures, rest_s
        self._failures = 0
        self._until_s = 0.0

    def may_pass(self, now_s: float) -> bool:
        """Whether to ask now; once rested, one question passes and the others wait for it."""
        if self._failures < self._most:
            return True
        if now_s < self._until_s:
            return False
        self._until_s = now_s + self._rest_s
        return True

    def good(self) -> None:
        """Note an answer."""
        self._failures = 0

    def bad(self, now_s: float) -> None:
        """Note a failure."""
        self._failures += 1
        self._until_s = now_s + self._rest_s


class BanClient:
    """A geocoding server, asked with little patience."""

    def __init__(self, url: str, timeout_s: float, breaker: Breaker | None = None) -> None:
        """Prepare; nothing is sent before the first question.

        Args:
            url: Root of the service, e.g. `https://data.geopf.fr/geocodage`.
            timeout_s: Longest wait for each step of one answer.
            breaker: Its own by default.

        Raises:
            ValueError: Not an http or https address.
        """
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("the geocoder's address is http or https")
        self._url = url.rstrip("/") + "/search"
        self._breaker = breaker or Breaker()
        limits = httpx.Limits(max_connections=4, max_keepalive_connections=2)
        self._http = httpx.Client(timeout=timeout_s, limits=limits, follow_redirects=False)
        self._patience_s = 2 * timeout_s

    def search(self, words: str, insee: str | None, limit: int) -> Sequence[Found]:
        """Return addresses, best first.

        Args:
            words: As people write them, 3 to 200 characters.
            insee: Commune to look in; None looks everywhere.
            limit: Most answers.

        Raises:
            Silent: No answer, or none that can be used.
        """
        if not self._breaker.may_pass(monotonic_s()):
            raise Silent("left alone after failures")
        try:
            found = self._ask(words, insee, limit)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            self._breaker.bad(monotonic_s())
            raise Silent(type(error).__name__) from error
        self._breaker.good()
        return found

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _ask(self, words: str, insee: str | None, limit: int) -> Sequence[Found]:
        params = {"q": words[:200], "limit": str(limit)} | ({"citycode": insee} if insee else {})
        until_s = monotonic_s() + self._patience_s
        body = b""
        with self._http.stream("GET", self._url, params=params) as answer:
            if answer.status_code != 200:
                raise ValueError(f"answered {answer.status_code}")
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > ANSWER_BYTES or monotonic_s() > until_s:
                    raise ValueError("too long an answer")
        return [
            one for raw in _Collection.model_validate_json(body).features if (one := _read(raw))
        ]


def _read(raw: Any) -> Found | None:
    """Return one feature; one that is malformed is left out alone."""
    try:
        feature = _Feature.model_validate(raw)
    except ValidationError:
        return None
    told, (lon, lat) = feature.properties, feature.geometry.coordinates
    return Found(
        label=told.label,
        name=told.name or told.label,
        insee=told.citycode,
        city=told.city,
        lat=lat,
        lon=lon,
        score=told.score,
        kind=told.type,
    )
