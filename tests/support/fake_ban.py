"""A geocoder of a test's own, on the loopback address, that answers in the shape of the BAN.

The places are invented streets of real communes; the fields are those of GeocodeJSON as
`data.geopf.fr/geocodage/search` documents them.
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]


def feature(name: str, lat: float, lon: float, **told: Any) -> Json:
    """Return one address of Tulle, unless told otherwise."""
    properties = {
        "label": f"{name} 19000 Tulle",
        "score": 0.93,
        "id": "19272_0420_00012",
        "name": name,
        "postcode": "19000",
        "citycode": "19272",
        "city": "Tulle",
        "context": "19, Corrèze, Nouvelle-Aquitaine",
        "type": "housenumber",
        "importance": 0.61,
        "_type": "address",
    } | told
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }


@dataclass
class FakeBan:
    """What is answered, and what was asked.

    Attributes:
        url: Root of the service.
        features: Of every answer.
        status: Of every answer.
        raw: Sent in the place of features, when given.
        asked: Query of every question.
        silent: While set, answers wait for `release`.
    """

    url: str = ""
    features: list[Any] = field(default_factory=list)
    status: int = 200
    raw: bytes | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    silent: bool = False
    release: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ban: FakeBan = self.server.ban  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        ban.asked.append({name: values[0] for name, values in parse_qs(parts.query).items()})
        if ban.silent:
            ban.release.wait(10)
        body = ban.raw
        if body is None:
            body = json.dumps({"type": "FeatureCollection", "features": ban.features}).encode()
        with contextlib.suppress(OSError):
            self.send_response(ban.status if parts.path == "/geocodage/search" else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def fake_ban() -> Iterator[FakeBan]:
    """Run a geocoder for the time of the block."""
    ban = FakeBan()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        ban.url = f"http://127.0.0.1:{server.server_address[1]}/geocodage"
        server.ban = ban  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield ban
        finally:
            ban.release.set()
            server.shutdown()
            thread.join()
