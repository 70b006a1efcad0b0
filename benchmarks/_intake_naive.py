"""The usual way to write an intake service: FastAPI, a pooled SQLModel session, a commit a request.

It stores the rows that ours stores (idempotent answer, incident, work order, report, request, two
events, the two counters), makes nothing of the text, and is spared SQLite's deadlocks by BEGIN
IMMEDIATE.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI, Header
from sqlalchemy import Engine, create_engine, event
from sqlmodel import Session

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

ORG = "correze"


def naive_app(url: str) -> FastAPI:
    """Return the usual FastAPI service on a database that has the Corrèze in it."""
    engine = _engine(url)
    with Session(engine) as session:
        year = SystemClock().now().year
        if session.get(RefCounter, (ORG, year)) is None:
            session.add(RefCounter(org=ORG, year=year))
            session.commit()
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


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=16)
    engine = create_engine(url, connect_args={"timeout": 30}, pool_size=16)

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _at_once(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _store(session: Session, body: ReportIn, key: str) -> dict[str, Any]:
    """Store the rows of one report, with invented values where ours come from reading it."""
    now, answer_to = SystemClock().now(), new_id()
    counter = session.get_one(RefCounter, (ORG, now.year), with_for_update=True)
    counter.last += 1
    head = session.get_one(LogHead, 1, with_for_update=True)
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
