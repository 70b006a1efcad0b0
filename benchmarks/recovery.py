"""From SIGKILL to the next accepted report: of the one embedded process, which is started again at
once, and of two web processes on PostgreSQL, where the other one goes on.

The caller repeats each report with its key every 10 ms until it is accepted, as a proxy or a good
client does. One JSON line; goals 2 s embedded, 0.5 s with another process. Run it with
`python -m benchmarks.recovery`.
"""

import http.client
import json
import signal
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks._results import say
from tests.support.postgres_server import start_postgres
from tests.support.running import free_port
from tests.support.topology import Process
from tests.support.world import fill

KILLS = 3
AGAIN_S = 0.01
GOALS_S = {"embedded": 2.0, "another": 0.5}
_numbers = count(1)


def accepted(ports: Sequence[int]) -> None:
    """Report until somebody accepts it."""
    key = f"recovery-report-{next(_numbers):06d}"
    body = json.dumps({"text": f"Nid-de-poule à Tulle, {key}"})
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    while True:
        for port in ports:
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as asked:
                    asked.request("POST", "/api/v1/reports", body, headers)
                    if asked.getresponse().status == 201:
                        return
            except (OSError, http.client.HTTPException):
                continue
        time.sleep(AGAIN_S)


@dataclass(frozen=True, slots=True)
class Place:
    """Where processes run, and on what."""

    folder: Path
    url: str

    def process(self, port: int, **settings: str) -> Process:
        """Return a web process that is not started yet."""
        environment = {
            "CPO_DATABASE_URL": self.url,
            "CPO_SECRET_KEY": "k" * 40,
            "CPO_SOLVER": "false",
            "CPO_REPORTS_PER_MINUTE": "1000000",
        }
        command = ["cpo", "serve", "--port", "0"]
        return Process(command, environment | settings, self.folder, port)


def after_each_kill(victim: Process, ports: Sequence[int], *, at_once: bool) -> list[float]:
    """Kill a process again and again; return the seconds to the next accepted report.

    Args:
        victim: The process to kill.
        ports: Where reports are sent, in turn.
        at_once: Start it again at once; else after the measurement.
    """
    seconds = []
    for _ in range(KILLS):
        for _warm in range(10):
            accepted(ports)
        victim.end(signal.SIGKILL)
        began_s = time.monotonic()
        if at_once:
            victim.begin()
        accepted(ports)
        seconds.append(time.monotonic() - began_s)
        if not at_once:
            victim.begin()
        victim.wait_ready()
    return seconds


def embedded() -> list[float]:
    """One process on SQLite; its supervisor starts it again at once."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), f"sqlite:///{folder}/cpo.sqlite3")
        fill(place.url)
        service = place.process(free_port())
        service.start()
        try:
            return after_each_kill(service, [service.port], at_once=True)
        finally:
            service.end(signal.SIGKILL)


def another() -> list[float]:
    """Two processes on PostgreSQL; the killed one comes back later."""
    with (
        tempfile.TemporaryDirectory() as folder,
        start_postgres(durable=True) as server,
        server.database() as url,
    ):
        fill(url)
        place = Place(Path(folder), url)
        # Production, so that it takes the schema as it is.
        pair = [
            place.process(free_port(), CPO_MODE="production", CPO_PUBLIC_URL="https://cpo.test")
            for _ in range(2)
        ]
        for one in pair:
            one.begin()
        for one in pair:
            one.wait_ready()
        try:
            return after_each_kill(pair[0], [one.port for one in pair], at_once=False)
        finally:
            for one in pair:
                one.end(signal.SIGKILL)


def main() -> None:
    """Measure both and print them."""
    figures: dict[str, object] = {"kills": KILLS}
    for name, measure in (("embedded", embedded), ("another", another)):
        seconds = sorted(measure())
        figures[f"{name}_median_s"] = round(statistics.median(seconds), 3)
        figures[f"{name}_worst_s"] = round(seconds[-1], 3)
        figures[f"{name}_goal_s"] = GOALS_S[name]
    say("recovery", **figures)


if __name__ == "__main__":
    main()
