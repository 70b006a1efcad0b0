"""Wire models of the delivery log."""

from datetime import datetime
from uuid import UUID

from dispatcher.wire import Out


class DeliveryOut(Out):
    """One message: to whom, by which way, and what came of it. Never an address nor its text."""

    id: UUID
    kind: str
    channel: str
    target: str
    ref: str | None
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    receipt: str | None
    error: str | None
