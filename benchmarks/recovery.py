"""From SIGKILL to the next accepted report: of the embedded service's serving process, which its
keeper replaces; of keeper and all, started again at once from nothing; and of one of two web
processes on PostgreSQL, where the other one goes on.

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks._results import say
from tests.support.postgres_server import start_postgres
from tests.support.running import free_port
from tests.support.topology import Process
from tests.support.world import fill

Kill = Callable[[], None]

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


def after_each_kill(kill: Kill, come_back: Kill, ports: Sequence[int]) -> list[float]:
    """Kill again and again; return the seconds to the next accepted report.

    Args:
        kill: Does it, and what a supervisor would do at once.
        come_back: Waits until all is as it was before.
        ports: Where reports are sent, in turn.
    """
    seconds = []
    for _ in range(KILLS):
        for _warm in range(10):
            accepted(ports)
        began_s = time.monotonic()
        kill()
        accepted(ports)
        seconds.append(time.monotonic() - began_s)
        come_back()
    return seconds


@contextmanager
def one_service() -> Iterator[Process]:
    """Run the embedded service for the time of the block."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), f"sqlite:///{folder}/cpo.sqlite3")
        fill(place.url)
        service = place.process(free_port())
        service.start()
        try:
            yield service
        finally:
            service.end(signal.SIGKILL)


def embedded() -> list[float]:
    """Kill the process that serves; the keeper goes on."""
    with one_service() as service:
        return after_each_kill(service.kill_server, service.wait_ready, [service.port])


def keeper_and_all() -> list[float]:
    """Kill the keeper, and so the one it keeps; start again."""
    with one_service() as service:

        def kill() -> None:
            service.end(signal.SIGKILL)
            service.begin()

        return after_each_kill(kill, service.wait_ready, [service.port])


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

            def come_back() -> None:
                pair[0].begin()
                pair[0].wait_ready()

            def kill() -> None:
                pair[0].end(signal.SIGKILL)

            return after_each_kill(kill, come_back, [one.port for one in pair])
        finally:
            for one in pair:
                one.end(signal.SIGKILL)


def main() -> None:
    """Measure all and print them."""
    figures: dict[str, object] = {"kills": KILLS}
    measures = {"embedded": embedded, "keeper_and_all": keeper_and_all, "another": another}
    for name, measure in measures.items():
        seconds = sorted(measure())
        figures[f"{name}_median_s"] = round(statistics.median(seconds), 3)
        figures[f"{name}_worst_s"] = round(seconds[-1], 3)
        if name in GOALS_S:
            figures[f"{name}_goal_s"] = GOALS_S[name]
    say("recovery", **figures)


if __name__ == "__main__":
    main()
