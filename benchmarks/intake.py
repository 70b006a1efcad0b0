"""Reports stored per second, with idempotency, events and fsync, against the usual way to write it.

`python -m benchmarks.intake [--store sqlite|postgres|both] [--seconds 3] [--rounds 3]
[--clients 16]` prints one JSON line. Both sides answer the same request and store the same rows on
the same kind of database with full durability (SQLite synchronous=FULL, PostgreSQL with fsync).
Ours is the whole service, which also reads the text, scores it, looks for duplicates and chains the
events by hash, behind one writer with group commit. The naive one is in `_intake_naive`. Each is
called as an ASGI application in a process of its own, without sockets, in turn, ours set up as
`cpo serve` does; `times_naive` is the median of the rounds and `worst` the lowest of them. An
application that validates and stores nothing shows what client and framework cost both sides. CPU
is that of the process: PostgreSQL's own is not in it.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks._intake_naive import ORG, idle_app, naive_app
from dispatcher import migrations
from dispatcher.actors import system
from dispatcher.app import build_service, create_app
from dispatcher.process import settle
from dispatcher.reference.readers import read_folder
from dispatcher.reference.territory import load_territory, territory_folder
from dispatcher.settings import Settings
from tests.support.postgres_server import start_postgres

Ask = Callable[[int], Awaitable[int]]
GOAL = 3


async def load(ask: Ask, clients: int, seconds: float) -> dict[str, float]:
    """Ask from a closed loop of clients; return throughput and latency of what was answered 201."""
    took_ms: list[float] = []
    refused = 0
    until = time.perf_counter() + seconds
    numbers = itertools.count()

    async def client() -> None:
        nonlocal refused
        while time.perf_counter() < until:
            begun = time.perf_counter()
            if await ask(next(numbers)) == 201:
                took_ms.append((time.perf_counter() - begun) * 1000)
            else:
                refused += 1

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    ordered = sorted(took_ms) or [0.0]
    return {
        "per_s": round(len(took_ms) / wall, 1),
        "p50_ms": round(ordered[len(ordered) // 2], 1),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)], 1),
        "cpu_ms_each": round(cpu * 1000 / max(1, len(took_ms)), 2),
        "refused": refused,
    }


def asker(app: Any, run: str) -> Ask:
    """Return a way to send the n-th report to an ASGI application in this process."""

    async def ask(number: int) -> int:
        text = f"Nid-de-poule route de la Gare à Tulle, numéro {number}"
        body = json.dumps({"text": text}).encode()
        status = 0

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)

        await app(_scope(body, f"benchmark-{run}-{number:08d}"), receive, send)
        return status

    return ask


def _scope(body: bytes, key: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/reports",
        "raw_path": b"/api/v1/reports",
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"127.0.0.1:8000"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"idempotency-key", key.encode()),
        ],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


def _settings(url: str) -> Settings:
    return Settings(
        database_url=url,
        secret_key="k" * 40,  # type: ignore[arg-type]
        org=ORG,
        reports_per_minute=10**9,
        _env_file=None,  # type: ignore[call-arg]
    )


def fill(url: str) -> None:
    """Put the Corrèze in an empty database."""
    settings = _settings(url)
    migrations.upgrade(settings.database_url)
    store = build_service(settings).store
    store.start()
    territory = read_folder(territory_folder())
    store.submit_wait(lambda tx: load_territory(tx, territory), system(ORG), deadline_s=60)
    store.stop()


@contextmanager
def databases(kind: str) -> Iterator[tuple[str, str]]:
    """Yield the URLs of two empty databases of a kind, for ours and for the naive one."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            ours, naive = (Path(folder) / f"{name}.sqlite3" for name in ("ours", "naive"))
            yield f"sqlite:///{ours}", f"sqlite:///{naive}"
        return
    with start_postgres(durable=True) as server, server.database() as ours_, server.database() as n:
        yield ours_, n


async def one_side(
    name: str, url: str, turn: str, clients: int, seconds: float
) -> dict[str, float]:
    """Measure one side in this process, after a warm-up."""
    store = None
    if name == "ours":
        app: Any = create_app(_settings(url))
        store = app.api.state.service.store
        store.start()
        settle()
    else:
        app = naive_app(url) if name == "naive" else idle_app()
    try:
        await load(asker(app, f"{turn}-warm"), clients, min(seconds, 1.0))
        return await load(asker(app, turn), clients, seconds)
    finally:
        if store is not None:
            store.stop()


def measured(kind: str, rounds: int, clients: int, seconds: float) -> dict[str, Any]:
    """Measure all sides in turn on one kind of store."""
    found: dict[str, list[dict[str, float]]] = {"ours": [], "naive": [], "idle": []}
    with databases(kind) as (url, naive_url):
        fill(url)
        fill(naive_url)
        for turn in range(rounds):
            for name, runs in found.items():
                where = naive_url if name == "naive" else url
                runs.append(_in_own_process(name, where, f"{name}-{turn}", clients, seconds))
    pairs = list(zip(found["ours"], found["naive"], strict=True))
    ratios = [round(ours["per_s"] / max(usual["per_s"], 0.1), 2) for ours, usual in pairs]
    by_cpu = [round(usual["cpu_ms_each"] / ours["cpu_ms_each"], 2) for ours, usual in pairs]
    middle = {name: _median(runs) for name, runs in found.items()}
    return {
        **middle,
        "times_naive": statistics.median(ratios),
        "worst": min(ratios),
        "times_naive_cpu": statistics.median(by_cpu),
    }


def _in_own_process(
    name: str, url: str, turn: str, clients: int, seconds: float
) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.intake", "--side", name, "--url", url]
    command += ["--turn", turn, "--clients", str(clients), "--seconds", str(seconds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    """Measure both in one run and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=16)
    for of_a_side in ("--side", "--url", "--turn"):
        parser.add_argument(of_a_side, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.side:
        how = chosen.side, chosen.url, chosen.turn, chosen.clients, chosen.seconds
        print(json.dumps(asyncio.run(one_side(*how))))
        return
    kinds = ["sqlite", "postgres"] if chosen.store == "both" else [chosen.store]
    figures = {
        kind: measured(kind, chosen.rounds, chosen.clients, chosen.seconds) for kind in kinds
    }
    print(json.dumps({"benchmark": "intake", **figures, "goal_times_naive": GOAL}))


if __name__ == "__main__":
    main()
