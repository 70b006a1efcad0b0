"""Reports stored per second, with idempotency, events and fsync, against the usual way to write it.

`python -m benchmarks.intake [--seconds 5] [--clients 16]` prints one JSON line. Both sides answer
the same kind of request in the same process on SQLite with synchronous=FULL: ours is the whole
service (reading, scoring, duplicates, hash-chained events, one writer with group commit), the naive
one is FastAPI with a pooled SQLModel session per request that stores three rows and commits.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import create_engine, event
from sqlmodel import Field, Session, SQLModel

from dispatcher import migrations
from dispatcher.actors import system
from dispatcher.app import create_app
from dispatcher.clock import new_id
from dispatcher.reference.readers import read_folder
from dispatcher.reference.territory import load_territory, territory_folder
from dispatcher.settings import Settings

Ask = Callable[[int], Awaitable[int]]


class NaiveRow(SQLModel, table=True):
    """What the naive service stores: the report, its event and its idempotency row alike."""

    __table_args__ = {"info": {"benchmark": True}}

    id: str = Field(primary_key=True)
    kind: str
    text: str


def naive_app(path: Path) -> FastAPI:
    """Return the usual FastAPI service: one pooled session and one commit a request."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    NaiveRow.__table__.create(engine)  # type: ignore[attr-defined]
    app = FastAPI()

    @app.post("/api/v1/reports", status_code=201)
    def report(body: dict[str, str]) -> dict[str, str]:
        with Session(engine) as session:
            rows = [NaiveRow(id=str(new_id()), kind=k, text=body["text"]) for k in ("r", "e", "i")]
            session.add_all(rows)
            session.commit()
            return {"reference": rows[0].id}

    return app


async def load(ask: Ask, clients: int, seconds: float) -> dict[str, float]:
    """Ask from a closed loop of clients; return throughput and latency of what was answered 201."""
    took_ms: list[float] = []
    refused = 0
    until = time.perf_counter() + seconds
    numbers = iter(range(10**9))

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


def asker(app: Any, run: str) -> tuple[httpx.AsyncClient, Ask]:
    """Return a client in the same process and a way to send the n-th report with it."""
    transport = httpx.ASGITransport(app)
    client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")

    async def ask(number: int) -> int:
        answer = await client.post(
            "/api/v1/reports",
            json={"text": f"Nid-de-poule route de la Gare à Tulle, numéro {number}"},
            headers={"Idempotency-Key": f"benchmark-{run}-{number:08d}"},
        )
        return answer.status_code

    return client, ask


async def ours(path: Path, clients: int, seconds: float) -> dict[str, float]:
    """Measure the whole service."""
    settings = Settings(
        database_url=f"sqlite:///{path}",
        secret_key="k" * 40,  # type: ignore[arg-type]
        reports_per_minute=10**9,
        _env_file=None,  # type: ignore[call-arg]
    )
    migrations.upgrade(settings.database_url)
    front = create_app(settings)
    store = front.api.state.service.store
    store.start()
    territory = read_folder(territory_folder())
    await store.submit(lambda tx: load_territory(tx, territory), system("correze"), deadline_s=60)
    client, ask = asker(front, "ours")
    await load(ask, clients, 0.5)
    client, ask = asker(front, "ours-measured")
    try:
        return await load(ask, clients, seconds)
    finally:
        await client.aclose()
        store.stop()


async def naive(path: Path, clients: int, seconds: float) -> dict[str, float]:
    """Measure the usual way."""
    client, ask = asker(naive_app(path), "naive")
    await load(ask, clients, 0.5)
    try:
        return await load(ask, clients, seconds)
    finally:
        await client.aclose()


def main() -> None:
    """Measure both in one run and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=16)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        measured = asyncio.run(ours(home / "ours.sqlite3", chosen.clients, chosen.seconds))
        usual = asyncio.run(naive(home / "naive.sqlite3", chosen.clients, chosen.seconds))
    ratio = round(measured["per_s"] / max(usual["per_s"], 0.1), 2)
    print(
        json.dumps({"benchmark": "intake", "ours": measured, "naive": usual, "times_naive": ratio})
    )


if __name__ == "__main__":
    main()
