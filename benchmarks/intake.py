"""Reports stored per second, with idempotency, events and fsync, against the usual way to write it.

`python -m benchmarks.intake [--seconds 5] [--clients 16]` prints one JSON line. Both sides answer
the same request in the same process and store the same rows (idempotent answer, incident, work
order, report, request, two events, the two counters) on SQLite with synchronous=FULL. Ours is the
whole service, which also reads the text, scores it, looks for duplicates and chains the events by
hash, behind one writer with group commit. The naive one is FastAPI with a pooled SQLModel session
and a commit for each request; it makes nothing of the text, and is even spared SQLite's deadlocks
by BEGIN IMMEDIATE. An application that validates and stores nothing shows what client and framework
cost both sides.
"""

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import FastAPI, Header
from sqlalchemy import create_engine, event
from sqlmodel import Session

from dispatcher import migrations
from dispatcher.actors import system
from dispatcher.app import build_service, create_app
from dispatcher.clock import SystemClock, new_id
from dispatcher.intake.schemas import ReportIn
from dispatcher.models import (
    EventRow,
    IdempotentAnswer,
    Incident,
    LogHead,
    RefCounter,
    Report,
    Request,
    WorkOrder,
)
from dispatcher.reference.readers import read_folder
from dispatcher.reference.territory import load_territory, territory_folder
from dispatcher.settings import Settings

ORG = "correze"
Ask = Callable[[int], Awaitable[int]]


def naive_app(url: str) -> FastAPI:
    """Return the usual FastAPI service: one pooled session and one commit a request."""
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _at_once(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    app = FastAPI()

    @app.post("/api/v1/reports", status_code=201)
    def report(body: ReportIn, idempotency_key: Annotated[str, Header()]) -> dict[str, Any]:
        with Session(engine) as session:
            known = session.get(IdempotentAnswer, ("naive", idempotency_key))
            if known is not None:
                return known.answer
            answer = _store(session, body, idempotency_key)
            session.commit()
            return answer

    return app


def idle_app() -> FastAPI:
    """Return an application that validates the request and stores nothing."""
    app = FastAPI()

    @app.post("/api/v1/reports", status_code=201)
    def report(body: ReportIn, idempotency_key: Annotated[str, Header()]) -> dict[str, Any]:
        return {"reference": idempotency_key, "text": len(body.text)}

    return app


def _store(session: Session, body: ReportIn, key: str) -> dict[str, Any]:
    """Store the rows of one report, with invented values where ours come from reading it."""
    now, answer_to = SystemClock().now(), new_id()
    counter = session.get(RefCounter, (ORG, now.year)) or RefCounter(org=ORG, year=now.year)
    counter.last += 1
    head = session.get_one(LogHead, 1)
    head.seq += 2
    incident = _incident(f"{now.year}-{counter.last:05d}", body.text, now)
    image = incident.model_dump(mode="json")
    told = _report(incident.id, body.text, now)
    asked = _request(answer_to, told, now)
    work = WorkOrder(
        id=new_id(),
        org=ORG,
        incident_id=incident.id,
        skills=["roads"],
        duration_s=2400,
        created_at=now,
    )
    answer: dict[str, Any] = {"reference": incident.ref, "request_id": str(answer_to)}
    kept = IdempotentAnswer(
        scope="naive", key=key, fingerprint="0" * 64, answer=answer, created_at=now
    )
    session.add_all([counter, incident])
    session.flush()
    session.add_all([work, told])
    session.flush()
    session.add_all([asked, kept, *(_event(head.seq - rank, image, now) for rank in (1, 0))])
    return answer


def _incident(ref: str, text: str, now: datetime) -> Incident:
    return Incident(
        id=new_id(),
        org=ORG,
        ref=ref,
        state="received",
        category="pothole",
        service="roads",
        title="Nid-de-poule",
        facts={"words": text.split()},
        priority="P3",
        score=30,
        severity=18,
        urgency=12,
        reasons=[{"rule": "category", "axis": "severity", "points": 18, "params": {}}] * 4,
        policy_version="naive",
        reported_at=now,
        updated_at=now,
        channels=["web"],
        stamps={"received": now.isoformat()},
    )


def _report(incident_id: UUID, text: str, now: datetime) -> Report:
    return Report(
        id=new_id(),
        org=ORG,
        incident_id=incident_id,
        channel="web",
        text=text,
        category="pothole",
        received_at=now,
        reading={},
    )


def _request(id_: UUID, told: Report, now: datetime) -> Request:
    return Request(
        id=id_,
        org=ORG,
        report_id=told.id,
        incident_id=told.incident_id,
        token_hash=id_.hex * 2,
        topic=f"request:{id_.hex}",
        created_at=now,
    )


def _event(seq: int, image: dict[str, Any], now: datetime) -> EventRow:
    return EventRow(
        seq=seq,
        id=new_id(),
        org=ORG,
        type="incident.opened",
        at=now,
        recorded_at=now,
        actor="citizen",
        incident_id=UUID(image["id"]),
        data={"incident_id": image["id"]},
        after=[image],
        hash="0" * 64,
    )


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


def filled(path: Path) -> Settings:
    """Make a database with the Corrèze in it; return the settings of a service on it."""
    settings = Settings(
        database_url=f"sqlite:///{path}",
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


async def measured(app: Any, name: str, clients: int, seconds: float) -> dict[str, float]:
    """Warm an application up, then measure it."""
    for run, length in (("warm", 0.5), ("measured", seconds)):
        client, ask = asker(app, f"{name}-{run}")
        found = await load(ask, clients, length)
        await client.aclose()
    return found


async def ours(settings: Settings, clients: int, seconds: float) -> dict[str, float]:
    """Measure the whole service."""
    front = create_app(settings)
    store = front.api.state.service.store
    store.start()
    try:
        return await measured(front, "ours", clients, seconds)
    finally:
        store.stop()


def main() -> None:
    """Measure both in one run and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=16)
    chosen = parser.parse_args()
    how = chosen.clients, chosen.seconds
    with tempfile.TemporaryDirectory() as folder:
        settings = filled(Path(folder) / "cpo.sqlite3")
        copy = Path(folder) / "naive.sqlite3"
        shutil.copy(Path(folder) / "cpo.sqlite3", copy)
        stored = asyncio.run(ours(settings, *how))
        usual = asyncio.run(measured(naive_app(f"sqlite:///{copy}"), "naive", *how))
        idle = asyncio.run(measured(idle_app(), "idle", chosen.clients, 1.0))
    figures = {
        "benchmark": "intake",
        "ours": stored,
        "naive": usual,
        "idle": idle,
        "times_naive": round(stored["per_s"] / max(usual["per_s"], 0.1), 2),
        "goal_times_naive": 3,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
