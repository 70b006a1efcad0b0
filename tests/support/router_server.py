"""A router on the loopback: answers as OSRM and Valhalla do, or as they should not.

Times are a great circle × 1.5 at 60 km/h, so that a test can tell them from every other source.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scheduling.dispatch.travel import Factors, GreatCircle, Point

TRUTH = GreatCircle(Factors(detour=1.5, speed_kmh=60))
Harm = Callable[[Any], Any]


@dataclass
class FakeRouter:
    """What was asked, and what is answered.

    Attributes:
        url: Where it listens.
        asked: (origins, goals) of every request, as numbers.
        together: The most requests that were under way at once.
        status: Status of the answers.
        harm: What happens to an answer before it leaves; bytes leave as they are.
        hold: While set, nothing is answered.
    """

    url: str = ""
    asked: list[tuple[int, int]] = field(default_factory=list)
    together: int = 0
    status: int = 200
    harm: Harm | None = None
    hold: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    under_way: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        lonlat = parts.path.rsplit("/", 1)[1].split(";")
        points = [Point(float(b), float(a)) for a, b in (one.split(",") for one in lonlat)]
        query = parse_qs(parts.query)
        rows = [points[int(i)] for i in query["sources"][0].split(";")]
        columns = [points[int(i)] for i in query["destinations"][0].split(";")]
        seconds, metres = _truth(rows, columns)
        place = {"hint": "", "distance": 4.2, "name": "Rue Carnot", "location": [1.77, 45.27]}
        self._answer(
            (len(rows), len(columns)),
            {
                "code": "Ok",
                "durations": [[float(s) + 0.4 for s in row] for row in seconds],
                "distances": [[float(m) for m in row] for row in metres],
                "sources": [place] * len(rows),
                "destinations": [place] * len(columns),
            },
        )

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows = [Point(p["lat"], p["lon"]) for p in body["sources"]]
        columns = [Point(p["lat"], p["lon"]) for p in body["targets"]]
        seconds, metres = _truth(rows, columns)
        cells = [
            [
                {"from_index": i, "to_index": j, "time": s, "distance": m / 1000}
                for j, (s, m) in enumerate(zip(seconds[i], metres[i], strict=True))
            ]
            for i in range(len(rows))
        ]
        told = {"sources_to_targets": cells, "units": "kilometers", "algorithm": "costmatrix"}
        self._answer((len(rows), len(columns)), told)

    def _answer(self, asked: tuple[int, int], told: Any) -> None:
        fake: FakeRouter = self.server.fake  # type: ignore[attr-defined]
        with fake.lock:
            fake.asked.append(asked)
            fake.under_way += 1
            fake.together = max(fake.together, fake.under_way)
        try:
            if fake.hold:
                fake.released.wait(20)
            told = fake.harm(told) if fake.harm is not None else told
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(fake.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
        finally:
            with fake.lock:
                fake.under_way -= 1

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _truth(rows: list[Point], columns: list[Point]) -> tuple[list[list[int]], list[list[int]]]:
    pairs = [TRUTH.row(row, columns) for row in rows]
    return [list(map(int, s)) for s, _ in pairs], [list(map(int, m)) for _, m in pairs]


@contextlib.contextmanager
def fake_router() -> Iterator[FakeRouter]:
    """Run a router for the time of the block."""
    fake = FakeRouter()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.fake = fake  # type: ignore[attr-defined]
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            fake.released.set()
            server.shutdown()
            thread.join(10)
