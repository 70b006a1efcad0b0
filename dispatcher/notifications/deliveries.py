"""Messages that must leave: stored with the fact that caused them, sent at least once.

A row is unique by (event, channel, target) and keeps one id for ever: whoever receives a message
twice can tell. A sender holds a lease; one that died between sending and marking is replaced
when the lease ends, and the same id leaves again. Times are wall time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select, update

from dispatcher.database import Tx
from dispatcher.errors import Conflict, NotFound
from dispatcher.events.oncall_facts import DeliveryDied, DeliveryRetried
from dispatcher.models import Delivery, OnCallPerson
from dispatcher.notifications import subscriptions

WAITING, SENDING, SENT = "waiting", "sending", "sent"
DEAD, CANCELLED = "dead", "cancelled"
LEASE = timedelta(seconds=60)
"""Longer than any adapter may take: its time-outs add up to less."""
BACK_OFF = tuple(timedelta(seconds=s) for s in (5, 15, 45, 120, 300, 900, 1800))
"""Pauses after each failure; one more failure makes a dead letter (about an hour in all)."""


@dataclass(frozen=True, slots=True)
class Message:
    """What must leave.

    Attributes:
        event: The fact it tells, e.g. `call:<id>`; with channel and target it makes one delivery.
        channel: `sms`, `email`, `push` or `webhook`.
        target: `person:<id>`, `push:<subscription>` or `webhook`; the address is looked up when
            it is sent.
        kind: Which text.
        payload: What the text needs; no address and no secret.
        page_id: The page it belongs to, if any.
        not_before: Wall time before which it waits; None lets it leave at once.
    """

    event: str
    channel: str
    target: str
    kind: str
    payload: dict[str, Any]
    page_id: UUID | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The right to send a delivery until its lease ends, proved by `fence`."""

    id: UUID
    channel: str
    target: str
    kind: str
    payload: dict[str, Any]
    attempt: int
    fence: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: a receipt, or an error that may pass or will not; `is_gone` when
    whoever it was for exists no more, which is nobody's fault.
    """

    receipt: str | None = None
    error: str | None = None
    is_final: bool = False
    is_gone: bool = False


def has_address(person: OnCallPerson, channel: str) -> bool:
    """Return whether a person can be reached by a channel."""
    return bool({"sms": person.phone, "email": person.email}.get(channel))


def enqueue(tx: Tx, message: Message) -> Delivery:
    """Store a message in this transaction; asked twice it is stored once."""
    known = tx.session.exec(
        select(Delivery).where(
            Delivery.event == message.event,
            Delivery.channel == message.channel,
            Delivery.target == message.target,
        )
    ).first()
    if known is not None:
        return known
    made = Delivery(
        id=tx.new_id(),
        org=tx.org,
        event=message.event,
        channel=message.channel,
        target=message.target,
        kind=message.kind,
        payload=message.payload,
        page_id=message.page_id,
        next_at=max(message.not_before or tx.wall, tx.wall),
        created_at=tx.wall,
    )
    tx.session.add(made)
    return made


def cancel_waiting(tx: Tx, page_id: UUID) -> None:
    """Keep back what has not left for a page; what is being sent cannot be called back."""
    tx.session.execute(
        update(Delivery)
        .where(col(Delivery.page_id) == page_id, col(Delivery.state) == WAITING)
        .values(state=CANCELLED)
        .execution_options(synchronize_session="fetch")
    )


def cancel_for(tx: Tx, target: str, kinds: Collection[str]) -> None:
    """Keep back messages of some kinds to somebody that have not left: newer ones replace them."""
    tx.session.execute(
        update(Delivery)
        .where(
            col(Delivery.target) == target,
            col(Delivery.kind).in_(kinds),
            col(Delivery.state) == WAITING,
        )
        .values(state=CANCELLED)
        .execution_options(synchronize_session="fetch")
    )


def lease(tx: Tx, channels: Collection[str], most: int = 8) -> list[Held]:
    """Take the oldest messages that are due, or whose sender went silent."""
    rows = tx.session.exec(
        select(Delivery)
        .where(
            Delivery.org == tx.org,
            col(Delivery.channel).in_(channels),
            or_(
                (col(Delivery.state) == WAITING) & (col(Delivery.next_at) <= tx.wall),
                (col(Delivery.state) == SENDING) & (col(Delivery.lease_until) < tx.wall),
            ),
        )
        .order_by(col(Delivery.next_at))
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.state, row.lease_until = SENDING, tx.wall + LEASE
        row.attempts += 1
        row.fence += 1
    return [Held(r.id, r.channel, r.target, r.kind, r.payload, r.attempts, r.fence) for r in rows]


def settle(tx: Tx, held: Held, outcome: Outcome) -> None:
    """Mark what came of an attempt.

    Raises:
        Conflict: The lease was lost; somebody else sends it now.
    """
    row = tx.session.get(Delivery, held.id, with_for_update=True)
    if row is None or row.fence != held.fence or row.state != SENDING:
        raise Conflict("the lease of this delivery was lost")
    row.lease_until = None
    if outcome.error is None:
        row.state, row.sent_at = SENT, tx.wall
        row.receipt, row.error = outcome.receipt, None
        return
    row.error = outcome.error[:300]
    if outcome.is_gone:
        row.state = CANCELLED
        if row.channel == "push":
            subscriptions.forget_gone(tx, row.target)
        return
    if not outcome.is_final and row.attempts <= len(BACK_OFF):
        row.state = WAITING
        row.next_at = tx.wall + BACK_OFF[row.attempts - 1]
        return
    row.state = DEAD
    tx.record(DeliveryDied(delivery_id=row.id, channel=row.channel, page_id=row.page_id))


def has_hope(tx: Tx, delivery_id: UUID) -> bool:
    """Return whether another message of the same event left, or may still leave."""
    row = tx.session.get(Delivery, delivery_id)
    if row is None:
        return False
    siblings = select(Delivery.id).where(
        Delivery.event == row.event, col(Delivery.state).in_((WAITING, SENDING, SENT))
    )
    return tx.session.exec(siblings).first() is not None


def retry(tx: Tx, delivery_id: UUID) -> Delivery:
    """Send a dead letter again, with fresh attempts under its old id.

    Raises:
        NotFound: No such delivery here.
        Conflict: It is not dead.
    """
    row = tx.session.get(Delivery, delivery_id, with_for_update=True)
    if row is None or row.org != tx.org:
        raise NotFound(what="delivery")
    if row.state != DEAD:
        raise Conflict("only a dead letter can be sent again", state=row.state)
    row.state, row.attempts, row.next_at = WAITING, 0, tx.wall
    tx.record(DeliveryRetried(delivery_id=row.id))
    return row


def purge(tx: Tx, before: datetime) -> None:
    """Forget the content of messages older than an instant; that they left stays known."""
    tx.session.execute(
        update(Delivery)
        .where(col(Delivery.created_at) < before, col(Delivery.state) != WAITING)
        .values(payload={})
    )
