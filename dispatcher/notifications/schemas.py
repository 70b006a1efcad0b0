"""Wire models of the delivery log."""

from datetime import datetime
from uuid import UUID

from dispatcher.wire import Out


class DeliveryOut(Out):
    """One message: to whom, by which way, and what came of it. Never an address nor its text.

    `answered_by` took the page that the message told of, whoever the message was for.
    """

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
    answered_by: str | None = None
    answered_at: datetime | None = None
