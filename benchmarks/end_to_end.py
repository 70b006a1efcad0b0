"""From a report to every board: the whole service under a stream of reports and a crowd of sockets.

``python -m benchmarks.end_to_end [--clients 1000] [--reports 50] [--seconds 15] [--postgres]``
prints one JSON line. The service runs in a process of its own, solver off, with sessions, rights,
scoring, duplicates, events and fsync as always. Reports come at their due times whatever the
service does (open loop), and a report's delay counts from its due time until a board has seen its
incident, over every tenth socket. Besides: what a connection costs the service in CPU, with the
session looked up in the database, first with a snapshot, then resuming after all were cut at once.
``--postgres`` stores in a PostgreSQL of its own (a development package) instead of SQLite.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic_ns
from typing import Any

import httpx
import psutil

from benchmarks._results import say
from benchmarks._service import ORG, ROOT, Running, fill, service
from tests.support.postgres_server import start_postgres

PER_PERSON = 16
CALLERS = 64
SETTLE_S = 2.0
GOALS = {"report_to_board_p99_ms": 500, "resume_cpu_ms": 1.3}


@contextmanager
def database(postgres: bool) -> Iterator[str]:
    """Yield the URL of an empty database."""
    if not postgres:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'cpo.sqlite3'}"
        return
    with start_postgres(durable=True) as server, server.database() as url:
        yield url


class Crowd:
    """The screens, in a process of their own."""

    def __init__(self, port: int, clients: int, cookies: list[str], stack: ExitStack) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks._end_to_end_client"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        stack.callback(self._process.wait)
        stack.callback(self._process.kill)
        asked = {"port": port, "clients": clients, "topic": f"board:{ORG}", "cookies": cookies}
        self.order(json.dumps(asked))
        self.hear()

    def order(self, words: str) -> None:
        """Say one line."""
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        """Return the next line."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@dataclass(slots=True)
class Sent:
    """Reports: when each was due and when it was answered, by reference; how many were refused."""

    due_ns: dict[str, int] = field(default_factory=dict)
    answered_ns: dict[str, int] = field(default_factory=dict)
    refused: int = 0


class Caller:
    """A kept connection that reports; bare, because a comfortable client would use up the core."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> "Caller":
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        self._writer.close()

    async def report(self, number: int) -> str | None:
        """Report something; return its reference, or None when it is refused."""
        text = f"Nid-de-poule route de la Gare à Tulle, numéro {number}"
        body = json.dumps({"text": text}).encode()
        head = (
            f"POST /api/v1/reports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: benchmark-{number:012d}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        size = int(answer.partition(b"content-length:")[2].partition(b"\r\n")[0])
        told = await self._reader.readexactly(size)
        return str(json.loads(told)["reference"]) if b" 201 " in answer[:16] else None


async def send_reports(port: int, per_s: float, seconds: float) -> Sent:
    """Report at due times, whatever the service does."""
    sent = Sent()
    numbers = iter(range(int(per_s * seconds)))
    began = monotonic_ns()

    async def call() -> None:
        async with Caller(port) as caller:
            for number in numbers:
                due = began + int(number * 1e9 / per_s)
                await asyncio.sleep(max(0.0, (due - monotonic_ns()) / 1e9))
                reference = await caller.report(number)
                if reference is None:
                    sent.refused += 1
                else:
                    sent.due_ns[reference], sent.answered_ns[reference] = due, monotonic_ns()

    await asyncio.gather(*(call() for _ in range(CALLERS)))
    return sent


def references(port: int, cookie: str) -> dict[str, str]:
    """Return the reference of each incident on the board, by its id."""
    answer = httpx.get(
        f"http://127.0.0.1:{port}/api/v1/board", headers={"Cookie": cookie}, timeout=60
    )
    items = [one["data"] for one in answer.json()["items"] if one["data"]["kind"] == "incident"]
    return {item["id"]: item["ref"] for item in items}


def delays_ms(sent: Sent, seen: dict[str, list[int]], refs: dict[str, str]) -> dict[str, float]:
    """Return figures of the time from a report's due time to its answer and each board.

    What lies between answer and board is the live half's own; a board may well be first.
    """
    sights = [
        (refs[incident], at)
        for incident, times in seen.items()
        if refs.get(incident) in sent.due_ns
        for at in times
    ]
    answered = [at - sent.due_ns[ref] for ref, at in sent.answered_ns.items()]
    spans = {
        "report_to_answer": answered,
        "report_to_board": [at - sent.due_ns[ref] for ref, at in sights],
        "answer_to_board": [at - sent.answered_ns[ref] for ref, at in sights],
    }
    figures: dict[str, float] = {"sights": len(sights)}
    for name, delays in spans.items():
        ordered = sorted(delays) or [0]
        for share in (50, 99):
            figures[f"{name}_p{share}_ms"] = round(ordered[len(ordered) * share // 100] / 1e6, 1)
    return figures


class Meter:
    """CPU seconds of the process that serves, between two looks, and its memory."""

    def __init__(self, running: Running) -> None:
        keeper = psutil.Process(running.process.pid)
        (self._process,) = keeper.children()
        self._last_s = 0.0
        self.spent_s()

    def spent_s(self) -> float:
        """Return the CPU seconds spent since the last look."""
        times = self._process.cpu_times()
        now_s = times.user + times.system
        spent, self._last_s = now_s - self._last_s, now_s
        return spent

    def kib(self) -> float:
        """Return the memory held now."""
        return float(self._process.memory_full_info().pss) / 1024


def measure(url: str, clients: int, per_s: float, seconds: float) -> dict[str, Any]:
    """Run service, screens and reports; return the figures."""
    cookies = fill(url, -(-clients // PER_PERSON))
    with ExitStack() as stack:
        running = stack.enter_context(service(url))
        meter = Meter(running)
        base_kib = meter.kib()
        crowd = Crowd(running.port, clients, cookies, stack)
        connect_s, held_kib = meter.spent_s(), meter.kib()
        crowd.order("again")
        crowd.hear()
        resume_s = meter.spent_s()
        began = time.perf_counter()
        sent = asyncio.run(send_reports(running.port, per_s, seconds))
        took_s = time.perf_counter() - began
        time.sleep(SETTLE_S)
        load_s = meter.spent_s()
        refs = references(running.port, cookies[0])
        crowd.order("stop")
        seen = json.loads(crowd.hear())
    return {
        **delays_ms(sent, seen["first_ns"], refs),
        "reports_stored": len(sent.due_ns),
        "reports_refused": sent.refused,
        "took_s": round(took_s, 1),
        "deliveries": seen["delivered"],
        "gaps": seen["gaps"],
        "doubles": seen["doubles"],
        "resumed": seen["resumed"],
        "snapshots": seen["snapshots"],
        "connect_cpu_ms": round(connect_s * 1000 / clients, 2),
        "resume_cpu_ms": round(resume_s * 1000 / clients, 2),
        "service_cpu_share": round(load_s / (took_s + SETTLE_S), 2),
        "kib_per_connection": round((held_kib - base_kib) / clients, 1),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--reports", type=float, default=50, help="reports per second")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with database(asked.postgres) as url:
        figures = measure(url, asked.clients, asked.reports, asked.seconds)
    say("end_to_end", **vars(asked), **figures, goals=GOALS)


if __name__ == "__main__":
    main()
