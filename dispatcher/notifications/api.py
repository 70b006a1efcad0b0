"""The delivery log over HTTP: what left, what waits, what was given up."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session, col, select

from dispatcher.actors import Actor
from dispatcher.auth import access
from dispatcher.auth.context import service_of
from dispatcher.models import Delivery, OnCallPerson, Page
from dispatcher.notifications import deliveries
from dispatcher.notifications.schemas import DeliveryOut

router = APIRouter(tags=["deliveries"])

State = Literal["waiting", "sending", "sent", "dead", "cancelled"]


@router.get("/deliveries")
def read_deliveries(
    request: Request,
    actor: Annotated[Actor, Depends(access.operators)],
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[DeliveryOut]:
    """List messages, newest first; times are wall time."""
    query = select(Delivery).where(Delivery.org == actor.org)
    if state is not None:
        query = query.where(Delivery.state == state)
    with service_of(request).store.read() as session:
        rows = session.exec(query.order_by(col(Delivery.created_at).desc()).limit(limit)).all()
        names = _names(session, actor.org)
        answers = _answers(session, {row.page_id for row in rows if row.page_id is not None})
    return [delivery_out(row, names, answers) for row in rows]


@router.post("/deliveries/{delivery_id}/retry", status_code=204)
def retry_delivery(
    request: Request, delivery_id: UUID, actor: Annotated[Actor, Depends(access.operators)]
) -> None:
    """Send a dead letter again under its old id."""
    service_of(request).store.submit_wait(lambda tx: deliveries.retry(tx, delivery_id).id, actor)


def _names(session: Session, org: str) -> dict[str, str]:
    rows = session.exec(
        select(OnCallPerson.id, OnCallPerson.name).where(OnCallPerson.org == org)
    ).all()
    return {f"person:{person_id}": name for person_id, name in rows}


def _answers(session: Session, page_ids: set[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what is known of each page's answer."""
    rows = session.exec(select(Page.id, Page.brief).where(col(Page.id).in_(page_ids))).all()
    return {page_id: dict(brief) for page_id, brief in rows if "acknowledged_by" in brief}


def delivery_out(
    row: Delivery, names: dict[str, str], answers: dict[UUID, dict[str, Any]]
) -> DeliveryOut:
    """Return a delivery as the log shows it."""
    answer = answers.get(row.page_id, {}) if row.page_id is not None else {}
    return DeliveryOut(
        id=row.id,
        kind=row.kind,
        channel=row.channel,
        target=names.get(row.target, row.target.partition(":")[0]),
        ref=row.payload.get("ref"),
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.next_at if row.state == deliveries.WAITING else None,
        sent_at=row.sent_at,
        receipt=row.receipt,
        error=row.error,
        answered_by=answer.get("acknowledged_by"),
        answered_at=answer.get("acknowledged_at"),
    )
