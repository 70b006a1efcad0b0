"""Reports stored per second, with idempotency, events and fsync, against the usual way to write it.

`python -m benchmarks.intake [--store sqlite|postgres|both] [--seconds 3] [--rounds 3]
[--clients 16]` prints one JSON line. Both sides answer the same request in the same process and
store the same rows on the same database with full durability (SQLite synchronous=FULL, PostgreSQL
with fsync). Ours is the whole service, which also reads the text, scores it, looks for duplicates
and chains the events by hash, behind one writer with group commit. The naive one is in
`_intake_naive`. Both are called as ASGI applications from the same process, without sockets, in
turn; `times_naive` is the median of the rounds and `worst` the lowest of them. An application that
validates and stores nothing shows what client and framework cost both sides. CPU is that of this
process: PostgreSQL's own is not in it.
"""

import argparse
import asyncio
import itertools
import json
import statistics
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


def settings_of(url: str) -> Settings:
    """Make a database with the Corrèze in it; return the settings of a service on it."""
    settings = Settings(
        database_url=url,
        secret_key="k" * 40,  # type: ignore[arg-type]
        org=ORG,
        reports_per_minute=10**9,
        _env_file=None,  # type: ignore[call-arg]
    )
    migrations.upgrade(settings.database_url)
    store = build_service(settings).store
    store.start()
    territory = read_folder(territory_folder())
    store.submit_wait(lambda tx: load_territory(tx, territory), system(ORG), deadline_s=60)
    store.stop()
    return settings


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


def measured(kind: str, rounds: int, clients: int, seconds: float) -> dict[str, Any]:
    """Measure both sides in turn on one kind of store."""
    with databases(kind) as (url, naive_url):
        front = create_app(settings_of(url))
        usual = naive_app(settings_of(naive_url).database_url)
        store = front.api.state.service.store
        store.start()
        try:
            return asyncio.run(_in_turn(front, usual, rounds, clients, seconds))
        finally:
            store.stop()


async def _in_turn(
    ours: Any, naive: Any, rounds: int, clients: int, seconds: float
) -> dict[str, Any]:
    sides = {"ours": ours, "naive": naive, "idle": idle_app()}
    for name, app in sides.items():
        await load(asker(app, f"warm-{name}"), clients, 0.5)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    for turn in range(rounds):
        for name, app in sides.items():
            length = seconds if name != "idle" else min(seconds, 1.0)
            found[name].append(await load(asker(app, f"{name}-{turn}"), clients, length))
    ratios = [
        round(mine["per_s"] / max(usual["per_s"], 0.1), 2)
        for mine, usual in zip(found["ours"], found["naive"], strict=True)
    ]
    middle = {name: _median(runs) for name, runs in found.items()}
    cpu = middle["naive"]["cpu_ms_each"] / middle["ours"]["cpu_ms_each"]
    return {
        **middle,
        "times_naive": statistics.median(ratios),
        "worst": min(ratios),
        "times_naive_cpu": round(cpu, 2),
    }


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    """Measure both in one run and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=16)
    chosen = parser.parse_args()
    kinds = ["sqlite", "postgres"] if chosen.store == "both" else [chosen.store]
    figures = {
        kind: measured(kind, chosen.rounds, chosen.clients, chosen.seconds) for kind in kinds
    }
    print(json.dumps({"benchmark": "intake", **figures, "goal_times_naive": GOAL}))


if __name__ == "__main__":
    main()
